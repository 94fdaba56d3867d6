"""Pixels of images and thumbnails, read in the background and kept while there is room."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kpstudio.core.dataset import Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.picture import Picture
from kpstudio.imaging.levels import screen_levels
from kpstudio.imaging.pixels import read_picture
from kpstudio.imaging.thumbnail import read_thumbnail
from kpstudio.workspace.background import Background

THUMBNAIL_SIZE = (96, 72)
THUMBNAIL_BUDGET = 2000 * 96 * 72  # pixels of all that are kept
BUDGET_BYTES = 512 << 20

_URGENT, _AHEAD = 2, 1


class Pixels(QObject):
    """Reads images in threads.

    Signals:
        image_read(image_id, picture): Its `Picture` is there.
        image_failed(image_id, problem): The file cannot be read.
        thumbnail_read(image_id): A thumbnail, or the fact that there is none, is there.
    """

    image_read = Signal(int, object)
    image_failed = Signal(int, object)
    thumbnail_read = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self, threads=2)
        self._thumbnail_background = Background(self, threads=1)
        self._images: OrderedDict[int, Picture] = OrderedDict()
        self._reading: set[int] = set()
        self._thumbnails: dict[int, NDArray[np.uint8]] = {}
        self._problems: dict[int, UserProblem] = {}
        self._thumbnails_requested: set[int] = set()
        self._generation = self._thumbnail_generation = 0
        self._thumbnail_size = THUMBNAIL_SIZE

    def forget_all(self) -> None:
        """Another project, or files that have moved: what was read no longer counts."""
        self._generation += 1
        for kept in (self._images, self._problems):
            kept.clear()
        self._reading.clear()
        self._forget_thumbnails()

    def _forget_thumbnails(self) -> None:
        self._thumbnail_generation += 1
        self._thumbnails.clear()
        self._thumbnails_requested.clear()

    @property
    def kept_thumbnails(self) -> int:
        """How many there is room for."""
        width, height = self._thumbnail_size
        return THUMBNAIL_BUDGET // (width * height)

    def use_thumbnails(self, size: tuple[int, int]) -> None:
        """Let thumbnails fit into another width and height; those that were read do not count."""
        if size != self._thumbnail_size:
            self._thumbnail_size = size
            self._forget_thumbnails()

    def finish(self) -> None:
        self._background.finish()
        self._thumbnail_background.finish()

    def cached_picture(self, image_id: int) -> Picture | None:
        """An image that was read."""
        return self._images.get(image_id)

    def cached(self, image_id: int) -> NDArray[np.uint8] | None:
        """The pixels of an image that was read; of a large one not all of them."""
        picture = self._images.get(image_id)
        return None if picture is None else picture.pixels

    def picture(self, image_id: int | None) -> Picture | None:
        """An image that was read, if it is still there."""
        return None if image_id is None else self._images.get(image_id)

    def problem(self, image_id: int) -> UserProblem | None:
        """Why the image could not be read, if it could not."""
        return self._problems.get(image_id)

    def request(self, image: Image) -> None:
        """Read an image now; `image_read` or `image_failed` follows, at once if it is there."""
        picture = self._images.get(image.id)
        if picture is not None:
            self._images.move_to_end(image.id)
            self.image_read.emit(image.id, picture)
        else:
            self._read(image, _URGENT)

    def read_ahead(self, images: Iterable[Image]) -> None:
        """Read images that are likely to be asked for next."""
        for image in images:
            if image.id not in self._images and image.id not in self._problems:
                self._read(image, _AHEAD)

    def thumbnail(self, image: Image) -> NDArray[np.uint8] | None:
        """The thumbnail if it is there; otherwise it is read, and `thumbnail_read` follows."""
        if image.id not in self._thumbnails_requested:
            self._thumbnails_requested.add(image.id)
            generation, size = self._thumbnail_generation, self._thumbnail_size

            def keep(pixels: NDArray[np.uint8]) -> None:
                if generation == self._thumbnail_generation:
                    self._thumbnails[image.id] = pixels
                    if len(self._thumbnails) > self.kept_thumbnails:
                        oldest = next(iter(self._thumbnails))
                        del self._thumbnails[oldest]
                        self._thumbnails_requested.discard(oldest)
                    self.thumbnail_read.emit(image.id)

            def refuse(problem: UserProblem) -> None:
                if generation == self._thumbnail_generation:
                    self._problems[image.id] = problem
                    self.thumbnail_read.emit(image.id)

            # The newest first: that is what the user has just scrolled to.
            self._thumbnail_background.run(
                lambda: read_thumbnail(image.path, size, image.frame),
                done=keep,
                failed=refuse,
                priority=len(self._thumbnails_requested),
            )
        return self._thumbnails.get(image.id)

    def has_all_thumbnails(self) -> bool:
        """Whether every thumbnail that was asked for is there or is known not to be."""
        return self._thumbnails_requested <= (self._thumbnails.keys() | self._problems.keys())

    def _read(self, image: Image, priority: int) -> None:
        if image.id in self._reading and priority == _AHEAD:
            return
        self._reading.add(image.id)
        generation = self._generation

        def keep(picture: Picture) -> None:
            if generation != self._generation:
                return
            self._reading.discard(image.id)
            self._problems.pop(image.id, None)
            self._images[image.id] = picture
            while len(self._images) > 1 and self._size() > BUDGET_BYTES:
                self._images.popitem(last=False)
            self.image_read.emit(image.id, picture)

        def refuse(problem: UserProblem) -> None:
            if generation != self._generation:
                return
            self._reading.discard(image.id)
            self._problems[image.id] = problem
            self.image_failed.emit(image.id, problem)

        self._background.run(
            lambda: _drawable(read_picture(image.path, image.frame)),
            done=keep,
            failed=refuse,
            priority=priority,
        )

    def _size(self) -> int:
        return sum(
            each.nbytes
            for picture in self._images.values()
            for each in (picture.pixels, *picture.levels)
        )


def _drawable(picture: Picture) -> Picture:
    """With its levels: whoever draws it does not have to wait for them."""
    return replace(picture, levels=screen_levels(picture.pixels))
