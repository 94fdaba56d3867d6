"""How every table of the window looks and follows."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

COLUMN_PADDING = 18


def set_up_table(table: QTableView) -> None:
    """Rows that are chosen as a whole, and columns that fit."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    # Tab goes on to the next control, and is not caught in the cells.
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)


def fix_columns(table: QTableView, widest: Sequence[str]) -> None:
    """Columns behind the first that need not look at all cells whenever one of them changes.

    Args:
        table: Set up, with its model.
        widest: What these columns have to show at most.
    """
    table.ensurePolished()
    header, metrics = table.horizontalHeader(), table.fontMetrics()
    for column, text in enumerate(widest, 1):
        title = str(table.model().headerData(column, Qt.Orientation.Horizontal))
        width = max(metrics.horizontalAdvance(each) for each in (text, title))
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(column, width + COLUMN_PADDING)


def fit_columns(table: QTableView) -> None:
    """Columns behind the first as wide as what is in them now, and none that has nothing in it.

    So the first, with the names, gets all the room that there is. To be called when the model is
    reset: it looks at every cell.
    """
    table.ensurePolished()
    header, metrics, model = table.horizontalHeader(), table.fontMetrics(), table.model()
    for column in range(1, model.columnCount()):
        texts = [str(model.index(row, column).data() or "") for row in range(model.rowCount())]
        header.setSectionHidden(column, bool(texts) and not any(texts))
        title = str(model.headerData(column, Qt.Orientation.Horizontal))
        width = max(metrics.horizontalAdvance(each) for each in (title, *texts))
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(column, width + COLUMN_PADDING)


def follow_row(table: QTableView, row: int | None) -> None:
    """Let a row of a table be the selected one; none where None."""
    if row is None:
        table.selectionModel().clear()
    elif row != table.currentIndex().row():
        flags = (
            QItemSelectionModel.SelectionFlag.ClearAndSelect
            | QItemSelectionModel.SelectionFlag.Rows
        )
        table.selectionModel().setCurrentIndex(table.model().index(row, 0), flags)
