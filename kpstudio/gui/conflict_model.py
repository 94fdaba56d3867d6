"""The conflicts of a merge as rows, and what a person has chosen for each."""

import datetime
from collections.abc import Collection, Mapping

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation
from kpstudio.core.history_entry import HistoryEntry
from kpstudio.core.merge import Choice, Conflict, MergePlan
from kpstudio.core.skeleton import Skeleton
from kpstudio.gui.enumeration import enumerated
from kpstudio.gui.history_panel import clock
from kpstudio.gui.image_list_panel import Index

IMAGE, WHAT, OURS, THEIRS, KEEP = range(5)
SAME_PX = 0.05


class ConflictModel(QAbstractTableModel):
    """One row per conflict.

    Args:
        plan: Of the merge.
        skeleton: Of the project.
        image_names: By the image of a conflict.
        parent: Of the model.

    Signals:
        choices_changed: Something was chosen.
    """

    choices_changed = Signal()

    def __init__(
        self,
        plan: MergePlan,
        skeleton: Skeleton,
        image_names: Mapping[int, str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._conflicts = plan.conflicts
        self._skeleton = skeleton
        self._image_names = image_names
        self.choices: dict[str, Choice] = {}

    def conflict(self, row: int) -> Conflict:
        return self._conflicts[row]

    def choice(self, row: int) -> Choice | None:
        """What was chosen; None while nothing is."""
        return self.choices.get(self.conflict(row).key)

    def choose(self, rows: Collection[int], choice: Choice) -> None:
        """Keep that of the conflicts in some rows, where it can be kept."""
        for row in rows:
            conflict = self.conflict(row)
            if choice in conflict.choices:
                self.choices[conflict.key] = choice
                self.dataChanged.emit(self.index(row, IMAGE), self.index(row, KEEP))
        self.choices_changed.emit()

    # Words

    def what_differs(self, row: int) -> str:
        """What the two copies say differently, in a few words."""
        conflict = self.conflict(row)
        if conflict.ours is None:
            return self.tr("deleted in ours, changed in theirs")
        if conflict.theirs is None:
            return self.tr("deleted in theirs, changed in ours")
        said = [*self._positions(conflict), *self._visibilities(conflict)]
        if not said:
            said = self._of_the_whole(conflict.ours, conflict.theirs)
        return enumerated(said)

    def _positions(self, conflict: Conflict) -> list[str]:
        apart = np.nan_to_num(conflict.distances())
        moved = np.flatnonzero(apart >= SAME_PX)
        if not moved.size:
            return []
        if moved.size == 1:
            name = self._skeleton.keypoints[moved[0]]
            return [self.tr("{0:.1f} px: {1}").format(apart.max(), name)]
        return [self.tr("up to {0:.1f} px: {1} keypoints").format(apart.max(), moved.size)]

    def _visibilities(self, conflict: Conflict) -> list[str]:
        ours, theirs = conflict.ours, conflict.theirs
        differs = np.flatnonzero(conflict.differs_in_visibility())
        if not differs.size or ours is None or theirs is None:
            return []
        if differs.size > 1:
            return [self.tr("visibility of {0} keypoints").format(differs.size)]
        index = int(differs[0])
        words = {
            VISIBLE: self.tr("visible"),
            OCCLUDED: self.tr("occluded"),
            NOT_LABELLED: self.tr("not labelled"),
        }
        return [
            self.tr("{0} {1} in ours, {2} in theirs").format(
                self._skeleton.keypoints[index],
                words[int(ours.visibility[index])],
                words[int(theirs.visibility[index])],
            )
        ]

    def _of_the_whole(self, ours: Annotation, theirs: Annotation) -> list[str]:
        said = []
        if ours.box != theirs.box:
            said.append(self.tr("the box"))
        if ours.track != theirs.track:
            said.append(
                self.tr("track “{0}” in ours, “{1}” in theirs").format(ours.track, theirs.track)
            )
        return said or [self.tr("the same keypoints, from another source")]

    def who_and_when(self, row: int, side: Choice, *, is_short: bool = False) -> str:
        """Who changed one side last, and when; unless short, also whether it was deleted."""
        conflict = self.conflict(row)
        is_ours = side == "ours"
        annotation = conflict.ours if is_ours else conflict.theirs
        entry = conflict.our_entry if is_ours else conflict.their_entry
        who = _author(annotation, entry) or self.tr("unknown")
        time = entry.time if entry is not None else annotation.time if annotation else None
        if is_short:
            return f"{clock(time)} {who}" if time is not None else who
        said = f"{who}, {_moment(time)}" if time is not None else who
        return said if annotation is not None else self.tr("deleted: {0}").format(said)

    def kept(self, row: int) -> str:
        """What was chosen, in a word."""
        words: dict[Choice | None, str] = {
            "both": self.tr("Both"),
            "ours": self.tr("Ours"),
            "theirs": self.tr("Theirs"),
        }
        return words.get(self.choice(row), self.tr("undecided"))

    def image_name(self, row: int) -> str:
        return self._image_names.get(self.conflict(row).image_id, "?")

    # Of Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._conflicts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 5

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (
                self.tr("Image"),
                self.tr("What differs"),
                self.tr("Ours"),
                self.tr("Theirs"),
                self.tr("Keep"),
            )[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        roles = Qt.ItemDataRole
        if role not in (roles.DisplayRole, roles.ToolTipRole, roles.AccessibleTextRole):
            return None
        row, column = index.row(), index.column()
        if column in (OURS, THEIRS):
            side: Choice = "ours" if column == OURS else "theirs"
            return self.who_and_when(row, side, is_short=role == roles.DisplayRole)
        if column == KEEP:
            return self.kept(row)
        return self.image_name(row) if column == IMAGE else self.what_differs(row)


def _author(annotation: Annotation | None, entry: HistoryEntry | None) -> str:
    if entry is not None and entry.author:
        return entry.author
    return annotation.author if annotation is not None else ""


def _moment(time: float) -> str:
    return f"{datetime.datetime.fromtimestamp(time).astimezone():%Y-%m-%d %H:%M}"
