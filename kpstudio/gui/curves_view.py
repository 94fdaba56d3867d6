"""The curves of a run: its loss and its validation error.

pyqtgraph is wanted here alone, and takes longer to import than the whole window: whoever needs a
`CurvesView` imports this module when there is a curve to show.
"""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kpstudio.gui.theme import ThemeSwitch

SMOOTHING = 0.15
LEAST_HEIGHT = 120


def smoothed(points: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    """The trend of a noisy curve: a running mean that forgets."""
    trend: list[float] = []
    for _, value in points:
        trend.append(value if not trend else trend[-1] + SMOOTHING * (value - trend[-1]))
    return [x for x, _ in points], trend


class CurvesView(QWidget):
    """Two plots side by side.

    Args:
        loss_title: Over the losses.
        error_title: Over the validation errors.
        themes: Whose colours they have.
    """

    def __init__(self, loss_title: str, error_title: str, themes: ThemeSwitch) -> None:
        super().__init__()
        self._themes = themes
        self.loss, self.loss_curve = _plot(loss_title)
        self.error, self.error_curve = _plot(error_title)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.loss)
        layout.addWidget(self.error)
        themes.changed.connect(self._show_theme)
        self._show_theme()

    def show_curves(
        self, losses: Sequence[tuple[int, float]], errors: Sequence[tuple[int, float]]
    ) -> None:
        """Steps with losses, and steps with validation errors in image pixels."""
        self.loss.setVisible(bool(losses))
        self.error.setVisible(bool(losses or errors))
        self.loss_curve.setData(*smoothed(losses))
        self.error_curve.setData([x for x, _ in errors], [y for _, y in errors])

    def _show_theme(self) -> None:
        theme = self._themes.theme
        for plot in (self.loss, self.error):
            plot.setBackground(theme.surface)
            item = plot.getPlotItem()
            item.titleLabel.setText(item.titleLabel.text, color=theme.muted, size="9pt")
            for side in ("left", "bottom"):
                item.getAxis(side).setPen(theme.border)
                item.getAxis(side).setTextPen(theme.muted)
        self.loss_curve.setPen(pg.mkPen(theme.accent, width=1.6))
        self.error_curve.setPen(pg.mkPen(theme.good, width=1.6))
        self.error_curve.setSymbol("o")
        self.error_curve.setSymbolSize(6)
        self.error_curve.setSymbolBrush(theme.good)
        self.error_curve.setSymbolPen(None)


def _plot(title: str) -> tuple[pg.PlotWidget, pg.PlotDataItem]:
    # A menu that nobody opens takes longer to make than the rest.
    plot = pg.PlotWidget(enableMenu=False)
    plot.setMinimumHeight(LEAST_HEIGHT)
    plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
    plot.setAccessibleName(title)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.getPlotItem().setTitle(title, size="9pt")
    return plot, plot.plot(antialias=True)
