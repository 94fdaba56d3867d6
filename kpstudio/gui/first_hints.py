"""One line over the canvas that tells a newcomer the next step, until it has been taken once."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from kpstudio.core.annotation import HUMAN, RUN_SOURCE
from kpstudio.gui.icons import icon
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace

BELOW, LEAST_WIDTH = 14, 260
ENOUGH_TO_TRAIN = 10


@dataclass(frozen=True)
class Hint:
    """One step.

    Args:
        name: Kept when it is done.
        text: What to do now; empty where it is not the step to take.
        progress: Grows when the step is taken.
    """

    name: str
    text: Callable[[], str]
    progress: Callable[[], int]


class FirstHints(QFrame):
    """Shows the first hint that fits what is open; each goes for good once it is done or closed.

    Args:
        workspace: What is open.
        themes: Colours.
        canvas: Over which it lies, at the lower edge.
    """

    def __init__(self, workspace: Workspace, themes: ThemeSwitch, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("hint")
        self._workspace, self._keys, self._themes = workspace, workspace.key_names, themes
        self._canvas = canvas
        self._shown: tuple[Hint, object, int] | None = None
        self._opened, self._image_id = 0, workspace.selection.image_id
        self._hints = (
            Hint("import", self._import_text, lambda: workspace.total_images),
            Hint("accept", self._accept_text, lambda: self._labels_by(RUN_SOURCE)),
            Hint("place", self._place_text, self._placed),
            Hint("go_on", self._go_on_text, lambda: self._opened),
            Hint("train", self._train_text, lambda: int(workspace.training.is_running)),
        )
        self._text = QLabel()
        self._text.setWordWrap(True)
        self.close_button = QToolButton()
        self.close_button.setToolTip(self.tr("Do not show this hint again"))
        self.close_button.setAccessibleName(self.close_button.toolTip())
        self.close_button.clicked.connect(self._dismiss)
        layout = self._row = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 6, 6)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.close_button)
        for signal in (
            workspace.project_changed,
            workspace.images_changed,
            workspace.selection.image_changed,
            workspace.selection.subject_changed,
            workspace.labels.annotations_changed,
            workspace.labels.labelled_changed,
            workspace.placing.changed,
            workspace.inference.predictions_changed,
            workspace.overlay.changed,
            workspace.training.state_changed,
            workspace.settings.changed,
            self._keys.changed,
        ):
            signal.connect(self._follow)
        themes.changed.connect(self._show_theme)
        canvas.installEventFilter(self)
        self._show_theme()
        self._follow()

    @property
    def text(self) -> str:
        """The hint that is shown; empty if there is none."""
        return self._text.text() if not self.isHidden() else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge of the canvas."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    # The steps

    def _import_text(self) -> str:
        if self._workspace.path is None or self._workspace.total_images:
            return ""
        key = self._keys.of("import_folder")
        return self.tr("Drop a folder of images or a video here · {0} looks for one").format(key)

    def _accept_text(self) -> str:
        workspace = self._workspace
        is_there = workspace.inference.subjects and workspace.overlay.has_ghosts
        if not is_there or workspace.labels.annotations:
            return ""
        return self.tr("Press {0} to take the prediction · drag a point of it to mend it").format(
            self._keys.of("accept")
        )

    def _place_text(self) -> str:
        following, skeleton = self._workspace.placing.next_keypoint, self._workspace.labels.skeleton
        if following is None or skeleton is None:
            return ""
        return self.tr("Click where {0} is · right click if it is hidden · {1} skips it").format(
            skeleton.keypoints[following], self._keys.of("skip")
        )

    def _go_on_text(self) -> str:
        workspace = self._workspace
        is_new = not {"accept", "place"} & set(workspace.preferences.done_hints)
        is_placing = workspace.placing.next_keypoint is not None
        if is_new or is_placing or not workspace.labels.annotations:
            return ""
        return self.tr("{0} goes on to the next image · {1} takes back · {2} all keys").format(
            self._keys.of("next"), self._keys.of("undo"), self._keys.of("cheat_sheet")
        )

    def _train_text(self) -> str:
        workspace = self._workspace
        count = len(workspace.labels.labelled_image_ids)
        is_trained = workspace.inference.run is not None
        if is_trained or workspace.training.is_running or count < ENOUGH_TO_TRAIN:
            return ""
        return self.tr("{0} images are labelled · {1} trains a model that helps you").format(
            count, self._keys.of("train")
        )

    def _labels_by(self, source: str) -> int:
        return sum(each.source.startswith(source) for each in self._workspace.labels.annotations)

    def _placed(self) -> int:
        return sum(
            int(each.is_labelled.sum())
            for each in self._workspace.labels.annotations
            if each.source == HUMAN
        )

    # What is shown

    def _follow(self) -> None:
        image_id = self._workspace.selection.image_id
        if image_id != self._image_id:
            self._opened, self._image_id = self._opened + 1, image_id
        if self._shown is not None:
            hint, at, before = self._shown
            # A step counts where it was asked for, and not because another image has more labels.
            is_here = hint.name in ("import", "go_on", "train") or at == image_id
            if is_here and hint.progress() > before and self._workspace.path is not None:
                self._shown = None
                self._finish(hint)
                return
        done = self._workspace.preferences.done_hints
        for hint in self._hints:
            text = "" if hint.name in done else hint.text()
            if text:
                if self._shown is None or self._shown[:2] != (hint, image_id):
                    self._shown = hint, image_id, hint.progress()
                if not self.isVisibleTo(self._canvas) or text != self._text.text():
                    self._text.setText(text)
                    self._place()
                    self.show()
                    self.raise_()
                return
        self._shown = None
        self.hide()

    def _dismiss(self) -> None:
        if self._shown is not None:
            hint, self._shown = self._shown[0], None
            self._finish(hint)
            self._canvas.setFocus()

    def _finish(self, hint: Hint) -> None:
        settings = self._workspace.settings
        # The change brings the next hint.
        settings.change(done_hints=[*settings.preferences.done_hints, hint.name])

    def _place(self) -> None:
        room = self._canvas.width() - 2 * BELOW
        metrics = self._text.fontMetrics()
        wanted = metrics.horizontalAdvance(self._text.text()) + 70
        width = max(min(wanted, room), min(LEAST_WIDTH, room))
        height = self._row.heightForWidth(width)
        height = max(height, self.sizeHint().height() if wanted <= room else 0)
        left = (self._canvas.width() - width) // 2
        self.setGeometry(left, self._canvas.height() - height - BELOW, width, height)

    def _show_theme(self) -> None:
        self.close_button.setIcon(icon("close", self._themes.theme.muted))
        self.setCursor(Qt.CursorShape.ArrowCursor)
