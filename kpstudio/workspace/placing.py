"""Click-through: each click places the next keypoint of a subject."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import OCCLUDED, VISIBLE, Annotation
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.workspace.key_names import KeyNames
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project

ORDER = "placing_order"


class Placing(QObject):
    """Which keypoint the next click places, if any.

    Undo and redo of what has been placed here go back and forth with it. Who selects another
    subject has finished this one.

    Signals:
        changed: Clicks place, or do not any more; which keypoint is next also follows the selection
            and the labels.
    """

    changed = Signal()

    def __init__(
        self,
        labels: Labels,
        selection: Selection,
        key_names: KeyNames,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._key_names = key_names
        self._labels = labels
        self._selection = selection
        self._project: Project | None = None
        self._subject: str | None = None
        self._wants_new = self._is_complete = False
        # What clicks have placed, in that order, of which so many are there: undo takes them away.
        self._placed: list[int] = []
        self._count = 0
        self._skipped: set[int] = set()
        self._names: tuple[str, ...] = ()
        selection.image_changed.connect(self._forget)
        selection.subject_changed.connect(self._follow_selection)
        labels.edited.connect(self._follow_edit)
        labels.annotations_changed.connect(self._follow_labels)
        labels.skeleton_replaced.connect(self._renumber)

    def set_project(self, project: "Project | None") -> None:
        self._project = project
        stored = project.settings.read(ORDER, list[str]) if project is not None else None
        self._names = tuple(stored or ())
        self._forget()
        self.changed.emit()

    @property
    def order(self) -> tuple[int, ...]:
        """The keypoints in the order in which they are placed: that of the skeleton by default.

        A keypoint that is new since the order was chosen comes last.
        """
        skeleton = self._labels.skeleton
        if skeleton is None:
            return ()
        chosen = [skeleton.index(name) for name in self._names if name in skeleton.keypoints]
        return (*chosen, *(index for index in range(len(skeleton)) if index not in chosen))

    def set_order(self, names: Sequence[str]) -> None:
        """Place keypoints in another order from now on; it belongs to the project.

        Args:
            names: Of the keypoints; none for the order of the skeleton.
        """
        if self._store_order(names):
            self.changed.emit()

    @property
    def is_begun(self) -> bool:
        """A subject is being placed, and every click belongs to it."""
        return self.next_keypoint is not None and (
            self._wants_new or self._labels.find(self._subject) is not None
        )

    @property
    def subject(self) -> Annotation | None:
        """What is being placed; None while clicks place nothing, or begin another subject."""
        return self._labels.find(self._subject) if self.is_begun else None

    @property
    def meant_keypoint(self) -> int | None:
        """What a key is about: the selected keypoint, or the one that a click has placed last.

        The one that is asked for next is selected, but has no place yet.
        """
        chosen, subject = self._selection.keypoint, self.subject
        if chosen is None or subject is None or subject.id != self._selection.annotation_id:
            return chosen
        has_place = bool(np.isfinite(subject.xy[chosen]).all())
        return chosen if has_place or not self._count else self._placed[self._count - 1]

    @property
    def next_keypoint(self) -> int | None:
        """The keypoint that the next click places; None while clicks place nothing."""
        labels, chosen = self._labels, self._selection.keypoint
        if labels.skeleton is None or self._selection.image_id is None:
            return None
        annotation = labels.find(self._subject)
        if annotation is not None:
            if self._is_complete:
                return None
            free = self._free(annotation)
            return chosen if chosen in free else self._following(free)
        if not (self._wants_new or not labels.annotations):
            return None
        return self._following(self.order) if chosen is None else chosen

    def place(self, xy: tuple[float, float], *, is_occluded: bool = False) -> None:
        """Put the next keypoint here, and go on to the one after it."""
        labels, image_id = self._labels, self._selection.image_id
        index, skeleton = self.next_keypoint, labels.skeleton
        if index is None or skeleton is None or image_id is None:
            return
        before = labels.find(self._subject)
        base = before or Annotation.empty(image_id, skeleton)
        after = labels.signed(base.with_keypoint(index, xy, OCCLUDED if is_occluded else VISIBLE))
        name = skeleton.keypoints[index]
        if not labels.apply(Edit.change(self.tr("Place {0}").format(name), before, after)):
            return
        self._subject, self._wants_new = after.id, False
        self._placed = [*self._placed[: self._count], index]
        self._count = len(self._placed)
        self._skipped.discard(index)
        self._go_on(after, index)
        self.changed.emit()

    def skip(self) -> None:
        """Leave the next keypoint unlabelled, and go on to the one after it."""
        index = self.next_keypoint
        if index is None:
            return
        annotation = self._labels.find(self._subject)
        self._skipped.add(index)
        free = self._free(annotation) if annotation is not None else self.order
        later = self._following(free, after=index)
        if later is not None:
            self._selection.select_keypoint(later)
        else:
            self.finish()

    def begin(self) -> None:
        """The next clicks place the keypoints of a new subject."""
        self._forget()
        self._wants_new = True
        self._selection.select_annotation(None)
        self.changed.emit()

    def go_on(self) -> None:
        """The next clicks place what is missing in the selected annotation, or in the only one."""
        annotations = self._labels.annotations
        annotation = self._labels.selected or (annotations[0] if len(annotations) == 1 else None)
        if annotation is None:
            self._labels.refuse(
                self.tr("No annotation is selected."),
                self.tr("Click one first, or begin a new one: {0}.").format(
                    self._key_names.of("begin")
                ),
            )
        elif annotation.is_labelled.all():
            self._labels.refuse(
                self.tr("Every keypoint of this annotation is labelled."),
                self.tr("Begin a new one: {0}.").format(self._key_names.of("begin")),
            )
        else:
            self._forget()
            self._subject = annotation.id
            self._selection.select_annotation(annotation.id, self._selection.keypoint)
            self.changed.emit()

    def finish(self) -> None:
        """Clicks select again; what has been placed stays."""
        is_begun = self._subject is not None or self._wants_new
        self._forget()
        if is_begun:
            self.changed.emit()

    # Inside

    def _go_on(self, annotation: Annotation, index: int) -> None:
        """A keypoint is there: ask for the one after it."""
        following = self._following(self._free(annotation), after=index)
        self._is_complete = following is None
        self._selection.select_annotation(annotation.id, index if following is None else following)

    def _free(self, annotation: Annotation) -> tuple[int, ...]:
        """The keypoints that are not labelled, in the order in which they are placed."""
        return tuple(index for index in self.order if not annotation.is_labelled[index])

    def _following(self, free: Sequence[int], after: int | None = None) -> int | None:
        """The first that is not skipped: of those after one, else of those before it."""
        wanted = [index for index in free if index not in self._skipped]
        if after is None and self._count:
            after = self._placed[self._count - 1]
        place = {each: position for position, each in enumerate(self.order)}
        later = [each for each in wanted if after is None or place[each] > place[after]]
        return next(iter(later or wanted), None)

    def _forget(self) -> None:
        self._subject, self._wants_new, self._is_complete = None, False, False
        self._placed, self._count, self._skipped = [], 0, set()

    def _store_order(self, names: Sequence[str]) -> bool:
        if self._project is None:
            return False
        try:
            self._project.settings.write(ORDER, list(names) or None)
        except UserProblem as problem:
            self._labels.problem_raised.emit(problem)
            return False
        self._names = tuple(names)
        return True

    def _follow_selection(self) -> None:
        """Another subject than the one that is being placed is selected."""
        chosen, is_other = self._selection.annotation_id, self._selection.ghost is not None
        if self._labels.find(self._subject) is not None and not self._is_complete:
            is_other |= chosen not in (None, self._subject)
        elif not self._wants_new or self._subject is not None:
            return
        if is_other:
            self.finish()

    def _follow_edit(self, edit: Edit) -> None:
        """Who deletes the subject does not want to place it."""
        subject = self._subject
        if subject is not None and subject in edit.after and edit.after[subject] is None:
            self.finish()

    def _follow_labels(self) -> None:
        """Undo or redo has taken away or brought back what was placed."""
        if not self._placed:
            return
        annotation, count = self._labels.find(self._subject), 0
        if annotation is not None:
            is_there = np.isfinite(annotation.xy).all(axis=1)
            while count < len(self._placed) and is_there[self._placed[count]]:
                count += 1
        before, self._count = self._count, count
        if count == before:
            return
        self._wants_new = annotation is None
        if annotation is not None and count > before:
            self._go_on(annotation, self._placed[count - 1])
        else:
            self._is_complete = False
            asked = self._placed[count]
            self._selection.select_annotation(annotation.id if annotation else None, asked)
        self.changed.emit()

    def _renumber(self, change: SkeletonChange) -> None:
        """Keypoints are elsewhere in the skeleton, are called otherwise, or are gone."""
        kept = [change.index_after(each) for each in self._placed[: self._count]]
        self._placed = [each for each in kept if each is not None]
        self._count = len(self._placed)
        skipped = (change.index_after(each) for each in self._skipped)
        self._skipped = {each for each in skipped if each is not None}
        names = tuple(change.renamed.get(name, name) for name in self._names)
        if names != self._names:
            self._store_order(names)
