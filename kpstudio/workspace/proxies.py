"""Copies of videos that are slow to look through: offered once, made in the background."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kpstudio.core.dataset import Image
from kpstudio.core.errors import UserProblem
from kpstudio.imaging.open_videos import VIDEOS
from kpstudio.imaging.proxy_writer import write_proxy
from kpstudio.imaging.video_proxy import VideoProxy
from kpstudio.workspace.background import Background
from kpstudio.workspace.stoppable import Stoppable


class Proxies(QObject):
    """One copy at a time.

    Signals:
        changed: A copy is offered or made, or not any more.
        done(text): There is a copy.
        problem_raised(problem): It could not be made.
    """

    changed = Signal()
    done = Signal(str)
    problem_raised = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.work = Stoppable(self)
        self.work.running_changed.connect(self.changed)
        self._looks = Background(self, threads=1)
        self._seen: set[Path] = set()
        self.video: Path | None = None
        """Of which a copy is offered or made."""

    @property
    def is_making(self) -> bool:
        return self.work.is_running

    def look_at(self, image: Image) -> None:
        """Offer a copy where an image is a frame of a slow video, once for each video."""
        if image.frame is None or image.path in self._seen:
            return
        self._seen.add(image.path)
        path = image.path
        # The frame has just been read, so that the video was tried already.
        self._looks.run(
            lambda: VIDEOS.video(path).is_slow,
            done=lambda is_slow: self._offer(path) if is_slow else None,
            failed=lambda _problem: None,
        )

    def make(self) -> None:
        """Make the copy that is offered."""
        path = self.video
        if path is None or self.is_making:
            return
        self.work.start(
            lambda report: write_proxy(path, report=report),
            done=self._tell,
            failed=self._give_up,
        )

    def decline(self) -> None:
        """Make none, or not go on; the video is not asked about again while the program runs."""
        self.video = None
        self.work.stop()
        self.changed.emit()

    def close_project(self) -> None:
        """Another project is open: what is asked about its videos is asked anew."""
        self._seen.clear()
        self.decline()

    def finish(self) -> None:
        self.work.finish()
        self._looks.finish()

    def _offer(self, path: Path) -> None:
        if self.video is None and path in self._seen:
            self.video = path
            self.changed.emit()
        else:
            # Asked about when a frame of it is open again.
            self._seen.discard(path)

    def _tell(self, made: VideoProxy) -> None:
        path, self.video = self.video, None
        self.changed.emit()
        if path is not None:
            megabytes = made.path.stat().st_size / 1e6
            text = self.tr("{0} has a copy that is quick to look through: {1}, {2} MB.")
            self.done.emit(text.format(path.name, made.path.name, f"{megabytes:,.1f}"))

    def _give_up(self, problem: UserProblem) -> None:
        self.video = None
        self.changed.emit()
        self.problem_raised.emit(problem)
