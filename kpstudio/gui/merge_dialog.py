"""What merging another copy of the project would bring, and what to keep where both changed it."""

from PySide6.QtCore import QItemSelection, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.merge import CONFLICT_TAG, Choice, MergePlan
from kpstudio.gui.conflict_model import ConflictModel
from kpstudio.gui.conflict_table import CHOICES, ConflictTable
from kpstudio.gui.conflict_view import ConflictView
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace

KEYS: dict[Choice, str] = {"both": "B", "ours": "O", "theirs": "T"}
QUESTION_WIDTH = 420


class MergeDialog(QDialog):
    """One question where nothing is in conflict; else a table of conflicts beside pictures.

    Args:
        plan: Of the merge.
        workspace: From which images come.
        themes: Colours.
        parent: Of the dialog.
    """

    def __init__(
        self,
        plan: MergePlan,
        workspace: Workspace,
        themes: ThemeSwitch,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.plan = plan
        self._merging = workspace.merging
        self.setWindowTitle(self.tr("Merge a copy"))
        skeleton = workspace.labels.skeleton
        assert skeleton is not None
        self.model = ConflictModel(plan, skeleton, _image_names(plan, workspace), self)
        self.summary = QLabel(self._summary())
        self.summary.setWordWrap(True)
        self.state = QLabel()
        self.state.setProperty("muted", True)
        self.state.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.merge = self.buttons.addButton(
            self.tr("&Merge"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.merge.setProperty("primary", True)
        self.merge.setDefault(True)
        self.table = ConflictTable(self.model, themes)
        self.view = ConflictView(self.model, workspace, themes)
        self._set_up()
        self._connect()
        self._show_state()
        if plan.conflicts:
            self.table.selectRow(0)
            self.table.setFocus()

    @property
    def choices(self) -> dict[str, Choice]:
        """What was chosen, by key of the conflict."""
        return self.model.choices

    def accept(self) -> None:
        """Merge; the dialog stays until it is stored, so that nobody labels meanwhile."""
        if self._merging.is_storing:
            return
        self._merging.merge(self.plan, self.choices)
        if not self._merging.is_storing:
            super().accept()

    def reject(self) -> None:
        """Merge nothing; what is being stored already cannot be stopped."""
        if not self._merging.is_storing:
            super().reject()

    def _follow(self) -> None:
        is_storing = self._merging.is_storing
        for each in (self.table, self.view, self.buttons, *self.findChildren(QPushButton)):
            each.setEnabled(not is_storing)
        for key in self.findChildren(QShortcut):
            key.setEnabled(not is_storing)
        if is_storing:
            self.state.setText(self.tr("Merging…"))
        elif self.isVisible():
            super().accept()

    def _set_up(self) -> None:
        heading = QLabel(self.tr("Merge “{0}” into this project").format(self.plan.name))
        heading.setProperty("heading", True)
        heading.setWordWrap(True)
        last = QHBoxLayout()
        last.setSpacing(20)
        last.addWidget(self.state, 1)
        last.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(heading)
        layout.addWidget(self.summary)
        if self.plan.conflicts:
            layout.addWidget(self._conflicts(), 1)
            self.resize(1220, 640)
        else:
            self.setMinimumWidth(QUESTION_WIDTH)
            for unused in (self.table, self.view):
                unused.setParent(self)
                unused.hide()
        layout.addLayout(last)

    def _conflicts(self) -> QWidget:
        side = QWidget()
        rows = QVBoxLayout(side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(self.table, 1)
        rows.addLayout(self._for_all())
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(14)
        split.addWidget(side)
        split.addWidget(self.view)
        split.setSizes([700, 470])
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        return split

    def _for_all(self) -> QHBoxLayout:
        words: dict[Choice, str] = {
            "both": self.tr("Both"),
            "ours": self.tr("Ours"),
            "theirs": self.tr("Theirs"),
        }
        row = QHBoxLayout()
        row.addWidget(QLabel(self.tr("For all:")))
        for choice in CHOICES:
            button = QPushButton(words[choice])
            button.setObjectName(f"all_{choice}")
            button.setAutoDefault(False)
            button.setToolTip(
                self.tr(
                    "Keep this of every conflict where there is that choice (Shift+{0})"
                ).format(KEYS[choice])
            )
            button.clicked.connect(lambda _=False, choice=choice: self.choose_for_all(choice))
            row.addWidget(button)
        row.addStretch(1)
        keys = QLabel(self.tr("B, O, T: both, ours, theirs of the selected; with Shift of all"))
        keys.setProperty("muted", True)
        row.addWidget(keys)
        return row

    def _connect(self) -> None:
        self._merging.changed.connect(self._follow)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.model.choices_changed.connect(self._show_state)
        self.table.selectionModel().selectionChanged.connect(self._show_selected)
        for choice, key in KEYS.items():
            one, all_ = (
                QShortcut(QKeySequence(key), self),
                QShortcut(QKeySequence(f"Shift+{key}"), self),
            )
            one.activated.connect(lambda choice=choice: self.table.choose(choice))
            all_.activated.connect(lambda choice=choice: self.choose_for_all(choice))

    def choose_for_all(self, choice: Choice) -> None:
        """Keep that of all conflicts where it can be kept."""
        self.model.choose(range(self.model.rowCount()), choice)

    def _show_selected(self, _selected: QItemSelection, _left: QItemSelection) -> None:
        rows = self.table.selected_rows
        current = self.table.currentIndex().row()
        if rows:
            self.view.show_row(current if current in rows else rows[-1])

    def _summary(self) -> str:
        plan = self.plan
        is_new = [old is None for old, _ in plan.changes]
        is_deleted = [new is None for _, new in plan.changes]
        changed = len(plan.changes) - sum(is_new) - sum(is_deleted)
        annotations = _listed(
            (sum(is_new), self.tr("{0} new")),
            (changed, self.tr("{0} changed")),
            (sum(is_deleted), self.tr("{0} deleted")),
        )
        images = _listed(
            (len(plan.images), self.tr("{0} new")),
            (len(plan.marks.tagged), self.tr("{0} with other tags")),
            (len(plan.marks.new_reviews), self.tr("{0} with another review")),
            (len(plan.splits), self.tr("{0} with a split")),
            (len(plan.issues), self.tr("{0} with an issue")),
        )
        history = _listed((len(plan.entries), self.tr("{0} entries")))
        said = [
            text.format(counts)
            for text, counts in (
                (self.tr("annotations: {0}"), annotations),
                (self.tr("images: {0}"), images),
                (self.tr("history: {0}"), history),
            )
            if counts
        ]
        told = self.tr("Nothing comes in but what is in conflict.")
        if said:
            told = self.tr("What comes in – {0}.").format("; ".join(said))
        return "\n".join([told, *plan.notes])

    def _show_state(self) -> None:
        count, decided = len(self.plan.conflicts), len(self.choices)
        if not count:
            self.state.setText(self.tr("Nothing is in conflict."))
        elif decided == count:
            self.state.setText(self.tr("All {0} conflicts are decided.").format(count))
        else:
            self.state.setText(
                self.tr(
                    "{0} of {1} conflicts are decided. The others lose nothing: both are kept, or"
                    " the one that is left, and the image gets the tag “{2}”."
                ).format(decided, count, CONFLICT_TAG)
            )


def _image_names(plan: MergePlan, workspace: Workspace) -> dict[int, str]:
    names = {-image.id: image.name for image in plan.images}
    for conflict in plan.conflicts:
        image = workspace.image(conflict.image_id)
        if image is not None:
            names[conflict.image_id] = image.name
    return names


def _listed(*counts: tuple[int, str]) -> str:
    return ", ".join(text.format(count) for count, text in counts if count)
