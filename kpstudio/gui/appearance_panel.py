"""How the image is shown: brightness, contrast and the like; what is stored stays as it is."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.adjustment import Channel
from kpstudio.workspace.appearance import Appearance


@dataclass(frozen=True)
class Scale:
    """One slider.

    Args:
        field: Of the adjustment.
        text: What it is called.
        tip: What it is for.
        low: Its leftmost step.
        high: Its rightmost step.
        value: The field's value at a step.
        step: The step of a value.
        shown: The value in words.
    """

    field: str
    text: str
    tip: str
    low: int
    high: int
    value: Callable[[int], float]
    step: Callable[[float], float]
    shown: Callable[[float], str]


class AppearancePanel(QScrollArea):
    """Sliders for the adjustment of the image."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._scales = {scale.field: scale for scale in self._all_scales()}
        self.sliders: dict[str, QSlider] = {}
        self._values: dict[str, QLabel] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(9)
        grid.setColumnStretch(1, 1)
        for row, scale in enumerate(self._scales.values()):
            self._add_scale(grid, row, scale)
        self.channel = self._channel_choice()
        label = QLabel(self.tr("&Channel"))
        label.setBuddy(self.channel)
        grid.addWidget(label, len(self._scales), 0)
        grid.addWidget(self.channel, len(self._scales), 1, 1, 2)
        self.inverted = QCheckBox(self.tr("&Invert"))
        self.inverted.setObjectName("is_inverted")
        self.inverted.toggled.connect(lambda on: appearance.adjust(is_inverted=on))
        self.reset = QPushButton(self.tr("Re&set"))
        self.reset.setObjectName("reset_appearance")
        self.reset.setToolTip(self.tr("Show images as they are"))
        self.reset.clicked.connect(appearance.reset)
        note = QLabel(
            self.tr("Only what you see is adjusted. The files and what the model sees stay.")
        )
        note.setWordWrap(True)
        note.setProperty("muted", True)
        self._compose(grid, note)
        appearance.changed.connect(self._show)
        self._show()

    def _compose(self, grid: QGridLayout, note: QLabel) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.inverted)
        foot.addStretch(1)
        foot.addWidget(self.reset)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(10)
        layout.addLayout(grid)
        layout.addLayout(foot)
        layout.addWidget(note)
        layout.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _all_scales(self) -> tuple[Scale, ...]:
        def percent(value: float) -> str:
            return f"{100 * value:+.0f}" if value else "0"

        return (
            Scale(
                "brightness",
                self.tr("&Brightness"),
                self.tr("Brighter or darker throughout"),
                -100,
                100,
                lambda step: step / 100,
                lambda value: 100 * value,
                percent,
            ),
            Scale(
                "contrast",
                self.tr("Co&ntrast"),
                self.tr("Further from the middle grey, or nearer"),
                -100,
                99,
                lambda step: step / 100,
                lambda value: 100 * value,
                percent,
            ),
            Scale(
                "gamma",
                self.tr("Gamm&a"),
                self.tr("To the right: more to see where it is dark"),
                -100,
                100,
                lambda step: 10 ** (step / 100),
                lambda value: 100 * math.log10(value),
                lambda value: f"{value:.2f}",
            ),
            Scale(
                "local_contrast",
                self.tr("&Local"),
                self.tr("Local contrast (CLAHE): structure in flat regions"),
                0,
                80,
                lambda step: step / 10,
                lambda value: 10 * value,
                lambda value: f"{value:.1f}" if value else self.tr("off"),
            ),
        )

    def _add_scale(self, grid: QGridLayout, row: int, scale: Scale) -> None:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName(scale.field)
        slider.setRange(scale.low, scale.high)
        slider.setToolTip(scale.tip)
        slider.setAccessibleName(scale.text.replace("&", ""))
        slider.valueChanged.connect(
            lambda step: self._appearance.adjust(**{scale.field: scale.value(step)})
        )
        label, value = QLabel(scale.text), QLabel()
        label.setBuddy(slider)
        value.setMinimumWidth(36)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, widget in enumerate((label, slider, value)):
            grid.addWidget(widget, row, column)
        self.sliders[scale.field], self._values[scale.field] = slider, value

    def _channel_choice(self) -> QComboBox:
        words: dict[Channel, str] = {
            "colour": self.tr("All, in colour"),
            "red": self.tr("Red"),
            "green": self.tr("Green"),
            "blue": self.tr("Blue"),
            "grey": self.tr("Grey"),
        }
        choice = QComboBox()
        choice.setObjectName("channel")
        for channel in get_args(Channel):
            choice.addItem(words[channel], channel)
        choice.activated.connect(lambda _: self._appearance.adjust(channel=choice.currentData()))
        return choice

    def _show(self) -> None:
        adjustment = self._appearance.adjustment
        for field, scale in self._scales.items():
            value = float(getattr(adjustment, field))
            slider = self.sliders[field]
            slider.blockSignals(True)
            slider.setValue(round(scale.step(value)))
            slider.blockSignals(False)
            self._values[field].setText(scale.shown(value))
        self.channel.setCurrentIndex(self.channel.findData(adjustment.channel))
        self.inverted.blockSignals(True)
        self.inverted.setChecked(adjustment.is_inverted)
        self.inverted.blockSignals(False)
        self.reset.setEnabled(not adjustment.is_nothing)
