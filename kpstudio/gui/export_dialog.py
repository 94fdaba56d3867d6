"""What goes out, of which images, in which form; and the receipt."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.errors import UserProblem
from kpstudio.gui.import_dialog import breakable
from kpstudio.gui.problem_words import problem_text
from kpstudio.workspace.exporting import (
    Exportable,
    ExportOrder,
    ImageChoice,
    Subset,
    WriteReceipt,
)
from kpstudio.workspace.workspace import Workspace

_WIDTH_PX = 600
_USUAL_FORMAT = "coco"
_SHORTEST_CHOICE = 14


class ExportDialog(QDialog):
    """Asks everything about an export, writes it in the background, and shows the receipt.

    Args:
        workspace: Whose project is exported.
        parent: The window, which it blocks.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._exporting = workspace.exporting
        self._there_is: Exportable | None = None
        self._suggested = ""
        self.setWindowTitle(self.tr("Export"))
        self.setModal(True)
        self.what = self._choice("what", self.tr("What to export"))
        self.format = self._choice("format", self.tr("Format"))
        self.split = self._choice("split", self.tr("Part of the split"))
        self.review = self._choice("review", self.tr("Review"))
        self.tag = self._choice("tag", self.tr("Tag"))
        self.author = self._choice("author", self.tr("Author"))
        self.images = self._choice("images", self.tr("Image files"))
        self.path, self.folder, self.pattern = QLineEdit(), QLineEdit(), QLineEdit()
        for field, name, text in (
            (self.path, "path", self.tr("Labels file")),
            (self.folder, "folder", self.tr("Folder for the images")),
            (self.pattern, "pattern", self.tr("File names")),
        ):
            field.setObjectName(name)
            field.setAccessibleName(text)
        self.pattern.setPlaceholderText(self.tr("all; or a pattern such as night_*"))
        self.margin = QDoubleSpinBox()
        self.margin.setObjectName("margin")
        self.margin.setAccessibleName(self.tr("Margin around subjects"))
        self.margin.setRange(0, 300)
        self.margin.setDecimals(0)
        self.margin.setValue(25)
        self.margin.setSuffix(self.tr(" % margin"))
        self.card = QCheckBox(self.tr("Describe the dataset in a page beside it (Markdown)"))
        self.card.setObjectName("card")
        self._count, self._receipt = QLabel(), QLabel()
        self._replaces = QLabel(self.tr("There is such a file: it will be replaced."))
        self._replaces.setProperty("muted", True)
        self._receipt_frame = QFrame()
        self._progress = QProgressBar()
        self.export_button = QPushButton(self.tr("Export"))
        self.export_button.setObjectName("export_now")
        self.export_button.setProperty("primary", True)
        self.export_button.setDefault(True)
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.setObjectName("close")
        self._path_button = self._browse(self._ask_path)
        self._folder_button = self._browse(self._ask_folder)
        self._lay_out()
        self._connect()

    def _choice(self, name: str, text: str) -> QComboBox:
        choice = QComboBox()
        choice.setObjectName(name)
        choice.setAccessibleName(text)
        # Long names of tags and people must not widen the dialog.
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.setMinimumContentsLength(_SHORTEST_CHOICE)
        return choice

    def _browse(self, ask: Callable[[], None]) -> QPushButton:
        button = QPushButton(self.tr("Choose…"))
        button.setAutoDefault(False)
        button.clicked.connect(ask)
        return button

    def _lay_out(self) -> None:
        subset = QGridLayout()
        subset.setHorizontalSpacing(12)
        subset.setVerticalSpacing(6)
        for index, (text, choice) in enumerate(
            (
                (self.tr("Part of the split"), self.split),
                (self.tr("Review"), self.review),
                (self.tr("Tag"), self.tag),
                (self.tr("Author"), self.author),
            )
        ):
            row, column = divmod(index, 2)
            label = QLabel(text)
            label.setProperty("muted", True)
            subset.addWidget(label, 2 * row, column)
            subset.addWidget(choice, 2 * row + 1, column)
        subset.addWidget(self.pattern, 4, 0, 1, 2)
        self._count.setProperty("muted", True)
        self._count.setObjectName("count")
        subset.addWidget(self._count, 5, 0, 1, 2)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("What"), _row(self.what, self.format))
        form.addRow(self.tr("File"), _row(self.path, self._path_button))
        form.addRow("", self._replaces)
        form.addRow(self.tr("Of these"), subset)
        form.addRow(self.tr("Images"), _row(self.images, self.margin))
        self._folder_row = QWidget()
        folder = _row(self.folder, self._folder_button)
        folder.setContentsMargins(0, 0, 0, 0)
        self._folder_row.setLayout(folder)
        form.addRow("", self._folder_row)
        form.addRow("", self.card)
        self._receipt.setWordWrap(True)
        self._receipt.setObjectName("receipt")
        self._receipt.setTextFormat(Qt.TextFormat.PlainText)
        self._receipt.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._receipt_frame.setObjectName("finding")
        inside = QVBoxLayout(self._receipt_frame)
        inside.setContentsMargins(12, 8, 10, 9)
        inside.addWidget(self._receipt)
        self._progress.setTextVisible(False)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.export_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self._progress)
        layout.addWidget(self._receipt_frame)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH_PX)
        self._receipt_frame.hide()

    def _connect(self) -> None:
        exporting = self._exporting
        exporting.loaded.connect(self._fill)
        exporting.exported.connect(self._show_receipt)
        exporting.problem_raised.connect(self._show_problem)
        exporting.changed.connect(self._show_state)
        exporting.work.progressed.connect(self._show_progress)
        for choice in (self.what, self.split, self.review, self.tag, self.author, self.images):
            choice.activated.connect(self._show_choices)
        self.format.activated.connect(self._suggest_path)
        for field in (self.path, self.pattern, self.folder):
            field.textChanged.connect(self._show_choices)
        self.export_button.clicked.connect(self.export)
        self.close_button.clicked.connect(self.reject)
        self._workspace.project_changed.connect(self.hide)

    # What there is

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._suggest_path()
        self._receipt_frame.hide()
        self._exporting.load()
        self._show_state()
        self.path.setFocus()

    def _fill(self, there_is: Exportable) -> None:
        is_first = self._there_is is None
        self._there_is = there_is
        runs = [
            (self.tr("Predictions of {0}").format(name), run_id) for run_id, name in there_is.runs
        ]
        _fill(self.what, [(self.tr("Labels"), None), *runs])
        _fill(self.format, [(title, name) for name, title in self._exporting.formats()])
        if is_first:
            self.format.setCurrentIndex(max(self.format.findData(_USUAL_FORMAT), 0))
        reviews = {
            "ready": self.tr("ready for review"),
            "accepted": self.tr("accepted"),
            "rejected": self.tr("rejected"),
        }
        for choice, first, counts, words in (
            (self.split, self.tr("all parts"), there_is.splits, {}),
            (self.review, self.tr("any state"), there_is.reviews, reviews),
            (self.tag, self.tr("any tag, or none"), there_is.tags, {}),
            (self.author, self.tr("everybody"), there_is.authors, {}),
        ):
            entries = [(f"{words.get(n, n)} ({count:,})", n) for n, count in counts.items()]
            _fill(choice, [(first, ""), *entries])
            choice.setEnabled(bool(entries))
        _fill(
            self.images,
            [
                (self.tr("leave where they are"), "leave"),
                (self.tr("copy beside the labels"), "copy"),
                (self.tr("link beside the labels"), "link"),
                (self.tr("cut out each subject"), "crop"),
            ],
        )
        self._show_choices()

    def _suggest_path(self) -> None:
        """Another file for another format or project, unless somebody has named one."""
        path = self._exporting.suggested_path(self.format.currentData() or _USUAL_FORMAT)
        if path is not None and self.path.text() in ("", self._suggested):
            self._suggested = str(path)
            self.path.setText(self._suggested)

    def _subset(self) -> Subset:
        return Subset(
            split=self.split.currentData() or None,
            review=self.review.currentData() or None,
            tag=self.tag.currentData() or "",
            author=self.author.currentData() or "",
            images=self.pattern.text().strip(),
        )

    def _show_choices(self) -> None:
        how = self.images.currentData()
        self._folder_row.setVisible(how not in (None, "leave"))
        self.margin.setVisible(how == "crop")
        path = Path(self.path.text().strip()).expanduser()
        self._replaces.setVisible(path.is_file())
        self.folder.setPlaceholderText(str(self._default_folder()))
        is_something = True
        if self._there_is is not None:
            images, annotations = self._there_is.count(self._subset())
            self._count.setText(
                self.tr("{0} labelled images, {1} annotations").format(
                    f"{images:,}", f"{annotations:,}"
                )
            )
            is_something = images > 0 or self.what.currentData() is not None
        is_idle = not self._exporting.work.is_running
        self.export_button.setEnabled(
            is_idle
            and is_something
            and self._there_is is not None
            and bool(self.path.text().strip())
        )

    def _show_state(self) -> None:
        is_writing = self._exporting.is_writing
        self._progress.setVisible(is_writing)
        self._progress.setRange(0, 0)
        self.close_button.setText(self.tr("Stop") if is_writing else self.tr("Close"))
        self._show_choices()

    def _show_progress(self, done: int, total: int) -> None:
        self._progress.setRange(0, total)
        self._progress.setValue(done)

    def _default_folder(self) -> Path:
        path = Path(self.path.text().strip())
        return path.with_name(f"{path.stem}-images") if path.name else path

    # Verbs

    def export(self) -> None:
        """Write what is chosen."""
        path = Path(self.path.text().strip()).expanduser()
        how = cast(ImageChoice, self.images.currentData())
        folder = Path(self.folder.text().strip() or self._default_folder()).expanduser()
        order = ExportOrder(
            path,
            self.format.currentData(),
            self._subset(),
            how,
            None if how == "leave" else folder,
            self.margin.value() / 100,
            path.with_suffix(".md") if self.card.isChecked() else None,
        )
        self._receipt_frame.hide()
        self._exporting.start(order, run_id=self.what.currentData())

    def reject(self) -> None:
        """Stop what runs; else close."""
        if self._exporting.is_writing:
            self._exporting.stop()
            return
        self._exporting.stop()
        super().reject()

    def _show_receipt(self, receipt: WriteReceipt) -> None:
        first, *more = receipt.lines()
        head = self.tr("Wrote {0}").format(receipt.path)
        is_equal = receipt.read_back is not None and not receipt.read_back.differences
        self._tell("note" if is_equal else "warning", "\n".join([head, first, *more]))
        self._workspace.done.emit(
            self.tr("Exported to {0}: {1}.").format(receipt.path.name, receipt)
        )

    def _show_problem(self, problem: UserProblem) -> None:
        self._tell("error", problem_text(problem, between="\n"))

    def _tell(self, severity: str, text: str) -> None:
        self._receipt_frame.setProperty("severity", severity)
        self._receipt_frame.style().unpolish(self._receipt_frame)
        self._receipt_frame.style().polish(self._receipt_frame)
        self._receipt.setText(breakable(text))
        self._receipt_frame.show()
        self.adjustSize()

    def _ask_path(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Where shall the labels be written?"), self.path.text()
        )
        if name:
            self.path.setText(name)

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("A folder for the images"))
        if name:
            self.folder.setText(name)


def _row(field: QWidget, other: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(field, 1)
    row.addWidget(other)
    return row


def _fill(choice: QComboBox, entries: Sequence[tuple[str, object]]) -> None:
    """Other entries; what was chosen stays chosen where it is still there."""
    chosen = choice.currentData()
    choice.clear()
    for text, value in entries:
        choice.addItem(text, value)
    choice.setCurrentIndex(max(choice.findData(chosen), 0))
