"""Pieces of images for training: kept in memory up to a budget, read ahead in threads beyond it.

A piece has the pixels of its image, which later are interpolated only once. Where the image has
far more of them than the input can show, blocks of n x n are averaged: bilinear samples would skip
pixels.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from kpstudio.core.geometry import Affine, Box
from kpstudio.imaging.pixels import read_pixels

MEMORY_BUDGET = 2 << 30
_READERS = 2
# Up to so much shrinking bilinear samples still see every pixel.
_SLACK = 0.3


@dataclass(frozen=True)
class Piece:
    """A part of an image.

    Args:
        path: Of the image's file, or of the video.
        left: First column.
        top: First row.
        width: Columns after averaging.
        height: Rows after averaging.
        block: Side of the blocks that are averaged to one pixel.
        frame: Of the video; None of an image file.
    """

    path: Path
    left: int
    top: int
    width: int
    height: int
    block: int
    frame: int | None = None

    @classmethod
    def of_box(
        cls,
        path: Path,
        image_size: tuple[int, int],
        box: Box,
        scale: float,
        *,
        frame: int | None = None,
    ) -> "Piece":
        """The part of a box that lies in the image.

        Args:
            path: Of the image's file, or of the video.
            image_size: (width, height) of the image.
            box: In image pixels; what is beyond the image is left out.
            scale: Input pixels per image pixel.
            frame: Of the video; None of an image file.
        """
        block = max(1, min(int(1 / scale + _SLACK), *image_size))
        (x, y), (width, height) = (box.x + 0.5, box.y + 0.5), image_size
        left = int(np.clip(np.floor(x), 0, width - block))
        top = int(np.clip(np.floor(y), 0, height - block))
        right = int(np.clip(np.ceil(x + box.width), left + block, width))
        bottom = int(np.clip(np.ceil(y + box.height), top + block, height))
        size = (right - left) // block, (bottom - top) // block
        return cls(path, left, top, *size, block, frame)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the piece."""
        return self.width, self.height

    @property
    def bytes(self) -> int:
        return 3 * self.width * self.height

    def from_image(self) -> Affine:
        """From the pixels of the image to those of the piece."""
        n = self.block
        middle = (n - 1) / 2
        return Affine.scaling(
            1 / n, 1 / n, tx=-(self.left + middle) / n, ty=-(self.top + middle) / n
        )

    def cut(self, pixels: UInt8[np.ndarray, "H W 3"]) -> UInt8[Tensor, "3 h w"]:
        """The piece of the image, its channels last in memory."""
        n = self.block
        part = pixels[self.top : self.top + n * self.height, self.left : self.left + n * self.width]
        if n > 1:
            part = np.asarray(cv2.resize(part, self.size, interpolation=cv2.INTER_AREA), np.uint8)
        # A copy, or a strip of an image would keep all of it in memory.
        return torch.from_numpy(part.copy()).permute(2, 0, 1)


class Crops:
    """The pixels of pieces, by number.

    Args:
        budget: Bytes that may be kept in memory.
    """

    def __init__(self, budget: int = MEMORY_BUDGET) -> None:
        self.pieces: list[Piece] = []
        self._kept: list[Tensor | None] = []
        self._left = budget
        self._coming: dict[int, Future[Tensor]] = {}
        self._readers: ThreadPoolExecutor | None = None

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def kept(self) -> int:
        """How many pieces are in memory; the others are read again."""
        return sum(each is not None for each in self._kept)

    def add(self, piece: Piece, pixels: UInt8[np.ndarray, "H W 3"]) -> int:
        """Take a piece of an image that has just been read; its number."""
        self.pieces.append(piece)
        is_affordable = piece.bytes <= self._left
        self._kept.append(piece.cut(pixels) if is_affordable else None)
        if is_affordable:
            self._left -= piece.bytes
        return len(self.pieces) - 1

    def expect(self, numbers: Sequence[int]) -> None:
        """Begin to read pieces that will be wanted soon."""
        for number in numbers:
            if self._kept[number] is None and number not in self._coming:
                if self._readers is None:
                    self._readers = ThreadPoolExecutor(_READERS, "crops")
                self._coming[number] = self._readers.submit(self._read, number)

    def __getitem__(self, number: int) -> UInt8[Tensor, "3 h w"]:
        """The pixels of a piece.

        Raises:
            UserProblem: Its image was readable when the training began, and is not any more.
        """
        kept = self._kept[number]
        if kept is not None:
            return kept
        self.expect([number])
        return self._coming.pop(number).result()

    def close(self) -> None:
        """End the readers."""
        if self._readers is not None:
            self._readers.shutdown(wait=True, cancel_futures=True)
            self._readers = None
        self._coming.clear()

    def _read(self, number: int) -> UInt8[Tensor, "3 h w"]:
        piece = self.pieces[number]
        return piece.cut(read_pixels(piece.path, piece.frame))
