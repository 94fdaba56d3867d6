"""The video of which the open image is a frame, and going about in it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.core.video_strip import VideoStrip
from kpstudio.imaging.open_videos import VIDEOS
from kpstudio.workspace.background import Background
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.pixels import Pixels
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project


class Timeline(QObject):
    """Reads what the project knows of the video, aside.

    Signals:
        changed: Another video, or none, or something else is known of its frames.
        done(text): There is nothing to go to.
    """

    changed = Signal()
    done = Signal(str)

    def __init__(
        self,
        selection: Selection,
        labels: Labels,
        inference: Inference,
        pixels: Pixels,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._pixels = pixels
        self._inference = inference
        self._project: Project | None = None
        self._background = Background(self, threads=1)
        self._reading = 0
        self._run_id: int | None = None
        self._wanted: int | None = None
        self.strip: VideoStrip | None = None
        selection.image_changed.connect(self._open_image)
        labels.labelled_changed.connect(self.refresh)
        inference.state_changed.connect(self._follow_run)
        pixels.image_read.connect(lambda *_: self._go_on())
        pixels.image_failed.connect(lambda *_: self._go_on())

    def set_project(self, project: "Project | None") -> None:
        self._project = project
        self._show(None)

    def finish(self) -> None:
        self._background.finish()

    @property
    def position(self) -> int | None:
        """Which of the known frames is open."""
        return self.strip.position(self._selection.image_id) if self.strip else None

    def refresh(self) -> None:
        """Read again what is known of the video."""
        project, image_id = self._project, self._selection.image_id
        self._reading += 1
        number = self._reading
        if project is None or image_id is None:
            self._show(None)
            return
        (image,) = project.images_by_id([image_id]) or (None,)
        if image is None or image.frame is None:
            self._show(None)
            return
        path = image.path

        def show(strip: VideoStrip | None) -> None:
            if number == self._reading:
                self._show(strip)

        def give_up(problem: UserProblem) -> None:  # noqa: ARG001
            # The image itself tells what is wrong with its file.
            show(None)

        self._background.run(
            lambda: _read_strip(project, path, image_id), done=show, failed=give_up
        )

    # Verbs

    def step_frame(self, step: int) -> None:
        """Open the known frame so many frames on, or the nearest after that."""
        if self.strip is not None and self.position is not None:
            self._open(self.strip.stepped(self.position, step))

    def step_to_labelled(self, step: int) -> None:
        """Open the next labelled frame, or the one before."""
        if self.strip is None or self.position is None:
            return
        found = self.strip.labelled_from(self.position, step)
        if found is not None:
            self._open(found)
        else:
            self.done.emit(
                self.tr("No later frame has labels.")
                if step > 0
                else self.tr("No earlier frame has labels.")
            )

    def open_nearest(self, frame: float) -> None:
        """Open the known frame nearest to a number, as soon as the one before has been shown.

        Whoever drags along the video asks for more frames than can be decoded.
        """
        if self.strip is not None:
            self._wanted = self.strip.nearest(frame)
            image_id = self._selection.image_id
            is_there = image_id is None or (
                self._pixels.cached(image_id) is not None
                or self._pixels.problem(image_id) is not None
            )
            if is_there:
                self._go_on()

    # Inside

    def _go_on(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None and self.strip is not None:
            self._open(wanted)

    def _open(self, position: int) -> None:
        assert self.strip is not None
        self._selection.open_image(int(self.strip.image_ids[position]))

    def _open_image(self) -> None:
        if self.position is None:
            self._wanted = None
            self.refresh()

    def _follow_run(self) -> None:
        run_id = self._inference.run.id if self._inference.run else None
        if run_id != self._run_id:
            self._run_id = run_id
            self.refresh()

    def _show(self, strip: VideoStrip | None) -> None:
        if strip is not None or self.strip is not None:
            self.strip = strip
            self.changed.emit()


def _read_strip(project: "Project", video: Path, image_id: int) -> VideoStrip | None:
    with project.reader() as reader:
        strip = reader.video_strip(image_id)
    if strip is None:
        return None
    try:
        length = len(VIDEOS.video(video).index)
    except UserProblem:
        return strip
    return replace(strip, length=max(strip.length, length))
