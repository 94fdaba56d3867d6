"""The check command."""

import argparse
from dataclasses import asdict
from pathlib import Path

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result, say
from kpstudio.core.errors import UserProblem

FAULTY = 1


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    way = command.add_mutually_exclusive_group()
    way.add_argument("--repair", action="store_true", help="save what can be read of it")
    way.add_argument("--restore", metavar="BACKUP", help="put one of its backups in its place")


def check(arguments: argparse.Namespace) -> int:
    """Say whether a project file is whole; repair it, or put a backup back, where asked to."""
    from kpstudio.store.backups import backups

    path = Path(arguments.project)
    if arguments.repair:
        return _repair(path, is_json=arguments.json)
    if arguments.restore is not None:
        return _restore(path, arguments.restore)
    from kpstudio.store.checking import advice, check_project

    faults = check_project(path, notify=say)
    copies = backups(path)
    if arguments.json:
        print_json(
            {"faults": [asdict(each) for each in faults], "backups": [each.stem for each in copies]}
        )
        return FAULTY if faults else 0
    if not faults:
        print_result(f"{path} is whole.")
    for each in faults:
        print_result(each.what)
    if any(each.is_repairable for each in faults):
        say(advice(path))
    if copies:
        say(f"Backups: {', '.join(each.stem for each in copies)}.")
    return FAULTY if faults else 0


def _repair(path: Path, *, is_json: bool) -> int:
    from kpstudio.store.checking import check_project, salvage

    if not any(each.is_repairable for each in check_project(path, notify=say)):
        print_result(f"There is nothing to repair in {path}.")
        return 0
    done = salvage(path)
    if is_json:
        print_json(asdict(done) | {"damaged": str(done.damaged)})
        return 0
    print_result(f"Saved {sum(done.rows.values())} rows. The damaged file is {done.damaged}.")
    for table, count in done.lost.items():
        number = "An unknown number of" if count < 0 else str(count)
        say(f"{number} rows of {table} are lost.")
    return 0


def _restore(path: Path, name: str) -> int:
    from kpstudio.store.backups import backups, restore_backup
    from kpstudio.store.database import reserved

    copies = {each.stem: each for each in backups(path)}
    if name not in copies:
        there = ", ".join(copies) if copies else "none"
        raise UserProblem(f"There is no backup {name}.", f"There are: {there}.")
    with reserved(path):
        kept = restore_backup(path, copies[name])
    print_result(f"{path} is as it was on {name} again. What it was before is in {kept}.")
    return 0


CHECK = Command(
    "check", "say whether a project is whole, or repair it", check, _add_arguments, has_json=True
)
