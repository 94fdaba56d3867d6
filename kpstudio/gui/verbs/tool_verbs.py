"""What else the mouse can do on the canvas."""

from PySide6.QtCore import QObject

from kpstudio.gui.canvas.canvas_view import CanvasView
from kpstudio.gui.canvas.tools.box_tool import BoxTool
from kpstudio.gui.canvas.tools.rule_tool import RuleTool
from kpstudio.gui.canvas.tools.template_tool import TemplateTool
from kpstudio.gui.canvas.tools.transform_tool import TransformTool
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace


class ToolVerbs(QObject):
    """The verbs of the tools menu."""

    def __init__(self, workspace: Workspace, canvas: CanvasView, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._canvas = canvas

    def entries(self) -> list[ActionEntry]:
        menu, subjects = self.tr("&Tools"), self._workspace.subjects
        return [
            ActionEntry(
                "template",
                menu,
                self.tr("&Draw a whole skeleton"),
                self.take_template,
                keys=("Shift+N",),
            ),
            ActionEntry(
                "transform",
                menu,
                self.tr("Move, &turn and scale"),
                self.take_transform,
                keys=("R",),
            ),
            ActionEntry(
                "rule",
                menu,
                self.tr("&Measure"),
                lambda: self._canvas.take(RuleTool()),
                keys=("M",),
            ),
            ActionEntry(
                "box",
                menu,
                self.tr("Draw or edit the &box"),
                lambda: self._canvas.take(BoxTool(self._workspace)),
                keys=("B",),
                starts_group=True,
            ),
            ActionEntry(
                "fit_box",
                menu,
                self.tr("&Fit the box to the keypoints"),
                subjects.fit_box,
                keys=("Shift+B",),
            ),
            ActionEntry("remove_box", menu, self.tr("&Remove the box"), subjects.remove_box),
        ]

    def take_template(self) -> None:
        template = self._workspace.labels.template()
        if template is not None and self._workspace.selection.image_id is not None:
            self._canvas.take(TemplateTool(self._workspace, template))

    def take_transform(self) -> None:
        labels = self._workspace.labels
        if labels.selected is None:
            labels.refuse(
                self.tr("No annotation is selected."), self.tr("Click one first, or press Tab.")
            )
        else:
            self._canvas.take(TransformTool(self._workspace))
