"""A wooden house or a plastic dome that reaches into the picture from outside."""

import cv2
import numpy as np

from kpstudio.core.shapes import Float
from kpstudio.demo.picture import Picture
from kpstudio.demo.pose import Pose
from kpstudio.demo.texture import TILE, cloud_tile, grain_tile

Field = Float[np.ndarray, "H W"]

_PLASTIC = ((0.62, 0.12, 0.10), (0.16, 0.33, 0.42), (0.58, 0.40, 0.12), (0.30, 0.32, 0.30))
_WOOD = (0.66, 0.49, 0.31)


def paint_shelter(
    rng: np.random.Generator,
    picture: Picture,
    pose: Pose,
    *,
    thing: int,
) -> None:
    """Draw a shelter over a part of an animal, from there to the nearest border.

    Args:
        rng: What its kind, colour and slant are drawn from.
        picture: Drawn on.
        pose: Of the animal; about half of its body or more stays clear.
        thing: Its order number.
    """
    width, height = picture.size
    scale = pose.length
    outward = _outward(rng, picture, pose.spine.at(scale / 2))
    ranked = np.argsort(pose.spine.xy @ outward)
    edge = pose.spine.xy[ranked[int(rng.uniform(0.45, 0.95) * len(ranked))]]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x - np.float32(edge[0]), y - np.float32(edge[1])
    out_x, out_y = outward.astype(np.float32)
    inside, beside = x * out_x + y * out_y, y * out_x - x * out_y
    beside -= np.float32(rng.normal(0, 0.25) * scale)
    if rng.random() < 0.6:
        depth, colour = _house(rng, picture, inside, beside, scale)
    else:
        depth, colour = _dome(rng, picture, outward, inside, beside, scale)
    _paint_shadow(picture, depth, scale)
    picture.paint((0, 0), colour, np.clip(depth + 0.5, 0, 1), thing=thing)


def _outward(
    rng: np.random.Generator, picture: Picture, start: Float[np.ndarray, " 2"]
) -> Float[np.ndarray, " 2"]:
    """Unit vector to the nearest border, turned a little."""
    width, height = picture.size
    distances = (start[0], width - start[0], start[1], height - start[1])
    angle = (np.pi, 0.0, -np.pi / 2, np.pi / 2)[int(np.argmin(distances))] + rng.normal(0, 0.22)
    return np.array([np.cos(angle), np.sin(angle)])


def _house(
    rng: np.random.Generator, picture: Picture, inside: Field, beside: Field, scale: float
) -> tuple[Field, Float[np.ndarray, "H W 3"]]:
    """Planks that run along its front edge; returns the distance from the outline inward."""
    half = np.float32(scale * rng.uniform(0.75, 1.1))
    depth = np.minimum(inside, half - np.abs(beside))
    plank = np.float32(scale * rng.uniform(0.26, 0.36))
    within = np.mod(inside, plank)
    number = np.floor(inside / plank).astype(np.float32)
    detail = np.float32(1 / max(picture.unit, 0.2))
    grain = cv2.remap(
        grain_tile(),
        beside * detail * 0.45 + number * 173,
        inside * detail * 0.8 + number * 91,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    gap = np.float32(1.6 * picture.unit)
    groove = np.clip(np.minimum(within, plank - within) / gap, 0, 1)
    tone = (1 + 0.07 * grain + 0.06 * np.sin(number * 2.7)) * (0.5 + 0.5 * groove)
    tone += 0.20 * np.clip(1 - np.abs(depth - 2 * picture.unit) / (2.2 * picture.unit), 0, 1)
    wood = np.array(_WOOD) * rng.normal(1, 0.1) * (1 + rng.normal(0, 0.03, 3))
    return depth, tone[..., None] * wood.astype(np.float32)


def _dome(
    rng: np.random.Generator,
    picture: Picture,
    outward: Float[np.ndarray, " 2"],
    inside: Field,
    beside: Field,
    scale: float,
) -> tuple[Field, Float[np.ndarray, "H W 3"]]:
    """Half a ball of plastic with a rim; returns the distance from the outline inward."""
    size = np.float32(scale * rng.uniform(0.8, 1.15))
    inside = inside - size
    distance = np.hypot(inside, beside)
    depth = size - distance
    # The light in the coordinates of the shelter.
    light_x, light_y, light_z = picture.light.xyz
    along = np.float32(light_x * outward[0] + light_y * outward[1])
    across = np.float32(light_y * outward[0] - light_x * outward[1])
    steep = np.minimum(distance / size, 1) ** 2
    facing = (inside * along + beside * across) / size
    normal_z = np.sqrt(1 - 0.85 * steep)
    lit = 0.38 + 0.62 * np.maximum(0.9 * facing + normal_z * np.float32(light_z), 0)
    glint_x, glint_y = inside / size - 0.42 * along, beside / size - 0.42 * across
    glint = 0.42 * np.exp(-(glint_x**2 + glint_y**2) / 0.012)
    rim = np.clip(1 - np.abs(depth - 0.035 * size) / (0.02 * size), 0, 1)
    rows, columns = np.indices(depth.shape)
    dust = 1 + 0.03 * cloud_tile()[rows % TILE, columns % TILE]
    colour = np.array(_PLASTIC[rng.integers(len(_PLASTIC))], np.float32)
    pixels = (lit * dust)[..., None] * colour
    pixels += (glint + 0.10 * rim)[..., None]
    return depth, np.asarray(pixels, dtype=np.float32)


def _paint_shadow(picture: Picture, depth: Field, scale: float) -> None:
    step = 4
    small = (depth[::step, ::step] > 0).astype(np.float32)
    away = -picture.light.xyz[:2] * 0.16 * scale / step
    factor = np.ones_like(small)
    for distance, soft, strength in ((0.2, 0.03, 0.4), (1.0, 0.09, 0.5)):
        shift = np.array([[1, 0, away[0] * distance], [0, 1, away[1] * distance]])
        moved = cv2.warpAffine(small, shift, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        blurred = cv2.GaussianBlur(moved, (0, 0), max(soft * scale / step, 0.5))
        factor *= 1 - np.float32(strength) * blurred
    full = cv2.resize(factor, depth.shape[::-1], interpolation=cv2.INTER_LINEAR)
    picture.shade((0, 0), full)
