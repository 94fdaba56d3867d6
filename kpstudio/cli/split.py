"""The split command."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpstudio.cli.terminal import print_json, print_result, say

if TYPE_CHECKING:
    from kpstudio.core.dataset import Image
    from kpstudio.store.project import Project


def split(arguments: argparse.Namespace) -> int:
    """Divide the images that have no split yet."""
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project)) as project:
        was_divided = all(image.split for image in project.images())
        project.split(
            arguments.val,
            arguments.seed,
            test_fraction=arguments.test,
            group_by=arguments.group_by,
            is_anew=arguments.again,
        )
        if was_divided and not arguments.again:
            say("Every image has a split already, and keeps it.")
        if arguments.again and project.newest_run() is not None:
            say(
                "Runs trained before have learned from images that may be for validation now:"
                " their errors there mean nothing."
            )
        report = _report(project)
    if arguments.json:
        print_json(report)
    else:
        _print(report)
    return 0


def _report(project: "Project") -> dict[str, Any]:
    from kpstudio.store.grouping import torn_groups

    labelled, images = project.labelled_image_ids(), project.images()
    return {
        part: _counts([image for image in images if image.split == part], labelled)
        for part in ("train", "val", "test")
    } | {
        "group_by": project.grouping().rule,
        "groups": len({image.group for image in images} - {""}),
        "without_group": sum(not image.group for image in images),
        "torn_groups": torn_groups(images),
    }


def _counts(images: "Sequence[Image]", labelled: frozenset[int]) -> dict[str, int]:
    return {"images": len(images), "labelled": sum(image.id in labelled for image in images)}


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
        rest = f"; {alone} images that it does not fit are by themselves" if alone else ""
        print_result(f"{report['groups']} groups by {report['group_by']}{rest}")
    if torn := report["torn_groups"]:
        say(
            f"{len(torn)} groups are in more than one part, such as {torn[0]}:"
            " they were divided before the rule was chosen. Use --again to divide anew."
        )
