"""The skeleton command."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kpstudio.cli.command import Command
from kpstudio.cli.projects import skeleton_path
from kpstudio.cli.terminal import print_json, print_result, say
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton, read_skeleton, skeleton_to_json

if TYPE_CHECKING:
    from kpstudio.store.project import Project


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument(
        "--set",
        metavar="FILE",
        help="JSON file or supplied name; labels follow the names of their keypoints, and those of"
        " keypoints that are not in it are kept",
    )
    command.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a keypoint that is the same under another name; may be repeated, and needs no --set",
    )


def skeleton(arguments: argparse.Namespace) -> int:
    """Show the skeleton of a project, or change it; labels follow their keypoints."""
    from kpstudio.store.project import Project

    path = Path(arguments.project)
    if arguments.set is None and not arguments.rename:
        with Project.open(path, read_only=True, notify=say) as project:
            print_result(skeleton_to_json(project.skeleton).decode())
        return 0
    wanted = None if arguments.set is None else read_skeleton(skeleton_path(arguments.set))
    with Project.open(path) as project:
        before = project.skeleton
        renamed = _renamed(arguments.rename, before)
        change = _change(before, wanted, renamed)
        counts = project.count_labels()
        if change.after != before or renamed:
            project.apply(Edit.change_skeleton("Edit skeleton", change))
        _report(project, change, counts, is_json=arguments.json)
    return 0


def _renamed(words: Sequence[str], before: Skeleton) -> dict[str, str]:
    """New names by old ones, as OLD=NEW gives them."""
    renamed: dict[str, str] = {}
    for word in words:
        old, equals, new = word.partition("=")
        if not (old and equals and new):
            raise UserProblem(f"“{word}” does not say what is renamed.", "Write --rename OLD=NEW.")
        if old not in before.keypoints:
            raise UserProblem(
                f"The project has no keypoint “{old}”.",
                f"It has {', '.join(before.keypoints)}.",
            )
        if old in renamed or new in renamed.values():
            raise UserProblem(
                f"“{old if old in renamed else new}” is renamed twice.",
                "Give each keypoint one new name of its own.",
            )
        renamed[old] = new
    return renamed


def _change(before: Skeleton, wanted: Skeleton | None, renamed: dict[str, str]) -> SkeletonChange:
    """The change to a wanted skeleton, or of nothing but names."""
    if wanted is None:
        names = tuple(renamed.get(name, name) for name in before.keypoints)
        wanted = msgspec.structs.replace(before, keypoints=names)
    for old, new in renamed.items():
        if new not in wanted.keypoints:
            raise UserProblem(
                f"“{old}” is renamed to “{new}”, but the new skeleton has no “{new}”.",
                f"It has {', '.join(wanted.keypoints)}.",
            )
    return SkeletonChange(before, wanted, renamed)


def _report(
    project: "Project", change: SkeletonChange, counts: dict[str, int], *, is_json: bool
) -> None:
    after = project.count_labels()
    added = {name: after.get(name, 0) for name in change.added}
    removed = {name: counts.get(name, 0) for name in change.removed}
    if is_json:
        print_json(
            {
                "keypoints": change.after.keypoints,
                "added": added,
                "removed": removed,
                "renamed": dict(change.renamed),
            }
        )
        return
    for name, labels in added.items():
        returned = f"; its {labels} labels are back" if labels else ""
        say(f"Added {name}{returned}.")
    for name, labels in removed.items():
        kept = f"; its {labels} labels are kept, and return with it" if labels else ""
        say(f"Removed {name}{kept}.")
    for old, new in change.renamed.items():
        say(f"Renamed {old} to {new}.")
    if change.after == change.before and not change.renamed:
        say("Nothing is different.")
    count = len(change.after)
    print_result(f"The skeleton “{change.after.name}” has {count} keypoints.")


SKELETON = Command(
    "skeleton", "show or change the keypoints of a project", skeleton, _add_arguments, has_json=True
)
