"""Labels and stored predictions of images that are not open, to be looked at only."""

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.labels import Labels

if TYPE_CHECKING:
    from kpstudio.store.project import Project

KEPT = 1000
Glimpse = tuple[tuple[Annotation, ...], tuple[Prediction, ...]]


class Glimpses(QObject):
    """What small pictures of images show.

    Signals:
        changed: What was read before may be other by now.
    """

    changed = Signal()

    def __init__(self, labels: Labels, inference: Inference, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inference = inference
        self._project: Project | None = None
        self._run_id: int | None = None
        self._known: OrderedDict[int, Glimpse] = OrderedDict()
        labels.history_changed.connect(self.forget)
        labels.skeleton_changed.connect(self.forget)
        inference.state_changed.connect(self._follow_run)

    def set_project(self, project: "Project | None") -> None:
        self._project = project
        self.forget()

    def forget(self) -> None:
        """Read everything again when it is looked at."""
        self._known.clear()
        self.changed.emit()

    def of(self, image_id: int) -> Glimpse:
        """The labels of an image; without any, what the newest run has predicted for it."""
        known = self._known.get(image_id)
        if known is not None:
            self._known.move_to_end(image_id)
            return known
        if self._project is None:
            return (), ()
        annotations = self._project.annotations(image_id)
        run = self._inference.run
        predicted: tuple[Prediction, ...] = ()
        if not annotations and run is not None:
            predicted = self._project.predictions.of(run.id, image_id)
        self._known[image_id] = annotations, predicted
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return annotations, predicted

    def _follow_run(self) -> None:
        run = self._inference.run
        run_id = None if run is None else run.id
        if run_id != self._run_id:
            self._run_id = run_id
            self.forget()
