"""Questions about images: the list, the thread of one, and a field to ask and answer."""

from html import escape

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QTableView,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.issue import Comment
from kpstudio.gui.comment_field import CommentField
from kpstudio.gui.history_panel import clock
from kpstudio.gui.issue_model import IMAGE, QUESTION, IssueModel
from kpstudio.gui.plain_table import follow_row, set_up_table
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace


class IssuePanel(QWidget):
    """Choosing a row opens its image and shows its thread.

    Signals:
        left: The keyboard is wanted elsewhere.
    """

    left = Signal()

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace, self._themes = workspace, themes
        self._model = IssueModel(workspace, self)
        self.scope = QComboBox()
        self.scope.setObjectName("issue_scope")
        self.scope.setAccessibleName(self.tr("Which issues are listed"))
        self.scope.addItems([self.tr("Open, of all images"), self.tr("All of this image")])
        self._count = QLabel()
        self._count.setProperty("muted", True)
        self.table = QTableView()
        self.conversation = QTextEdit()
        self.field = CommentField()
        self.field.setAccessibleName(self.tr("Question or answer"))
        self.pin = QPushButton(self.tr("Pin"))
        self.settle = QPushButton()
        self.send = QPushButton()
        self._set_up()
        self._set_up_layout()
        self._connect()
        self._show()

    def _set_up(self) -> None:
        self.table.setObjectName("issues")
        self.table.setAccessibleName(self.tr("Issues"))
        self.table.setModel(self._model)
        set_up_table(self.table)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(QUESTION, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(IMAGE, 96)
        header.hide()
        self.conversation.setObjectName("thread")
        self.conversation.setReadOnly(True)
        self.conversation.setTabChangesFocus(True)
        self.conversation.setAccessibleName(self.tr("Thread of the chosen issue"))
        self.pin.setObjectName("pin_issue")
        self.settle.setObjectName("settle_issue")
        self.send.setObjectName("send_comment")
        self.send.setToolTip(self.tr("Enter; Shift+Enter begins another line"))

    def _set_up_layout(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 10, 4)
        head.addWidget(self.scope)
        head.addWidget(self._count, 1, Qt.AlignmentFlag.AlignRight)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.table)
        parts.addWidget(self.conversation)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 2)
        for part in (self.table, self.conversation):
            part.setMinimumHeight(50)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.pin)
        buttons.addWidget(self.settle)
        buttons.addStretch(1)
        buttons.addWidget(self.send)
        below = QVBoxLayout()
        below.setContentsMargins(8, 6, 8, 8)
        below.setSpacing(6)
        below.addWidget(self.field)
        below.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(parts, 1)
        layout.addLayout(below)

    def _connect(self) -> None:
        issues = self._workspace.issues
        self.scope.currentIndexChanged.connect(self._change_scope)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.field.sent.connect(self._send)
        self.field.left.connect(self._leave)
        self.field.textChanged.connect(self._show_buttons)
        self.send.clicked.connect(self._send)
        self.pin.clicked.connect(issues.begin_pin)
        self.settle.clicked.connect(self._settle)
        issues.issues_changed.connect(self._show)
        issues.here_changed.connect(self._show)
        issues.issue_chosen.connect(self._show)
        issues.draft_changed.connect(self._show)
        self._workspace.project_changed.connect(self._show)
        self._workspace.key_names.changed.connect(self._show)
        self._themes.changed.connect(self._show)

    def write(self) -> None:
        """Let the next keys be typed into the field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # What is done here

    def _change_scope(self, index: int) -> None:
        self._model.show_image_only(index == 1)
        self.table.setColumnHidden(IMAGE, index == 1)
        self._show()

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid():
            self._workspace.issues.choose(self._model.id_at(current.row()))

    def _send(self) -> None:
        if self._workspace.issues.say(self.field.toPlainText()):
            self.field.clear()

    def _leave(self) -> None:
        self._workspace.issues.drop_draft()
        self.left.emit()

    def _settle(self) -> None:
        issues = self._workspace.issues
        if issues.chosen is not None and issues.chosen.is_open:
            issues.close_chosen()
        else:
            issues.reopen_chosen()

    # What is seen here

    def _show(self) -> None:
        issues = self._workspace.issues
        follow_row(self.table, self._model.row_of(issues.chosen_id))
        count = len(issues.open_ids)
        self._count.setText(self.tr("{0} open").format(count) if count else "")
        if issues.chosen is None or issues.draft is not None:
            self.conversation.setPlainText(self._advice())
        else:
            self.conversation.setHtml("".join(map(self._said, issues.chosen.comments)))
            self.conversation.verticalScrollBar().setValue(
                self.conversation.verticalScrollBar().maximum()
            )
        self.field.setPlaceholderText(self._invitation())
        self._show_buttons()

    def _show_buttons(self) -> None:
        issues = self._workspace.issues
        has_image = self._workspace.selection.image_id is not None
        chosen = issues.chosen if issues.draft is None else None
        key = self._workspace.key_names.of("pin_issue")
        self.pin.setToolTip(self.tr("Ask about a place: click it on the image ({0})").format(key))
        self.pin.setEnabled(has_image)
        self.field.setEnabled(has_image)
        is_closed = chosen is not None and not chosen.is_open
        self.settle.setText(self.tr("Reopen") if is_closed else self.tr("Close issue"))
        self.settle.setEnabled(chosen is not None)
        self.send.setText(self.tr("Ask") if chosen is None else self.tr("Reply"))
        self.send.setEnabled(has_image and bool(self.field.toPlainText().strip()))

    def _advice(self) -> str:
        issues = self._workspace.issues
        if self._workspace.selection.image_id is None:
            return self.tr("Open an image to ask something about it.")
        if issues.is_pinning:
            return self.tr("Click the place on the image that the question is about.")
        if issues.draft is not None and issues.draft.xy is not None:
            x, y = issues.draft.xy
            return self.tr("A question about {0:.1f}, {1:.1f}. Write it below.").format(x, y)
        if issues.draft is not None:
            return self.tr("A question about the whole image. Write it below.")
        return self.tr("Choose an issue to read it, or ask something about this image.")

    def _invitation(self) -> str:
        issues = self._workspace.issues
        if issues.draft is not None and issues.draft.xy is not None:
            return self.tr("Ask about the pinned place")
        if issues.chosen is not None and issues.draft is None:
            return self.tr("Answer #{0}").format(issues.chosen.id)
        return self.tr("Ask about this image")

    def _said(self, comment: Comment) -> str:
        muted = self._themes.theme.muted
        author = escape(comment.author or self.tr("somebody"))
        text = escape(comment.text).replace("\n", "<br>")
        when = clock(comment.time)
        return (
            f'<p style="margin:2px 0 6px 0"><b>{author}</b>'
            f' <span style="color:{muted}">{when}</span><br>{text}</p>'
        )
