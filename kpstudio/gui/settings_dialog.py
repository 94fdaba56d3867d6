"""What a person can set: looks, keypoints, and how labels are made."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.skeleton import Side
from kpstudio.gui.calm_field import CalmNumber
from kpstudio.gui.languages import LANGUAGES, SYSTEM
from kpstudio.gui.side_palettes import SIDE_PALETTES
from kpstudio.workspace import preferences as limits
from kpstudio.workspace.settings import Settings

_SIDES: tuple[Side, ...] = ("left", "centre", "right")
PAGES = {
    "window": ("theme", "language"),
    "keypoints": ("keypoint_palette", "marker_scale", "subject_tags"),
    "labelling": (
        "loupe",
        "loupe_magnification",
        "clamps_to_image",
        "nudge_px",
        "large_nudge_px",
    ),
}


class SettingsDialog(QDialog):
    """Three pages; every change is in force and kept at once.

    Args:
        settings: What is changed.
        parent: Of the dialog.
    """

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self._first_language = settings.preferences.language
        self._controls: dict[str, tuple[QWidget, Callable[[], None]]] = {}
        self._later = QLabel(self.tr("The language changes when kpstudio is started again."))
        self._later.setObjectName("later")
        self._later.setProperty("muted", True)
        self._later.setWordWrap(True)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(self.tr("Pages"))
        titles = {
            "window": self.tr("&Window"),
            "keypoints": self.tr("&Keypoints"),
            "labelling": self.tr("&Labelling"),
        }
        makers = (self._window_page, self._keypoint_page, self._labelling_page)
        for (name, title), make in zip(titles.items(), makers, strict=True):
            self.tabs.addTab(self._page(name, make()), title)
        self._set_up()
        settings.changed.connect(self._show)
        self._show()

    def control(self, name: str) -> QWidget:
        """The control of a preference."""
        return self._controls[name][0]

    # Pages

    def _window_page(self) -> QFormLayout:
        form = QFormLayout()
        themes = {
            "system": self.tr("As the system"),
            "light": self.tr("Light"),
            "dark": self.tr("Dark"),
        }
        languages = {SYSTEM: self.tr("As the system"), **LANGUAGES}
        self._add(form, "theme", self.tr("&Theme"), self._choice("theme", themes))
        self._add(form, "language", self.tr("L&anguage"), self._choice("language", languages))
        form.addRow("", self._later)
        self.hints = QPushButton(self.tr("Show the &hints for newcomers again"))
        self.hints.setObjectName("hints")
        self.hints.clicked.connect(lambda: self._settings.reset("done_hints"))
        form.addRow("", self.hints)
        return form

    def _keypoint_page(self) -> QFormLayout:
        form = QFormLayout()
        palettes = {
            "vivid": self.tr("Vivid: left blue, right orange, centre yellow"),
            "contrast": self.tr("Contrast: left magenta, right green, centre white"),
            "deep": self.tr("Deep, for bright images: left blue, right red, centre black"),
        }
        choice = self._choice("keypoint_palette", palettes)
        choice.setIconSize(QSize(54, 18))
        for row, name in enumerate(palettes):
            choice.setItemIcon(row, palette_icon(name))
        self._add(form, "keypoint_palette", self.tr("&Colours by side"), choice)
        note = QLabel(
            self.tr(
                "Every palette can be told apart with any kind of colour vision. A colour that the"
                " skeleton gives a keypoint comes first."
            )
        )
        note.setProperty("muted", True)
        note.setWordWrap(True)
        form.addRow("", note)
        scale = self._number(
            "marker_scale",
            (limits.LEAST_SCALE, limits.LARGEST_SCALE),
            step=0.25,
            suffix=self.tr(" × the usual size"),
        )
        self._add(form, "marker_scale", self.tr("&Size of keypoints"), scale)
        tags = self._check("subject_tags", self.tr("&Tags on subjects where there are several"))
        form.addRow("", tags)
        return form

    def _labelling_page(self) -> QFormLayout:
        form = QFormLayout()
        loupe = self._check("loupe", self.tr("&Loupe while a keypoint is held or placed"))
        form.addRow("", loupe)
        magnification = self._number(
            "loupe_magnification",
            (limits.LEAST_MAGNIFICATION, limits.LARGEST_MAGNIFICATION),
            step=1.0,
            suffix=" ×",
        )
        self._add(form, "loupe_magnification", self.tr("Loupe &magnifies"), magnification)
        clamps = self._check("clamps_to_image", self.tr("&Keep keypoints inside the image"))
        form.addRow("", clamps)
        for name, text in (
            ("nudge_px", self.tr("A &nudge by key moves")),
            ("large_nudge_px", self.tr("With &Shift it moves")),
        ):
            nudge = self._number(
                name, (limits.LEAST_NUDGE, limits.LARGEST_NUDGE), step=0.5, suffix=self.tr(" px")
            )
            self._add(form, name, text, nudge)
        return form

    # Composition

    def _page(self, name: str, form: QFormLayout) -> QWidget:
        page = QWidget()
        reset = QPushButton(self.tr("&Reset this page"))
        reset.setObjectName(f"reset_{name}")
        reset.clicked.connect(lambda: self._settings.reset(*PAGES[name]))
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(10)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 16, 12, 12)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(reset, 0, Qt.AlignmentFlag.AlignLeft)
        return page

    def _set_up(self) -> None:
        reset_all = QPushButton(self.tr("Reset &all"))
        reset_all.setObjectName("reset_all")
        every = [name for names in PAGES.values() for name in names]
        reset_all.clicked.connect(lambda: self._settings.reset(*every))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        buttons.rejected.connect(self.reject)
        last = QHBoxLayout()
        last.addWidget(reset_all)
        last.addStretch(1)
        last.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 12, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(last)
        self.resize(620, 400)

    def _add(self, form: QFormLayout, name: str, text: str, control: QWidget) -> None:
        label = QLabel(text)
        label.setBuddy(control)
        control.setAccessibleName(text.replace("&", ""))
        control.setObjectName(name)
        form.addRow(label, control)

    def _choice(self, name: str, texts: dict[str, str]) -> QComboBox:
        combo = QComboBox()
        for value, text in texts.items():
            combo.addItem(text, value)

        def show() -> None:
            combo.setCurrentIndex(max(combo.findData(self._value(name)), 0))

        combo.activated.connect(lambda _: self._settings.change(**{name: str(combo.currentData())}))
        self._controls[name] = combo, show
        return combo

    def _number(
        self, name: str, limits_: tuple[float, float], *, step: float, suffix: str
    ) -> CalmNumber:
        spin = CalmNumber()
        spin.setRange(*limits_)
        spin.setSingleStep(step)
        spin.setDecimals(2)
        spin.setSuffix(suffix)
        spin.setKeyboardTracking(False)

        def show() -> None:
            spin.setValue(float(str(self._value(name))))

        spin.valueChanged.connect(lambda value: self._settings.change(**{name: value}))
        self._controls[name] = spin, show
        return spin

    def _check(self, name: str, text: str) -> QCheckBox:
        box = QCheckBox(text)
        box.setObjectName(name)

        def show() -> None:
            box.setChecked(bool(self._value(name)))

        box.toggled.connect(lambda is_on: self._settings.change(**{name: is_on}))
        self._controls[name] = box, show
        return box

    # What is shown

    def _value(self, name: str) -> object:
        return getattr(self._settings.preferences, name)

    def _show(self) -> None:
        for control, show in self._controls.values():
            control.blockSignals(True)
            show()
            control.blockSignals(False)
        self.control("loupe_magnification").setEnabled(bool(self._value("loupe")))
        self.hints.setEnabled(bool(self._settings.preferences.done_hints))
        self._later.setVisible(self._value("language") != self._first_language)


def palette_icon(name: str) -> QIcon:
    """The three colours of a palette side by side, as they lie on a subject seen from behind."""
    colours = SIDE_PALETTES[name]
    pixmap = QPixmap(108, 36)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QColor(0, 0, 0, 120))
    for column, side in enumerate(_SIDES):
        painter.setBrush(QColor(colours[side]))
        painter.drawEllipse(4 + 36 * column, 4, 28, 28)
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)
