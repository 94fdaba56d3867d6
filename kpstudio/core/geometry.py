"""Coordinate frames: image pixels, network input pixels, heatmap cells. The only place for them.

Pixel centres are at integers, x right, y down, in images and in heatmaps. The centre of the
top-left pixel is (0, 0), and an image of W x H pixels spans [-0.5, W-0.5] x [-0.5, H-0.5].
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from kpstudio.core.shapes import Float

CellMapping = Literal["half_pixel", "multiply", "corner"]


@dataclass(frozen=True)
class Box:
    """An upright rectangle: its edges in continuous image coordinates.

    The box of a whole W x H image is `Box(-0.5, -0.5, W, H)`.
    """

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, xy: Float[np.ndarray, "N 2"]) -> "Box":
        """The smallest box around points; its width or height may be 0."""
        low, high = xy.min(axis=0), xy.max(axis=0)
        return cls(float(low[0]), float(low[1]), *(float(v) for v in high - low))

    @classmethod
    def centred(cls, x: float, y: float, width: float, height: float) -> "Box":
        return cls(x - width / 2, y - height / 2, width, height)

    @classmethod
    def of_image(cls, width: int, height: int) -> "Box":
        return cls(-0.5, -0.5, width, height)

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def grown(self, factor: float) -> "Box":
        """The same centre, both sides multiplied."""
        return Box.centred(*self.centre, self.width * factor, self.height * factor)

    def with_aspect(self, aspect: float) -> "Box":
        """The smallest box around this one with width / height = aspect, same centre."""
        width = max(self.width, self.height * aspect)
        return Box.centred(*self.centre, width, width / aspect)

    def corners(self) -> Float[np.ndarray, "4 2"]:
        """Clockwise from the top left."""
        right, bottom = self.x + self.width, self.y + self.height
        return np.array([[self.x, self.y], [right, self.y], [right, bottom], [self.x, bottom]])

    def overlap(self, other: "Box") -> float:
        """Intersection over union, 0 to 1."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        height = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.width * self.height + other.width * other.height - shared)


@dataclass(frozen=True, eq=False)
class Affine:
    """A map of the plane, (x, y) -> matrix @ (x, y, 1), with an exact inverse.

    Args:
        matrix: (2, 3).
    """

    matrix: Float[np.ndarray, "2 3"]

    def __post_init__(self) -> None:
        matrix = np.array(self.matrix, dtype=np.float64)
        matrix.setflags(write=False)
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def identity(cls) -> "Affine":
        return cls(np.eye(2, 3))

    @classmethod
    def scaling(cls, sx: float, sy: float, *, tx: float = 0.0, ty: float = 0.0) -> "Affine":
        return cls(np.array([[sx, 0.0, tx], [0.0, sy, ty]]))

    @classmethod
    def moving(cls, dx: float, dy: float) -> "Affine":
        return cls.scaling(1.0, 1.0, tx=dx, ty=dy)

    @classmethod
    def about(
        cls, centre: ArrayLike, *, turn_rad: float = 0.0, sx: float = 1.0, sy: float = 1.0
    ) -> "Affine":
        """Scale along x and y, then turn from x towards y, so that the centre stays."""
        cos, sin = math.cos(turn_rad), math.sin(turn_rad)
        linear = np.array([[cos * sx, -sin * sy], [sin * sx, cos * sy]])
        middle = np.asarray(centre, dtype=np.float64)
        return cls(np.column_stack([linear, middle - linear @ middle]))

    @classmethod
    def of_blocks(
        cls, width: float, height: float, *, left: float = 0.0, top: float = 0.0
    ) -> "Affine":
        """The map from pixels that each stand for a block to the pixels of the blocks.

        Args:
            width: Of a block.
            height: Of a block.
            left: How many columns there are before the first block; negative where it is cut off.
            top: How many rows there are before the first block.
        """
        tx, ty = left + (width - 1) / 2, top + (height - 1) / 2
        return cls(np.array([[width, 0.0, tx], [0.0, height, ty]]))

    def apply(self, xy: ArrayLike | tuple[float, float]) -> Float[np.ndarray, "... 2"]:
        """Points (..., 2) of the one frame in the other; NaN stays NaN."""
        points = np.asarray(xy, dtype=np.float64)
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2])

    def then(self, following: "Affine") -> "Affine":
        """First this map, then the following one."""
        return Affine((_square(following) @ _square(self))[:2])

    def inverse(self) -> "Affine":
        return Affine(np.linalg.inv(_square(self))[:2])

    def scale(self) -> float:
        """Lengths in the target frame per length in the source frame (root of the area ratio)."""
        return math.sqrt(abs(float(np.linalg.det(self.matrix[:, :2]))))


def _square(affine: Affine) -> Float[np.ndarray, "3 3"]:
    return np.vstack([affine.matrix, [0.0, 0.0, 1.0]])


def crop_to_input(
    box: Box, input_size: tuple[int, int], *, rotation: float = 0.0, flip: bool = False
) -> Affine:
    """The map from image pixels to the pixels of a network input that shows exactly the box.

    Args:
        box: In image pixels; its aspect should be that of the input (`Box.with_aspect`).
        input_size: (width, height) of the input in pixels.
        rotation: Radians by which the content is turned clockwise (y down) about its centre.
        flip: Mirror left and right, after the rotation.
    """
    width, height = input_size
    (cx, cy), sx, sy = box.centre, width / box.width, height / box.height
    cos, sin = math.cos(rotation), math.sin(rotation)
    linear = np.diag([sx, sy]) @ np.array([[cos, -sin], [sin, cos]])
    if flip:
        linear = np.diag([-1.0, 1.0]) @ linear
    target = np.array([(width - 1) / 2, (height - 1) / 2])
    return Affine(np.column_stack([linear, target - linear @ np.array([cx, cy])]))


def cells_to_input(
    mapping: CellMapping, map_size: tuple[int, int], input_size: tuple[int, int]
) -> Affine:
    """The map from heatmap cells to network input pixels.

    Args:
        mapping: `half_pixel` (ours: input = (cell + 0.5) * stride - 0.5), `multiply`
            (input = cell * stride: HRNet, SimpleBaseline, stacked hourglass, FAN) or `corner`
            (input = cell * (W-1)/(w-1): UDP). A decoder must use that of its checkpoint.
        map_size: (width, height) in cells.
        input_size: (width, height) in pixels.
    """
    strides = [size / cells for size, cells in zip(input_size, map_size, strict=True)]
    if mapping == "half_pixel":
        sx, sy = strides
        return Affine.scaling(sx, sy, tx=sx / 2 - 0.5, ty=sy / 2 - 0.5)
    if mapping == "multiply":
        return Affine.scaling(*strides)
    sx, sy = (
        (size - 1) / (cells - 1) if cells > 1 else 1.0
        for size, cells in zip(input_size, map_size, strict=True)
    )
    return Affine.scaling(sx, sy)
