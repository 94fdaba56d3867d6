"""The curves of a run, that of now or an earlier one, with its settings and how it ended."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pyqtgraph as pg
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.messages import TrainingSettings
from kpstudio.gui.calm_field import CalmChoice
from kpstudio.gui.duration import duration
from kpstudio.gui.enumeration import enumerated
from kpstudio.gui.problem_words import description_text, sentence_text
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.shown_run import Run
from kpstudio.workspace.workspace import Workspace

SMOOTHING = 0.15
LEAST_PLOT_HEIGHT = 120
_TOLD_APART = ("network", "head", "minutes", "steps", "augmentation")


def smoothed(points: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    """The trend of a noisy curve: a running mean that forgets."""
    trend: list[float] = []
    for _, value in points:
        trend.append(value if not trend else trend[-1] + SMOOTHING * (value - trend[-1]))
    return [x for x, _ in points], trend


class RunPanel(QWidget):
    """Lets one choose a run, and shows it."""

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace = workspace
        self._themes = themes
        self._shown = workspace.training.shown
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
        self._loss, self._loss_curve = self._plot(self.tr("Loss"))
        self._error, self._error_curve = self._plot(self.tr("Validation error, px"))
        plots = QHBoxLayout()
        plots.setSpacing(4)
        plots.addWidget(self._loss)
        plots.addWidget(self._error)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.choice)
        layout.addWidget(self._description)
        layout.addLayout(plots, 1)
        self._shown.changed.connect(self._show)
        workspace.inference.described.connect(self._show)
        themes.changed.connect(self._show_theme)
        self._show_theme()
        self._show()

    def _choose(self, index: int) -> None:
        self._shown.choose(self.choice.itemData(index))

    def _plot(self, title: str) -> tuple[pg.PlotWidget, pg.PlotDataItem]:
        plot = pg.PlotWidget()
        plot.setMinimumHeight(LEAST_PLOT_HEIGHT)
        plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        plot.setAccessibleName(title)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.getPlotItem().setTitle(title, size="9pt")
        return plot, plot.plot()

    def _show_theme(self) -> None:
        theme = self._themes.theme
        for plot in (self._loss, self._error):
            plot.setBackground(theme.surface)
            item = plot.getPlotItem()
            item.titleLabel.setText(item.titleLabel.text, color=theme.muted, size="9pt")
            for side in ("left", "bottom"):
                item.getAxis(side).setPen(theme.border)
                item.getAxis(side).setTextPen(theme.muted)
        self._loss_curve.setPen(pg.mkPen(theme.accent, width=1.6))
        self._error_curve.setPen(pg.mkPen(theme.good, width=1.6))
        self._error_curve.setSymbol("o")
        self._error_curve.setSymbolSize(6)
        self._error_curve.setSymbolBrush(theme.good)
        self._error_curve.setSymbolPen(None)

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
        losses, errors = shown.metrics.losses, shown.metrics.errors
        self._loss.setVisible(bool(losses))
        self._error.setVisible(bool(losses or errors))
        self._loss_curve.setData(*smoothed(losses))
        self._error_curve.setData([x for x, _ in errors], [y for _, y in errors])

    def _title(self, run: Run) -> str:
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

    def _describe(self, run: Run) -> str:
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

    def _settings(self, run: Run) -> list[str]:
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
