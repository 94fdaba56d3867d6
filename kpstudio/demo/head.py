"""Ears, eyes, nose, whiskers and feet."""

import cv2
import numpy as np

from kpstudio.core.shapes import Float
from kpstudio.demo.coat import Coat, Colour
from kpstudio.demo.picture import Picture
from kpstudio.demo.pose import EAR_ACROSS, EAR_ALONG, EAR_RADIUS, EYE_ACROSS, EYE_ALONG, Pose
from kpstudio.demo.texture import noise_tile

SIDES = (1.0, -1.0)


def _oval(
    centre: Float[np.ndarray, " 2"],
    axis: Float[np.ndarray, " 2"],
    long: float,
    short: float,
    margin: float,
) -> tuple[tuple[int, int], Float[np.ndarray, "h w"], Float[np.ndarray, "h w"]]:
    """A crop around an ellipse, in coordinates in which the ellipse is the unit circle.

    Args:
        centre: Image pixels.
        axis: Unit vector of the long axis.
        long: Half the long axis in pixels.
        short: Half the short axis in pixels.
        margin: Pixels around it.

    Returns:
        The crop's top-left pixel, and per pixel the coordinates along and across the long axis.
    """
    reach = max(long, short) + margin
    low = np.floor(centre - reach).astype(int)
    high = np.ceil(centre + reach).astype(int)
    x = (np.arange(low[0], high[0] + 1) - centre[0]).astype(np.float32)
    y = (np.arange(low[1], high[1] + 1) - centre[1]).astype(np.float32)[:, None]
    cos, sin = axis
    along = x * np.float32(cos / long) + y * np.float32(sin / long)
    across = y * np.float32(cos / short) - x * np.float32(sin / short)
    return (int(low[0]), int(low[1])), along, across


def _inside(radius: Float[np.ndarray, "h w"], size: float) -> Float[np.ndarray, "h w"]:
    """Opacity of the unit disc whose radius is `size` pixels."""
    return np.asarray(np.clip((1 - radius) * np.float32(size) + 0.5, 0, 1))


def paint_ears(picture: Picture, pose: Pose, coat: Coat, *, thing: int) -> None:
    """Two round shells that open forward and outward, each with its shadow on the fur."""
    length = pose.length
    long, short = EAR_RADIUS * length, 0.78 * EAR_RADIUS * length
    backward = pose.spine.direction(EAR_ALONG * length)
    outward = np.array([-backward[1], backward[0]])
    rim = (0.75 * coat.back + 0.25 * coat.ear).astype(np.float32)
    inner = coat.ear.astype(np.float32)
    light = picture.light.xyz.astype(np.float32)
    for side in SIDES:
        centre = pose.left_of(EAR_ALONG, side * EAR_ACROSS * length)
        axis = side * outward * 0.80 + backward * 0.60
        shadow_at = centre - picture.light.xyz[:2] * 0.022 * length + backward * 0.012 * length
        origin, along, across = _oval(shadow_at, axis, long * 1.1, short * 1.15, 3)
        picture.shade(origin, 1 - 0.45 * np.clip(2.2 - 2 * np.hypot(along, across), 0, 1))
        origin, along, across = _oval(centre, axis, long, short, 2)
        radius = np.hypot(along, across)
        # The shell is hollow: its far wall faces the light.
        x, y = axis
        hollow = -(along * (x * light[0] + y * light[1]) + across * (x * light[1] - y * light[0]))
        depth = np.clip(1 - radius / 0.86, 0, 1) ** 0.7
        root = np.clip(-along * 0.9 - 0.1, 0, 1)
        tone = (0.98 + 0.30 * hollow - 0.30 * depth) * (1 - 0.55 * root)
        to_inner = np.clip((0.90 - radius) * 7, 0, 1)[..., None]
        colour = (rim + (inner - rim) * to_inner) * tone[..., None]
        colour += (np.clip(1 - np.abs(radius - 0.93) * 11, 0, 1) * 0.07)[..., None]
        picture.paint(origin, colour, _inside(radius, short), thing=thing)


def paint_face(
    rng: np.random.Generator, picture: Picture, pose: Pose, coat: Coat, *, thing: int
) -> None:
    """Eyes with a glint, the tip of the nose, whiskers."""
    length = pose.length
    backward = pose.spine.direction(EYE_ALONG * length)
    for side in SIDES:
        centre = pose.left_of(EYE_ALONG, side * EYE_ACROSS * length)
        axis = backward + side * 0.25 * np.array([-backward[1], backward[0]])
        axis /= np.hypot(*axis)
        _paint_bead(picture, centre, axis, 0.0225 * length, 0.017 * length, coat.back * 0.45, thing)
        _paint_bead(picture, centre, axis, 0.018 * length, 0.0135 * length, coat.eye, thing)
        glint = centre + picture.light.xyz[:2] * 0.007 * length
        _paint_bead(picture, glint, axis, 0.005 * length, 0.0045 * length, np.full(3, 0.9), thing)
    nose = pose.left_of(0.014, 0)
    _paint_bead(
        picture,
        nose,
        backward,
        0.015 * length,
        0.017 * length,
        coat.skin * [1.0, 0.82, 0.82],
        thing,
    )
    _paint_whiskers(rng, picture, pose, coat)


def _paint_bead(
    picture: Picture,
    centre: Float[np.ndarray, " 2"],
    axis: Float[np.ndarray, " 2"],
    long: float,
    short: float,
    colour: Colour,
    thing: int,
) -> None:
    origin, along, across = _oval(centre, axis, max(long, 0.3), max(short, 0.3), 2)
    opacity = _inside(np.hypot(along, across), short) * min(2 * short, 1)
    filled = np.broadcast_to(colour.astype(np.float32), (*opacity.shape, 3))
    picture.paint(origin, filled, opacity, thing=thing)


def _paint_whiskers(rng: np.random.Generator, picture: Picture, pose: Pose, coat: Coat) -> None:
    """Thin hairs, which hide nothing."""
    length = pose.length
    reach = int(0.26 * length) + 4
    low = np.round(pose.left_of(0.07, 0)).astype(int) - reach
    strokes = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    backward = pose.spine.direction(0.06 * length)
    outward = np.array([-backward[1], backward[0]])
    share = np.linspace(0, 1, 6)[:, None]
    for side in SIDES:
        for slant in (-0.35, 0.0, 0.3, 0.62, 0.95):
            root = pose.left_of(0.06, side * 0.036 * length)
            way = side * outward + (slant + rng.normal(0, 0.08)) * backward
            way /= np.hypot(*way)
            span = length * rng.uniform(0.11, 0.2)
            hair = root + way * span * share + backward * (0.3 * span) * share**2
            fixed = np.round((hair - low) * 16).astype(np.int32)
            cv2.polylines(strokes, [fixed], False, 255, 1, cv2.LINE_AA, 4)
    is_dark = coat.back.mean() > 0.7
    colour = np.full((*strokes.shape, 3), 0.35 if is_dark else 0.93, np.float32)
    alpha = strokes.astype(np.float32) * np.float32(min(picture.unit, 1.0) * 0.34 / 255)
    picture.paint((int(low[0]), int(low[1])), colour, alpha, thing=None)


def paint_feet(picture: Picture, pose: Pose, coat: Coat, *, thing: int) -> None:
    """Feet that look out from under the body, with toes."""
    length = pose.length
    skin = coat.skin.astype(np.float32)
    for share, forward_lean, size, out in ((0.30, 0.75, 0.034, 0.016), (0.74, 0.9, 0.055, 0.006)):
        backward = pose.spine.direction(share * length)
        outward = np.array([-backward[1], backward[0]])
        for side in SIDES:
            # Each foot is placed by its own chance, taken from where the animal stands.
            chance = (
                float(noise_tile()[int(abs(pose.spine.xy[0, 0])) % 997, int(share * 100)]) * side
            )
            away = pose.half_width(share * length) + (out + 0.010 * np.clip(chance, -1, 1)) * length
            centre = pose.left_of(share - 0.03 * np.clip(chance, -1, 1), side * away)
            axis = side * outward * (1 - forward_lean) - backward * forward_lean
            axis /= np.hypot(*axis)
            sideways = np.array([-axis[1], axis[0]])
            for toe in (-0.62, -0.2, 0.22, 0.64):
                tip = centre + axis * size * length * (1.02 - 0.3 * toe**2)
                tip = tip + sideways * toe * size * 0.62 * length
                direction = axis + sideways * toe * 0.5
                direction /= np.hypot(*direction)
                _paint_bead(
                    picture, tip, direction, 0.3 * size * length, 0.0062 * length, skin, thing
                )
            _paint_bead(
                picture, centre, axis, size * length, 0.42 * size * length, skin * 0.93, thing
            )
