"""What lies about and what hides animals: twigs, straws, food pellets, droppings, shelters."""

from collections.abc import Sequence

import numpy as np

from kpstudio.core.shapes import Float
from kpstudio.demo.curve import Curve
from kpstudio.demo.picture import Picture
from kpstudio.demo.pose import Pose
from kpstudio.demo.shelter import paint_shelter
from kpstudio.demo.tube import Tube, paint_tube

Point = Float[np.ndarray, " 2"]

_BARK = np.array([0.38, 0.31, 0.25])
_STRAW = np.array([0.80, 0.71, 0.50])
_FOOD = np.array([0.50, 0.37, 0.23])
_DROPPING = np.array([0.13, 0.10, 0.08])


def paint_litter(rng: np.random.Generator, picture: Picture, scale: float) -> None:
    """Things on the ground, under the animals.

    Args:
        rng: What everything is drawn from.
        picture: Drawn on.
        scale: Body length of an animal in pixels.
    """
    extent = np.array(picture.size)
    for draw, most in ((_dropping, 7), (_straw, 4), (_pellet, 4), (_twig, 2)):
        for _ in range(int(rng.integers(0, most))):
            tube = draw(rng, extent * rng.uniform(0, 1, 2), scale)
            paint_tube(picture, tube, thing=picture.next_thing())


def paint_cover(rng: np.random.Generator, picture: Picture, poses: Sequence[Pose]) -> None:
    """Things over the animals: most animals stay clear, some are hidden in part."""
    for pose in poses:
        chance = rng.random()
        if chance < 0.24:
            tube = _twig(rng, _point_on(rng, pose, 0.2, 1.5), pose.length)
            paint_tube(picture, tube, thing=picture.next_thing())
        elif chance < 0.46:
            for _ in range(int(rng.integers(2, 6))):
                at = _point_on(rng, pose, 0.45, 1.7)
                tube = _straw(rng, at, pose.length)
                paint_tube(picture, tube, thing=picture.next_thing())
        elif chance < 0.58:
            tube = _pellet(rng, _point_on(rng, pose, 1.1, 1.9), pose.length)
            paint_tube(picture, tube, thing=picture.next_thing())
    if rng.random() < 0.27:
        pose = poses[int(rng.integers(len(poses)))]
        paint_shelter(rng, picture, pose, thing=picture.next_thing())


def _point_on(rng: np.random.Generator, pose: Pose, low: float, high: float) -> Point:
    """A point of the animal: 0 to 1 from nose to root of the tail, 1 to 2 along the tail."""
    place = rng.uniform(low, high)
    if place > 1:
        return pose.tail.at((place - 1) * pose.tail.length)
    return pose.left_of(place, rng.normal(0, 0.08) * pose.length)


def _bent(
    rng: np.random.Generator, centre: Point, length: float, *, bend: float, samples: int
) -> Curve:
    share = np.linspace(-0.5, 0.5, samples)
    headings = rng.uniform(0, 2 * np.pi) + rng.normal(0, bend) * share
    headings = headings + rng.normal(0, bend * 0.5) * np.sin(7 * share)
    curve = Curve.from_headings(np.zeros(2), headings, length / (samples - 1))
    return Curve.from_headings(centre - curve.at(length / 2), headings, length / (samples - 1))


def _twig(rng: np.random.Generator, centre: Point, scale: float) -> Tube:
    """Straight pieces with a kink at each knot, thinner after it."""
    samples, length = 40, scale * rng.uniform(0.7, 1.6)
    share = np.linspace(0, 1, samples)
    headings, knots = np.full(samples, rng.uniform(0, 2 * np.pi)), np.ones(samples)
    for place in rng.uniform(0.15, 0.85, 3):
        headings += rng.normal(0, 0.3) / (1 + np.exp((place - share) * 60))
        knots += 0.22 * np.exp(-(((share - place) / 0.02) ** 2)) - 0.1 * (share > place)
    step = length / (samples - 1)
    curve = Curve.from_headings(np.zeros(2), headings, step)
    curve = Curve.from_headings(centre - curve.at(length / 2), headings, step)
    radius = scale * rng.uniform(0.026, 0.042) * (1 - 0.25 * share) * knots
    colour = _BARK * rng.normal(1, 0.14)
    return Tube(curve, radius, colour, colour * 1.1, roughness=0.2, lift=1.3)


def _straw(rng: np.random.Generator, centre: Point, scale: float) -> Tube:
    curve = _bent(rng, centre, scale * rng.uniform(0.3, 0.9), bend=0.22, samples=16)
    thick = scale * rng.uniform(0.007, 0.012)
    radius = thick * np.linspace(1.0, rng.uniform(0.5, 0.9), 16)
    colour = _STRAW * rng.normal(1, 0.08)
    return Tube(curve, radius, colour, colour * 0.93, roughness=0.05, lift=1.6)


def _pellet(rng: np.random.Generator, centre: Point, scale: float) -> Tube:
    curve = _bent(rng, centre, scale * rng.uniform(0.12, 0.2), bend=0.1, samples=9)
    radius = np.full(9, scale * rng.uniform(0.058, 0.072))
    radius[[0, -1]] *= 0.9
    colour = _FOOD * rng.normal(1, 0.08)
    return Tube(curve, radius, colour, colour, roughness=0.09, lift=0.45)


def _dropping(rng: np.random.Generator, centre: Point, scale: float) -> Tube:
    curve = _bent(rng, centre, scale * rng.uniform(0.022, 0.035), bend=0.4, samples=5)
    radius = scale * rng.uniform(0.011, 0.014) * np.array([0.7, 1.0, 1.05, 0.95, 0.6])
    return Tube(curve, radius, _DROPPING, _DROPPING, roughness=0.05, lift=0.3)
