"""The decoders command: what there is, and how exact it is."""

import argparse

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result, table


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--report", action="store_true", help="errors on drawn heatmaps, in cells")
    command.add_argument(
        "--maps", type=int, default=2000, metavar="N", help="per kind; %(default)s"
    )
    command.add_argument("--seed", type=int, default=0)


def decoders(arguments: argparse.Namespace) -> int:
    """List the decoders, or measure them on drawn heatmaps."""
    if arguments.report:
        return _report(arguments)
    from kpstudio.decoders import describe_decoders

    described = describe_decoders()
    if arguments.json:
        print_json({"decoders": described})
        return 0
    for each in described:
        print_result(f"{each.name}: {each.help}\n    {each.source}")
        for parameter in each.parameters:
            limits = f"{parameter.minimum:g} to {parameter.maximum:g}"
            print_result(
                f"    {parameter.name} = {parameter.default:g} ({limits}): {parameter.help}"
            )
        print_result("")
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from kpstudio.decoders.report import CONDITIONS, SIGMAS, report

    rows = list(report(maps=arguments.maps, seed=arguments.seed))
    if arguments.json:
        print_json({"maps": arguments.maps, "seed": arguments.seed, "rows": rows})
        return 0
    print_result(
        f"Mean error in cells on {arguments.maps} drawn heatmaps of 48 x 64 cells each; the peak "
        "is 1 high.\nIn brackets error squared over its expectation, on average: 2 is right, "
        "more is overconfident.\n"
    )
    by_place = {(row.decoder, row.sigma, row.condition): row for row in rows}
    names = list(dict.fromkeys(row.decoder for row in rows))
    for sigma in SIGMAS:
        lines = []
        for name in names:
            cells = [by_place[name, sigma, condition.name] for condition in CONDITIONS]
            lines.append(
                [name, *(f"{cell.mean:.4f} ({cell.normalised_squared:.1f})" for cell in cells)]
            )
        heading = [f"sigma {sigma:g}", *(condition.name for condition in CONDITIONS)]
        print_result(table(heading, lines) + "\n")
    return 0


DECODERS = Command(
    "decoders", "list or measure the decoders", decoders, _add_arguments, has_json=True
)
