"""How heatmaps lie over the image, and all of them side by side."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from kpstudio.gui.canvas.layers import heatmap_image
from kpstudio.gui.theme import ThemeSwitch, heatmap_colours
from kpstudio.workspace.overlay import COLOUR_MAPS
from kpstudio.workspace.predicted_subject import PredictedSubject
from kpstudio.workspace.workspace import Workspace

TILE, GAP, CAPTION = 92, 8, 32


class HeatmapGrid(QWidget):
    """One tile per keypoint of one predicted subject; a click selects the keypoint."""

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self.setObjectName("heatmap_grid")
        self.setAccessibleName(self.tr("Heatmap of each keypoint"))
        self._workspace = workspace
        self._themes = themes
        workspace.inference.predictions_changed.connect(self._refresh)
        workspace.selection.subject_changed.connect(self.update)
        workspace.overlay.changed.connect(self.update)
        workspace.project_changed.connect(self._refresh)
        workspace.labels.skeleton_changed.connect(self._refresh)
        themes.changed.connect(self.update)

    @property
    def subject(self) -> PredictedSubject | None:
        """The selected ghost, or the one of the selected annotation, or the surest."""
        subjects, selection = self._workspace.inference.subjects, self._workspace.selection
        if not subjects or subjects[0].heatmaps is None:
            return None
        if selection.ghost is not None and selection.ghost < len(subjects):
            return subjects[selection.ghost]
        if selection.annotation_id is not None:
            owners = self._workspace.accepting.owners(subjects)
            if selection.annotation_id in owners:
                return subjects[owners.index(selection.annotation_id)]
        return subjects[0]

    def tile(self, index: int) -> QRect:
        """Where a keypoint's tile is."""
        columns = self._columns(self.width())
        row, column = divmod(index, columns)
        return QRect(GAP + column * (TILE + GAP), GAP + row * (TILE + CAPTION + GAP), TILE, TILE)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-self._count() // self._columns(width))
        return GAP + rows * (TILE + CAPTION + GAP)

    def sizeHint(self) -> QSize:
        return QSize(3 * (TILE + GAP) + GAP, self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        subject, skeleton = self.subject, self._workspace.labels.skeleton
        painter = QPainter(self)
        theme = self._themes.theme
        if subject is None or subject.heatmaps is None or skeleton is None:
            painter.setPen(QColor(theme.muted))
            area = self.rect().adjusted(16, 12, -16, -12)
            flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(area, int(flags), self._empty_text())
            return
        colours = [0xFF000000 | c for c in heatmap_colours(self._workspace.overlay.colour_map, 1)]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        for index, heatmap in enumerate(subject.heatmaps):
            area = self.tile(index)
            if not area.adjusted(0, 0, 0, CAPTION).intersects(event.rect()):
                continue
            picture = heatmap_image(heatmap, colours)
            target = QRect(area)
            target.setSize(picture.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio))
            target.moveCenter(area.center())
            painter.drawImage(target, picture)
            is_chosen = index == self._workspace.selection.keypoint
            painter.setPen(QPen(QColor(theme.accent if is_chosen else theme.border), 1 + is_chosen))
            painter.drawRect(area)
            caption = QRect(area.x(), area.bottom() + 2, TILE, CAPTION)
            name = painter.fontMetrics().elidedText(
                skeleton.keypoints[index], Qt.TextElideMode.ElideMiddle, TILE
            )
            painter.setPen(QColor(theme.text if is_chosen else theme.muted))
            top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter
            painter.drawText(caption, top, f"{name}\n{subject.scores[index]:.2f}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        for index in range(self._count()):
            if self.tile(index).adjusted(0, 0, 0, CAPTION).contains(position):
                self._workspace.selection.select_keypoint(index)

    def _columns(self, width: int) -> int:
        return max(1, (width - GAP) // (TILE + GAP))

    def _count(self) -> int:
        skeleton = self._workspace.labels.skeleton
        return len(skeleton) if skeleton else 1

    def _empty_text(self) -> str:
        if self._workspace.inference.run is None:
            return self.tr("Heatmaps appear here once a model is trained.")
        return self.tr("The model sees no subject on this image.")

    def _refresh(self) -> None:
        self.updateGeometry()
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.update()

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002
        self.setMinimumHeight(self.heightForWidth(self.width()))


class HeatmapPanel(QWidget):
    """Overlay controls over the grid."""

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._overlay, self._key_names = workspace.overlay, workspace.key_names
        self.shown = QCheckBox(self.tr("Show over image"))
        self.shown.toggled.connect(self._overlay.show_heatmaps)
        self.which = QComboBox()
        self.which.setAccessibleName(self.tr("Which heatmap"))
        self.which.addItems([self.tr("Selected keypoint"), self.tr("All keypoints")])
        self.which.currentIndexChanged.connect(
            lambda index: self._overlay.show_all_keypoints(index == 1)
        )
        self.colour_map = QComboBox()
        self.colour_map.setAccessibleName(self.tr("Colour map"))
        self.colour_map.addItems(list(COLOUR_MAPS))
        self.colour_map.currentTextChanged.connect(self._overlay.set_colour_map)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setObjectName("heatmap_opacity")
        self.opacity.setAccessibleName(self.tr("Opacity of the heatmaps"))
        self.opacity.setRange(0, 100)
        self.opacity.valueChanged.connect(lambda value: self._overlay.set_opacity(value / 100))
        self._overlay.changed.connect(self._follow)
        self._key_names.changed.connect(self._follow)
        self._follow()
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.shown)
        first.addStretch(1)
        first.addWidget(self.which)
        opacity_label = QLabel(self.tr("Opacity"))
        opacity_label.setBuddy(self.opacity)
        second.addWidget(opacity_label)
        second.addWidget(self.opacity, 1)
        second.addWidget(self.colour_map)
        self.grid = HeatmapGrid(workspace, themes)
        scroll = QScrollArea()
        scroll.setAccessibleName(self.tr("Heatmaps of all keypoints"))
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.grid)
        controls = QVBoxLayout()
        controls.setContentsMargins(10, 8, 10, 6)
        controls.addLayout(first)
        controls.addLayout(second)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(controls)
        layout.addWidget(scroll, 1)

    def _follow(self) -> None:
        key = self._key_names.of("heatmap")
        self.shown.setToolTip(self.tr("Show heatmaps over the image ({0})").format(key))
        self.shown.setChecked(self._overlay.has_heatmaps)
        self.which.setCurrentIndex(int(self._overlay.shows_all_keypoints))
        self.colour_map.setCurrentText(self._overlay.colour_map)
        self.opacity.setValue(round(100 * self._overlay.opacity))
