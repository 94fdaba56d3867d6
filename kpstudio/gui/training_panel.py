"""Train in the background: how much is labelled, the curves, and how the last run ended."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.augmentation import PRESETS
from kpstudio.core.dataset import Split
from kpstudio.core.messages import HeadDescription, NetworkDescription, TrainingSettings
from kpstudio.gui.calm_field import CalmChoice, CalmNumber
from kpstudio.gui.duration import duration
from kpstudio.gui.enumeration import enumerated
from kpstudio.gui.problem_words import description_text, sentence_text
from kpstudio.gui.run_panel import RunPanel
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.training import TrainingState
from kpstudio.workspace.workspace import Workspace

ENOUGH_TO_START = 10


def _fill(
    choice: QComboBox,
    descriptions: Sequence[NetworkDescription | HeadDescription],
    name: str,
) -> None:
    choice.clear()
    for index, each in enumerate(descriptions):
        choice.addItem(description_text(each.title), each.name)
        tip = f"{description_text(each.help)}\n{description_text(each.source)}"
        choice.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
    # A name that is not there any more is one of another version.
    choice.setCurrentIndex(max(choice.findData(name), 0))
    choice.setVisible(bool(descriptions))


class TrainingPanel(QWidget):
    """Starts, stops and follows one training."""

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace = workspace
        self._training = workspace.training
        self._labelled, self._state = QLabel(), QLabel()
        for label in (self._labelled, self._state):
            label.setWordWrap(True)
        self._state.setProperty("muted", True)
        self.minutes = CalmNumber()
        self.minutes.setObjectName("minutes")
        self.minutes.setAccessibleName(self.tr("Minutes of training"))
        self.minutes.setRange(0.1, 600)
        self.minutes.setDecimals(1)
        self.minutes.setValue(TrainingSettings().minutes)
        self.minutes.setSuffix(self.tr(" min"))
        self.minutes.setMinimumWidth(92)
        self.button = QPushButton()
        self.button.setObjectName("train")
        self.button.setProperty("primary", True)
        self.button.clicked.connect(self.toggle)
        self._progress = QProgressBar()
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self.network, self.head = CalmChoice(), CalmChoice()
        for name, choice, text in (
            ("network", self.network, self.tr("Network")),
            ("head", self.head, self.tr("Head: what the network learns")),
        ):
            choice.setObjectName(name)
            choice.setAccessibleName(text)
            # Long names must not widen the panel.
            choice.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            choice.setMinimumContentsLength(8)
            choice.activated.connect(self._keep_choices)
        self.curves = RunPanel(workspace, themes)
        self.augmentation = QPushButton()
        self.augmentation.setObjectName("augmentation")
        self.augmentation.clicked.connect(self._edit_augmentation)
        self.go_on = QPushButton()
        self.go_on.setObjectName("go_on")
        self.go_on.clicked.connect(self._workspace.go_on_training)
        model = QHBoxLayout()
        model.addWidget(self.network, 3)
        model.addWidget(self.head, 2)
        row = QHBoxLayout()
        row.addWidget(self.minutes)
        row.addWidget(self.button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self._labelled)
        layout.addLayout(model)
        layout.addWidget(self.augmentation)
        layout.addLayout(row)
        layout.addWidget(self.go_on)
        layout.addWidget(self._progress)
        layout.addWidget(self._state)
        layout.addWidget(self.curves, 1)
        layout.addStretch(0)
        self._training.state_changed.connect(self._show_state)
        self._training.progressed.connect(self._show_progress)
        self._training.augmentation_changed.connect(self._show_augmentation)
        self.minutes.valueChanged.connect(self._show_progress)
        workspace.project_changed.connect(self._show_augmentation)
        workspace.labels.labelled_changed.connect(self._show_state)
        workspace.project_changed.connect(self._show_state)
        workspace.images_changed.connect(self._show_state)
        workspace.key_names.changed.connect(self._show_state)
        workspace.inference.described.connect(self._show_choices)
        self._show_choices()
        self._show_augmentation()
        self._show_state()
        self._show_progress()

    def toggle(self) -> None:
        """Train, or stop and keep the best so far."""
        if self._training.is_running:
            self._training.stop()
        else:
            preferences = self._workspace.preferences
            self._workspace.train(
                TrainingSettings(
                    minutes=self.minutes.value(),
                    network=preferences.network,
                    head=preferences.head,
                )
            )

    def _show_choices(self) -> None:
        """What the engine says that it can train."""
        inference, preferences = self._workspace.inference, self._workspace.preferences
        _fill(self.network, inference.networks, preferences.network)
        _fill(self.head, inference.heads, preferences.head)
        if inference.networks and inference.heads:
            self._keep_choices()

    def _keep_choices(self) -> None:
        preferences = self._workspace.preferences
        preferences.network = self.network.currentData()
        preferences.head = self.head.currentData()
        for choice in (self.network, self.head):
            choice.setToolTip(choice.currentData(Qt.ItemDataRole.ToolTipRole))

    def _edit_augmentation(self) -> None:
        from kpstudio.gui.augmentation_dialog import AugmentationDialog

        dialog = AugmentationDialog(self._training.augmentation, self)
        if dialog.exec():
            self._training.set_augmentation(dialog.choice)

    def _show_augmentation(self) -> None:
        choice = self._training.augmentation
        preset = PRESETS[choice.preset]
        changed = self.tr(" (changed)") if choice.changes else ""
        self.augmentation.setText(
            self.tr("Augmentation: {0}{1}…").format(description_text(preset.title), changed)
        )
        self.augmentation.setToolTip(
            self.tr("How far training samples may differ from what was labelled. {0}").format(
                description_text(preset.help)
            )
        )

    def _show_state(self) -> None:
        training, labels = self._training, self._workspace.labels
        count, total = len(labels.labelled_image_ids), self._workspace.total_images
        text = self.tr("{0} of {1} images are labelled{2}.").format(count, total, self._parts())
        if self._workspace.path is None:
            text = self.tr("Open a project to train on its labels.")
        elif count < ENOUGH_TO_START:
            text += self.tr(" {0} or more make a useful start.").format(ENOUGH_TO_START)
        self._labelled.setText(text)
        words = {
            TrainingState.IDLE: self.tr("Train"),
            TrainingState.STARTING: self.tr("Stop"),
            TrainingState.RUNNING: self.tr("Stop"),
            TrainingState.STOPPING: self.tr("Stopping…"),
        }
        self.button.setText(words[training.state])
        tip = (
            self.tr("Stop, and keep the best model so far ({0})")
            if training.is_running
            else self.tr("Learn from the labels in the background ({0})")
        )
        self.button.setToolTip(tip.format(self._workspace.key_names.of("train")))
        self.button.setEnabled(
            training.state is not TrainingState.STOPPING and (count > 0 or training.is_running)
        )
        for setting in (self.minutes, self.network, self.head):
            setting.setEnabled(not training.is_running)
        self.augmentation.setEnabled(self._workspace.path is not None and not training.is_running)
        broken_off = training.run_to_go_on
        self.go_on.setVisible(broken_off is not None)
        if broken_off is not None:
            self.go_on.setText(self.tr("Continue {0}").format(sentence_text(broken_off.name)))
            self.go_on.setToolTip(
                self.tr("It was broken off after {0} steps; it goes on as it was started.").format(
                    broken_off.steps
                )
            )
        self._show_progress()

    def _parts(self) -> str:
        """Of the labelled images, what each part has; nothing before they were divided."""
        counts = self._workspace.labelled_splits()
        words: dict[Split | None, str] = {
            "train": self.tr("{0} to learn from"),
            "val": self.tr("{0} for validation"),
            "test": self.tr("{0} for a test"),
            None: self.tr("{0} not divided yet"),
        }
        if not counts.keys() - {None}:
            return ""
        parts = [text.format(counts[part]) for part, text in words.items() if counts.get(part)]
        return self.tr(": ") + enumerated(parts)

    def _show_progress(self) -> None:
        training = self._training
        step = training.step
        fraction = step.fraction if step and training.is_running else 0.0
        self._progress.setValue(round(1000 * fraction))
        self._progress.setVisible(training.is_running)
        self._state.setText(self._sentence())

    def _sentence(self) -> str:
        training, step, ended = self._training, self._training.step, self._training.ended
        if training.state is TrainingState.STARTING:
            return self.tr("The training engine is starting…")
        if training.state is TrainingState.STOPPING:
            return self.tr("Stopping; the best model so far is kept.")
        if training.state is TrainingState.RUNNING:
            if step is None:
                return self.tr("Reading the images…")
            best = min((error for _, error in training.errors), default=None)
            so_far = self.tr(" Best error so far {0:.1f} px.").format(best) if best else ""
            note = f" {sentence_text(training.note.text)}" if training.note is not None else ""
            return (
                self.tr("Step {0}, {1} to go.").format(step.step, duration(step.remaining_s))
                + so_far
                + note
            )
        if ended is not None and training.run is not None:
            return self._ending()
        steps = training.expected_steps(self.minutes.value(), self._workspace.preferences.network)
        beside = self.tr("Training runs beside your work; you can go on labelling.")
        if steps is None:
            return beside
        return self.tr("About {0} steps in this time. {1}").format(steps, beside)

    def _ending(self) -> str:
        training, ended = self._training, self._training.ended
        if ended is None or training.run is None:
            return ""
        how = {
            "finished": self.tr("{0} finished after {1}."),
            "stopped": self.tr("{0} was stopped after {1}; its best is kept."),
            "failed": self.tr("{0} failed after {1}."),
        }[ended.how]
        text = how.format(sentence_text(training.run.name), duration(ended.elapsed_s))
        if ended.median_px is not None:
            text += self.tr(" Median validation error {0:.1f} px.").format(ended.median_px)
        return text
