"""The previous image of the list beside the canvas, at the same place; to be looked at only."""

from typing import Protocol

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from kpstudio.core.dataset import Image
from kpstudio.core.picture import Picture
from kpstudio.gui.canvas.corner_notes import paint_corner_notes
from kpstudio.gui.canvas.drawn_picture import DrawnPicture
from kpstudio.gui.canvas.pose_painter import PosePainter
from kpstudio.gui.glimpse_poses import glimpse_poses
from kpstudio.gui.problem_words import problem_text
from kpstudio.gui.theme import ThemeSwitch, keypoint_colours
from kpstudio.workspace.workspace import Workspace


class Sight(Protocol):
    """What says how image pixels lie on the screen."""

    def viewportTransform(self) -> QTransform: ...


class PreviousView(QWidget):
    """Hidden unless images are compared; it must be as large as the canvas."""

    def __init__(self, workspace: Workspace, sight: Sight, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace = workspace
        self._sight = sight
        self._themes = themes
        self._image: Image | None = None
        self._picture: Picture | None = None
        self._drawn: DrawnPicture | None = None
        self._painter: PosePainter | None = None
        self.setObjectName("previous_image")
        self.setAccessibleName(self.tr("Previous image"))
        workspace.overlay.changed.connect(self._show)
        workspace.selection.image_changed.connect(self._show)
        workspace.images_changed.connect(self._show)
        workspace.labels.skeleton_changed.connect(self._show)
        workspace.project_changed.connect(self._show)
        workspace.pixels.image_read.connect(self._take_picture)
        workspace.pixels.image_failed.connect(lambda *_: self.update())
        workspace.appearance.changed.connect(self._adjust)
        workspace.glimpses.changed.connect(self.update)
        themes.changed.connect(self.update)
        self._show()

    @property
    def image_id(self) -> int | None:
        """Of the image that is shown."""
        return self._image.id if self._image is not None and self._picture is not None else None

    # Views of the workspace

    def _show(self) -> None:
        workspace = self._workspace
        self.setVisible(workspace.overlay.has_previous)
        if not workspace.overlay.has_previous:
            self._image = self._picture = None
            self._adjust()
            return
        skeleton = workspace.labels.skeleton
        self._painter = (
            PosePainter(skeleton.edges, keypoint_colours(skeleton), skeleton.keypoints)
            if skeleton
            else None
        )
        position = workspace.position(workspace.selection.image_id)
        before = workspace.images[position - 1] if position else None
        if before != self._image or self._picture is None:
            self._image, self._picture = before, None
            if before is not None:
                self._picture = workspace.pixels.cached_picture(before.id)
                workspace.pixels.read_ahead([before])
        self._adjust()

    def _take_picture(self, image_id: int, picture: Picture) -> None:
        if self._image is not None and image_id == self._image.id:
            self._picture = picture
            self._adjust()

    def _adjust(self) -> None:
        image, picture = self._image, self._picture
        if image is not None and picture is not None:
            picture = self._workspace.appearance.shown_picture(image.id, picture)
        self._drawn = None if picture is None else DrawnPicture(picture)
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter, theme = QPainter(self), self._themes.theme
        painter.fillRect(self.rect(), QColor(theme.canvas))
        if self._drawn is None or self._image is None:
            self._paint_words(painter)
        else:
            transform = self._sight.viewportTransform()
            painter.setTransform(transform)
            # Pixel i is drawn over [i - 0.5, i + 0.5], and Qt would draw it over [i, i + 1].
            seen = transform.inverted()[0].mapRect(QRectF(self.rect()))
            self._drawn.paint(painter, seen.translated(0.5, 0.5), seen)
            if self._painter is not None:
                poses = glimpse_poses(self._workspace.glimpses, self._image.id)
                self._painter.paint(painter, poses)
            painter.resetTransform()
            note = self.tr("Previous: {0}").format(self._image.name)
            paint_corner_notes(painter, [note], self.rect())
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(self.rect().topRight(), self.rect().bottomRight())

    def _paint_words(self, painter: QPainter) -> None:
        image = self._image
        problem = self._workspace.pixels.problem(image.id) if image is not None else None
        if problem is not None:
            text = problem_text(problem, between="\n\n")
        elif image is None:
            text = self.tr("No image comes before this one in the list.")
        else:
            return
        painter.setPen(QColor(self._themes.theme.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()).adjusted(40, 40, -40, -40), int(flags), text)
