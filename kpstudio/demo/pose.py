"""Where an animal's parts are: the bent spine, the width along it, the keypoints.

Arc length runs from the nose (0) backwards, so `Curve.forward` points to the tail and
`Curve.right`, as seen in the image, is the animal's own left: seen from above, an animal that
walks up the image has its left on the image's left.
"""

from dataclasses import dataclass

import numpy as np

from kpstudio.core.resources import resource_path
from kpstudio.core.shapes import Float
from kpstudio.core.skeleton import Skeleton, read_skeleton
from kpstudio.demo.curve import Curve

BODY_SAMPLES = 40
TAIL_SAMPLES = 56

# Half the width of the body, both in body lengths, from the nose to the root of the tail.
_PROFILE_ALONG = (0.0, 0.03, 0.08, 0.14, 0.21, 0.27, 0.34, 0.45, 0.60, 0.73, 0.83, 0.91, 0.97, 1.0)
_PROFILE_WIDTH = (0.0, 0.034, 0.055, 0.078, 0.101, 0.108, 0.109, 0.135, 0.168, 0.182, 0.172)
_PROFILE_RUMP = (0.132, 0.078, 0.0)

EAR_ALONG, EAR_ACROSS, EAR_RADIUS = 0.245, 0.098, 0.066
EYE_ALONG, EYE_ACROSS = 0.125, 0.058
HIP_ALONG, HIP_SHARE = 0.80, 0.66


def mouse_skeleton() -> Skeleton:
    """The skeleton of everything that is drawn here."""
    return read_skeleton(resource_path("skeletons", "mouse_top.json"))


@dataclass(frozen=True, eq=False)
class Pose:
    """One animal's shape in image pixels.

    Args:
        spine: From the nose to the root of the tail.
        tail: From its root, a little inside the body, to its tip.
        squared_width: (S,) of the half width, pixels squared, at `width_along`; negative beyond
            the ends, so that the outline is where it equals the squared distance to the spine.
        width_along: (S,) arc length in pixels.
    """

    spine: Curve
    tail: Curve
    width_along: Float[np.ndarray, " S"]
    squared_width: Float[np.ndarray, " S"]

    @property
    def length(self) -> float:
        """Nose to root of the tail, in pixels."""
        return self.spine.length

    def half_width(self, along: float) -> float:
        """In pixels, at an arc length in pixels."""
        squared = np.interp(along, self.width_along, self.squared_width)
        return float(np.sqrt(max(squared, 0.0)))

    def outline(self) -> Float[np.ndarray, "N 2"]:
        """Image pixels round the body, without the tail."""
        squared = np.interp(self.spine.along, self.width_along, self.squared_width)
        aside = np.sqrt(np.maximum(squared, 0))[:, None] * self.spine.right
        return np.vstack([self.spine.xy + aside, (self.spine.xy - aside)[::-1]])

    def left_of(self, share: float, across: float) -> Float[np.ndarray, " 2"]:
        """The point `across` pixels to the animal's left at a share of its length."""
        return self.spine.at(share * self.length, across)

    def keypoints(self) -> Float[np.ndarray, "K 2"]:
        """Image pixels, in the order of `mouse_skeleton`."""
        ear = EAR_ACROSS * self.length
        hip = HIP_SHARE * self.half_width(HIP_ALONG * self.length)
        return np.array(
            [
                self.left_of(0.012, 0),
                self.left_of(EAR_ALONG, ear),
                self.left_of(EAR_ALONG, -ear),
                self.left_of(0.37, 0),
                self.left_of(0.60, 0),
                self.left_of(HIP_ALONG, hip),
                self.left_of(HIP_ALONG, -hip),
                self.left_of(0.985, 0),
                self.tail.at(0.52 * self.tail.length),
                self.tail.at(self.tail.length * 0.995),
            ]
        )


def draw_pose(
    rng: np.random.Generator, centre: Float[np.ndarray, " 2"], heading: float, length: float
) -> Pose:
    """A pose at random.

    Args:
        rng: What the bends and proportions are drawn from.
        centre: Image pixels, of the middle of the body.
        heading: Radians, where it walks to; clockwise from +x.
        length: Nose to root of the tail, in pixels.
    """
    share = np.linspace(0, 1, BODY_SAMPLES)
    bend, turn = rng.normal(0, 0.42), np.clip(rng.normal(0, 0.38), -0.8, 0.8)
    sway = rng.normal(0, 0.12)
    headings = heading + np.pi + bend * (share - 0.55)
    headings = headings + sway * np.sin(2 * np.pi * share)
    headings = headings + turn * (1 / (1 + np.exp((share - 0.33) * 18)))
    step = length / (BODY_SAMPLES - 1)
    spine = Curve.from_headings(np.zeros(2), headings, step)
    middle = spine.at(length / 2)
    spine = Curve.from_headings(centre - middle, headings, step)
    along, squared = _draw_width(rng, length)
    return Pose(spine, _draw_tail(rng, spine, float(headings[-1])), along, squared)


def _draw_width(
    rng: np.random.Generator, length: float
) -> tuple[Float[np.ndarray, " S"], Float[np.ndarray, " S"]]:
    """A pear's outline: how fat, and how far back."""
    along = np.linspace(0, 1, 240)
    plump, crouch = rng.uniform(0.88, 1.14), rng.normal(0, 0.02)
    profile = np.interp(along, _PROFILE_ALONG, (*_PROFILE_WIDTH, *_PROFILE_RUMP))
    profile *= 1 + (plump - 1) * np.clip((along - 0.25) / 0.2, 0, 1)
    profile += crouch * np.exp(-(((along - 0.6) / 0.2) ** 2))
    squared = profile**2
    # Smooth the joins between the given widths, but keep the round ends.
    kernel = np.hanning(19)
    padded = np.concatenate([-squared[9:0:-1], squared, -squared[-2:-11:-1]])
    squared = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    slope_in, slope_out = squared[4] - squared[0], squared[-5] - squared[-1]
    outside = np.arange(1, 60) / 4
    along = np.concatenate([(-outside[::-1] * 4) / 239, along, 1 + outside * 4 / 239])
    squared = np.concatenate([-slope_in * outside[::-1], squared, -slope_out * outside])
    return along * length, squared * length**2


def _draw_tail(rng: np.random.Generator, spine: Curve, heading: float) -> Curve:
    """A tail that leaves in line with the spine and curls more toward its tip."""
    length = spine.length * rng.uniform(0.72, 0.98)
    share = np.linspace(0, 1, TAIL_SAMPLES)
    curl, wave = rng.normal(0, 1.1), rng.normal(0, 0.75)
    headings = heading + curl * share**1.5
    headings = headings + wave * np.sin(2 * np.pi * share * rng.uniform(0.6, 1.1)) * share**0.5
    start = spine.at(0.965 * spine.length)
    return Curve.from_headings(start, headings, length / (TAIL_SAMPLES - 1))
