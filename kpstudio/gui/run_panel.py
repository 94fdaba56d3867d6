"""The curves of a run, that of now or an earlier one, with its settings and how it ended."""

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from kpstudio.core.messages import TrainingSettings
from kpstudio.gui.calm_field import CalmChoice
from kpstudio.gui.duration import duration
from kpstudio.gui.enumeration import enumerated
from kpstudio.gui.problem_words import description_text, sentence_text
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace

if TYPE_CHECKING:
    from kpstudio.gui.curves_view import CurvesView
    from kpstudio.workspace.shown_run import Run

CURVES_AFTER_MS = 100
_TOLD_APART = ("network", "head", "minutes", "steps", "augmentation")


class RunPanel(QWidget):
    """Lets one choose a run, and shows it."""

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace = workspace
        self._themes = themes
        self._shown = workspace.training.shown
        self.curves: CurvesView | None = None
        self._wants_curves = False
        self.choice = CalmChoice()
        self.choice.setObjectName("run")
        self.choice.setAccessibleName(self.tr("Run whose curves are shown"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(8)
        self.choice.activated.connect(self._choose)
        self._description = QLabel()
        self._description.setWordWrap(True)
        self._description.setProperty("muted", True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self.choice)
        self._layout.addWidget(self._description)
        self._shown.changed.connect(self._show)
        workspace.inference.described.connect(self._show)
        self._show()

    def _choose(self, index: int) -> None:
        self._shown.choose(self.choice.itemData(index))

    def _make_curves(self) -> None:
        """What plots takes long to import, and must not be imported in a thread: it looks into Qt,
        which makes its Python classes as they are first used, in one thread at a time.
        """
        from kpstudio.gui.curves_view import CurvesView

        self.curves = CurvesView(self.tr("Loss"), self.tr("Validation error, px"), self._themes)
        self._layout.addWidget(self.curves, 1)
        self._show()

    def _show(self) -> None:
        shown = self._shown
        self.setVisible(bool(shown.runs))
        words = [(self._title(run), run.id) for run in shown.runs]
        if words != [
            (self.choice.itemText(row), self.choice.itemData(row))
            for row in range(self.choice.count())
        ]:
            self.choice.clear()
            for text, run_id in words:
                self.choice.addItem(text, run_id)
        if shown.run is not None:
            self.choice.setCurrentIndex(self.choice.findData(shown.run.id))
            self._description.setText(self._describe(shown.run))
            self._description.setToolTip(_all_settings(shown.run.settings))
        if self.curves is not None:
            self.curves.show_curves(shown.metrics.losses, shown.metrics.errors)
        elif shown.runs and not self._wants_curves:
            self._wants_curves = True
            # After the first image, if it is for a project that is being opened.
            QTimer.singleShot(CURVES_AFTER_MS, self, self._make_curves)

    def _title(self, run: "Run") -> str:
        """As the list has it: name, state and error."""
        words = {
            "running": self.tr("training"),
            "finished": self.tr("finished"),
            "stopped": self.tr("stopped"),
            "failed": self.tr("failed"),
            "interrupted": self.tr("interrupted"),
        }
        said = [words[run.state]]
        if run.median_px is not None:
            said.append(f"{run.median_px:.1f} px")
        return self.tr("{0}: {1}").format(sentence_text(run.name), enumerated(said))

    def _describe(self, run: "Run") -> str:
        """When, how far and why it ended, and what was set."""
        shown = self._shown
        when = datetime.datetime.fromtimestamp(run.started).astimezone()
        parts = [f"{when:%Y-%m-%d %H:%M}"]
        if run.state != "running":
            if run.steps:
                parts.append(self.tr("{0} steps").format(run.steps))
            if shown.metrics.elapsed_s is not None:
                parts.append(duration(shown.metrics.elapsed_s))
        text = enumerated([*parts, *self._settings(run)])
        if run.message:
            text = self._followed(text, sentence_text(run.message))
        if run.state != "running" and not shown.metrics.curves:
            text = self._followed(text, self.tr("It has no curves."))
        return text

    def _followed(self, text: str, sentence: str) -> str:
        return self.tr("{0}. {1}").format(text.rstrip(".。"), sentence)

    def _settings(self, run: "Run") -> list[str]:
        """The network, and what was set to other values than the usual ones."""
        inference, settings = self._workspace.inference, run.settings
        titles = {each.name: description_text(each.title) for each in inference.networks}
        titles |= {each.name: description_text(each.title) for each in inference.heads}
        head = settings.get("head", "")
        words = [titles.get(run.network, run.network), titles.get(head, head)]
        if settings.get("steps") is not None:
            words.append(self.tr("{0} steps planned").format(settings["steps"]))
        elif "minutes" in settings:
            words.append(self.tr("{0:g} min planned").format(settings["minutes"]))
        usual = msgspec.to_builtins(TrainingSettings())
        words += [
            f"{_named(name)} {_word(value)}"
            for name, value in settings.items()
            if name not in _TOLD_APART and value not in ("", usual.get(name))
        ]
        return [word for word in words if word]


def _all_settings(settings: Mapping[str, Any]) -> str:
    return "\n".join(
        f"{_named(name)}: {_word(value)}"
        for name, value in settings.items()
        if value not in (None, "")
    )


def _named(setting: str) -> str:
    return description_text(setting.replace("_", " "))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
