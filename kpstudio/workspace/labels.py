"""The labels of the open image, and the way in for every change of them."""

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import (
    HUMAN,
    NOT_LABELLED,
    OCCLUDED,
    VISIBLE,
    Annotation,
)
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Affine
from kpstudio.core.skeleton import Skeleton
from kpstudio.core.typical_pose import complete_pose, typical_pose
from kpstudio.workspace.key_names import KeyNames
from kpstudio.workspace.selection import Selection
from kpstudio.workspace.skeleton_source import supplied_pose

if TYPE_CHECKING:
    from kpstudio.store.project import Project

# Images that tell well enough what a subject looks like.
MOST_FOR_POSE = 60


class Labels(QObject):
    """Annotations of the open image.

    Signals:
        annotations_changed: Those of the open image, or which image is open.
        labelled_changed: Which images of the project have labels.
        skeleton_changed: The keypoints of the open project, by the verb, undo or redo.
        skeleton_replaced(change): The same, before: for who keeps numbers of keypoints.
        history_changed: What undo and redo would do.
        problem_raised(problem): A change was refused; what is shown is what is stored.
        edited(edit): A verb has changed labels; undo and redo are none.
        done(text): What undo or redo has done in images that are not open.
    """

    annotations_changed = Signal()
    labelled_changed = Signal()
    skeleton_changed = Signal()
    skeleton_replaced = Signal(object)
    history_changed = Signal()
    problem_raised = Signal(object)
    edited = Signal(object)
    done = Signal(str)

    def __init__(
        self, selection: Selection, key_names: KeyNames, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._key_names = key_names
        self._selection = selection
        self._project: Project | None = None
        self._opened_s = time.monotonic()
        self.annotations: tuple[Annotation, ...] = ()
        self.labelled_image_ids: Set[int] = set()
        selection.image_changed.connect(self._open_image)

    def set_project(self, project: "Project | None") -> None:
        self._project = project
        self.refresh()
        self.history_changed.emit()

    def refresh(self, labelled: Set[int] | None = None) -> None:
        """Read the labels again from what is stored.

        Args:
            labelled: Ids of the images that have labels, where they have been read already.
        """
        if labelled is None:
            labelled = self._project.labelled_image_ids() if self._project else set()
        self.labelled_image_ids = labelled
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
        return self.find(self._selection.annotation_id)

    def find(self, annotation_id: str | None) -> Annotation | None:
        """An annotation of the open image; None where it has none with that id."""
        return next((a for a in self.annotations if a.id == annotation_id), None)

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

    def template(self) -> NDArray[np.float64] | None:
        """(K, 2) a pose with every keypoint, in a box from -0.5 to 0.5; None without a project.

        Before anything is labelled it is that which came with the skeleton, if one did.
        """
        if self.skeleton is None:
            return None
        pose = self.typical_pose()
        if pose is None:
            pose = supplied_pose(self.skeleton)
        return complete_pose(np.full((len(self.skeleton), 2), np.nan) if pose is None else pose)

    def signed(self, annotation: Annotation, *, source: str = HUMAN) -> Annotation:
        """The same, as made or changed now by who works here."""
        author = self._project.author if self._project else ""
        return replace(annotation, source=source, author=author, time=time.time())

    # Verbs

    def place_keypoints(self, xy: NDArray[np.float64]) -> None:
        """A new annotation of the open image, as one step.

        Args:
            xy: (K, 2) image pixels; NaN where a keypoint is not labelled.
        """
        skeleton, image_id = self.skeleton, self._selection.image_id
        if skeleton is None or image_id is None or not np.isfinite(xy).all(axis=1).any():
            return
        after = self.signed(Annotation.empty(image_id, skeleton))
        for index in np.flatnonzero(np.isfinite(xy).all(axis=1)).tolist():
            x, y = xy[index].tolist()
            after = after.with_keypoint(index, (x, y), VISIBLE)
        if self.apply(Edit.change(self.tr("Place keypoints"), None, after)):
            self._selection.select_annotation(after.id)

    def move_keypoint(self, annotation_id: str, index: int, xy: tuple[float, float]) -> None:
        before = self.find(annotation_id)
        if before is None or self.skeleton is None:
            return
        visibility = int(before.visibility[index]) or VISIBLE
        after = self.signed(before.with_keypoint(index, xy, visibility))
        self.apply(
            Edit.change(self.tr("Move {0}").format(self.skeleton.keypoints[index]), before, after)
        )

    def move_annotation(
        self,
        annotation_id: str,
        motion: Affine,
        keypoints: NDArray[np.bool_] | None = None,
        *,
        limit: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
    ) -> None:
        """Move, turn or scale an annotation, or some of its keypoints, as one edit.

        Args:
            annotation_id: Of the open image.
            motion: From where it is to where it shall be, image pixels.
            keypoints: (K,) which of them; all, with the box, where None.
            limit: Of where a keypoint may go, image pixels; none where None.
        """
        before = self.find(annotation_id)
        if before is None:
            return
        after = self.signed(before.transformed(motion, keypoints, limit=limit))
        if keypoints is None:
            label = self.tr("Move annotation")
        else:
            label = self.tr("Move {0} keypoints").format(int(keypoints.sum()))
        if not np.array_equal(before.xy, after.xy, equal_nan=True) or before.box != after.box:
            self.apply(Edit.change(label, before, after))

    def move_keypoints(self, annotation_id: str, xy: NDArray[np.float64]) -> None:
        """Move several keypoints of an annotation at once.

        Args:
            annotation_id: Whose.
            xy: (K, 2) image pixels, NaN for keypoints that stay.
        """
        before = self.find(annotation_id)
        moves = np.asarray(np.isfinite(xy).all(axis=1))
        if before is None or not moves.any():
            return
        places = np.where(moves[:, None], xy, before.xy)
        after = self.signed(replace(before, xy=places), source=before.source)
        label = self.tr("Move {0} keypoints").format(int(moves.sum()))
        self.apply(Edit.change(label, before, after))

    def cycle_visibility(self, annotation_id: str, index: int) -> None:
        """Visible, occluded, not labelled, visible: the position is kept throughout."""
        before = self.find(annotation_id)
        if before is None or self.skeleton is None:
            return
        if not np.isfinite(before.xy[index]).all():
            self.refuse(
                self.tr("{0} has no position yet.").format(self.skeleton.keypoints[index]),
                self.tr("Select it in the list, press {0} and click where it is.").format(
                    self._key_names.of("continue")
                ),
            )
            return
        following = {VISIBLE: OCCLUDED, OCCLUDED: NOT_LABELLED, NOT_LABELLED: VISIBLE}
        visibility = following[int(before.visibility[index])]
        x, y = before.xy[index]
        after = self.signed(before.with_keypoint(index, (float(x), float(y)), visibility))
        label = self.visibility_text(visibility, self.skeleton.keypoints[index])
        self.apply(Edit.change(label, before, after))

    def visibility_text(self, visibility: int, what: str) -> str:
        """What a change to that visibility is called."""
        words = {
            VISIBLE: self.tr("Mark {0} visible"),
            OCCLUDED: self.tr("Mark {0} occluded"),
            NOT_LABELLED: self.tr("Unlabel {0}"),
        }
        return words[visibility].format(what)

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
        is_done = self.apply(Edit.change_skeleton(self.tr("Edit skeleton"), change))
        return change if is_done else None

    def apply(self, edit: Edit) -> bool:
        """The way in for every verb: store an edit and show it; False where it was refused."""
        if self._project is None:
            return False
        try:
            self._project.apply(edit, seconds_open=time.monotonic() - self._opened_s)
        except UserProblem as problem:
            self.refresh()
            self.problem_raised.emit(problem)
            return False
        self.edited.emit(edit)
        self.show_change(edit)
        return True

    def refuse(self, message: str, hint: str) -> None:
        """Tell why a verb does nothing here."""
        self.problem_raised.emit(UserProblem(message, hint))

    def undo(self) -> None:
        if self._project is not None:
            self._step(self._project.undo, self.tr("Undone in {0} images: {1}"))

    def redo(self) -> None:
        if self._project is not None:
            self._step(self._project.redo, self.tr("Done again in {0} images: {1}"))

    # Inside

    def _open_image(self) -> None:
        self._opened_s = time.monotonic()
        self._read_annotations()

    def _read_annotations(self) -> None:
        image_id = self._selection.image_id
        self.annotations = (
            self._project.annotations(image_id) if self._project and image_id is not None else ()
        )
        if self.find(self._selection.annotation_id) is None:
            only = self.annotations[0].id if len(self.annotations) == 1 else None
            if self._selection.ghost is None:
                self._selection.select_annotation(only, self._selection.keypoint)
        self.annotations_changed.emit()

    def _step(self, step: Callable[[], Edit | None], told: str) -> None:
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
        if touched and self._selection.image_id not in touched:
            # Nothing of it is to be seen here.
            self.done.emit(told.format(len(touched), edit.label))

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
        self.skeleton_replaced.emit(change)
        self.skeleton_changed.emit()
        self.annotations_changed.emit()
        # An image of which only a removed keypoint was labelled is not labelled any more.
        labelled = self._project.labelled_image_ids() if self._project else set()
        if labelled != self.labelled_image_ids:
            self.labelled_image_ids = labelled
            self.labelled_changed.emit()
