"""What is beside the cursor: the loupe while something is held, else what a click would do."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QTransform

from kpstudio.gui.canvas.drawn_picture import DrawnPicture
from kpstudio.gui.canvas.loupe import NEEDED_BELOW, loupe_area, paint_loupe
from kpstudio.gui.canvas.pins import OPEN
from kpstudio.gui.canvas.tag import paint_tag, tag_area
from kpstudio.gui.canvas.tools.select_tool import SelectTool
from kpstudio.gui.canvas.tools.tool import Tool
from kpstudio.gui.theme import keypoint_colours
from kpstudio.workspace.workspace import Workspace


@dataclass(frozen=True)
class BesideCursor:
    """Where the cursor is, and what is in the hand.

    Args:
        workspace: With the open image.
        tool: In the hand.
        select: The tool that places and drags keypoints.
        cursor: Screen pixels.
        area: Of the canvas, screen pixels.
    """

    workspace: Workspace
    tool: Tool
    select: SelectTool
    cursor: QPointF
    area: QRect

    def covered(self, font: QFont) -> QRectF | None:
        """What of the screen it covers, with the font of the canvas; None where that is nothing."""
        if self.tool.held is not None:
            return loupe_area(self.cursor, self.area)
        tag = self._tag()
        if tag is None:
            return None
        return tag_area(self.cursor, tag[0], font=font, right=self.area.width())

    def paint(self, painter: QPainter, image: DrawnPicture | None, to_screen: QTransform) -> None:
        """Draw it.

        Args:
            painter: Draws in screen pixels.
            image: That the loupe looks at.
            to_screen: Maps image pixels to the screen.
        """
        tag, held = self._tag(), self.tool.held
        if tag is not None:
            paint_tag(painter, self.cursor, *tag)
        elif held is not None and image is not None:
            self._paint_loupe(painter, image, QPointF(*held.tolist()), to_screen)

    def _tag(self) -> tuple[str, QColor] | None:
        """What a click would do, and its colour; None where there is nothing to say."""
        workspace = self.workspace
        skeleton, index = workspace.labels.skeleton, workspace.placing.next_keypoint
        if workspace.issues.is_pinning:
            return QCoreApplication.translate("CanvasView", "Ask about this place"), OPEN
        if (
            self.tool.held is None
            and index is not None
            and skeleton is not None
            and self.tool is self.select
            and self.select.hovered is None
        ):
            return skeleton.keypoints[index], keypoint_colours(skeleton)[index]
        return None

    def _paint_loupe(
        self, painter: QPainter, image: DrawnPicture, point: QPointF, to_screen: QTransform
    ) -> None:
        preferences, skeleton = self.workspace.preferences, self.workspace.labels.skeleton
        magnification = preferences.loupe_magnification
        if not preferences.loupe or to_screen.m11() > NEEDED_BELOW * magnification:
            return
        drag = self.select.drag
        colour = QColor("white")
        if drag is not None and skeleton is not None:
            colour = keypoint_colours(skeleton)[drag.keypoint]
        paint_loupe(
            painter,
            image,
            point,
            self.cursor,
            magnification=magnification,
            area=self.area,
            colour=colour,
        )
