"""How far training samples may differ from what was labelled: a preset, and changes to it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.augmentation import PRESETS, Augmentation, AugmentationChoice
from kpstudio.core.parameters import describe_parameters
from kpstudio.gui.parameter_editor import parameter_editor, parameter_name
from kpstudio.gui.problem_words import description_text


class AugmentationDialog(QDialog):
    """Edits a choice; `choice` is what was chosen.

    Args:
        choice: To begin with.
        parent: Of the dialog.
    """

    def __init__(self, choice: AugmentationChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Augmentation"))
        self.choice = choice
        self.preset = QComboBox()
        self.preset.setObjectName("preset")
        self.preset.setAccessibleName(self.tr("Kind of images"))
        for name, preset in PRESETS.items():
            self.preset.addItem(description_text(preset.title), name)
        self.preset.setCurrentIndex(max(self.preset.findData(choice.preset), 0))
        self._help, self._left = QLabel(), QFormLayout()
        self._right = QFormLayout()
        self._help.setWordWrap(True)
        self._help.setProperty("muted", True)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        columns.addLayout(self._left)
        columns.addLayout(self._right)
        for form in (self._left, self._right):
            form.setVerticalSpacing(8)
            form.setHorizontalSpacing(12)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.Reset
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._reset = buttons.button(QDialogButtonBox.StandardButton.Reset)
        self._reset.setToolTip(self.tr("The values of the preset"))
        self._reset.clicked.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(self.preset)
        layout.addWidget(self._help)
        layout.addLayout(columns)
        layout.addWidget(buttons)
        self.preset.activated.connect(self._choose)
        self._show()

    def _choose(self) -> None:
        self.choice = AugmentationChoice(self.preset.currentData())
        self._show()

    def _show(self) -> None:
        self._help.setText(description_text(PRESETS[self.choice.preset].help))
        shown = self.choice.augmentation(if_automatic=Augmentation())
        parameters = describe_parameters(Augmentation)
        half = (len(parameters) + 1) // 2
        for form, part in ((self._left, parameters[:half]), (self._right, parameters[half:])):
            while form.rowCount():
                form.removeRow(0)
            for parameter in part:
                value = getattr(shown, parameter.name)
                editor = parameter_editor(parameter, value, self._change)
                editor.setAlignment(Qt.AlignmentFlag.AlignRight)
                label = QLabel(parameter_name(parameter))
                label.setToolTip(description_text(parameter.help))
                form.addRow(label, editor)
        self._reset.setEnabled(bool(self.choice.changes))

    def _change(self, name: str, value: float) -> None:
        preset = AugmentationChoice(self.choice.preset).augmentation(if_automatic=Augmentation())
        changes = {**self.choice.changes, name: value}
        # What the labels would say is not known here, so there every value is a choice.
        if value == getattr(preset, name) and self.choice.preset != "automatic":
            del changes[name]
        self.choice = AugmentationChoice(self.choice.preset, changes)
        self._reset.setEnabled(bool(changes))
