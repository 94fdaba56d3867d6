"""Verbs about whole subjects of the open image: their boxes, and new ones."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from kpstudio.core.annotation import VISIBLE, Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.placing import Placing
from kpstudio.workspace.selection import Selection


class Subjects(QObject):
    """What can be done to an annotation as a whole; each verb is one edit."""

    def __init__(
        self,
        labels: Labels,
        selection: Selection,
        placing: Placing,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels = labels
        self._selection = selection
        self._placing = placing

    def add_pose(self, xy: NDArray[np.float64]) -> None:
        """A new annotation with every keypoint in its place.

        Args:
            xy: (K, 2) image pixels.
        """
        image_id, skeleton = self._selection.image_id, self._labels.skeleton
        if image_id is None or skeleton is None:
            return
        empty = Annotation.empty(image_id, skeleton)
        visibility = np.full(len(skeleton), VISIBLE, dtype=np.int8)
        self._add(self.tr("Draw skeleton"), replace(empty, xy=xy, visibility=visibility))

    def draw_box(self, box: Box) -> None:
        """Give the selected annotation a box; without one a new subject begins with it."""
        image_id, skeleton = self._selection.image_id, self._labels.skeleton
        annotation = self._labels.selected
        if annotation is not None:
            self._change(self.tr("Draw box"), annotation, replace(annotation, box=box))
        elif image_id is not None and skeleton is not None:
            new = replace(Annotation.empty(image_id, skeleton), box=box)
            if self._add(self.tr("Draw box"), new):
                self._placing.go_on()

    def fit_box(self) -> None:
        """Let the box of the selected annotation be the smallest around its keypoints."""
        annotation = self._selected()
        if annotation is None:
            return
        bounds = replace(annotation, box=None).bounds()
        if bounds is None:
            self._labels.refuse(
                self.tr("No keypoint of this annotation is labelled."),
                self.tr("Place keypoints first: P."),
            )
        elif bounds != annotation.box:
            self._change(self.tr("Fit box"), annotation, replace(annotation, box=bounds))

    def remove_box(self) -> None:
        """The selected annotation has no drawn box any more."""
        annotation = self._selected()
        if annotation is not None and annotation.box is not None:
            self._change(self.tr("Remove box"), annotation, replace(annotation, box=None))

    # Inside

    def _selected(self) -> Annotation | None:
        annotation = self._labels.selected
        if annotation is None:
            self._labels.refuse(
                self.tr("No annotation is selected."), self.tr("Click one first, or press Tab.")
            )
        return annotation

    def _change(self, label: str, before: Annotation, after: Annotation) -> bool:
        return self._labels.apply(Edit.change(label, before, self._labels.signed(after)))

    def _add(self, label: str, new: Annotation) -> bool:
        if not self._labels.apply(Edit.change(label, None, self._labels.signed(new))):
            return False
        self._placing.finish()
        self._selection.select_annotation(new.id)
        return True
