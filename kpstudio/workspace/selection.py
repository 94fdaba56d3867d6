"""What the user looks at: the open image, the selected annotation and keypoint."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """The one owner of what is selected.

    Besides the selected keypoint several of the same annotation can be chosen, to be moved
    together.

    Signals:
        image_changed: Another image is open, or none.
        subject_changed: Another annotation, ghost or keypoint is selected, or none.
    """

    image_changed = Signal()
    subject_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.image_id: int | None = None
        self.annotation_id: str | None = None
        self.ghost: int | None = None
        self.keypoint: int | None = None
        self.chosen: frozenset[int] = frozenset()

    def open_image(self, image_id: int | None) -> None:
        if image_id == self.image_id:
            return
        self.image_id = image_id
        self.annotation_id = self.ghost = self.keypoint = None
        self.chosen = frozenset()
        self.image_changed.emit()
        self.subject_changed.emit()

    def select_annotation(self, annotation_id: str | None, keypoint: int | None = None) -> None:
        self._select(annotation_id, None, keypoint)

    def select_ghost(self, ghost: int | None, keypoint: int | None = None) -> None:
        """Select a predicted subject of the open image by its index."""
        self._select(None, ghost, keypoint)

    def select_keypoint(self, keypoint: int | None) -> None:
        """Another keypoint of the same subject."""
        self._select(self.annotation_id, self.ghost, keypoint)

    def choose_keypoints(self, keypoints: Iterable[int]) -> None:
        """Choose several keypoints of the selected annotation, to be moved together."""
        chosen = frozenset(keypoints) if self.annotation_id is not None else frozenset()
        if chosen != self.chosen:
            self.chosen = chosen
            self.subject_changed.emit()

    def renumber_keypoint(self, keypoint: int | None) -> None:
        """The selected keypoint is the same, but has another index, or is gone.

        Nothing is emitted: who shows keypoints follows the skeleton, and must read this only then.
        """
        self.keypoint, self.chosen = keypoint, frozenset()

    def _select(self, annotation_id: str | None, ghost: int | None, keypoint: int | None) -> None:
        new = annotation_id, ghost, keypoint
        if new != (self.annotation_id, self.ghost, self.keypoint) or self.chosen:
            self.annotation_id, self.ghost, self.keypoint = new
            self.chosen = frozenset()
            self.subject_changed.emit()
