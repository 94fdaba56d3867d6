"""Click-through: each click places the next keypoint of a subject."""

import numpy as np
from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import OCCLUDED, VISIBLE, Annotation
from kpstudio.core.edit import Edit
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.selection import Selection


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
        self._subject: str | None = None
        self._wants_new = False
        selection.image_changed.connect(self._forget)

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
            return self._selection.keypoint or 0
        free = np.flatnonzero(~annotation.is_labelled)
        if not free.size:
            return None
        chosen = self._selection.keypoint
        return chosen if chosen in free.tolist() else int(free[0])

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
        free = np.flatnonzero(~after.is_labelled)
        self._subject, self._wants_new = (after.id if free.size else None), False
        later = [int(k) for k in free if k > index] or [int(k) for k in free]
        self._selection.select_annotation(after.id, later[0] if later else index)
        self.changed.emit()

    def skip(self) -> None:
        """Leave the next keypoint unlabelled, and go on to the one after it."""
        index, skeleton = self.next_keypoint, self._labels.skeleton
        if index is None or skeleton is None:
            return
        annotation = self._labels.find(self._subject)
        free = np.flatnonzero(~annotation.is_labelled) if annotation else np.arange(len(skeleton))
        later = [int(k) for k in free if k > index]
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

    def _forget(self) -> None:
        self._subject, self._wants_new = None, False
