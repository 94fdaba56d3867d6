"""What is other than usual on the canvas, and why it shows no image, in words."""

from PySide6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from kpstudio.core.errors import UserProblem
from kpstudio.gui.problem_words import problem_text
from kpstudio.workspace.workspace import Workspace


def canvas_notes(workspace: Workspace, *, is_held: bool) -> list[str]:
    """What nobody shall wonder about, the most urgent first.

    Args:
        workspace: With the open image.
        is_held: Something is being moved: what keys would do then is not the question.
    """
    notes, key_names = [], workspace.key_names
    suggestions = workspace.click_to_fix.suggestions
    if suggestions is not None and not is_held:
        text = QCoreApplication.translate(
            "CanvasView", "{1} moves {0} more keypoints to their rings, Esc leaves them"
        )
        if len(suggestions.keypoints) == 1:
            text = QCoreApplication.translate(
                "CanvasView", "{1} moves one more keypoint to its ring, Esc leaves it"
            )
        notes.append(text.format(len(suggestions.keypoints), key_names.of("take_suggestions")))
    if workspace.zooming.is_on:
        notes.append(
            QCoreApplication.translate("CanvasView", "Follows the subject ({0})").format(
                key_names.of("follow")
            )
        )
    if workspace.appearance.is_adjusted:
        notes.append(
            QCoreApplication.translate("CanvasView", "Adjusted view ({0})").format(
                key_names.of("appearance")
            )
        )
    return notes


def paint_problem(painter: QPainter, problem: UserProblem, area: QRect, colour: QColor) -> None:
    """Say in the middle of the canvas why the image is not there."""
    painter.save()
    painter.resetTransform()
    painter.setPen(colour)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    room = QRectF(area).adjusted(60, 60, -60, -60)
    painter.drawText(room, int(flags), problem_text(problem, between="\n\n"))
    painter.restore()
