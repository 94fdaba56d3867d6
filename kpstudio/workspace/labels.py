"""The labels of the open image, and every verb that changes labels."""

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import (
    HUMAN,
    NOT_LABELLED,
    OCCLUDED,
    VISIBLE,
    Annotation,
    run_source,
)
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.metrics import match_subjects
from kpstudio.core.skeleton import Skeleton
from kpstudio.core.typical_pose import typical_pose
from kpstudio.store.project import Project
from kpstudio.workspace.predicted_subject import PredictedSubject
from kpstudio.workspace.selection import Selection

# Two poses whose keypoints lie closer than this share of the subject's size are the same subject.
SAME_SUBJECT = 0.3
# Images that tell well enough what a subject looks like.
MOST_FOR_POSE = 60


class Labels(QObject):
    """Annotations of the open image.

    Signals:
        annotations_changed: Those of the open image, or which image is open.
        labelled_changed: Which images of the project have labels.
        skeleton_changed: The keypoints of the open project, by the verb, undo or redo.
        history_changed: What undo and redo would do.
        problem_raised(problem): A change was refused; what is shown is what is stored.
    """

    annotations_changed = Signal()
    labelled_changed = Signal()
    skeleton_changed = Signal()
    history_changed = Signal()
    problem_raised = Signal(object)

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._project: Project | None = None
        self._placing: str | None = None
        self._wants_new = False
        self._opened_s = time.monotonic()
        self.annotations: tuple[Annotation, ...] = ()
        self.labelled_image_ids: Set[int] = set()
        selection.image_changed.connect(self._open_image)

    def set_project(self, project: Project | None) -> None:
        self._project = project
        self._placing, self._wants_new = None, False
        self.refresh()
        self.history_changed.emit()

    def refresh(self) -> None:
        """Read the labels again from what is stored."""
        self.labelled_image_ids = self._project.labelled_image_ids() if self._project else set()
        self._read_annotations()
        self.labelled_changed.emit()

    # What there is

    @property
    def skeleton(self) -> Skeleton | None:
        return self._project.skeleton if self._project else None

    @property
    def undo_label(self) -> str | None:
        return self._project.undo_label if self._project else None

    @property
    def redo_label(self) -> str | None:
        return self._project.redo_label if self._project else None

    @property
    def selected(self) -> Annotation | None:
        return self._find(self._selection.annotation_id)

    @property
    def next_keypoint(self) -> int | None:
        """The keypoint that the next click places; None while clicks place nothing."""
        if self.skeleton is None or self._selection.image_id is None:
            return None
        annotation = self._find(self._placing)
        if annotation is None:
            if not (self._wants_new or not self.annotations):
                return None
            return self._selection.keypoint or 0
        free = np.flatnonzero(~annotation.is_labelled)
        if not free.size:
            return None
        chosen = self._selection.keypoint
        return chosen if chosen in free.tolist() else int(free[0])

    def count_labels(self) -> dict[str, int]:
        """How many labels each keypoint has, by its name, also those that were removed."""
        return self._project.count_labels() if self._project else {}

    def typical_pose(self) -> NDArray[np.float64] | None:
        """(K, 2) what a labelled subject looks like, as `core.typical_pose`; None without one."""
        if self._project is None or not self.labelled_image_ids:
            return None
        labelled = sorted(self.labelled_image_ids)
        chosen = labelled[:: -(-len(labelled) // MOST_FOR_POSE)]
        poses = [
            np.where(each.is_labelled[:, None], each.xy, np.nan)
            for image_id in chosen
            for each in self._project.annotations(image_id)
        ]
        return typical_pose(poses, len(self._project.skeleton))

    # Verbs

    def place_next_keypoint(self, xy: tuple[float, float], *, is_occluded: bool = False) -> None:
        """Click-through: put the next keypoint here, and go on to the one after it."""
        index, skeleton, image_id = self.next_keypoint, self.skeleton, self._selection.image_id
        if index is None or skeleton is None or image_id is None:
            return
        before = self._find(self._placing)
        base = before or Annotation.empty(image_id, skeleton)
        after = base.with_keypoint(index, xy, OCCLUDED if is_occluded else VISIBLE)
        name = skeleton.keypoints[index]
        if not self._apply(Edit.change(self.tr("Place {0}").format(name), before, after)):
            return
        free = np.flatnonzero(~after.is_labelled)
        self._placing, self._wants_new = (after.id if free.size else None), False
        later = [int(k) for k in free if k > index] or [int(k) for k in free]
        self._selection.select_annotation(after.id, later[0] if later else index)
        self.annotations_changed.emit()

    def skip_keypoint(self) -> None:
        """Leave the next keypoint unlabelled, and go on to the one after it."""
        index, skeleton = self.next_keypoint, self.skeleton
        if index is None or skeleton is None:
            return
        annotation = self._find(self._placing)
        free = np.flatnonzero(~annotation.is_labelled) if annotation else np.arange(len(skeleton))
        later = [int(k) for k in free if k > index]
        if later:
            self._selection.select_keypoint(later[0])
            self.annotations_changed.emit()
        else:
            self.finish_placing()

    def begin_annotation(self) -> None:
        """The next clicks place the keypoints of a new subject."""
        self._placing, self._wants_new = None, True
        self._selection.select_annotation(None)
        self.annotations_changed.emit()

    def continue_annotation(self) -> None:
        """The next clicks place what is missing in the selected annotation."""
        annotation = self.selected
        if annotation is not None and not annotation.is_labelled.all():
            self._placing = annotation.id
            self.annotations_changed.emit()

    def finish_placing(self) -> None:
        """Clicks select again; what has been placed stays."""
        if self._placing is not None or self._wants_new:
            self._placing, self._wants_new = None, False
            self.annotations_changed.emit()

    def move_keypoint(self, annotation_id: str, index: int, xy: tuple[float, float]) -> None:
        before = self._find(annotation_id)
        if before is None or self.skeleton is None:
            return
        visibility = int(before.visibility[index]) or VISIBLE
        after = _by_human(before.with_keypoint(index, xy, visibility))
        self._apply(
            Edit.change(self.tr("Move {0}").format(self.skeleton.keypoints[index]), before, after)
        )

    def move_keypoints(self, annotation_id: str, xy: NDArray[np.float64]) -> None:
        """Move several keypoints of an annotation at once.

        Args:
            annotation_id: Whose.
            xy: (K, 2) image pixels, NaN for keypoints that stay.
        """
        before = self._find(annotation_id)
        moves = np.asarray(np.isfinite(xy).all(axis=1))
        if before is None or not moves.any():
            return
        places = np.where(moves[:, None], xy, before.xy)
        after = replace(before, xy=places, time=time.time())
        label = self.tr("Move {0} keypoints").format(int(moves.sum()))
        self._apply(Edit.change(label, before, after))

    def cycle_visibility(self, annotation_id: str, index: int) -> None:
        """Visible, occluded, not labelled, visible: the position is kept throughout."""
        before = self._find(annotation_id)
        if before is None or self.skeleton is None:
            return
        if not np.isfinite(before.xy[index]).all():
            self._refuse(
                self.tr("{0} has no position yet.").format(self.skeleton.keypoints[index]),
                self.tr("Select it in the list, press P and click where it is."),
            )
            return
        following = {VISIBLE: OCCLUDED, OCCLUDED: NOT_LABELLED, NOT_LABELLED: VISIBLE}
        visibility = following[int(before.visibility[index])]
        x, y = before.xy[index]
        after = _by_human(before.with_keypoint(index, (float(x), float(y)), visibility))
        words = {
            VISIBLE: self.tr("Mark {0} visible"),
            OCCLUDED: self.tr("Mark {0} occluded"),
            NOT_LABELLED: self.tr("Unlabel {0}"),
        }
        name = self.skeleton.keypoints[index]
        self._apply(Edit.change(words[visibility].format(name), before, after))

    def delete_selected(self) -> None:
        """Delete the selected annotation."""
        annotation = self.selected
        if annotation is not None and self._apply(
            Edit.change(self.tr("Delete annotation"), annotation, None)
        ):
            self._selection.select_annotation(None)

    def accept_predictions(
        self, subjects: tuple[PredictedSubject, ...], run_id: int, *, chosen: int | None
    ) -> None:
        """Make labels of predictions: the chosen subject, or all that have no label yet.

        A chosen subject replaces the label that it lies on. Without a choice labels are only
        completed, never moved.
        """
        image_id, skeleton = self._selection.image_id, self.skeleton
        if image_id is None or skeleton is None:
            return
        if not subjects:
            self._refuse(
                self.tr("There is no prediction to accept."),
                self.tr("Train a model, or wait until the engine is ready."),
            )
            return
        before: dict[str, Annotation | None] = {}
        after: dict[str, Annotation | None] = {}
        owners = self.owners(subjects)
        for index, subject in enumerate(subjects):
            if chosen is not None and index != chosen:
                continue
            old = self._find(owners[index])
            new = _accepted(subject, old, image_id, skeleton, run_id, replaces=chosen is not None)
            if new != old:
                before[new.id], after[new.id] = old, new
        if not after:
            self._refuse(
                self.tr("Every predicted subject is labelled already."),
                self.tr("Click a ghost first to replace the label under it by the prediction."),
            )
            return
        if self._apply(Edit(self.tr("Accept prediction"), before, after)):
            self.finish_placing()
            self._selection.select_annotation(next(iter(after)), self._selection.keypoint)

    def accept_moved_keypoint(
        self, subject: PredictedSubject, run_id: int, index: int, xy: tuple[float, float]
    ) -> None:
        """A ghost's keypoint was dragged: accept it where it was dropped.

        On a subject that has a label only this keypoint changes; else the whole prediction is
        accepted, with this keypoint moved.
        """
        image_id, skeleton = self._selection.image_id, self.skeleton
        if image_id is None or skeleton is None:
            return
        old = self._find(self.owners((subject,))[0])
        accepted = old or _accepted(subject, None, image_id, skeleton, run_id, replaces=True)
        after = replace(
            accepted.with_keypoint(index, xy, VISIBLE),
            source=HUMAN if old else run_source(run_id),
        )
        label = self.tr("Accept and move {0}").format(skeleton.keypoints[index])
        if self._apply(Edit.change(label, old, after)):
            self.finish_placing()
            self._selection.select_annotation(after.id, index)

    def owners(self, subjects: tuple[PredictedSubject, ...]) -> list[str | None]:
        """For each predicted subject the id of the annotation of the same subject, or None."""
        poses = [np.where(a.is_labelled[:, None], a.xy, np.nan) for a in self.annotations]
        matched = match_subjects(poses, [subject.xy for subject in subjects])
        owners: list[str | None] = [None] * len(subjects)
        for annotation, pose, index in zip(self.annotations, poses, matched, strict=True):
            if index is not None and _is_same(pose, subjects[index]):
                owners[index] = annotation.id
        return owners

    def change_skeleton(
        self, after: Skeleton, renamed: Mapping[str, str] | None = None
    ) -> SkeletonChange | None:
        """Change the keypoints, edges, pairs or colours; labels follow their keypoints.

        Args:
            after: The skeleton as it shall be.
            renamed: New names by old ones.

        Returns:
            What was changed, if anything was.
        """
        before = self.skeleton
        if before is None or (after == before and not renamed):
            return None
        change = SkeletonChange(before, after, renamed or {})
        is_done = self._apply(Edit.change_skeleton(self.tr("Edit skeleton"), change))
        return change if is_done else None

    def undo(self) -> None:
        if self._project is not None:
            self._step(self._project.undo)

    def redo(self) -> None:
        if self._project is not None:
            self._step(self._project.redo)

    # Inside

    def _find(self, annotation_id: str | None) -> Annotation | None:
        return next((a for a in self.annotations if a.id == annotation_id), None)

    def _open_image(self) -> None:
        self._opened_s = time.monotonic()
        self._placing, self._wants_new = None, False
        self._read_annotations()

    def _read_annotations(self) -> None:
        image_id = self._selection.image_id
        self.annotations = (
            self._project.annotations(image_id) if self._project and image_id is not None else ()
        )
        if self._find(self._selection.annotation_id) is None:
            only = self.annotations[0].id if len(self.annotations) == 1 else None
            if self._selection.ghost is None:
                self._selection.select_annotation(only, self._selection.keypoint)
        self.annotations_changed.emit()

    def _apply(self, edit: Edit) -> bool:
        if self._project is None:
            return False
        try:
            self._project.apply(edit, seconds_open=time.monotonic() - self._opened_s)
        except UserProblem as problem:
            self.refresh()
            self.problem_raised.emit(problem)
            return False
        self.show_change(edit)
        return True

    def _step(self, step: Callable[[], Edit | None]) -> None:
        try:
            edit = step()
        except UserProblem as problem:
            self.refresh()
            self.problem_raised.emit(problem)
            return
        if edit is None:
            return
        touched = edit.image_ids()
        if touched and self._selection.image_id not in touched and len(touched) == 1:
            self._selection.open_image(next(iter(touched)))
        self.show_change(edit)

    def show_change(self, edit: Edit) -> None:
        """Read again what an edit that was stored has changed."""
        if edit.skeleton is not None:
            self._show_skeleton(edit.skeleton)
        if self._project is not None and (
            self._selection.image_id in edit.image_ids() or len(edit.after) > 1
        ):
            self._read_annotations()
        touched = edit.image_ids()
        labelled = self._project.labelled_among(touched) if self._project else frozenset()
        if labelled != touched & self.labelled_image_ids:
            self.labelled_image_ids = (self.labelled_image_ids - touched) | labelled
            self.labelled_changed.emit()
        self.history_changed.emit()

    def _show_skeleton(self, change: SkeletonChange) -> None:
        """Everything that is numbered by keypoint is other before anybody is told."""
        chosen, image_id = self._selection.keypoint, self._selection.image_id
        if chosen is not None:
            self._selection.renumber_keypoint(change.index_after(chosen))
        if self._project is not None and image_id is not None:
            self.annotations = self._project.annotations(image_id)
        self.skeleton_changed.emit()
        self.annotations_changed.emit()
        # An image of which only a removed keypoint was labelled is not labelled any more.
        labelled = self._project.labelled_image_ids() if self._project else set()
        if labelled != self.labelled_image_ids:
            self.labelled_image_ids = labelled
            self.labelled_changed.emit()

    def _refuse(self, message: str, hint: str) -> None:
        self.problem_raised.emit(UserProblem(message, hint))


def _by_human(annotation: Annotation) -> Annotation:
    fresh = Annotation(annotation.id, annotation.image_id, annotation.xy, annotation.visibility)
    return replace(fresh, box=annotation.box, author=annotation.author)


def _is_same(pose: NDArray[np.float64], subject: PredictedSubject) -> bool:
    distances = np.linalg.norm(pose - subject.xy, axis=1)
    answered = distances[np.isfinite(distances)]
    labelled = pose[np.isfinite(pose).all(axis=1)]
    if not answered.size:
        return False
    # A pose of one keypoint has no extent: the subject's own box says how large it is.
    width, height = np.ptp(labelled, axis=0).tolist()
    size = max(width, height, subject.box.width / 2, subject.box.height / 2)
    return bool(np.median(answered) < SAME_SUBJECT * size)


def _accepted(
    subject: PredictedSubject,
    old: Annotation | None,
    image_id: int,
    skeleton: Skeleton,
    run_id: int,
    *,
    replaces: bool,
) -> Annotation:
    start = old or Annotation.empty(image_id, skeleton)
    takes = np.asarray(np.isfinite(subject.xy).all(axis=1))
    if old is not None and not replaces:
        # A keypoint that somebody unlabelled on purpose still has its position.
        takes &= ~np.isfinite(old.xy).all(axis=1)
    if not takes.any():
        return start
    fresh = Annotation(
        start.id,
        image_id,
        np.where(takes[:, None], subject.xy, start.xy),
        np.where(takes, VISIBLE, start.visibility),
        source=run_source(run_id),
    )
    return replace(fresh, box=start.box)
