"""What the poses of a project have in common: a mean shape, and how its points vary together.

A shape is a pose in a frame of its own: moved to the origin, of root mean square radius 1, and
turned onto the mean where the labels show subjects in all directions. Vectors of 2K numbers are
x0, y0, x1, y1 and so on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.shapes import Bool, Complex, Float

_MOVED, _SCALED, _TURNED = 2.0, 0.4, 0.6  # standard deviations of a frame, in shape units
_FRAME_ROUNDS = 4
_FEW_SHARE = 0.05
_STEPS, _MOST_FRAMES = (0.5, 0.33, 0.2), 96
_DISAGREES = 0.5


@dataclass(frozen=True)
class Freedom:
    """In which ways subjects differ without being of another shape.

    Args:
        scales: They are larger and smaller, as nearer and farther people are.
        turns: They point in all directions, as animals seen from above do.
    """

    scales: bool
    turns: bool


@dataclass(frozen=True, eq=False)
class Frame:
    """Where a shape lies in the image: image = turn * shape + origin, as complex numbers.

    Args:
        turn: Its length is image pixels per shape unit, its angle how far the subject is turned.
        origin: Of the shape, in image pixels.
    """

    turn: complex
    origin: complex

    @property
    def scale(self) -> float:
        """Image pixels per shape unit."""
        return abs(self.turn)

    def to_shape(self, xy: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "... 2"]:
        """Image pixels to shape units; NaN stays NaN."""
        return _xy((_complex(xy) - self.origin) / self.turn)

    def to_image(self, xy: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "... 2"]:
        """The inverse of `to_shape`."""
        return _xy(_complex(xy) * self.turn + self.origin)

    def covariance_to_shape(
        self, covariance: Float[np.ndarray, "... 2 2"]
    ) -> Float[np.ndarray, "... 2 2"]:
        """Square image pixels to square shape units."""
        turn = 1 / self.turn
        linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
        return np.asarray(linear @ covariance @ linear.T)


@dataclass(frozen=True, eq=False)
class ShapeModel:
    """A Gaussian over the shapes of a project's subjects.

    Args:
        mean: (K, 2) shape units; NaN for a keypoint that no label shows.
        covariance: (2K, 2K) square shape units, without the freedom of the frame; of no meaning
            where the mean is NaN.
        freedom: Of the frame.
        size: Usual image pixels per shape unit.
        labels: From so many annotations it was learned.

    Source: Cootes et al., Active Shape Models, CVIU 61 (1995): a Gaussian over aligned shapes.
    """

    mean: Float[np.ndarray, "K 2"]
    covariance: Float[np.ndarray, "D D"]
    freedom: Freedom
    size: float
    labels: int

    @property
    def is_known(self) -> Bool[np.ndarray, " K"]:
        """Which keypoints have a place in the shape."""
        return np.asarray(np.isfinite(self.mean).all(axis=1))

    def with_free_frame(self) -> Float[np.ndarray, "D D"]:
        """The covariance of points whose frame is known roughly only: linear about the mean."""
        mean = np.nan_to_num(self.mean)
        modes = [_MOVED * np.tile([1.0, 0.0], len(mean)), _MOVED * np.tile([0.0, 1.0], len(mean))]
        if self.freedom.scales:
            modes.append(_SCALED * mean.ravel())
        if self.freedom.turns:
            modes.append(_TURNED * np.stack([-mean[:, 1], mean[:, 0]], axis=1).ravel())
        free = np.array(modes)
        return np.asarray(self.covariance + free.T @ free)

    def frame_of(
        self, xy: Float[np.ndarray, "K 2"], weights: Float[np.ndarray, " K"] | None = None
    ) -> Frame | None:
        """The frame in which a pose is most like the mean, whatever a few of its points say.

        Args:
            xy: Image pixels, NaN where unknown.
            weights: How far each point is to be trusted; equally by default.

        Returns:
            None where no point, or for a free frame fewer than two, can tell.
        """
        pose, mean = _complex(xy), _complex(self.mean)
        trust = np.ones(len(pose)) if weights is None else np.asarray(weights, np.float64)
        trust = np.where(np.isfinite(pose) & np.isfinite(mean), trust, 0.0)
        pose, mean = np.nan_to_num(pose), np.nan_to_num(mean)
        frame = _most_agreeable(pose, mean, trust, self.freedom, self.size)
        for _ in range(_FRAME_ROUNDS):
            if frame is None:
                return None
            distance = np.abs(pose - (mean * frame.turn + frame.origin)) / frame.scale
            usual = max(float(np.median(distance[trust > 0])), 0.02)
            # Geman and McClure's weights: what is far off counts hardly at all.
            now = trust / (1 + (distance / (2 * usual)) ** 2) ** 2
            frame = fit_frame(pose, mean, now, self.freedom, self.size)
        return frame


def _most_agreeable(
    pose: Complex[np.ndarray, " K"],
    mean: Complex[np.ndarray, " K"],
    trust: Float[np.ndarray, " K"],
    freedom: Freedom,
    size: float,
) -> Frame | None:
    """Of the frames that two points each would give, the one that most points agree with.

    Source: Fischler and Bolles, Random Sample Consensus, CACM 24 (1981), on a fixed sample.
    """
    everyone = fit_frame(pose, mean, trust, freedom, size)
    known = np.flatnonzero(trust > 0)
    count = len(known)
    if everyone is None or count < 3:
        return everyone
    steps = {max(round(count * share), 1) for share in _STEPS}
    first = np.concatenate([known for _ in steps])[:_MOST_FRAMES]
    second = np.concatenate([np.roll(known, step) for step in steps])[:_MOST_FRAMES]
    apart, in_shape = pose[second] - pose[first], mean[second] - mean[first]
    is_told = (np.abs(apart) > 0) & (np.abs(in_shape) > 0)
    if not is_told.any():
        return everyone
    first, second = first[is_told], second[is_told]
    turns = apart[is_told] / in_shape[is_told]
    turns = turns if freedom.turns else np.abs(turns).astype(np.complex128)
    turns = turns if freedom.scales else size * turns / np.abs(turns)
    origins = (pose[first] + pose[second] - turns * (mean[first] + mean[second])) / 2
    turns, origins = np.append(turns, everyone.turn), np.append(origins, everyone.origin)
    distance = np.abs((pose[known] - origins[:, None]) / turns[:, None] - mean[known])
    cost = (trust[known] * np.minimum(distance, _DISAGREES)).sum(axis=1)
    best = int(cost.argmin())
    return Frame(complex(turns[best]), complex(origins[best]))


def fit_frame(
    pose: Complex[np.ndarray, " K"],
    mean: Complex[np.ndarray, " K"],
    weights: Float[np.ndarray, " K"],
    freedom: Freedom,
    size: float,
) -> Frame | None:
    """The frame that lays the mean onto a pose: Procrustes alignment without reflection.

    The scale is the ratio of the sizes, not that of least squares, which would shrink whatever
    does not fit.

    Args:
        pose: Image pixels.
        mean: Shape units.
        weights: Of the points; 0 for those that are not known.
        freedom: What may differ.
        size: Image pixels per shape unit where the scale may not.

    Source: Goodall, Procrustes Methods in the Statistical Analysis of Shape, JRSS B 53 (1991).
    """
    total = float(weights.sum())
    is_free = freedom.scales or freedom.turns
    if total <= 0 or (is_free and np.count_nonzero(weights > _FEW_SHARE * weights.max()) < 2):
        return None
    centre = complex((weights * pose).sum() / total)
    middle = complex((weights * mean).sum() / total)
    spread, shape = pose - centre, mean - middle
    power = float((weights * np.abs(spread) ** 2).sum())
    likeness = complex((weights * np.conj(shape) * spread).sum())
    shape_power = float((weights * np.abs(shape) ** 2).sum())
    if is_free and (power <= 0 or shape_power <= 0):
        return None
    scale = float(np.sqrt(power / shape_power)) if freedom.scales else size
    angle = likeness / abs(likeness) if freedom.turns and abs(likeness) > 0 else 1.0
    turn = scale * angle
    return Frame(complex(turn), complex(centre - turn * middle))


def _complex(xy: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(xy[..., 0] + 1j * xy[..., 1])


def _xy(points: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.stack([points.real, points.imag], axis=-1)
