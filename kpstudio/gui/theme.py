"""Light and dark: the colours of the window, of keypoints by side, and of heatmaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Template

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton
from kpstudio.gui.side_palettes import (
    DEFAULT_PALETTE,
    SIDE_PALETTES,
    put_in_force,
    side_colours,
)
from kpstudio.imaging.colour_table import colour_table

THEMES = ("system", "light", "dark")

SIDE_COLOURS = SIDE_PALETTES[DEFAULT_PALETTE]

_VEIL_ALPHA = 0xE0


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for."""

    name: str
    window: str
    surface: str
    raised: str
    canvas: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    warning: str
    danger: str


DARK = Theme(
    name="dark",
    window="#1A1D22",
    surface="#22262C",
    raised="#2C3138",
    canvas="#121417",
    border="#373D46",
    text="#E7EAEF",
    muted="#9AA4B2",
    accent="#4C9AFF",
    on_accent="#0B1420",
    good="#46C488",
    warning="#F0B429",
    danger="#FF6B73",
)
LIGHT = Theme(
    name="light",
    window="#EEF0F3",
    surface="#FFFFFF",
    raised="#F4F6F8",
    canvas="#D9DDE3",
    border="#CDD3DB",
    text="#1A1F27",
    muted="#556071",
    accent="#1769E0",
    on_accent="#FFFFFF",
    good="#187746",
    warning="#8A5A00",
    danger="#C4313B",
)

_STYLE = Template("""
QWidget { color: $text; }
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $window; width: 5px; height: 5px; }
QMainWindow::separator:hover { background: $accent; }
QMenuBar { background: $window; padding: 2px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $surface; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 22px; border-radius: 4px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $muted; background: transparent; }
QMenu::separator { height: 1px; background: $border; margin: 4px 6px; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; font-weight: 600; }
QDockWidget::title { background: $window; padding: 6px 8px; text-align: left; }
QDockWidget > QWidget { background: $surface; }
QTabWidget::pane { border: 1px solid $border; border-radius: 4px; background: $surface; }
QTabWidget > QStackedWidget > QWidget { background: $surface; }
QTabBar { background: $window; qproperty-drawBase: 0; }
QTabBar::tab { background: $window; color: $muted; padding: 6px 14px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { background: $raised; color: $accent; }
QStatusBar { background: $window; color: $muted; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
QStatusBar QPushButton { padding: 1px 10px; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px; }
QPushButton { background: $raised; border: 1px solid $border; border-radius: 5px;
  padding: 5px 12px; min-height: 16px; }
QPushButton[compact="true"] { padding: 5px 6px; }
QPushButton:hover { border-color: $accent; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $muted; background: $window; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent;
  font-weight: 600; }
QPushButton[primary="true"]:focus { border: 2px solid $text; padding: 4px 11px; }
QPushButton[primary="true"]:disabled { background: $raised; color: $muted; border-color: $border; }
QComboBox, QAbstractSpinBox, QLineEdit { background: $surface; border: 1px solid $border;
  border-radius: 5px; padding: 2px 6px; min-height: 19px; }
QComboBox { background: $raised; padding-right: 2px; }
QComboBox:hover, QComboBox:focus, QAbstractSpinBox:hover, QAbstractSpinBox:focus,
  QLineEdit:focus { border-color: $accent; }
QComboBox:disabled, QAbstractSpinBox:disabled, QLineEdit:disabled { color: $muted;
  background: $window; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$icons/chevron_down.svg"); width: 12px; height: 12px; }
QAbstractSpinBox { padding-right: 0; padding-left: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 20px;
  background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $raised; }
QAbstractSpinBox::up-arrow { image: url("$icons/chevron_up.svg"); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url("$icons/chevron_down.svg"); width: 10px;
  height: 10px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::down-arrow:off { image: none; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { background: transparent; border: none;
  padding: 0 0 0 4px; min-height: 0; }
QAbstractItemView QLineEdit, QAbstractItemView QComboBox { background: $surface;
  border-radius: 0; padding: 0 2px; min-height: 0; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 3px;
  background: transparent; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; }
QToolButton:hover { background: $raised; }
QToolButton:checked { background: $raised; color: $accent; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $border; outline: 0;
  selection-background-color: $accent; selection-color: $on_accent; }
QAbstractItemView { background: $surface; border: 1px solid $surface; outline: 0;
  alternate-background-color: $raised; selection-background-color: $accent;
  selection-color: $on_accent; }
QAbstractItemView:focus, QScrollArea:focus { border: 1px solid $accent; }
QListWidget::item { padding: 5px 8px; }
QHeaderView::section { background: $surface; color: $muted; border: none;
  border-bottom: 1px solid $border; padding: 4px 6px; }
QHeaderView::section:vertical { border: none; }
QTableCornerButton::section { background: $surface; border: none;
  border-bottom: 1px solid $border; }
QTableView { gridline-color: transparent; }
QScrollArea { border: 1px solid $surface; background: $surface; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 5px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: $raised; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QLabel[muted="true"] { color: $muted; }
QLabel[fit="fits"] { color: $good; }
QLabel[fit="usable"] { color: $warning; }
QLabel[fit="misleading"] { color: $danger; }
QLabel[heading="true"] { font-size: 15px; font-weight: 600; }
QFrame#notice { background: $raised; border: none; border-left: 3px solid $accent; }
QFrame#notice[kind="problem"] { border-left: 3px solid $danger; }
QFrame#welcome { background: $canvas; }
QCheckBox::indicator { width: 13px; height: 13px; border: 1px solid $muted;
  border-radius: 3px; background: $surface; }
QCheckBox::indicator:checked { border-color: $accent; background: $accent;
  image: url("$icons/check_$name.svg"); }
QCheckBox::indicator:disabled { border-color: $border; background: $raised; }
QPlainTextEdit#comment { background: $surface; border: 1px solid $border; border-radius: 4px;
  padding: 2px 4px; }
QPlainTextEdit#comment:focus { border-color: $accent; }
QTextEdit#thread { background: $surface; border: none; border-top: 1px solid $border;
  padding: 4px 6px; }
QTextEdit#thread:focus { border: 1px solid $accent; }
QScrollArea#findings, QScrollArea#findings > QWidget > QWidget { background: $window; }
QFrame#finding { background: $surface; border: none; border-radius: 4px;
  border-left: 3px solid $muted; }
QFrame#finding[severity="warning"] { border-left: 3px solid $warning; }
QFrame#finding[severity="error"] { border-left: 3px solid $danger; }
QLabel#severity { font-size: 11px; font-weight: 600; color: $muted; }
QLabel#severity[severity="warning"] { color: $warning; }
QLabel#severity[severity="error"] { color: $danger; }
QDialog#palette { background: $surface; border: 1px solid $border; }
QLineEdit#palette_search { background: $surface; border: none; border-bottom: 1px solid $border;
  font-size: 15px; padding: 10px 14px; min-height: 22px; }
QListWidget#palette_list { background: $surface; border: none; }
QScrollArea#sheet, QScrollArea#sheet > QWidget > QWidget { background: $window; }
QScrollArea#sheet, QScrollArea#findings { border-color: $window; }
QScrollArea#sheet:focus, QScrollArea#findings:focus { border-color: $accent; }
QFrame#hint { background: $raised; border: 1px solid $border; border-radius: 8px; }
QFrame#hint QLabel { background: transparent; }
QFrame#drop_hint QLabel { background: transparent; }
QFrame#drop_hint QLabel[heading="true"] { font-size: 20px; }
QFrame#drop_hint { background: $veil; border: 3px dashed $accent; }
""")


class ThemeSwitch(QObject):
    """Which theme is in force; follows the system unless the user chose.

    Signals:
        changed: The colours are others.
    """

    changed = Signal()

    def __init__(self, choice: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choice = choice
        self.theme = DARK
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    def choose(self, choice: str) -> None:
        """One of THEMES."""
        self.choice = choice
        self._apply()

    def choose_palette(self, name: str) -> None:
        """One of SIDE_PALETTES, for the keypoints."""
        if put_in_force(name):
            self.changed.emit()

    def _apply(self) -> None:
        choice = self.choice
        if choice not in ("light", "dark"):
            is_light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
            choice = "light" if is_light else "dark"
        self.theme = LIGHT if choice == "light" else DARK
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(_palette(self.theme))
            veil = self.theme.window.replace("#", f"#{_VEIL_ALPHA:02x}")
            style = _STYLE.substitute(
                vars(self.theme), veil=veil, icons=resource_path("icons").as_posix()
            )
            application.setStyleSheet(style)
        self.changed.emit()


def keypoint_colours(skeleton: Skeleton) -> list[QColor]:
    """The colour of each keypoint: its own, or else that of its side."""
    own, by_side = skeleton.colours or ("",) * len(skeleton), side_colours()
    return [QColor(colour or by_side[skeleton.side(index)]) for index, colour in enumerate(own)]


@lru_cache(maxsize=8)
def heatmap_colours(name: str, opacity: float) -> Sequence[int]:
    """256 ARGB colours of a heatmap overlay; weak values are transparent.

    Args:
        name: Of a colour map, as `colour_table` has them.
        opacity: Of the strongest value, 0 to 1.
    """
    table = colour_table(name).astype(np.uint32)
    alpha = np.round(255 * opacity * np.sqrt(np.linspace(0, 1, 256))).astype(np.uint32)
    alpha[:8] = 0
    argb = (alpha << 24) | (table[:, 0] << 16) | (table[:, 1] << 8) | table[:, 2]
    return tuple(int(value) for value in argb)


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.surface,
        roles.AlternateBase: theme.raised,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.on_accent,
        roles.PlaceholderText: theme.muted,
        roles.Mid: theme.border,
    }.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.Text, roles.ButtonText, roles.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette
