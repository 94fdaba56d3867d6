"""The merge command."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.terminal import print_json, print_result, say

if TYPE_CHECKING:
    from kpstudio.core.merge import MergePlan
    from kpstudio.store.project import Project

_MOST_NAMED = 20


def merge(arguments: argparse.Namespace) -> int:
    """Bring the labels of another copy of a project into it."""
    from kpstudio.store.merging import CONFLICT_TAG, merge, plan_merge
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project)) as project:
        plan = plan_merge(project, Path(arguments.other))
        conflicts = _conflicts(project, plan)
        if not arguments.check:
            wanted = arguments.conflicts
            choices = {
                each.key: wanted
                for each in plan.conflicts
                if wanted is not None and wanted in each.choices
            }
            merge(project, plan, choices)
    if arguments.json:
        print_json(
            {
                "images": len(plan.images),
                "annotations": len(plan.changes),
                "conflicts": conflicts,
                "is_merged": not arguments.check,
            }
        )
        return 0
    would = "Would bring" if arguments.check else "Brought"
    print_result(
        f"{would} {len(plan.changes)} changes of annotations and {len(plan.images)} new images;"
        f" {len(conflicts)} conflicts."
    )
    for each in conflicts[:_MOST_NAMED]:
        say(f"{each['image']}: {each['what']}")
    if len(conflicts) > _MOST_NAMED:
        say(f"… and {len(conflicts) - _MOST_NAMED} more; --json has all.")
    if conflicts and arguments.conflicts is None and not arguments.check:
        say(f"Of each conflict both are kept. The images have the tag “{CONFLICT_TAG}”.")
    return 0


def _conflicts(project: "Project", plan: "MergePlan") -> list[dict[str, object]]:
    names = {image.id: image.name for image in project.images()}
    told: list[dict[str, object]] = []
    for each in plan.conflicts:
        distance = each.largest_distance()
        if each.ours is None or each.theirs is None:
            what = f"deleted {'here' if each.ours is None else 'there'}, changed in the other"
        elif distance is None:
            what = "different keypoints are labelled"
        else:
            what = f"up to {distance:.1f} px apart"
        told.append({"image": names[each.image_id], "what": what, "distance_px": distance})
    return told
