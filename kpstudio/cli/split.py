"""The split command."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import ProgressLine, print_json, print_result, say
from kpstudio.core.errors import UserProblem

if TYPE_CHECKING:
    from kpstudio.core.dataset import Image
    from kpstudio.imaging.near_duplicates import NearDuplicates
    from kpstudio.store.project import Project

MOST_TO_COMPARE = 5000
"""Without being asked to: that many images take some ten seconds."""
_MOST_TO_NAME = 5
_QUIET_S = 2.0


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--val",
        type=float,
        metavar="FRACTION",
        help="of the labelled images, for validation",
    )
    what.add_argument(
        "--check",
        action="store_true",
        help="change nothing; say how it is divided, and which images of different parts are"
        " nearly the same",
    )
    command.add_argument(
        "--test", type=float, default=0.0, metavar="FRACTION", help="kept aside; none by default"
    )
    command.add_argument(
        "--group-by",
        metavar="RULE",
        help="what must stay in one part; the project keeps the rule: image (each by itself,"
        " as at first), folder, before:TEXT (what stands before the last TEXT in the file name)"
        " or name:REGEX (what its first group matches there)",
    )
    command.add_argument("--seed", type=int, default=0, help="decides what is drawn; %(default)s")
    command.add_argument(
        "--again",
        action="store_true",
        help="divide all images anew, also those that have a part; what was measured before"
        " cannot be compared with what comes after",
    )


def split(arguments: argparse.Namespace) -> int:
    """Divide the images that have no split yet, or only look at how they are divided."""
    path = Path(arguments.project)
    report = _checked(path, arguments) if arguments.check else _divided(path, arguments)
    images = report.pop("to_compare")
    near = None
    if arguments.check or len(images) <= MOST_TO_COMPARE:
        near = _compared(images)
    report["near_duplicates"] = None if near is None else _near_report(near, path.resolve().parent)
    if arguments.json:
        print_json(report)
        return 0
    _print(report)
    if near is None:
        say(
            f"{len(images)} images were not compared for near-duplicates; to do so:"
            f" kpstudio split {arguments.project} --check"
        )
    return 0


def _divided(path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    from kpstudio.store.project import Project

    with Project.open(path) as project:
        was_divided = all(image.split for image in project.images())
        project.splits.divide(
            arguments.val,
            arguments.seed,
            test_fraction=arguments.test,
            group_by=arguments.group_by,
            is_anew=arguments.again,
        )
        if was_divided and not arguments.again:
            say("Every image has a split already, and keeps it.")
        if arguments.again and project.runs.newest() is not None:
            say(
                "Runs trained before may have learned from images that are for validation now:"
                " their errors there would mean nothing."
            )
        return _report(project)


def _checked(path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    from kpstudio.store.project import Project

    if arguments.again or arguments.test or arguments.group_by is not None:
        raise UserProblem(
            "--check only looks, and changes nothing.",
            "Give --val FRACTION instead of it to divide the images.",
        )
    with Project.open(path, read_only=True, notify=say) as project:
        if not any(image.split for image in project.images()):
            raise UserProblem(
                "No image of this project has a split yet.",
                f"Divide them first: kpstudio split {arguments.project} --val 0.2",
            )
        return _report(project)


def _report(project: "Project") -> dict[str, Any]:
    from kpstudio.store.grouping import torn_groups

    labelled, images = project.labelled_image_ids(), project.images()
    parts = {
        part: _counts([image for image in images if image.split == part], labelled)
        for part in ("train", "val", "test")
    }
    return parts | {
        "group_by": project.splits.grouping().rule,
        "groups": len({image.group for image in images} - {""}),
        "without_group": sum(not image.group for image in images),
        "torn_groups": torn_groups(images),
        "to_compare": [image for image in images if image.id in labelled or not labelled],
    }


def _counts(images: "Sequence[Image]", labelled: frozenset[int]) -> dict[str, int]:
    return {"images": len(images), "labelled": sum(image.id in labelled for image in images)}


def _compared(images: "Sequence[Image]") -> "NearDuplicates":
    from kpstudio.imaging.near_duplicates import find_near_duplicates

    line, start = ProgressLine(), time.monotonic()

    def show(count: int) -> None:
        if time.monotonic() > start + _QUIET_S:
            line.show(f"Comparing images: {count} of {len(images)}")

    near = find_near_duplicates(images, report=show)
    line.clear()
    return near


def _near_report(near: "NearDuplicates", folder: Path) -> dict[str, Any]:
    def name(image: "Image") -> str:
        inside = image.path.is_relative_to(folder)
        path = (image.path.relative_to(folder) if inside else image.path).as_posix()
        return path if image.frame is None else f"{path} #{image.frame}"

    return {
        "compared": near.checked,
        "unreadable": near.unreadable,
        "pairs": [
            {
                "image": name(each.image),
                "part": each.image.split,
                "other": name(each.other),
                "other_part": each.other.split,
                "difference": round(each.difference, 3),
            }
            for each in near.found
        ],
        "elapsed_s": round(near.elapsed_s, 2),
    }


def _print(report: dict[str, Any]) -> None:
    labelled = sum(report[part]["labelled"] for part in ("train", "val", "test"))
    for part in ("train", "val", "test"):
        counts = report[part]
        if part == "test" and not counts["images"]:
            continue
        share = f" ({counts['labelled'] / labelled:.1%} of the labelled)" if labelled else ""
        print_result(f"{part}: {counts['images']} images, {counts['labelled']} labelled{share}")
    if report["groups"]:
        alone = report["without_group"]
        rest = f", and {alone} not in any" if alone else ""
        print_result(f"{report['groups']} groups by {report['group_by']}{rest}")
    if torn := report["torn_groups"]:
        count = "1 group is" if len(torn) == 1 else f"{len(torn)} groups are"
        say(
            f"{count} in more than one part, such as {torn[0]}: divided before the rule was"
            " chosen. Use --again to divide anew."
        )
    if report["near_duplicates"] is not None:
        _print_near(report)


def _print_near(report: dict[str, Any]) -> None:
    near, pairs = report["near_duplicates"], report["near_duplicates"]["pairs"]
    count = "1 image set apart is" if len(pairs) == 1 else f"{len(pairs)} images set apart are"
    print_result(
        f"{count if pairs else 'No image set apart is'} nearly the same as one of another part"
        f" ({near['compared']} compared in {near['elapsed_s']:.1f} s)"
    )
    for pair in pairs[:_MOST_TO_NAME]:
        one, other = (_short(pair[key]) for key in ("image", "other"))
        print_result(f"  {pair['part']} {one} is like {pair['other_part']} {other}")
    if len(pairs) > _MOST_TO_NAME:
        print_result(f"  and {len(pairs) - _MOST_TO_NAME} more; --json names all")
    if pairs and not report["torn_groups"]:
        say(
            "They make the errors there look too small. Keep the images of one video or person"
            " together: --group-by folder --again; or by their names, as in"
            " --group-by before:_ --again"
        )
    if near["unreadable"]:
        say(f"Missing or damaged, and therefore not compared: {near['unreadable']}.")


def _short(path: str) -> str:
    return PurePath(*PurePath(path).parts[-2:]).as_posix()


SPLIT = Command(
    "split", "divide images into train, val and test", split, _add_arguments, has_json=True
)
