"""The bottom line: what the engine does, what runs, and where the cursor is."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QStatusBar, QWidget

from kpstudio.gui.duration import duration
from kpstudio.gui.review_label import ReviewLabel
from kpstudio.gui.steady_label import SteadyLabel
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.inference import EngineState
from kpstudio.workspace.training import TrainingState
from kpstudio.workspace.workspace import Workspace

CURSOR_PAUSE_MS = 50


class StatusLine(QStatusBar):
    """Always says what is going on."""

    def __init__(
        self, workspace: Workspace, themes: ThemeSwitch, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._workspace = workspace
        self._themes = themes
        self._engine, self._busy, self._training = QLabel(), QLabel(), QLabel()
        self._cursor, self._position = SteadyLabel(), SteadyLabel()
        self._cursor_text = ""
        self._cursor_pause = QTimer(self)
        self._cursor_pause.setSingleShot(True)
        self._cursor_pause.setInterval(CURSOR_PAUSE_MS)
        self._cursor_pause.timeout.connect(lambda: self._cursor.show_text(self._cursor_text))
        self._reduction = QLabel()
        self._reduction.setObjectName("reduction")
        self._engine.setObjectName("engine_state")
        self.restart = QPushButton(self.tr("Restart engine"))
        self.restart.setObjectName("restart_engine")
        self.restart.clicked.connect(workspace.inference.start_engine)
        for widget in (self._engine, self.restart, self._training, self._busy):
            self.addWidget(widget)
        self.review = ReviewLabel(workspace, themes)
        for permanent in (self._reduction, self._cursor, self.review, self._position):
            self.addPermanentWidget(permanent)
        workspace.inference.state_changed.connect(self._show_engine)
        workspace.project_changed.connect(self._show_engine)
        workspace.training.state_changed.connect(self._show_training)
        workspace.training.progressed.connect(self._show_training)
        workspace.busy_changed.connect(self._busy.setText)
        workspace.selection.image_changed.connect(self._show_position)
        workspace.selection.image_changed.connect(self._show_reduction)
        workspace.pixels.image_read.connect(self._show_reduction)
        workspace.images_changed.connect(self._show_position)
        themes.changed.connect(self._show_engine)
        self._show_engine()
        self._show_training()
        self._show_position()

    def show_cursor(self, x: float, y: float) -> None:
        """Say where the cursor is, as soon as somebody can have read where it was."""
        self._cursor_text = f"{x:.1f}, {y:.1f} px"
        if not self._cursor_pause.isActive():
            self._cursor_pause.start()

    def engine_text(self) -> str:
        """What the engine does, in words."""
        inference = self._workspace.inference
        ready = self.tr("Engine ready on {0}").format(inference.device)
        run = inference.run.name if inference.run else ""
        match inference.state:
            case EngineState.STARTING:
                return self.tr("Engine starting…")
            case EngineState.WITHOUT_RUN if self._workspace.path is None:
                return ready
            case EngineState.WITHOUT_RUN:
                return ready + self.tr(" · no trained model yet: label some images, then Train")
            case EngineState.LOADING:
                return self.tr("Engine on {0} · loading {1}…").format(inference.device, run)
            case EngineState.READY:
                return f"{ready} · {inference.network} · {run}"
            case EngineState.PREDICTING:
                return self.tr("Engine on {0} · {1} · {2} · predicting…").format(
                    inference.device, inference.network, run
                )
            case EngineState.ENDED if inference.end_reason:
                return self.tr("Engine stopped: {0}").format(inference.end_reason)
            case _:
                return self.tr("Engine not running")

    def _show_engine(self) -> None:
        theme, state = self._themes.theme, self._workspace.inference.state
        colour = {
            EngineState.READY: theme.good,
            EngineState.ENDED: theme.danger,
            EngineState.WITHOUT_RUN: theme.muted,
        }.get(state, theme.warning)
        self._engine.setText(f'<span style="color:{colour}">●</span> {self.engine_text()}')
        self._engine.setToolTip(self._workspace.inference.execution)
        self.restart.setVisible(state is EngineState.ENDED)

    def _show_training(self) -> None:
        training = self._workspace.training
        if training.state is TrainingState.RUNNING and training.step is not None:
            text = self.tr("Training: {0:.0f} %, {1} to go").format(
                100 * training.step.fraction, duration(training.step.remaining_s)
            )
        elif training.is_running:
            text = self.tr("Training…")
        else:
            text = ""
        self._training.setText(text)

    def _show_reduction(self) -> None:
        picture = self._workspace.pixels.picture(self._workspace.selection.image_id)
        if picture is None or not picture.is_reduced:
            if self._reduction.text():
                self._reduction.clear()
            return
        width, height = picture.size
        self._reduction.setText(
            self.tr("{0} × {1} pixels, shown at 1/{2:.0f}").format(width, height, picture.reduction)
        )
        self._reduction.setToolTip(
            self.tr("The image is too large to be shown whole. Positions are in its own pixels.")
        )

    def _show_position(self) -> None:
        position = self._workspace.position(self._workspace.selection.image_id)
        count = len(self._workspace.images)
        self._position.show_text("" if position is None else f"{position + 1} / {count}")
