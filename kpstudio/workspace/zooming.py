"""Zooming to a subject, and staying with it from image to image."""

import math
from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from kpstudio.core.geometry import Box
from kpstudio.workspace.going import Going
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.selection import Selection


class Zooming(QObject):
    """Says which part of the open image to look at.

    On another image it is the same individual, else the nearest labelled subject, else the nearest
    predicted one, else the same place.

    Signals:
        changed: It begins or ends, or another part is to be looked at.
    """

    changed = Signal()

    def __init__(
        self,
        selection: Selection,
        labels: Labels,
        inference: Inference,
        going: Going,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._labels = labels
        self._inference = inference
        self.is_on = False
        self._is_settled = False
        self._track = ""
        self._box: Box | None = None
        going.subject_stepped.connect(self._look_at_selected)
        # These hear of an image before this does, so what they have is of the new one.
        selection.image_changed.connect(self._open_image)
        inference.predictions_changed.connect(self._look_again)

    @property
    def box(self) -> Box | None:
        """What to look at, in pixels of the open image; None where nothing is followed."""
        return self._box if self.is_on else None

    def toggle(self) -> None:
        """Begin with the selected subject, or the nearest that there is; or end."""
        if self.is_on:
            self.stop()
            return
        self.is_on = True
        self._look_at_selected()

    def stop(self) -> None:
        if self.is_on:
            self.is_on, self._box, self._track = False, None, ""
            self.changed.emit()

    def settle(self) -> None:
        """The person looks elsewhere on this image: a late answer of the model changes nothing."""
        self._is_settled = True

    # Inside

    def _look_at_selected(self) -> None:
        if not self.is_on:
            return
        annotation, ghost = self._labels.selected, self._selection.ghost
        if annotation is not None and annotation.bounds() is not None:
            self._track = annotation.track
            self._look_at(annotation.bounds())
        elif ghost is not None and ghost < len(self._inference.subjects):
            self._track = ""
            self._look_at(self._inference.subjects[ghost].bounds())
        else:
            self._open_image()

    def _open_image(self) -> None:
        if self.is_on and self._selection.image_id is not None:
            self._is_settled = False
            self._find()
            self.changed.emit()

    def _look_again(self) -> None:
        """The model has answered: it may know where the subject is."""
        if self.is_on and not self._is_settled and self._find():
            self.changed.emit()

    def _find(self) -> bool:
        annotations = self._labels.annotations
        same = [each for each in annotations if self._track and each.track == self._track]
        labelled = [each.bounds() for each in (same or annotations)]
        of_image = self._inference.subjects_image_id == self._selection.image_id
        predicted = [each.bounds() for each in self._inference.subjects] if of_image else []
        box = self._nearest(labelled) or self._nearest(predicted)
        if box is not None:
            self._box, self._is_settled = box, True
        return box is not None

    def _nearest(self, boxes: Iterable[Box | None]) -> Box | None:
        there = [box for box in boxes if box is not None]
        if self._box is None:
            return max(there, key=lambda box: box.width * box.height, default=None)
        centre = self._box.centre
        return min(there, key=lambda box: math.dist(box.centre, centre), default=None)

    def _look_at(self, box: Box | None) -> None:
        if box is not None:
            self._box, self._is_settled = box, True
            self.changed.emit()
