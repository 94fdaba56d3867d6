"""Edit the keypoints of a project, also after labels exist."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.skeleton import Skeleton
from kpstudio.core.skeleton_draft import SkeletonDraft
from kpstudio.gui.draft_model import DraftModel, draft_colour
from kpstudio.gui.enumeration import enumerated
from kpstudio.gui.picture_preview import PicturePreview
from kpstudio.gui.problem_words import problem_text
from kpstudio.gui.skeleton_preview import SkeletonPreview
from kpstudio.gui.skeleton_table import SkeletonTable
from kpstudio.gui.theme import ThemeSwitch

MOST_NAMED = 3


class SkeletonDialog(QDialog):
    """A table of keypoints beside a picture in which edges are drawn.

    Args:
        draft: To begin with.
        themes: Colours.
        counts: Labels by keypoint, also by those that were removed.
        pose: (K, 2) what a subject looks like; None where nobody knows.
        picture: (H, W, 3) RGB on which keypoints are put by clicks; None to draw edges only.
        parent: Of the dialog.
    """

    def __init__(
        self,
        draft: SkeletonDraft,
        themes: ThemeSwitch,
        *,
        counts: dict[str, int] | None = None,
        pose: NDArray[np.float64] | None = None,
        picture: NDArray[np.uint8] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Edit skeleton"))
        self._first, self._counts = draft, counts or {}
        self.model = DraftModel(draft, self._counts, self)
        self.table = SkeletonTable(self.model)
        self.preview = (
            SkeletonPreview(self.model, pose, themes)
            if picture is None
            else PicturePreview(self.model, picture, themes)
        )
        self.message = QLabel()
        self.message.setObjectName("message")
        self.message.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setProperty("primary", True)
        self._by_need: list[tuple[QPushButton, Callable[[], bool]]] = []
        self._set_up()
        self._connect()
        self._show()
        self.table.setFocus()

    @property
    def draft(self) -> SkeletonDraft:
        return self.model.draft

    @property
    def clicked(self) -> NDArray[np.float64] | None:
        """(K, 2) where the keypoints were put on the picture; None without one."""
        return self.preview.clicked if isinstance(self.preview, PicturePreview) else None

    @property
    def skeleton(self) -> Skeleton:
        """What was made; only after OK, which is not to be had while something is wrong."""
        return self.draft.skeleton()

    # Composition

    def _set_up(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(14)
        split.addWidget(self._keypoints())
        split.addWidget(self._picture())
        has_picture = isinstance(self.preview, PicturePreview)
        split.setStretchFactor(0, 2 if has_picture else 3)
        split.setStretchFactor(1, 3 if has_picture else 2)
        last = QHBoxLayout()
        last.setSpacing(20)
        last.addWidget(self.message, 1)
        last.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(self._names())
        layout.addWidget(split, 1)
        layout.addLayout(last)
        self.resize(1040, 640)

    def _names(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        fields = (
            ("name", self.tr("S&keleton"), self.draft.name, ""),
            ("category", self.tr("Su&bject"), self.draft.category, self.tr("In COCO files")),
        )
        for field, text, value, tip in fields:
            label, edit = QLabel(text), QLineEdit(value)
            edit.setObjectName(field)
            edit.setToolTip(tip)
            edit.setAccessibleName(text.replace("&", ""))
            label.setBuddy(edit)
            edit.textChanged.connect(lambda new, field=field: self._rename(field, new))
            row.addWidget(label)
            row.addWidget(edit, 1)
            row.addSpacing(12)
        row.addStretch(1)
        return row

    def _keypoints(self) -> QWidget:
        side = QWidget()
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.table, 1)
        table = self.table
        rows = QHBoxLayout()
        rows.addWidget(self._button("add", self.tr("&Add"), table.add, self.tr("Insert")))
        some, two = lambda: bool(table.selected_keys), lambda: len(table.selected_keys) == 2
        for name, text, run, tip in (
            ("remove", self.tr("&Remove"), table.remove, self.tr("Delete")),
            ("up", self.tr("&Up"), lambda: table.move_rows(-1), self.tr("Alt+Up, or drag")),
            (
                "down",
                self.tr("&Down"),
                lambda: table.move_rows(1),
                self.tr("Alt+Down, or drag"),
            ),
            ("colour", self.tr("&Colour…"), self.choose_colour, ""),
            ("by_side", self.tr("Colour by &side"), self.colour_by_side, ""),
        ):
            rows.addWidget(self._button(name, text, run, tip, some))
        rows.addStretch(1)
        joins = QHBoxLayout()
        joins.addWidget(
            self._button(
                "join",
                self.tr("&Join or part"),
                self.join_selected,
                self.tr("The edge between two selected keypoints"),
                two,
            )
        )
        joins.addWidget(
            self._button(
                "mirror",
                self.tr("&Mirror images"),
                self.pair_selected,
                self.tr("Two selected keypoints are left and right of each other"),
                two,
            )
        )
        joins.addWidget(
            self._button(
                "by_name",
                self.tr("Mirror images by &name"),
                self.pair_by_name,
                self.tr("Pair keypoints whose names differ in left and right only"),
                lambda: self.draft.with_pairs_by_name() != self.draft,
            )
        )
        joins.addWidget(
            self._button(
                "undo",
                self.tr("Und&o"),
                self.model.undo,
                self.tr("Ctrl+Z; with Shift forth again"),
                lambda: self.model.can_undo,
            )
        )
        joins.addStretch(1)
        layout.addLayout(rows)
        layout.addLayout(joins)
        return side

    def _picture(self) -> QWidget:
        side = QWidget()
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        help_ = QLabel(
            self.tr(
                "Click where a keypoint is and type its name; Enter ends it. Click two keypoints"
                " to join them."
            )
            if isinstance(self.preview, PicturePreview)
            else self.tr(
                "Click two keypoints to join them, or to part them; with Shift go on from the"
                " second. The wheel zooms, the middle button moves."
            )
        )
        help_.setWordWrap(True)
        help_.setProperty("muted", True)
        layout.addWidget(self.preview, 1)
        layout.addWidget(help_)
        return side

    def _button(
        self,
        name: str,
        text: str,
        run: Callable[[], None],
        tip: str = "",
        is_enabled: Callable[[], bool] | None = None,
    ) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.clicked.connect(lambda _=False: run())
        if is_enabled is not None:
            self._by_need.append((button, is_enabled))
        return button

    def _connect(self) -> None:
        self.model.draft_changed.connect(self._show)
        self.table.keys_selected.connect(self._show_selected)
        self.table.colour_wanted.connect(lambda key: self._choose_colour((key,)))
        self.preview.key_pressed.connect(lambda key: self.table.select_keys((key,)))
        if isinstance(self.preview, PicturePreview):
            self.preview.key_added.connect(self.table.name_new)
        for keys, run in (("Ctrl+Z", self.model.undo), ("Ctrl+Shift+Z", self.model.redo)):
            QShortcut(QKeySequence(keys), self).activated.connect(run)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    # Views of the draft

    def _show(self) -> None:
        problem = self.draft.problem()
        self.ok.setEnabled(problem is None)
        self.message.setText(self._changes() if problem is None else problem_text(problem))
        self.message.setProperty("muted", problem is None)
        self.message.setProperty("fit", "misleading" if problem else "")
        style = self.message.style()
        style.unpolish(self.message)
        style.polish(self.message)
        self._show_selected()

    def _show_selected(self) -> None:
        self.preview.show_selected(self.table.selected_keys)
        for button, is_enabled in self._by_need:
            button.setEnabled(is_enabled())

    def _changes(self) -> str:
        """What OK will do to labels."""
        there = {each.origin for each in self.draft.keypoints}
        said = []
        removed = [each.name for each in self._first.keypoints if each.origin not in there]
        if lost := sum(self._counts.get(name, 0) for name in removed):
            said.append(
                self.tr("Removed: {0}; {1} labels are kept, and return with the name.").format(
                    _listed(removed), lost
                )
            )
        elif removed:
            said.append(self.tr("Removed: {0}.").format(_listed(removed)))
        new = [each for each in self.draft.keypoints if not each.origin]
        back = [each for each in new if self.model.label_count(each.key)]
        if back:
            names = _listed([each.name for each in back])
            labels = sum(self.model.label_count(each.key) for each in back)
            said.append(self.tr("Back: {0} with {1} labels.").format(names, labels))
        if renamed := self.draft.renamed():
            names = _listed([f"{old} → {name}" for old, name in renamed.items()])
            said.append(self.tr("Renamed: {0}.").format(names))
        count = self.tr("{0} keypoints, {1} edges, {2} mirrored pairs.").format(
            len(self.draft.keypoints), len(self.draft.edges), len(self.draft.flip_pairs)
        )
        return " ".join([count, *said])

    # Verbs

    def _rename(self, field: str, new: str) -> None:
        names = {"name": self.draft.name, "category": self.draft.category, field: new.strip()}
        self.model.rename(**names)

    def choose_colour(self) -> None:
        """Ask for a colour of the selected keypoints."""
        self._choose_colour(self.table.selected_keys)

    def _choose_colour(self, keys: tuple[int, ...]) -> None:
        if not keys:
            return
        now = draft_colour(self.draft, keys[0])
        chosen = QColorDialog.getColor(now, self, self.tr("Colour of the keypoint"))
        if chosen.isValid():
            self._paint(keys, chosen.name(QColor.NameFormat.HexRgb))

    def colour_by_side(self) -> None:
        """The selected keypoints have the colour of their side again."""
        self._paint(self.table.selected_keys, "")

    def _paint(self, keys: tuple[int, ...], colour: str) -> None:
        draft = self.draft
        for key in keys:
            draft = draft.with_keypoint(key, colour=colour)
        self.model.change(draft)

    def join_selected(self) -> None:
        """Join the two selected keypoints, or part them."""
        self.model.change(self.draft.with_edge_toggled(*self.table.selected_keys))

    def pair_selected(self) -> None:
        """The two selected keypoints are mirror images, or are so no more."""
        first, second = self.table.selected_keys
        is_pair = self.draft.partner(first) == second
        self.model.change(self.draft.with_partner(first, None if is_pair else second))

    def pair_by_name(self) -> None:
        self.model.change(self.draft.with_pairs_by_name())

    def accept(self) -> None:
        """OK: a button that takes no focus leaves the field open in which a name is typed."""
        self.table.finish_typing()
        if self.draft.problem() is None:
            super().accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return in a field ends the typing; OK is pressed on purpose."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.ok.hasFocus():
            event.accept()
            return
        super().keyPressEvent(event)


def _listed(names: list[str]) -> str:
    shown = enumerated(names[:MOST_NAMED])
    return f"{shown} +{len(names) - MOST_NAMED}" if len(names) > MOST_NAMED else shown
