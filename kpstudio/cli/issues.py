"""The issue command and its verbs."""

import argparse
import datetime
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.command import Command, Run
from kpstudio.cli.image_choice import named_image
from kpstudio.cli.terminal import print_json, print_result, say
from kpstudio.core.errors import UserProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpstudio.core.issue import Comment, Issue
    from kpstudio.store.project import Project


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    verbs = command.add_subparsers(metavar="VERB", title="verbs; list, if there is none")
    command.set_defaults(image=None, all=False)

    def add(name: str, run: Run, help: str) -> argparse.ArgumentParser:
        verb = verbs.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        verb.set_defaults(run=run)
        # Not given here, it is what was given before the verb.
        verb.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="answer in JSON"
        )
        return verb

    verb = add("list", show, "list the open issues with their threads")
    verb.add_argument("--image", metavar="NAME", help="only of this image")
    verb.add_argument("--all", action="store_true", help="closed ones, too")
    verb = add("open", open_, "ask something about an image")
    verb.add_argument("image", metavar="IMAGE", help="its name, or its whole path")
    verb.add_argument("text", metavar="TEXT")
    verb.add_argument("--at", metavar="X,Y", help="pin it to this place, in image pixels")
    verb = add("reply", reply, "answer an issue")
    verb.add_argument("issue", type=int, metavar="ISSUE", help="its number")
    verb.add_argument("text", metavar="TEXT")
    for name, run, help in (
        ("close", close, "settle an issue"),
        ("reopen", reopen, "open an issue again"),
    ):
        verb = add(name, run, help)
        verb.add_argument("issue", type=int, metavar="ISSUE", help="its number")
        verb.add_argument("text", nargs="?", metavar="TEXT", help="a last word, if there is one")
    verb = add("remove", remove, "forget an issue with its thread")
    verb.add_argument("issue", type=int, metavar="ISSUE", help="its number")


def show(arguments: argparse.Namespace) -> int:
    """List issues with their threads: the open ones, or all."""
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project), read_only=True, notify=say) as project:
        if arguments.image is not None:
            found = project.issues.all(named_image(project, arguments.image).id)
        else:
            found = project.issues.all()
        shown = [each for each in found if each.is_open or arguments.all]
        _print(project, shown, is_json=arguments.json)
    if not shown and not arguments.json:
        print_result("There are no issues." if arguments.all else "No issue is open.")
    return 0


def open_(arguments: argparse.Namespace) -> int:
    """Ask something about an image, or about a place in it."""
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project)) as project:
        image = named_image(project, arguments.image)
        xy = None if arguments.at is None else _position(arguments.at)
        issue_id = project.issues.open(image.id, arguments.text, xy=xy)
        _print(project, [project.issues.one(issue_id)], is_json=arguments.json)
    return 0


def reply(arguments: argparse.Namespace) -> int:
    """Answer an issue."""
    return _change(arguments, None)


def close(arguments: argparse.Namespace) -> int:
    """Settle an issue, with or without a last word."""
    return _change(arguments, False)


def reopen(arguments: argparse.Namespace) -> int:
    """Open an issue again, with or without a word why."""
    return _change(arguments, True)


def remove(arguments: argparse.Namespace) -> int:
    """Forget an issue with its thread."""
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project)) as project:
        project.issues.remove(arguments.issue)
    if arguments.json:
        print_json([])
    else:
        print_result(f"Removed #{arguments.issue}.")
    return 0


def _change(arguments: argparse.Namespace, is_open: bool | None) -> int:
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project)) as project:
        if arguments.text is not None:
            project.issues.reply(arguments.issue, arguments.text, is_open=is_open)
        elif is_open:
            project.issues.reopen(arguments.issue)
        else:
            project.issues.close(arguments.issue)
        _print(project, [project.issues.one(arguments.issue)], is_json=arguments.json)
    return 0


def _position(word: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in word.split(","))
    except ValueError:
        x = y = math.nan
    if not math.isfinite(x + y):
        raise UserProblem(f"“{word}” is no position.", "Give two numbers of pixels: --at 40.5,30.")
    return x, y


def _print(project: "Project", shown: "Sequence[Issue]", *, is_json: bool) -> None:
    block = 500
    images = {
        image.id: image
        for start in range(0, len(shown), block)
        for image in project.images_by_id([each.image_id for each in shown[start : start + block]])
    }
    if is_json:
        print_json([{**asdict(each), "image": str(images[each.image_id].path)} for each in shown])
    elif shown:
        print_result("\n".join(_lines(each, images[each.image_id].name) for each in shown))


def _lines(issue: "Issue", image: str) -> str:
    place = "" if issue.xy is None else f" at {issue.xy[0]:.1f}, {issue.xy[1]:.1f}"
    head = f"#{issue.id}  {image}{place}{'' if issue.is_open else '  (closed)'}"
    return "\n".join([head, *(_said(each) for each in issue.comments)])


def _said(comment: "Comment") -> str:
    when = datetime.datetime.fromtimestamp(comment.time).astimezone()
    text = comment.text.replace("\n", "\n      ")
    return f"    {comment.author}, {when:%Y-%m-%d %H:%M}: {text}"


ISSUE = Command(
    "issue", "list and answer questions about images", show, _add_arguments, has_json=True
)
