"""Issues as rows of a table."""

from html import escape

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from kpstudio.core.issue import Issue
from kpstudio.gui.image_list_panel import Index
from kpstudio.workspace.workspace import Workspace

QUESTION, IMAGE = range(2)
_BLOCK = 64


class IssueModel(QAbstractTableModel):
    """The open issues of the project, or all of the open image; read only when drawn."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.is_of_image = False
        self._ids: list[int] = []
        self._read: dict[int, Issue] = {}
        self._names: dict[int, str] = {}
        workspace.issues.issues_changed.connect(self.reset)
        workspace.issues.here_changed.connect(self._follow)
        self.reset()

    def show_image_only(self, is_of_image: bool) -> None:
        """Closed ones, too, but only of the open image."""
        self.is_of_image = is_of_image
        self.reset()

    def row_of(self, issue_id: int | None) -> int | None:
        return self._ids.index(issue_id) if issue_id in self._ids else None

    def id_at(self, row: int) -> int:
        return self._ids[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (self.tr("Question"), self.tr("Image"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        issue = self._issue(index.row())
        if issue is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(issue) if index.column() == QUESTION else self._image(issue)
        if role == Qt.ItemDataRole.ToolTipRole:
            # As HTML: what merely looks like a tag would be taken for one.
            said = (escape(each.text).replace("\n", "<br>") for each in issue.comments)
            return "".join(f"<p>{text}</p>" for text in said)
        if role == Qt.ItemDataRole.FontRole and not issue.is_open:
            font = QFont()
            font.setItalic(True)
            return font
        return None

    def reset(self) -> None:
        """Read everything again."""
        self.beginResetModel()
        issues = self._workspace.issues
        self._read.clear()
        self._names.clear()
        if self.is_of_image:
            self._read = {each.id: each for each in issues.here}
            self._ids = list(self._read)
        else:
            self._ids = issues.open_ids.tolist()
        self.endResetModel()

    def _follow(self) -> None:
        if self.is_of_image:
            self.reset()

    def _words(self, issue: Issue) -> str:
        line = issue.question.partition("\n")[0]
        text = f"#{issue.id}  {line}"
        return text if issue.is_open else self.tr("{0} (closed)").format(text)

    def _issue(self, row: int) -> Issue | None:
        issue_id = self._ids[row]
        if issue_id not in self._read:
            start = row - row % _BLOCK
            some = self._workspace.issues.by_id(self._ids[start : start + _BLOCK])
            self._read.update({each.id: each for each in some})
        return self._read.get(issue_id)

    def _image(self, issue: Issue) -> str:
        if issue.image_id not in self._names:
            image = self._workspace.image(issue.image_id)
            self._names[issue.image_id] = image.name if image else ""
        return self._names[issue.image_id]
