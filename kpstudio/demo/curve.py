"""A curve with a width: spines, tails and twigs, and the coordinates along and across them."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kpstudio.core.shapes import Float

_NOTHING = np.zeros((0, 0), np.float32)


@dataclass(frozen=True, eq=False)
class Curve:
    """A sampled curve in image pixels.

    Args:
        xy: (M, 2) image pixels.
        along: (M,) arc length in pixels, from 0, in equal steps.
        forward: (M, 2) unit vectors in the direction of growing arc length.
    """

    xy: Float[np.ndarray, "M 2"]
    along: Float[np.ndarray, " M"]
    forward: Float[np.ndarray, "M 2"]

    @classmethod
    def from_headings(
        cls, start: Float[np.ndarray, " 2"], headings: Float[np.ndarray, " M"], step: float
    ) -> "Curve":
        """The curve that leaves a point and turns as told.

        Args:
            start: Image pixels.
            headings: Radians, clockwise from +x as y points down, one per sample.
            step: Pixels between samples.
        """
        forward = np.column_stack([np.cos(headings), np.sin(headings)])
        # The trapezoid rule keeps the samples on the curve, not on its tangents.
        steps = (forward[1:] + forward[:-1]) * (step / 2)
        xy = np.vstack([start, start + np.cumsum(steps, axis=0)])
        return cls(xy, np.arange(len(headings)) * step, forward)

    @property
    def length(self) -> float:
        return float(self.along[-1])

    @property
    def right(self) -> Float[np.ndarray, "M 2"]:
        """Unit vectors to the right of `forward` as seen in the image."""
        return np.column_stack([-self.forward[:, 1], self.forward[:, 0]])

    def at(self, along: float, across: float = 0.0) -> Float[np.ndarray, " 2"]:
        """The point at an arc length, moved to the right of `forward` by `across` pixels."""
        index, share = self._between(along)
        middle = self.xy[index] * (1 - share) + self.xy[index + 1] * share
        if across == 0:
            return np.asarray(middle)
        forward_x, forward_y = self.direction(along)
        return np.asarray(middle + across * np.array([-forward_y, forward_x]))

    def direction(self, along: float) -> Float[np.ndarray, " 2"]:
        """The unit vector of `forward` at an arc length."""
        index, share = self._between(along)
        vector = self.forward[index] * (1 - share) + self.forward[index + 1] * share
        return np.asarray(vector / math.hypot(*vector))

    def _between(self, along: float) -> tuple[int, float]:
        """The sample before an arc length, and how far it is to the next one, 0 to 1."""
        place = along / float(self.along[1])
        index = min(max(int(place), 0), len(self.along) - 2)
        return index, min(max(place - index, 0.0), 1.0)

    def coordinates(
        self, points: Float[np.ndarray, "P 2"], *, softness: float
    ) -> tuple[Float[np.ndarray, " P"], Float[np.ndarray, " P"], Float[np.ndarray, "P 2"]]:
        """Where points lie along and across the curve.

        Args:
            points: (P, 2) image pixels.
            softness: Pixels over which neighbouring samples are blended; 0 takes the nearest
                one. Blending has no crease on the inner side of a bend.

        Returns:
            Arc length (P,), which goes below 0 and beyond the length past the ends; signed
            distance to the right (P,); and the unit vector to the right (P, 2).
        """
        along = self.along.astype(np.float32)
        forward, right = self.forward.astype(np.float32), self.right.astype(np.float32)
        middle = self.xy.mean(axis=0)
        points, xy = (points - middle).astype(np.float32), (self.xy - middle).astype(np.float32)
        # OpenCV's product: numpy's keeps spinning threads, which slow a pool of drawers down.
        product = cv2.gemm(points, xy, -2.0, _NOTHING, 0.0, flags=cv2.GEMM_2_T)
        squared = product + (xy * xy).sum(axis=1)
        if softness == 0:
            nearest = squared.argmin(axis=1)
            away, beside = points - xy[nearest], right[nearest]
            ahead = np.einsum("ij,ij->i", away, forward[nearest])
            return along[nearest] + ahead, np.einsum("ij,ij->i", away, beside), beside
        squared -= squared.min(axis=1, keepdims=True)
        weights = cv2.exp(squared * np.float32(-0.5 / softness**2))
        fixed = [along - (xy * forward).sum(axis=1), -(xy * right).sum(axis=1)]
        offsets = np.column_stack([*fixed, forward, right, np.ones_like(along)])
        summed = cv2.gemm(weights, offsets, 1.0, _NOTHING, 0.0)
        mixed = summed / summed[:, 6:]
        ahead = np.einsum("ij,ij->i", points, mixed[:, 2:4])
        beside = np.einsum("ij,ij->i", points, mixed[:, 4:6])
        return mixed[:, 0] + ahead, mixed[:, 1] + beside, mixed[:, 4:6]
