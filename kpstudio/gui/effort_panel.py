"""What labelling has cost so far, in numbers that stay on this machine."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QFormLayout, QLabel, QPushButton, QWidget

from kpstudio.gui.enumeration import enumerated
from kpstudio.workspace.effort import Effort

_MOST_NAMED = 5


class EffortPanel(QWidget):
    """Time, clicks and corrections of the open project."""

    def __init__(self, effort: Effort) -> None:
        super().__init__()
        self._effort = effort
        self.annotations, self.time, self.each = QLabel(), QLabel(), QLabel()
        self.accepted, self.corrections = QLabel(), QLabel()
        self.corrections.setWordWrap(True)
        self.export_button = QPushButton(self.tr("Export…"))
        self.export_button.clicked.connect(self.ask_export)
        form = QFormLayout(self)
        for text, label in (
            (self.tr("Annotations"), self.annotations),
            (self.tr("Time"), self.time),
            (self.tr("Each"), self.each),
            (self.tr("Accepted"), self.accepted),
            (self.tr("Corrected"), self.corrections),
        ):
            form.addRow(text, label)
        note = QLabel(self.tr("Kept on this machine only; pauses of 10 s and more do not count."))
        note.setProperty("muted", "true")
        note.setWordWrap(True)
        form.addRow(note)
        form.addRow(self.export_button)
        effort.changed.connect(self._show)
        self._show()

    def ask_export(self) -> None:
        """Ask for a file, and write what was counted to it."""
        name, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export the effort"),
            "effort.csv",
            self.tr("Table or JSON (*.csv *.json)"),
        )
        if name:
            self._effort.export(Path(name))

    def _show(self) -> None:
        summary = self._effort.log.summary()
        self.export_button.setEnabled(summary.annotations > 0)
        self.annotations.setText(str(summary.annotations))
        self.time.setText(
            self.tr("{0:.1f} min; {1:.1f} s each (median)").format(
                summary.seconds / 60, summary.seconds_each
            )
        )
        self.each.setText(
            self.tr("{0:.1f} clicks, {1:.1f} keys").format(summary.clicks_each, summary.keys_each)
        )
        unchanged = summary.accepted_unchanged
        self.accepted.setText(
            self.tr("none")
            if unchanged is None
            else self.tr("{0}, {1:.0f} % without a change").format(
                summary.accepted, 100 * unchanged
            )
        )
        named = list(summary.corrections.items())[:_MOST_NAMED]
        self.corrections.setText(
            enumerated(f"{name} {count}" for name, count in named) or self.tr("none")
        )
