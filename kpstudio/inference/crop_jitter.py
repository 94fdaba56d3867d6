"""Crop jitter: how much an answer moves as the crop of the subject does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, UInt8

from kpstudio.core.geometry import Box
from kpstudio.core.picture import Picture
from kpstudio.decoders import Decoder
from kpstudio.inference.predictor import Predictor, SubjectHeatmaps, SubjectKeypoints, decode

_SHIFT, _SCALE = 0.05, 0.05


@dataclass(frozen=True)
class CropJitter:
    """Crops a little beside the one that the first pass has chosen.

    Args:
        count: N, of crops besides the chosen one.
        shift: They are moved by so many sides at most, in x and in y.
        scale: They are enlarged or reduced by this part at most.
        seed: The same one gives the same crops, for every subject alike.
    """

    count: int
    shift: float = _SHIFT
    scale: float = _SCALE
    seed: int = 0

    def boxes(self, box: Box) -> list[Box]:
        """N boxes around nearly the same, with the same aspect."""
        changes = np.random.default_rng(self.seed).uniform(-1, 1, (self.count, 3)).tolist()
        (x, y), width, height = box.centre, box.width, box.height
        return [
            Box.centred(
                x + self.shift * dx * width,
                y + self.shift * dy * height,
                width * (1 + self.scale * ds),
                height * (1 + self.scale * ds),
            )
            for dx, dy, ds in changes
        ]

    def look(
        self,
        predictor: Predictor,
        image: Picture | UInt8[np.ndarray, "H W 3"],
        subjects: Sequence[SubjectHeatmaps],
    ) -> tuple[SubjectHeatmaps, ...]:
        """The heatmaps of N crops of each subject, one subject after the other."""
        found = [(box, each.score) for each in subjects for box in self.boxes(each.box)]
        return predictor.look(image, found)

    def decode(
        self, subjects: Sequence[SubjectHeatmaps], decoder: Decoder
    ) -> Float[np.ndarray, "S N K 2"]:
        """What a decoder answers for the crops of `look`, in image pixels."""
        found = decode(subjects, decoder, other_peaks=0, covariance=False)
        xy = np.array([each.xy for each in found])
        return xy.reshape(-1, self.count, *xy.shape[1:]) if found else np.zeros((0, 0, 0, 2))


def movements(
    subjects: Sequence[SubjectKeypoints], jittered: Float[np.ndarray, "S N K 2"]
) -> Float[np.ndarray, "S N K"]:
    """How far each answer of a jittered crop is from that of the chosen crop, in image pixels.

    Infinite where only the chosen crop has one, and NaN where it has none.
    """
    if not subjects:
        return np.zeros((0, 0, 0))
    chosen = np.array([each.xy for each in subjects])
    is_answered = np.isfinite(chosen).all(axis=2)[:, None]
    is_lost = is_answered & ~np.isfinite(jittered).all(axis=3)
    moved = np.linalg.norm(jittered - chosen[:, None], axis=3)
    return np.asarray(np.where(is_lost, np.inf, moved))


def averaged(
    subjects: Sequence[SubjectKeypoints], jittered: Float[np.ndarray, "S N K 2"]
) -> tuple[SubjectKeypoints, ...]:
    """The mean position over all crops in place of that of the chosen one.

    A crop without an answer is left out of the mean, and nothing takes the place of an answer
    that the chosen crop does not give.
    """
    means = []
    for each, others in zip(subjects, jittered, strict=True):
        positions = np.concatenate([each.xy[None], others])
        is_answered = np.isfinite(positions).all(axis=2, keepdims=True)
        total = np.where(is_answered, positions, 0.0).sum(axis=0)
        mean = total / np.maximum(is_answered.sum(axis=0), 1)
        means.append(np.where(np.isfinite(each.xy), mean, np.nan))
    return tuple(replace(each, xy=mean) for each, mean in zip(subjects, means, strict=True))
