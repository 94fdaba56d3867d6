"""The networks command: what there is, and how large and quick it is."""

import argparse

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result, table


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--network", action="append", metavar="NAME", help="all by default")
    command.add_argument("--times", action="store_true", help="measure them on this machine")


def networks(arguments: argparse.Namespace) -> int:
    """List the networks, with their size and their time on this machine if that is asked."""
    from kpstudio.models.networks_table import measure_networks

    rows = measure_networks(arguments.network, times=arguments.times)
    if arguments.json:
        print_json({"networks": list(rows)})
        return 0
    heading = ["network", "M parameters", "input", "G multiply-adds", "ms, 1 image", "ms each of 8"]
    lines = [
        [
            row.name,
            f"{row.parameters / 1e6:.1f}" if row.parameters is not None else "not installed",
            f"{row.size[0]} x {row.size[1]}",
            f"{row.gflops:.1f}" if row.gflops is not None else "",
            f"{row.ms_of_one:.0f}" if row.ms_of_one is not None else "",
            f"{row.ms_of_eight:.0f}" if row.ms_of_eight is not None else "",
        ]
        for row in rows
    ]
    print_result(table(heading, lines))
    return 0


NETWORKS = Command("networks", "list the networks", networks, _add_arguments, has_json=True)
