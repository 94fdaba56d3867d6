"""The merge command."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result, say

if TYPE_CHECKING:
    from kpstudio.core.merge import MergePlan
    from kpstudio.store.project import Project

_MOST_NAMED = 20


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("other", metavar="OTHER", help="the other copy; it stays as it is")
    command.add_argument(
        "--conflicts",
        choices=("both", "ours", "theirs"),
        help="what to keep where both were changed; both, and a tag, by default",
    )
    command.add_argument("--check", action="store_true", help="only say what would be done")
    command.add_argument(
        "--again", action="store_true", help="ask also about what was decided in earlier merges"
    )


def merge(arguments: argparse.Namespace) -> int:
    """Bring the labels of another copy of a project into it."""
    from kpstudio.store.merging import CONFLICT_TAG, merge, plan_merge
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project)) as project:
        plan = plan_merge(project, Path(arguments.other), forgets=arguments.again, notify=say)
        conflicts, reviews = _conflicts(project, plan), _reviews(project, plan)
        is_merged = not (arguments.check or plan.is_empty)
        if is_merged:
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
                "tags": len(plan.marks.tagged),
                "reviews": reviews,
                "splits": len(plan.splits),
                "issues": len(plan.issues),
                "history": len(plan.entries),
                "conflicts": conflicts,
                "notes": list(plan.notes),
                "is_merged": is_merged,
            }
        )
        return 0
    if plan.is_empty:
        print_result(f"Everything in {plan.name} is here already.")
    else:
        would = "Would bring" if arguments.check else "Brought"
        print_result(f"{would} {_what_comes(plan)}; {len(conflicts)} conflicts.")
    _say_some([f"{each['image']}: {each['what']}" for each in conflicts])
    _say_some([_review_line(each) for each in reviews])
    for note in plan.notes:
        say(note)
    if conflicts and arguments.conflicts is None and not arguments.check:
        say(f"Of each conflict both are kept. The images have the tag “{CONFLICT_TAG}”.")
    return 0


def _what_comes(plan: "MergePlan") -> str:
    others = (
        (len(plan.marks.tagged), "tags of {} images"),
        (len(plan.marks.new_reviews), "reviews of {} images"),
        (len(plan.splits), "splits of {} images"),
        (len(plan.issues), "{} issues"),
        (len(plan.entries), "{} entries of the history"),
    )
    parts = [f"{len(plan.changes)} changes of annotations", f"{len(plan.images)} new images"]
    parts += [text.format(count) for count, text in others if count]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _say_some(lines: list[str]) -> None:
    for line in lines[:_MOST_NAMED]:
        say(line)
    if len(lines) > _MOST_NAMED:
        say(f"… and {len(lines) - _MOST_NAMED} more; --json has all.")


def _review_line(review: dict[str, object]) -> str:
    ours, theirs = review["ours"] or "none", review["theirs"] or "none"
    kept = "theirs" if review["takes_theirs"] else "ours"
    return f"{review['image']}: review {ours} here, {theirs} there; {kept} counts"


def _reviews(project: "Project", plan: "MergePlan") -> list[dict[str, object]]:
    reviews = plan.marks.reviews
    names = {image.id: image.name for image in project.images()} if reviews else {}
    return [{"image": names[each.image_id], **asdict(each)} for each in reviews]


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


MERGE = Command(
    "merge", "bring in the labels of another copy", merge, _add_arguments, has_json=True
)
