"""A field for one parameter that describes itself."""

from collections.abc import Callable

from kpstudio.core.parameters import ParameterDescription
from kpstudio.gui.calm_field import CalmNumber, CalmWhole
from kpstudio.gui.problem_words import description_text


def parameter_name(parameter: ParameterDescription) -> str:
    """As a form calls it."""
    return description_text(parameter.name.replace("_", " "))


def parameter_editor(
    parameter: ParameterDescription,
    value: float | int,
    changed: Callable[[str, float | int], None],
) -> CalmWhole | CalmNumber:
    """A field with the parameter's range and help, which tells every change with its name."""
    if isinstance(parameter.default, int):
        whole = CalmWhole()
        whole.setRange(int(parameter.minimum), int(parameter.maximum))
        whole.setValue(int(value))
        editor: CalmWhole | CalmNumber = whole
    else:
        real = CalmNumber()
        real.setDecimals(2)
        real.setSingleStep(max(0.05, round(float(parameter.default) / 10, 2)))
        real.setRange(parameter.minimum, parameter.maximum)
        real.setValue(value)
        editor = real
    editor.setObjectName(parameter.name)
    editor.setToolTip(description_text(parameter.help))
    editor.setAccessibleName(parameter_name(parameter))
    editor.valueChanged.connect(lambda new: changed(parameter.name, new))
    return editor
