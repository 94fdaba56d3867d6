"""Bringing together two copies of a project, in which two people have labelled.

What only one of them changed since the copies parted is taken; what both changed in two ways is a
conflict, and a person decides.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kpstudio.core.annotation import Annotation, new_annotation_id
from kpstudio.core.dataset import Image
from kpstudio.core.double_labels import is_same_subject
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.history_entry import HistoryEntry
from kpstudio.core.merge import CONFLICT_TAG, Choice, Conflict, MergePlan, MergeReport
from kpstudio.store.imports import keypoint_order
from kpstudio.store.project import Project

__all__ = ["CONFLICT_TAG", "MergePlan", "MergeReport", "merge", "plan_merge"]


def plan_merge(project: Project, other_path: Path) -> MergePlan:
    """Compare a project with a copy of it; nothing is changed.

    Raises:
        UserProblem: The other is not a project, or has other keypoints.
    """
    if other_path.resolve() == project.path:
        raise UserProblem("A project cannot be merged with itself.", "Choose the other copy.")
    with Project.open(other_path, read_only=True) as other:
        return _compared(project, other)


def _compared(project: Project, other: Project) -> MergePlan:
    order = keypoint_order(other.skeleton, project.skeleton)
    there = {each.id: each for each in other.dataset(annotated=True).annotations}
    now = {each.id: each for each in project.dataset(annotated=True).annotations}
    # Images that one has found again in another folder are known by what is labelled in them.
    shared = {there[each].image_id: now[each].image_id for each in there.keys() & now.keys()}
    image_ids, new, tags = _same_images(project, other, shared)
    moment = _parting(project.history(), other.history())
    ours = project.changed_since(moment)
    theirs = {each: (old, there.get(each)) for each, old in other.changed_since(moment).items()}

    def here(annotation: Annotation | None) -> Annotation | None:
        if annotation is None:
            return None
        return replace(
            annotation,
            # Images that are not here yet keep a number below 0 until they are.
            image_id=image_ids.get(annotation.image_id, -annotation.image_id),
            xy=annotation.xy[order],
            visibility=annotation.visibility[order],
        )

    fresh = {each: now[each] for each, old in ours.items() if old is None and each in now}
    changes: list[tuple[Annotation | None, Annotation | None]] = []
    torn: list[tuple[str, str, Conflict]] = []
    for each, (old, new_state) in theirs.items():
        base, wanted, current = here(old), here(new_state), now.get(each)
        if wanted in (base, current):
            continue
        if current == base:
            double = _double(wanted, fresh) if base is None else None
            if double is None:
                changes.append((current, wanted))
            else:
                torn.append((double.id, each, Conflict(double.image_id, double, wanted)))
            continue
        known = current or wanted
        assert known is not None
        torn.append((each, each, Conflict(known.image_id, current, wanted)))
    torn.sort(key=lambda each: each[2].image_id)
    our_entries = project.last_entries(moment, [mine for mine, _, _ in torn])
    their_entries = other.last_entries(moment, [yours for _, yours, _ in torn])
    conflicts = tuple(
        replace(conflict, our_entry=our_entries.get(mine), their_entry=their_entries.get(yours))
        for mine, yours, conflict in torn
    )
    return MergePlan(other.path.name, new, tuple(changes), conflicts, tags, image_ids)


def merge(project: Project, plan: MergePlan, choices: Mapping[str, Choice]) -> MergeReport:
    """Do what was planned, as one edit that can be undone.

    Args:
        project: That the plan was made for.
        plan: As `plan_merge` made it.
        choices: By key of the conflict; both are kept where nothing is chosen, and the image is
            tagged "merge conflict".

    Raises:
        StaleEdit: The project has changed since the plan was made.
        UserProblem: It could not be stored; then nothing changed.
    """
    with project.as_one(f"The merge of {plan.name} was"):
        _merge(project, plan, choices)
    return MergeReport(len(plan.images), len(plan.changes), len(plan.conflicts))


def _merge(project: Project, plan: MergePlan, choices: Mapping[str, Choice]) -> None:
    ids = plan.image_ids | project.add_images(plan.images)

    def placed(annotation: Annotation | None) -> Annotation | None:
        if annotation is None or annotation.image_id > 0:
            return annotation
        return replace(annotation, image_id=ids[-annotation.image_id])

    before: dict[str, Annotation | None] = {}
    after: dict[str, Annotation | None] = {}
    for current, wanted in plan.changes:
        known = current or wanted
        assert known is not None
        before[known.id], after[known.id] = current, placed(wanted)
    undecided = []
    for conflict in plan.conflicts:
        choice = choices.get(conflict.key, conflict.choices[0])
        if conflict.key not in choices:
            undecided.append(conflict.image_id)
        _decide(conflict, choice, before, after)
    if after:
        project.apply(Edit(f"Merge {plan.name}", before, after))
    for theirs, tags in plan.tags.items():
        project.change_tags([ids[theirs]], add=tags)
    if undecided:
        project.change_tags(undecided, add=[CONFLICT_TAG])


def _decide(
    conflict: Conflict,
    choice: Choice,
    before: dict[str, Annotation | None],
    after: dict[str, Annotation | None],
) -> None:
    ours, theirs = conflict.ours, conflict.theirs
    if choice == "ours":
        return
    if choice == "both" and ours is not None and theirs is not None:
        second = replace(theirs, id=new_annotation_id()) if theirs.id == ours.id else theirs
        before[second.id], after[second.id] = None, second
        return
    if ours is not None:
        before[ours.id], after[ours.id] = ours, None
    if theirs is not None:
        before.setdefault(theirs.id, None)
        after[theirs.id] = theirs


def _same_images(
    project: Project, other: Project, shared: Mapping[int, int]
) -> tuple[dict[int, int], tuple[Image, ...], dict[int, tuple[str, ...]]]:
    """Our ids by theirs, the images that only they have, and the tags that only theirs have.

    An image is the same if it is the same file, or at the same place as seen from its project, or
    if both have an annotation of it (`shared`: ours by theirs), or if its file has the same
    content, which no other has.
    """

    def places(of: Project) -> dict[tuple[str, int | None], int]:
        return {place: image_id for image_id, place in of.written_places().items()}

    images = project.images()
    ours = {(image.path, image.frame): image.id for image in images}
    our_tags = {image.id: image.tags for image in images if image.tags}
    by_place = places(project)
    written = other.written_places()
    here, there = project.contents(), other.contents()
    by_content = {there[each]: here[each] for each in there.keys() & here.keys()}
    same: dict[int, int] = {}
    new = []
    tags: dict[int, tuple[str, ...]] = {}
    for image in other.images():
        known = ours.get((image.path, image.frame), by_place.get(written[image.id]))
        known = shared.get(image.id) if known is None else known
        known = by_content.get(image.id) if known is None else known
        if known is None:
            new.append(image)
        else:
            same[image.id] = known
        kept = our_tags.get(known, ()) if known is not None else ()
        if missing := tuple(tag for tag in image.tags if tag not in kept):
            tags[image.id] = missing
    return same, tuple(new), tags


def _parting(ours: tuple[HistoryEntry, ...], theirs: tuple[HistoryEntry, ...]) -> int:
    """The last entry that both have; 0 where they never were one project."""
    last = 0
    for a, b in zip(ours, theirs, strict=False):
        if a != b:
            break
        last = a.id
    return last


def _double(wanted: Annotation | None, fresh: Mapping[str, Annotation]) -> Annotation | None:
    """Of the annotations that were made here since, the one of the same subject."""
    if wanted is None:
        return None
    for each in fresh.values():
        if each.image_id == wanted.image_id and is_same_subject(each, wanted):
            return each
    return None
