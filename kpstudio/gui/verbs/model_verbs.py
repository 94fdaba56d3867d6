"""Training, and the engine."""

from PySide6.QtCore import QObject

from kpstudio.gui.training_panel import TrainingPanel
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace


class ModelVerbs(QObject):
    """The verbs of the model menu."""

    def __init__(self, workspace: Workspace, training: TrainingPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._training = training

    def entries(self) -> list[ActionEntry]:
        menu = self.tr("&Model")
        return [
            ActionEntry(
                "train",
                menu,
                self.tr("&Train or stop"),
                self._training.toggle,
                keys=("Ctrl+T",),
                icon="train",
            ),
            ActionEntry(
                "restart_engine",
                menu,
                self.tr("&Restart engine"),
                self._workspace.inference.start_engine,
                needs_project=False,
            ),
        ]
