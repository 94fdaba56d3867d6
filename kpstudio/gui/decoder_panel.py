"""Live choice of the decoder, its parameters, and what it changes in image pixels."""

import re

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QLabel,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.messages import DecoderDescription
from kpstudio.gui.calm_field import CalmChoice
from kpstudio.gui.image_list_panel import Index
from kpstudio.gui.parameter_editor import parameter_editor, parameter_name
from kpstudio.gui.plain_table import fit_columns, follow_row, set_up_table
from kpstudio.gui.problem_words import description_text
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.selection import Selection
from kpstudio.workspace.workspace import Workspace

_SENTENCE_END = re.compile(r"(?<=。)|(?<=\.) ")
LEAST_TABLE_HEIGHT = 112
MULTI_PEAKED = 0.5  # second peak over the first
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class DecodedModel(QAbstractTableModel):
    """One row per predicted keypoint: position, score, doubt, difference to the last decoder."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shown: tuple[object, object, int] = ((), (), 0)
        workspace.inference.predictions_changed.connect(self._follow)
        workspace.project_changed.connect(self._reset)
        workspace.labels.skeleton_changed.connect(self._reset)
        workspace.selection.subject_changed.connect(self._follow)

    @property
    def _subject(self) -> int:
        ghost = self._workspace.selection.ghost or 0
        return ghost if ghost < len(self._workspace.inference.subjects) else 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        skeleton = self._workspace.labels.skeleton
        has_rows = bool(self._workspace.inference.subjects) and not parent.isValid()
        return len(skeleton) if skeleton and has_rows else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return len(self._titles())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section > 0:
            return RIGHT
        if role == Qt.ItemDataRole.ToolTipRole and orientation == Qt.Orientation.Horizontal:
            return (
                "",
                self.tr("Position in image pixels"),
                self.tr(
                    "Height of the peak, or for heads without one how likely the keypoint is "
                    "within three cells of the answer; 0 to 1"
                ),
                self.tr("Expected error on each axis, in image pixels (one standard deviation)"),
                self.tr("Distance to the previous decoder's answer, in image pixels"),
            )[section]
        return None

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Keypoint"),
            self.tr("x, y"),
            self.tr("Score"),
            self.tr("± px"),
            self.tr("Δ px"),
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() > 0:
            return RIGHT
        skeleton = self._workspace.labels.skeleton
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not skeleton:
            return None
        row, inference = index.row(), self._workspace.inference
        subject = inference.subjects[self._subject]
        x, y = subject.xy[row]
        rival = subject.rival(row)
        if role == Qt.ItemDataRole.ToolTipRole and rival > MULTI_PEAKED:
            return self.tr(
                "Another peak is {0:.0%} as high: the keypoint may be there instead."
            ).format(rival)
        deviation = subject.deviation(row)
        return (
            skeleton.keypoints[row],
            f"{x:.2f}, {y:.2f}" if np.isfinite(x) else self.tr("none"),
            f"{subject.scores[row]:.2f}" + (" ≟" if rival > MULTI_PEAKED else ""),
            f"{deviation:.1f}" if np.isfinite(deviation) else "",
            self._difference(row),
        )[index.column()]

    def _difference(self, row: int) -> str:
        inference, subject = self._workspace.inference, self._subject
        if subject >= len(inference.previous):
            return ""
        moved = inference.subjects[subject].xy[row] - inference.previous[subject].xy[row]
        distance = float(np.linalg.norm(moved))
        return f"{distance:.2f}" if np.isfinite(distance) else ""

    def _follow(self) -> None:
        inference = self._workspace.inference
        subjects, previous, subject = self._shown
        is_same = subjects is inference.subjects and previous is inference.previous
        if not (is_same and subject == self._subject):
            self._shown = (inference.subjects, inference.previous, self._subject)
            self._reset()

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()


class DecoderPanel(QWidget):
    """Built from what the engine says of its decoders."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._inference: Inference = workspace.inference
        self._selection: Selection = workspace.selection
        self.choice = CalmChoice()
        self.choice.setObjectName("decoder")
        self.choice.setAccessibleName(self.tr("Decoder"))
        self.choice.activated.connect(self._choose)
        self._help, self._advice, self._summary = QLabel(), QLabel(), QLabel()
        for label in (self._help, self._advice, self._summary):
            label.setWordWrap(True)
        self._help.setProperty("muted", True)
        self._summary.setProperty("muted", True)
        self._form = QFormLayout()
        self._shown_form = ""
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(10)
        self.table = QTableView()
        self.table.setObjectName("decoded")
        self.table.setAccessibleName(self.tr("Decoded keypoints"))
        self.table.setModel(DecodedModel(workspace, self))
        set_up_table(self.table)
        # In a low window the panel scrolls, and not this table to nothing.
        self.table.setMinimumHeight(LEAST_TABLE_HEIGHT)
        self.table.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.table.model().modelReset.connect(lambda: fit_columns(self.table))
        fit_columns(self.table)
        self.table.clicked.connect(lambda index: self._selection.select_keypoint(index.row()))
        controls = QVBoxLayout()
        controls.setContentsMargins(10, 6, 10, 6)
        controls.setSpacing(4)
        controls.addWidget(self.choice)
        controls.addWidget(self._help)
        controls.addWidget(self._advice)
        controls.addLayout(self._form)
        controls.addWidget(self._summary)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(controls)
        layout.addWidget(self.table, 1)
        self._inference.described.connect(self._describe)
        self._inference.decoder_changed.connect(self._show_choice)
        self._inference.predictions_changed.connect(self._show_summary)
        self._selection.subject_changed.connect(self._follow)
        self._describe()
        self._show_summary()

    def _describe(self) -> None:
        self.choice.clear()
        advice = self._inference.advice
        for decoder in self._inference.decoders:
            # A decoder without advice cannot read what this model gives.
            if advice and decoder.name not in advice:
                continue
            self.choice.addItem(description_text(decoder.title), decoder.name)
            tip = f"{description_text(decoder.help)} {description_text(decoder.source)}"
            self.choice.setItemData(self.choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.choice.setEnabled(bool(self._inference.decoders))
        self._shown_form = ""
        self._show_choice()

    @property
    def _current(self) -> DecoderDescription | None:
        name = self._inference.decoder.name
        return next((each for each in self._inference.decoders if each.name == name), None)

    def _choose(self, index: int) -> None:
        self._inference.choose_decoder(self.choice.itemData(index))

    def _show_choice(self) -> None:
        current = self._current
        if current is None:
            self._help.setText(self.tr("The decoders appear when the engine is ready."))
            return
        self.choice.setCurrentIndex(self.choice.findData(current.name))
        told = description_text(current.help)
        self._help.setText(_SENTENCE_END.split(told)[0])
        self._help.setToolTip(f"{told}\n{description_text(current.source)}")
        advice = self._inference.advice.get(current.name)
        self._advice.setVisible(advice is not None)
        if advice is not None:
            words = {
                "fits": self.tr("Fits this model."),
                "usable": self.tr("Usable with this model."),
                "misleading": self.tr("Misleading with this model."),
            }
            self._advice.setProperty("fit", advice.fit)
            self._advice.setText(
                f"{words.get(advice.fit, advice.fit)} {description_text(advice.reason)}"
            )
            self._advice.style().unpolish(self._advice)
            self._advice.style().polish(self._advice)
        self._build_form(current)

    def _build_form(self, decoder: DecoderDescription) -> None:
        if self._shown_form == decoder.name:
            return
        self._shown_form = decoder.name
        while self._form.rowCount():
            self._form.removeRow(0)
        for parameter in decoder.parameters:
            value = self._inference.parameter_value(parameter)
            editor = parameter_editor(parameter, value, self._inference.set_parameter)
            self._form.addRow(parameter_name(parameter), editor)

    def _show_summary(self) -> None:
        inference = self._inference
        count = len(inference.subjects)
        if not count:
            self._summary.setText(self.tr("No prediction on this image yet."))
        elif inference.previous_decoder is None or not inference.previous:
            self._summary.setText(self.tr("Choose another decoder to see how far points move."))
        else:
            differences = np.concatenate(
                [
                    np.linalg.norm(new.xy - old.xy, axis=1)
                    for new, old in zip(inference.subjects, inference.previous, strict=False)
                ]
            )
            titles = {each.name: each.title for each in inference.decoders}
            previous = inference.previous_decoder.name
            self._summary.setText(
                self.tr("Against {0}: {1:.2f} px on average, {2:.2f} px at most.").format(
                    description_text(titles.get(previous, previous)),
                    float(np.nanmean(differences)) if np.isfinite(differences).any() else 0.0,
                    float(np.nanmax(differences)) if np.isfinite(differences).any() else 0.0,
                )
            )

    def _follow(self) -> None:
        follow_row(self.table, self._selection.keypoint if self.table.model().rowCount() else None)
