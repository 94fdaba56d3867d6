"""Bringing together two copies of a project, in which two people have labelled.

What only one of them changed since the copies parted, or since one was last brought into the
other, is taken; what both changed in two ways is a conflict, and a person decides.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from kpstudio.core.annotation import Annotation, new_annotation_id
from kpstudio.core.dataset import Image, Split
from kpstudio.core.double_labels import is_same_subject
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.history_entry import HistoryEntry
from kpstudio.core.issue import Issue
from kpstudio.core.issue_merge import plan_issues
from kpstudio.core.mark_merge import MarkChange, MarkPlan, plan_marks
from kpstudio.core.merge import (
    CONFLICT_TAG,
    Choice,
    Conflict,
    MergePlan,
    MergeReport,
    TheirEntry,
)
from kpstudio.imaging.fingerprint import fingerprints
from kpstudio.store import edits, images, issues, marks, merges, splitting
from kpstudio.store.image_match import ImageMatch, match_images
from kpstudio.store.imports import keypoint_order
from kpstudio.store.merge_base import MergeBase, merge_base
from kpstudio.store.project import Project

__all__ = ["CONFLICT_TAG", "MergePlan", "MergeReport", "merge", "plan_merge"]

_Known = Mapping[str, Annotation]
_Changes = list[tuple[Annotation | None, Annotation | None]]
_Torn = list[tuple[str, str, Conflict]]


def plan_merge(
    project: Project,
    other_path: Path,
    *,
    forgets: bool = False,
    notify: Callable[[str], None] = lambda _: None,
) -> MergePlan:
    """Compare a project with a copy of it; nothing is changed.

    Args:
        project: To bring the copy into.
        other_path: The copy.
        forgets: Ask again about what was decided when it was brought in before.
        notify: Is told what takes long before the copy can be read.

    Raises:
        UserProblem: The other is not a project, or has other keypoints.
    """
    if other_path.resolve() == project.path:
        raise UserProblem("A project cannot be merged with itself.", "Choose the other copy.")
    with Project.open(other_path, read_only=True, notify=notify) as other:
        return _compared(project, other, forgets=forgets)


def _compared(project: Project, other: Project, *, forgets: bool) -> MergePlan:
    order = keypoint_order(other.skeleton, project.skeleton)
    there = {each.id: each for each in other.dataset(annotated=True).annotations}
    now = {each.id: each for each in project.dataset(annotated=True).annotations}
    # Images that one has found again in another folder are known by what is labelled in them.
    shared = {there[each].image_id: now[each].image_id for each in there.keys() & now.keys()}
    match = match_images(project, other, shared)
    image_ids = match.ids

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

    base = merge_base(project, other, forgets=forgets)
    states = _States(project, other, base, there, now)
    changes: _Changes = []
    torn: _Torn = []
    for each in states.candidates:
        wanted, current = here(there.get(each)), now.get(each)
        if wanted == current:
            continue
        bases = [*(here(old) for old in states.theirs(each)), *states.ours(each)]
        if any(wanted == old for old in bases):
            continue
        double = _double(wanted, states.fresh) if current is None else None
        if double is not None:
            torn.append((double.id, each, Conflict(double.image_id, double, wanted)))
        elif any(current == old for old in bases):
            changes.append((current, wanted))
        else:
            known = current or wanted
            assert known is not None
            torn.append((each, each, Conflict(known.image_id, current, wanted)))
    newest = other.history.own_entries()
    plan = plan_marks(match.pairs, project.marks.changes(), _their_marks(other, image_ids))
    splits, new, torn_splits = _splits(match)
    return MergePlan(
        name=other.path.name,
        images=new,
        changes=tuple(changes),
        conflicts=_with_entries(project, other, base.parting, torn),
        marks=plan,
        splits=splits,
        issues=plan_issues(project.issues.all(), _their_issues(other, image_ids)),
        entries=tuple(_new_entries(project, other)),
        notes=tuple(_notes(project, other, plan, torn_splits)),
        image_ids=image_ids,
        keypoint_ids=_keypoint_ids(project, other),
        newest=newest[-1] if newest else None,
    )


class _States:
    """What annotations were where the two copies have gone on from."""

    def __init__(
        self, project: Project, other: Project, base: MergeBase, there: _Known, now: _Known
    ) -> None:
        self._there, self._now = there, now
        self.candidates = other.history.changed_since(base.parting)
        self._theirs = None
        if base.theirs is not None:
            is_same = base.theirs == base.parting
            self._theirs = self.candidates if is_same else other.history.changed_since(base.theirs)
        self._ours = None if base.ours is None else project.history.changed_since(base.ours)
        made = self._ours or project.history.changed_since(base.parting)
        self.fresh = {
            each: now[each]
            for each, old in made.items()
            if old is None and each in now and each not in there
        }

    def theirs(self, annotation_id: str) -> list[Annotation | None]:
        """As it was there when it was last brought into ours, or when the copies parted."""
        if self._theirs is None:
            return []
        return [self._theirs.get(annotation_id, self._there.get(annotation_id))]

    def ours(self, annotation_id: str) -> list[Annotation | None]:
        """As it was here when ours was last brought into theirs."""
        if self._ours is None:
            return []
        return [self._ours.get(annotation_id, self._now.get(annotation_id))]


def _with_entries(
    project: Project, other: Project, moment: int, torn: _Torn
) -> tuple[Conflict, ...]:
    torn.sort(key=lambda each: each[2].image_id)
    our_entries = project.history.last_entries(moment, [mine for mine, _, _ in torn])
    their_entries = other.history.last_entries(moment, [yours for _, yours, _ in torn])
    return tuple(
        replace(conflict, our_entry=our_entries.get(mine), their_entry=their_entries.get(yours))
        for mine, yours, conflict in torn
    )


def _their_marks(other: Project, image_ids: Mapping[int, int]) -> tuple[MarkChange, ...]:
    return tuple(
        replace(each, image_id=image_ids.get(each.image_id, -each.image_id))
        for each in other.marks.changes()
    )


def _their_issues(other: Project, image_ids: Mapping[int, int]) -> Iterator[Issue]:
    for each in other.issues.all():
        yield replace(each, image_id=image_ids.get(each.image_id, -each.image_id))


def _new_entries(project: Project, other: Project) -> Iterator[TheirEntry]:
    known = {_identity(each) for each in project.history.entries()}
    new = [each for each in other.history.entries() if _identity(each) not in known]
    payloads = other.history.payloads(frozenset(each.id for each in new))
    for each in new:
        yield TheirEntry(each, payloads[each.id])


def _identity(entry: HistoryEntry) -> tuple[object, ...]:
    return (entry.time, entry.author, entry.kind, entry.label)


def _splits(match: ImageMatch) -> tuple[dict[int, Split], tuple[Image, ...], int]:
    """The splits that ours take, the new images with theirs, and how many stay different.

    A group that has a split here gets no second one: what the model has trained on would be
    tested on.
    """
    divided = [pair for pair in match.pairs if pair[0].split is not None]
    # Its place, and so its group, may be called otherwise in the other copy.
    groups_here = {ours.group for ours, _ in divided} - {""}
    groups_there = {theirs.group for _, theirs in divided} - {""}
    taken: dict[int, Split] = {}
    different = 0
    for ours, theirs in match.pairs:
        if ours.split is None and theirs.split is not None:
            if ours.group not in groups_here and theirs.group not in groups_there:
                taken[ours.id] = theirs.split
        elif None not in (ours.split, theirs.split) and ours.split != theirs.split:
            different += 1
    new = tuple(
        replace(image, split=None) if image.group in groups_there else image for image in match.new
    )
    return taken, new, different


def _notes(project: Project, other: Project, plan: MarkPlan, splits: int) -> Iterator[str]:
    torn = [each for each in plan.reviews if each.is_conflict]
    if torn:
        theirs = sum(each.takes_theirs for each in torn)
        yield (
            f"{len(torn)} reviews were changed in both copies; the later one counts:"
            f" {len(torn) - theirs} of ours, {theirs} of theirs."
        )
    if splits:
        yield f"{splits} images are in another part there (train, val, test); ours stays."
    ours = {(run.name, run.started) for run in project.runs.all()}
    runs = sum((run.name, run.started) not in ours for run in other.runs.all())
    if runs:
        yield f"{runs} runs stay in {other.path.name}, with their predictions."
    order = keypoint_order(other.skeleton, project.skeleton)
    if order == list(range(len(order))) and other.skeleton != project.skeleton:
        yield "Its skeleton has other edges, pairs, colours or sigmas; ours stays."


def _keypoint_ids(project: Project, other: Project) -> dict[int, int]:
    ours = dict(zip(project.skeleton.keypoints, project.stored_skeleton.keypoint_ids, strict=True))
    there = zip(other.skeleton.keypoints, other.stored_skeleton.keypoint_ids, strict=True)
    return {keypoint_id: ours[name] for name, keypoint_id in there}


def merge(project: Project, plan: MergePlan, choices: Mapping[str, Choice]) -> MergeReport:
    """Do what was planned, with one edit that can be undone: all of it, or nothing.

    Args:
        project: That the plan was made for.
        plan: As `plan_merge` made it.
        choices: By key of the conflict; both are kept where nothing is chosen, and the image is
            tagged "merge conflict".

    Raises:
        StaleEdit: The project has changed since the plan was made.
        UserProblem: It could not be stored; then nothing changed.
    """
    stored, author = project.stored_skeleton, project.author
    # Before the transaction: others may read the project meanwhile.
    contents = fingerprints(image.path for image in plan.images)
    with project.database.writing(f"The merge of {plan.name} was") as connection:
        new, _ = images.add_images(connection, project.folder, plan.images, contents, author=author)
        ids = {**plan.image_ids, **new}
        edit, undecided = _edit(plan, choices, ids)
        entry = edits.apply_edit(connection, stored, edit, author=author)
        merges.write_merge(connection, entry, plan.name, plan.newest)
        merges.write_merged_history(
            connection, entry, plan.entries, keypoint_ids=plan.keypoint_ids, image_ids=ids
        )
        numbers = {-theirs: ours for theirs, ours in new.items()}
        numbers |= {ours: ours for ours in plan.image_ids.values()}
        marks.write_merged_marks(connection, plan.marks, image_ids=numbers)
        marks.change_tags(connection, undecided, add=[CONFLICT_TAG], author=author)
        splitting.set_splits(connection, plan.splits)
        issues.write_merged_issues(connection, plan.issues, image_ids=numbers)
    return MergeReport(
        len(plan.images), len(plan.changes), len(plan.conflicts), len(plan.entries), edit
    )


def _edit(
    plan: MergePlan, choices: Mapping[str, Choice], ids: Mapping[int, int]
) -> tuple[Edit, list[int]]:
    """What becomes of the annotations, and the images of conflicts that nobody decided."""

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
    return Edit(f"Merge {plan.name}", before, after), undecided


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


def _double(wanted: Annotation | None, fresh: Mapping[str, Annotation]) -> Annotation | None:
    """Of the annotations that were made here since, the one of the same subject."""
    if wanted is None:
        return None
    for each in fresh.values():
        if each.image_id == wanted.image_id and is_same_subject(each, wanted):
            return each
    return None
