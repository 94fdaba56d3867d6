"""The two sides of a conflict as pictures beside each other."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from kpstudio.core.annotation import Annotation
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.merge import Choice
from kpstudio.core.picture import Picture
from kpstudio.core.skeleton import Skeleton
from kpstudio.gui.canvas.drawn_picture import DrawnPicture
from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.gui.canvas.pose_painter import PosePainter
from kpstudio.gui.canvas.tag import paint_tag
from kpstudio.gui.conflict_model import ConflictModel
from kpstudio.gui.problem_words import problem_text
from kpstudio.gui.theme import ThemeSwitch, keypoint_colours
from kpstudio.workspace.workspace import Workspace

# Around the subject there is some of what it is in; a subject of one keypoint has no extent.
ROOM, LEAST_SIDE = 1.4, 48.0
CLOSEST, FARTHEST = 8.0, 50_000.0


class ConflictPicture(QWidget):
    """The image around the subject, and one side's annotation of it.

    Args:
        skeleton: Of the project.
        themes: Colours.

    Signals:
        region_wanted(region): The wheel was turned: a `QRectF` in image pixels.
        reset_wanted: A double click.
    """

    region_wanted = Signal(QRectF)
    reset_wanted = Signal()

    def __init__(self, skeleton: Skeleton, themes: ThemeSwitch) -> None:
        super().__init__()
        self.setMinimumSize(200, 220)
        self._themes = themes
        self._painter = PosePainter(skeleton.edges, keypoint_colours(skeleton), skeleton.keypoints)
        self._drawn: DrawnPicture | None = None
        self._pose: Pose | None = None
        self._text = ""
        self._region = QRectF(0, 0, LEAST_SIDE, LEAST_SIDE)
        themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(270, 380)

    def show_picture(self, picture: Picture | None) -> None:
        """Show an image; its memory is shared, not copied. None is grey."""
        self._drawn = None if picture is None else DrawnPicture(picture)
        self.update()

    def show_annotation(self, annotation: Annotation | None, keypoint: int | None) -> None:
        """Show one with the keypoint that differs most; None where it was deleted."""
        self._pose = None
        if annotation is not None:
            self._pose = Pose(PoseKind.LABEL, annotation.xy, annotation.visibility, True, keypoint)
        self.update()

    def show_text(self, text: str) -> None:
        """What stands below the picture, such as why there is none."""
        self._text = text
        self.update()

    def show_region(self, region: QRectF) -> None:
        self._region = region
        self.update()

    def to_screen(self) -> QTransform:
        """From image pixels to those of the widget."""
        region = self._region
        scale = min(self.width() / region.width(), self.height() / region.height())
        centre = region.center()
        if self._drawn is not None:
            width, height = self._drawn.size
            # What is seen beyond the region is rather more of the image than nothing.
            centre = QPointF(
                _inside(centre.x(), self.width() / scale, width),
                _inside(centre.y(), self.height() / scale, height),
            )
        return QTransform(
            scale,
            0.0,
            0.0,
            scale,
            self.width() / 2 - scale * centre.x(),
            self.height() / 2 - scale * centre.y(),
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = self._themes.theme
        painter = QPainter(self)
        ground = theme.raised if self._drawn is None else theme.canvas
        painter.fillRect(self.rect(), QColor(ground))
        to_screen = self.to_screen()
        painter.setTransform(to_screen)
        if self._drawn is not None:
            # Pixel i is drawn over [i - 0.5, i + 0.5], and Qt would draw it over [i, i + 1].
            seen = to_screen.inverted()[0].mapRect(QRectF(self.rect()))
            self._drawn.paint(painter, seen.translated(0.5, 0.5), seen)
        if self._pose is not None:
            self._painter.paint(painter, [self._pose])
            self._painter.paint_names(painter, [self._pose], None)
        painter.resetTransform()
        if self._pose is None:
            middle = QPointF(self.width() / 2 - 45, self.height() / 2 + 10)
            paint_tag(painter, middle, self.tr("deleted"), QColor("white"))
        if self._text:
            painter.setPen(QColor(theme.muted))
            below = self.rect().adjusted(8, 8, -8, -8)
            flags = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
            painter.drawText(below, int(flags) | int(Qt.TextFlag.TextWordWrap), self._text)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        factor = 1.2 ** (-event.angleDelta().y() / 120)
        side = max(self._region.width(), self._region.height())
        factor = min(max(factor, CLOSEST / side), FARTHEST / side)
        back, _ = self.to_screen().inverted()
        at, region = back.map(event.position()), self._region
        corner = at + (region.topLeft() - at) * factor
        size = region.size() * factor
        event.accept()
        self.region_wanted.emit(QRectF(corner, size))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        self.reset_wanted.emit()


def _inside(centre: float, seen: float, whole: int) -> float:
    """The nearest centre from which no more is seen than an image has, along one axis."""
    if seen >= whole:
        return whole / 2 - 0.5
    return min(max(centre, seen / 2 - 0.5), whole - seen / 2 - 0.5)


class ConflictView(QWidget):
    """Ours and theirs of one conflict; both pictures show the same part of the image.

    Args:
        model: Owner of the conflicts.
        workspace: From which pixels come.
        themes: Colours.
    """

    def __init__(self, model: ConflictModel, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._model, self._workspace = model, workspace
        skeleton = workspace.labels.skeleton
        assert skeleton is not None
        self._row: int | None = None
        self.sides: dict[Choice, ConflictPicture] = {
            "ours": ConflictPicture(skeleton, themes),
            "theirs": ConflictPicture(skeleton, themes),
        }
        self._captions: dict[Choice, QLabel] = {"ours": QLabel(), "theirs": QLabel()}
        self.words = QLabel()
        self.words.setWordWrap(True)
        self._set_up()
        workspace.pixels.image_read.connect(self._show_picture)
        workspace.pixels.image_failed.connect(self._show_problem)

    def _set_up(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        headings: dict[Choice, str] = {"ours": self.tr("Ours"), "theirs": self.tr("Theirs")}
        for column, (side, picture) in enumerate(self.sides.items()):
            heading, caption = QLabel(headings[side]), self._captions[side]
            heading.setProperty("heading", True)
            caption.setProperty("muted", True)
            caption.setWordWrap(True)
            # A short name must not move the pictures.
            caption.setMinimumHeight(2 * caption.fontMetrics().lineSpacing())
            caption.setAlignment(Qt.AlignmentFlag.AlignTop)
            picture.setObjectName(side)
            picture.setAccessibleName(headings[side])
            layout.addWidget(heading, 0, column)
            layout.addWidget(caption, 1, column, Qt.AlignmentFlag.AlignTop)
            layout.addWidget(picture, 2, column)
            layout.setColumnStretch(column, 1)
            picture.region_wanted.connect(self._show_region)
            picture.reset_wanted.connect(self._reset_region)
        layout.addWidget(self.words, 3, 0, 1, 2)
        layout.setRowStretch(2, 1)

    @property
    def image_id(self) -> int | None:
        """Of the conflict that is shown."""
        return None if self._row is None else self._model.conflict(self._row).image_id

    def show_row(self, row: int) -> None:
        """Show the conflict in a row."""
        self._row = row
        conflict = self._model.conflict(row)
        keypoint = conflict.keypoint_that_differs_most()
        annotations: dict[Choice, Annotation | None] = {
            "ours": conflict.ours,
            "theirs": conflict.theirs,
        }
        for side, picture in self.sides.items():
            picture.show_annotation(annotations[side], keypoint)
            picture.show_picture(None)
            picture.show_text("")
            picture.setToolTip(self.tr("The wheel zooms, a double click shows all again"))
            self._captions[side].setText(self._model.who_and_when(row, side))
        self.words.setText(
            self.tr("{0}: {1}").format(self._model.image_name(row), self._model.what_differs(row))
        )
        self._reset_region()
        image = self._workspace.image(conflict.image_id)
        if image is not None:
            self._workspace.pixels.request(image)

    def _reset_region(self) -> None:
        if self._row is None:
            return
        bounds = self._model.conflict(self._row).bounds() or Box.centred(0, 0, 0, 0)
        width, height = (max(ROOM * side, LEAST_SIDE) for side in (bounds.width, bounds.height))
        around = Box.centred(*bounds.centre, width, height)
        self._show_region(QRectF(around.x, around.y, around.width, around.height))

    def _show_region(self, region: QRectF) -> None:
        for picture in self.sides.values():
            picture.show_region(region)

    def _show_picture(self, image_id: int, shown: Picture) -> None:
        if image_id == self.image_id:
            for picture in self.sides.values():
                picture.show_picture(shown)
                picture.show_text("")

    def _show_problem(self, image_id: int, problem: UserProblem) -> None:
        if image_id == self.image_id:
            for picture in self.sides.values():
                picture.show_picture(None)
                picture.show_text(self.tr("The image cannot be read."))
                picture.setToolTip(problem_text(problem))
