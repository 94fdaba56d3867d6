"""The effort command."""

import argparse
from pathlib import Path

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result, say
from kpstudio.core.effort import EffortSummary, read_effort


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="answer in JSON")
    form.add_argument("--csv", metavar="FILE", help="write a table with a row per annotation")


def effort(arguments: argparse.Namespace) -> int:
    """Say what labelling a project has cost on this machine, or write it as a table."""
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project), read_only=True, notify=say) as project:
        log = read_effort(project.path)
    summary = log.summary()
    if arguments.csv is not None:
        table = Path(arguments.csv)
        log.write_table(table)
        print_result(f"Wrote {table}: {summary.annotations} annotations.")
    elif arguments.json:
        print_json(log.whole())
    elif summary.annotations:
        print_result("\n".join(_lines(summary)))
    else:
        say("Nothing is known of it on this machine: the window counts what is labelled in it.")
    return 0


def _lines(summary: EffortSummary) -> list[str]:
    unchanged = summary.accepted_unchanged
    accepted = f"{summary.accepted}"
    if unchanged is not None:
        accepted += f", {100 * unchanged:.0f} % without a change"
    lines = [
        f"annotations  {summary.annotations}",
        f"time         {summary.seconds / 60:.1f} min; {summary.seconds_each:.1f} s each (median)",
        f"each         {summary.clicks_each:.1f} clicks, {summary.keys_each:.1f} keys",
        f"accepted     {accepted}",
    ]
    if summary.corrections:
        width = max(map(len, summary.corrections))
        lines.append("corrected")
        lines += [f"  {name.ljust(width)}  {n}" for name, n in summary.corrections.items()]
    return lines


EFFORT = Command("effort", "say what labelling has cost on this machine", effort, _add_arguments)
