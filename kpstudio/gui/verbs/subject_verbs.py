"""Whole subjects: sides, copies, identities, and predictions taken over."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace

MOST_PASTED = 10_000


class SubjectVerbs(QObject):
    """The verbs of the subject menu."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._window = window

    def entries(self) -> list[ActionEntry]:
        menu = self.tr("&Subject")
        return [*self._taking(menu), *self._shaping(menu), *self._copying(menu)]

    def _taking(self, menu: str) -> list[ActionEntry]:
        accepting, subjects = self._workspace.accepting, self._workspace.subjects
        return [
            ActionEntry(
                "accept_keypoint",
                menu,
                self.tr("Accept this &keypoint only"),
                accepting.accept_keypoint,
                keys=("Y",),
            ),
            ActionEntry(
                "accept_above",
                menu,
                self.tr("Accept all &sure keypoints"),
                lambda: accepting.accept_above(self._workspace.preferences.accept_score),
                keys=("Shift+Y",),
            ),
            ActionEntry(
                "visible",
                menu,
                self.tr("&Visible"),
                lambda: subjects.set_visibility(VISIBLE),
                keys=("2",),
                starts_group=True,
            ),
            ActionEntry(
                "occluded",
                menu,
                self.tr("&Occluded"),
                lambda: subjects.set_visibility(OCCLUDED),
                keys=("1",),
            ),
            ActionEntry(
                "unlabelled",
                menu,
                self.tr("&Not labelled"),
                lambda: subjects.set_visibility(NOT_LABELLED),
                keys=("0",),
            ),
        ]

    def _shaping(self, menu: str) -> list[ActionEntry]:
        subjects = self._workspace.subjects
        return [
            ActionEntry(
                "flip",
                menu,
                self.tr("Exchange &left and right"),
                subjects.flip,
                keys=("L",),
                starts_group=True,
            ),
            ActionEntry(
                "flip_limb",
                menu,
                self.tr("Exchange the li&mb with the other side's"),
                subjects.flip_limb,
                keys=("Shift+L",),
            ),
            ActionEntry(
                "flip_pair",
                menu,
                self.tr("Exchange the &pair of this keypoint"),
                subjects.flip_pair,
                keys=("Ctrl+Shift+L",),
            ),
            ActionEntry(
                "duplicate",
                menu,
                self.tr("&Duplicate"),
                subjects.duplicate,
                keys=("Ctrl+D",),
                starts_group=True,
            ),
            ActionEntry(
                "split",
                menu,
                self.tr("Spl&it off the chosen keypoints"),
                subjects.split,
                keys=("Ctrl+L",),
            ),
            ActionEntry(
                "merge_subjects",
                menu,
                self.tr("M&erge with the nearest"),
                subjects.merge,
                keys=("Ctrl+J",),
            ),
        ]

    def _copying(self, menu: str) -> list[ActionEntry]:
        copying = self._workspace.copying
        return [
            ActionEntry(
                "copy", menu, self.tr("&Copy"), copying.copy, keys=("Ctrl+C",), starts_group=True
            ),
            ActionEntry("paste", menu, self.tr("P&aste"), copying.paste, keys=("Ctrl+V",)),
            ActionEntry(
                "paste_to_next",
                menu,
                self.tr("Paste on the ne&xt images…"),
                self.ask_paste,
                keys=("Ctrl+Shift+V",),
            ),
            ActionEntry(
                "copy_previous",
                menu,
                self.tr("Copy f&rom the previous image"),
                lambda: copying.copy_from(-1),
                keys=("C",),
            ),
            ActionEntry(
                "copy_next",
                menu,
                self.tr("Copy from the next ima&ge"),
                lambda: copying.copy_from(1),
                keys=("Shift+C",),
            ),
            ActionEntry(
                "interpolate",
                menu,
                self.tr("Interpolate to the next la&bel"),
                copying.interpolate,
                keys=("K",),
                starts_group=True,
            ),
            ActionEntry(
                "interpolate_by_flow",
                menu,
                self.tr("Interpolate, following the p&ixels"),
                lambda: copying.interpolate(uses_flow=True),
                keys=("Shift+K",),
            ),
            ActionEntry(
                "propagate",
                menu,
                self.tr("&Follow forward until it drifts"),
                copying.propagate,
                keys=("Shift+F",),
            ),
            ActionEntry(
                "swap_identities",
                menu,
                self.tr("S&wap identities from here on"),
                copying.swap_identities,
                keys=("Shift+T",),
            ),
        ]

    def ask_paste(self) -> None:
        """Ask on how many images what was copied shall be pasted."""
        dialog = QInputDialog(self._window)
        dialog.setObjectName("paste_count")
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setWindowTitle(self.tr("Paste on the next images"))
        dialog.setLabelText(self.tr("On how many images, this one and those after it in the list?"))
        dialog.setIntRange(1, MOST_PASTED)
        dialog.setIntValue(10)
        dialog.intValueSelected.connect(self._workspace.copying.paste_to_next)
        dialog.open()
