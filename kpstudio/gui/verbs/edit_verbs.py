"""Changing labels."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton_draft import SkeletonDraft
from kpstudio.gui.canvas.canvas_view import CanvasView
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace


class EditVerbs(QObject):
    """The verbs of the edit menu."""

    def __init__(
        self,
        workspace: Workspace,
        themes: ThemeSwitch,
        canvas: CanvasView,
        edit_settings: Callable[[], object],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._edit_settings = edit_settings
        self._workspace = workspace
        self._themes = themes
        self._canvas = canvas
        self._window = window

    def entries(self) -> list[ActionEntry]:
        menu, labels, placing = self.tr("&Edit"), self._workspace.labels, self._workspace.placing
        return [
            ActionEntry(
                "undo",
                menu,
                self.tr("&Undo"),
                labels.undo,
                keys=("Ctrl+Z",),
                icon="undo",
                greyed_because=self.tr("nothing to undo"),
            ),
            ActionEntry(
                "redo",
                menu,
                self.tr("&Redo"),
                labels.redo,
                keys=("Ctrl+Shift+Z", "Ctrl+Y"),
                icon="redo",
                greyed_because=self.tr("nothing to redo"),
            ),
            ActionEntry(
                "accept",
                menu,
                self.tr("&Accept prediction"),
                self.accept,
                keys=("Return", "Enter"),
                icon="accept",
                starts_group=True,
            ),
            ActionEntry(
                "take_suggestions",
                menu,
                self.tr("&Take suggestions"),
                self._workspace.click_to_fix.take_suggestions,
                keys=("T",),
            ),
            ActionEntry(
                "cycle",
                menu,
                self.tr("Cycle &visibility"),
                self.cycle_visibility,
                keys=("V",),
                icon="visible",
            ),
            ActionEntry(
                "begin", menu, self.tr("&New annotation"), self._canvas.begin_subject, keys=("N",)
            ),
            ActionEntry(
                "continue",
                menu,
                self.tr("&Place missing keypoints"),
                self._canvas.go_on_placing,
                keys=("P",),
            ),
            ActionEntry(
                "place_occluded",
                menu,
                self.tr("Place as &occluded"),
                self._canvas.place_occluded,
                keys=("O",),
            ),
            ActionEntry(
                "place_by_keys",
                menu,
                self.tr("Place by ke&ys, the arrows move it"),
                self.place_by_keys,
                keys=("Ins",),
            ),
            ActionEntry("skip", menu, self.tr("S&kip keypoint"), placing.skip, keys=("X",)),
            ActionEntry(
                "delete",
                menu,
                self.tr("&Delete annotation"),
                self._workspace.subjects.delete,
                keys=("Delete", "Backspace"),
            ),
            ActionEntry(
                "placing_order", menu, self.tr("Order of plac&ing…"), self.ask_placing_order
            ),
            ActionEntry(
                "edit_skeleton",
                menu,
                self.tr("Edit s&keleton…"),
                self.edit_skeleton,
                keys=("Ctrl+Shift+K",),
                icon="skeleton",
                starts_group=True,
            ),
            ActionEntry(
                "settings",
                menu,
                self.tr("Se&ttings…"),
                self._edit_settings,
                keys=("Ctrl+,",),
                needs_project=False,
                starts_group=True,
            ),
        ]

    def accept(self) -> None:
        """Accept the prediction; in a text field Enter only ends the typing."""
        if isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox):
            self._canvas.setFocus()
        else:
            self._workspace.accepting.accept()

    def cycle_visibility(self) -> None:
        selection = self._workspace.selection
        keypoint = self._workspace.placing.meant_keypoint
        if selection.annotation_id is None or keypoint is None:
            self._workspace.problem_raised.emit(
                UserProblem(self.tr("No keypoint is selected."), self.tr("Click one first."))
            )
            return
        self._workspace.labels.cycle_visibility(selection.annotation_id, keypoint)

    def place_by_keys(self) -> None:
        """Put the next keypoint where the selected one is, else in the middle of what is seen.

        It stays selected, so that the arrows move it; the next press goes on from there.
        """
        placing, selection = self._workspace.placing, self._workspace.selection
        index = placing.next_keypoint
        if index is None:
            self._workspace.problem_raised.emit(
                UserProblem(
                    self.tr("No keypoint is being placed."),
                    self.tr("“New annotation” begins another subject."),
                )
            )
            return
        annotation, chosen = self._workspace.labels.selected, selection.keypoint
        xy = np.full(2, np.nan)
        if annotation is not None and chosen is not None:
            xy = annotation.xy[chosen]
        if annotation is not None and not np.isfinite(xy).all() and annotation.is_labelled.any():
            xy = annotation.xy[annotation.is_labelled][-1]
        if not np.isfinite(xy).all():
            middle = self._canvas.image_position(QPointF(self._canvas.viewport().rect().center()))
            xy = np.array([middle.x(), middle.y()])
        x, y = self._workspace.limited(xy).tolist()
        placing.place((x, y))
        selection.select_keypoint(index)

    def ask_placing_order(self) -> None:
        """In which order clicks place the keypoints of this project."""
        from kpstudio.gui.placing_order_dialog import PlacingOrderDialog

        dialog = PlacingOrderDialog(self._workspace, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def edit_skeleton(self) -> None:
        """Other keypoints, for all images of the project."""
        labels = self._workspace.labels
        if labels.skeleton is None:
            return
        from kpstudio.gui.skeleton_dialog import SkeletonDialog

        dialog = SkeletonDialog(
            SkeletonDraft.of(labels.skeleton),
            self._themes,
            counts=labels.count_labels(),
            pose=labels.typical_pose(),
            parent=self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(
            lambda: labels.change_skeleton(dialog.skeleton, dialog.draft.renamed())
        )
        dialog.open()
