"""Click-through: each click places the next keypoint of a subject."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import OCCLUDED, VISIBLE, Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project

ORDER = "placing_order"


class Placing(QObject):
    """Which keypoint the next click places, if any.

    Signals:
        changed: Clicks place, or do not any more; which keypoint is next also follows the selection
            and the labels.
    """

    changed = Signal()

    def __init__(self, labels: Labels, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        self._selection = selection
        self._project: Project | None = None
        self._subject: str | None = None
        self._wants_new = False
        self._names: tuple[str, ...] = ()
        selection.image_changed.connect(self._forget)

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
        if self._project is None:
            return
        try:
            self._project.settings.write(ORDER, list(names) or None)
        except UserProblem as problem:
            self._labels.problem_raised.emit(problem)
            return
        self._names = tuple(names)
        self.changed.emit()

    @property
    def next_keypoint(self) -> int | None:
        """The keypoint that the next click places; None while clicks place nothing."""
        labels = self._labels
        if labels.skeleton is None or self._selection.image_id is None:
            return None
        annotation = labels.find(self._subject)
        if annotation is None:
            if not (self._wants_new or not labels.annotations):
                return None
            chosen = self._selection.keypoint
            return self.order[0] if chosen is None else chosen
        free = self._free(annotation)
        chosen = self._selection.keypoint
        return chosen if chosen in free else next(iter(free), None)

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
        free = self._free(after)
        self._subject, self._wants_new = (after.id if free else None), False
        following = next(iter(self._after(index, free) or free), index)
        self._selection.select_annotation(after.id, following)
        self.changed.emit()

    def skip(self) -> None:
        """Leave the next keypoint unlabelled, and go on to the one after it."""
        index, skeleton = self.next_keypoint, self._labels.skeleton
        if index is None or skeleton is None:
            return
        annotation = self._labels.find(self._subject)
        free = self._free(annotation) if annotation is not None else self.order
        later = self._after(index, free)
        if later:
            self._selection.select_keypoint(later[0])
        else:
            self.finish()

    def begin(self) -> None:
        """The next clicks place the keypoints of a new subject."""
        self._subject, self._wants_new = None, True
        self._selection.select_annotation(None)
        self.changed.emit()

    def go_on(self) -> None:
        """The next clicks place what is missing in the selected annotation."""
        annotation = self._labels.selected
        if annotation is not None and not annotation.is_labelled.all():
            self._subject = annotation.id
            self.changed.emit()

    def finish(self) -> None:
        """Clicks select again; what has been placed stays."""
        if self._subject is not None or self._wants_new:
            self._forget()
            self.changed.emit()

    def _free(self, annotation: Annotation) -> tuple[int, ...]:
        """The keypoints that are not labelled, in the order in which they are placed."""
        return tuple(index for index in self.order if not annotation.is_labelled[index])

    def _after(self, index: int, free: Sequence[int]) -> tuple[int, ...]:
        place = {each: position for position, each in enumerate(self.order)}
        return tuple(each for each in free if place[each] > place[index])

    def _forget(self) -> None:
        self._subject, self._wants_new = None, False
