"""The history command."""

import argparse
import datetime
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.command import Command
from kpstudio.cli.image_choice import named_image
from kpstudio.cli.terminal import print_json, print_result, say
from kpstudio.core.errors import UserProblem

if TYPE_CHECKING:
    from kpstudio.core.history_entry import HistoryEntry
    from kpstudio.store.project import Project


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("--last", type=int, default=50, metavar="N", help="so many; 50")
    command.add_argument("--all", action="store_true", help="all of it")
    command.add_argument(
        "--restore", type=int, metavar="ENTRY", help="make labels what they were after it; 0: none"
    )
    command.add_argument("--image", metavar="NAME", help="restore only this image")


def history(arguments: argparse.Namespace) -> int:
    """List what was done to the labels, or go back to a moment."""
    from kpstudio.store.project import Project

    path = Path(arguments.project)
    if arguments.restore is not None:
        with Project.open(path) as project:
            return _restore(project, arguments)
    if arguments.image is not None:
        raise UserProblem("--image says what to restore.", "Give --restore ENTRY, too.")
    with Project.open(path, read_only=True, notify=say) as project:
        entries = project.history.entries()
    shown = entries if arguments.all else entries[-arguments.last :]
    if arguments.json:
        print_json([asdict(each) for each in shown])
        return 0
    lines = [_line(each) for each in shown]
    if len(shown) < len(entries):
        lines.insert(0, f"… {len(entries) - len(shown)} older ones: --all")
    print_result("\n".join(lines) if lines else "Nothing has been changed yet.")
    return 0


def _line(entry: "HistoryEntry") -> str:
    when = datetime.datetime.fromtimestamp(entry.time).astimezone()
    what = entry.label if entry.kind == "edit" else f"{entry.kind.title()}: {entry.label}"
    open_for = f", open {entry.seconds_open:.0f} s" if entry.seconds_open is not None else ""
    # Nobody can go back to a moment that was in another copy: it has no number here.
    number = f"{entry.id:6}" if entry.merge is None else "     +"
    return f"{number}  {when:%Y-%m-%d %H:%M:%S}  {entry.author}  {what}{open_for}"


def _restore(project: "Project", arguments: argparse.Namespace) -> int:
    image_id = None
    if arguments.image is not None:
        image_id = named_image(project, arguments.image).id
    applied = project.restore(arguments.restore, image_id=image_id)
    images = sorted(applied.image_ids()) if applied is not None else []
    if arguments.json:
        print_json({"annotations": len(applied.after) if applied else 0, "images": images})
    elif applied is None:
        print_result("Nothing has changed there since.")
    else:
        print_result(
            f"Restored {len(applied.after)} annotations in {len(images)} images; undo takes it"
            " back."
        )
    return 0


HISTORY = Command(
    "history", "list what was done, or go back", history, _add_arguments, has_json=True
)
