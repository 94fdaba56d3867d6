"""What is wrong with files before they are imported, and the decision about them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kpstudio.gui.breakable_words import breakable
from kpstudio.gui.elided_label import ElidedLabel
from kpstudio.gui.problem_words import sentence_text
from kpstudio.workspace.importing import PendingImport
from kpstudio.workspace.workspace import Workspace

if TYPE_CHECKING:
    from kpstudio.workspace.importing import CheckReport, Finding

PATIENCE_MS = 400
"""Reading that takes no longer is not worth a window."""
_WIDTH_PX, _MOST_HEIGHT_PX = 620, 600
_SIDES_PX = 52


class ImportDialog(QDialog):
    """Shows itself while a long import is read, and where something is worth saying about it.

    Args:
        workspace: Of which it follows the import.
        parent: The window, which it blocks while it asks.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._importing = workspace.importing
        self.setModal(True)
        self._pages = QStackedWidget()
        self._reading, self._progress = QLabel(), QProgressBar()
        self._progress.setTextVisible(False)
        self._report = QVBoxLayout()
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(self.tr("What was found"))
        self.moves = QCheckBox()
        self.moves.setObjectName("move_positions")
        self.all_visible = QCheckBox(self.tr("Take all labelled keypoints as visible"))
        self.all_visible.setObjectName("all_visible")
        self.accept_button, self.cancel_button = QPushButton(), QPushButton(self.tr("Cancel"))
        self.accept_button.setObjectName("import")
        self.cancel_button.setObjectName("cancel")
        self.accept_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        self._pages.addWidget(self._reading_page())
        self._pages.addWidget(self._scroll)
        cures = QVBoxLayout()
        cures.addWidget(self.moves)
        cures.addWidget(self.all_visible)
        buttons = self._buttons = QHBoxLayout()
        buttons.addLayout(cures)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.accept_button)
        self.accept_button.hide()
        self.moves.hide()
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._pages, 1)
        layout.addLayout(buttons)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE_MS)
        self._timer.timeout.connect(self._show_work)
        self._importing.changed.connect(self._follow)
        self._importing.work.progressed.connect(self._show_progress)
        self._follow()

    def _reading_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._reading)
        layout.addWidget(self._progress)
        layout.addStretch(1)
        self._reading.setWordWrap(True)
        self._scroll.setWidgetResizable(True)
        self._scroll.setObjectName("findings")
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return page

    # What the workspace says

    def _follow(self) -> None:
        importing = self._importing
        if importing.pending is not None:
            self._timer.stop()
            self._show_report(importing.pending)
        elif not (importing.is_reading or importing.is_storing):
            self._timer.stop()
            self.hide()
        elif self.isVisible():
            self._show_work()
        elif not self._timer.isActive():
            self._timer.start()

    def _show_work(self) -> None:
        """That it is reading, which can be stopped, or storing, which cannot."""
        importing = self._importing
        name = breakable(importing.name)
        text = self.tr("Reading {0} and looking at its images…")
        self.setWindowTitle(self.tr("Import"))
        self._reading.setText(
            (self.tr("Storing {0}…") if importing.is_storing else text).format(name)
        )
        self._progress.setRange(0, 0)
        self._pages.setCurrentIndex(0)
        self.accept_button.hide()
        self.moves.hide()
        self.all_visible.hide()
        self.cancel_button.setHidden(importing.is_storing)
        self.resize(460, 130)
        self.open()

    def _show_progress(self, done: int, total: int) -> None:
        if self._importing.is_reading:
            self._progress.setRange(0, total)
            self._progress.setValue(done)

    def _show_report(self, pending: PendingImport) -> None:
        report = pending.report
        self.setWindowTitle(self.tr("Import"))
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(8)
        heading = ElidedLabel(pending.name)
        heading.setProperty("heading", True)
        counts = QLabel(_counts(report))
        counts.setProperty("muted", True)
        counts.setWordWrap(True)
        layout.addWidget(heading)
        layout.addWidget(counts)
        layout.addSpacing(4)
        for finding in report.findings:
            layout.addWidget(FindingFrame(finding))
        layout.addStretch(1)
        self._scroll.setWidget(page)
        self._pages.setCurrentIndex(1)
        self._offer_offset(report.offset)
        self.all_visible.setVisible(report.is_presence)
        self.all_visible.setChecked(False)
        has_errors = report.has_errors
        self.accept_button.setText(self.tr("Import anyway") if has_errors else self.tr("Import"))
        self.accept_button.setProperty("primary", not has_errors)
        self.accept_button.style().unpolish(self.accept_button)
        self.accept_button.style().polish(self.accept_button)
        self.accept_button.setDefault(not has_errors)
        self.cancel_button.setDefault(has_errors)
        self.accept_button.show()
        self.cancel_button.show()
        layout.activate()
        rest = 2 * self._layout.contentsMargins().top() + self._buttons.sizeHint().height()
        height = layout.heightForWidth(_WIDTH_PX - _SIDES_PX) + rest + self._layout.spacing()
        self.resize(_WIDTH_PX, min(height + 4, _MOST_HEIGHT_PX))
        self.open()
        (self.cancel_button if has_errors else self.accept_button).setFocus()

    def _offer_offset(self, offset: tuple[float, float] | None) -> None:
        self.moves.setVisible(offset is not None)
        self.moves.setChecked(False)
        if offset is not None:
            x, y = (f"{value:g}".replace("-", "−") for value in offset)
            self.moves.setText(self.tr("Move all positions by ({0}, {1}) px").format(x, y))

    # What the user says

    def accept(self) -> None:
        """Import what was shown; the dialog stays until it is stored."""
        pending = self._importing.pending
        if pending is not None:
            offset = pending.report.offset if self.moves.isChecked() else None
            self._importing.go_on(
                offset=offset or (0.0, 0.0), all_visible=self.all_visible.isChecked()
            )

    def reject(self) -> None:
        """Import nothing: also while it is still read."""
        if not self._importing.is_storing:
            super().reject()
            self._importing.cancel()


class FindingFrame(QFrame):
    """One finding: what, how to mend it, and where.

    Args:
        finding: To be shown.
        parent: Of the frame.
    """

    def __init__(self, finding: "Finding", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("finding")
        self.setProperty("severity", finding.severity)
        words = {
            "error": self.tr("Error"),
            "warning": self.tr("Warning"),
            "note": self.tr("Note"),
        }
        severity = QLabel(words[finding.severity])
        severity.setObjectName("severity")
        severity.setProperty("severity", finding.severity)
        said = sentence_text(finding.message)
        message, hint = QLabel(breakable(said)), QLabel(breakable(sentence_text(finding.hint)))
        for label in (message, hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        hint.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 10, 9)
        layout.setSpacing(3)
        layout.addWidget(severity)
        layout.addWidget(message)
        layout.addWidget(hint)
        if finding.examples:
            layout.addSpacing(2)
        for example in finding.examples:
            shown = ElidedLabel(sentence_text(example))
            shown.setProperty("muted", True)
            layout.addWidget(shown)
        if finding.examples and finding.count > len(finding.examples):
            more = QLabel(self.tr("and more"))
            more.setProperty("muted", True)
            layout.addWidget(more)
        self.setAccessibleName(f"{words[finding.severity]}: {said}")


def _counts(report: "CheckReport") -> str:
    images = QCoreApplication.translate(
        "ImportDialog", "{0} images, {1} of them labelled; {2} annotations"
    )
    keypoints = QCoreApplication.translate(
        "ImportDialog", "Keypoints: {0} visible, {1} occluded, {2} not labelled"
    )
    lines = (
        (images, (report.images, report.labelled_images, report.annotations)),
        (keypoints, (report.visible, report.occluded, report.not_labelled)),
    )
    return "\n".join(text.format(*(f"{number:,}" for number in numbers)) for text, numbers in lines)
