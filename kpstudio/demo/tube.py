"""Round things with a length: tails, twigs, straws, food pellets."""

from dataclasses import dataclass

import cv2
import numpy as np

from kpstudio.core.shapes import Float
from kpstudio.demo.curve import Curve
from kpstudio.demo.picture import Origin, Picture
from kpstudio.demo.texture import cloud_tile, grain_tile


@dataclass(frozen=True, eq=False)
class Tube:
    """A curve with a round cross-section.

    Args:
        curve: Its middle, in image pixels.
        radius: (M,) pixels, at the samples of the curve.
        start: RGB at the start, 0 to 1.
        end: RGB at the end.
        rings: Strength of rings around it: a tail's scales.
        roughness: Strength of blotches: bark, pressed food.
        lift: How far the shadow falls, in radii.
    """

    curve: Curve
    radius: Float[np.ndarray, " M"]
    start: Float[np.ndarray, " 3"]
    end: Float[np.ndarray, " 3"]
    rings: float = 0.0
    roughness: float = 0.0
    lift: float = 1.0


def outline_mask(
    xy: Float[np.ndarray, "M 2"], radius: Float[np.ndarray, " M"], margin: float
) -> tuple[Origin, np.ndarray]:
    """Every pixel within radius + margin of a polyline, as a crop.

    Returns:
        (x, y) of the crop's top-left pixel, and the mask (h, w), 0 or 255.
    """
    reach = float(radius.max()) + margin + 2
    low = np.floor(xy.min(axis=0) - reach).astype(int)
    high = np.ceil(xy.max(axis=0) + reach).astype(int)
    mask = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
    points = np.round((xy - low) * 16).astype(np.int32)
    piece = max(len(points) // 5, 2)
    for start in range(0, len(points) - 1, piece):
        part = slice(start, start + piece + 1)
        thickness = max(round(2 * (float(radius[part].max()) + margin)), 1)
        cv2.polylines(mask, [points[part]], False, 255, thickness, cv2.LINE_8, 4)
    return (int(low[0]), int(low[1])), mask


def paint_tube(picture: Picture, tube: Tube, *, thing: int) -> None:
    """Draw a tube with its shadow."""
    margin = 2.0
    origin, mask = outline_mask(tube.curve.xy, tube.radius, margin)
    rows, columns = np.nonzero(mask)
    points = np.column_stack([columns, rows]) + np.array(origin)
    along, across, right = tube.curve.coordinates(points, softness=0)
    radius = np.interp(along, tube.curve.along, tube.radius).astype(np.float32)
    beyond = np.maximum(np.maximum(-along, along - tube.curve.length), 0)
    radius = np.sqrt(np.maximum(radius**2 - beyond**2, 1e-4)) * (beyond < radius)
    opacity = np.clip(radius - np.abs(across) + 0.5, 0, 1) * np.clip(2 * radius, 0, 1)
    slant = np.clip(across / np.maximum(radius, 0.3), -1, 1)
    steep = np.sqrt(1 - 0.94 * slant**2)
    x, y, z = picture.light.xyz
    lit = 0.42 + 0.66 * np.maximum(slant * (right @ np.array([x, y], np.float32)) + steep * z, 0)
    lit += 0.10 * steep**6
    if tube.rings:
        period = max(3.0 * picture.unit, 2.2)
        lit += tube.rings * np.sin(along * (2 * np.pi / period)) * steep
    if tube.roughness:
        lit *= 1 + tube.roughness * _bark(along, across, picture.unit)
    share = np.clip(along / tube.curve.length, 0, 1)[:, None]
    colour = np.zeros((*mask.shape, 3), np.float32)
    alpha = np.zeros(mask.shape, np.float32)
    colour[rows, columns] = (tube.start * (1 - share) + tube.end * share) * lit[:, None]
    alpha[rows, columns] = opacity
    _paint_shadow(picture, tube, origin, alpha)
    picture.paint(origin, colour, alpha, thing=thing)


def _bark(
    along: Float[np.ndarray, " P"], across: Float[np.ndarray, " P"], unit: float
) -> Float[np.ndarray, " P"]:
    x, y = (along / unit).astype(int), (across / unit).astype(int)
    rough = grain_tile()[(3 * y) % 1024, x % 1024] + cloud_tile()[(9 * y) % 1024, (9 * x) % 1024]
    return np.asarray(np.clip(rough, -2, 2))


def _paint_shadow(
    picture: Picture, tube: Tube, origin: Origin, alpha: Float[np.ndarray, "h w"]
) -> None:
    wide = float(tube.radius.max())
    soft = max(0.6 * wide * tube.lift, 0.6)
    pad = int(2.5 * soft) + 2
    padded = cv2.copyMakeBorder(alpha, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    dark = cv2.GaussianBlur(padded, (0, 0), soft)
    away = -picture.light.xyz[:2] * wide * tube.lift * 1.3
    place = (origin[0] - pad + round(float(away[0])), origin[1] - pad + round(float(away[1])))
    picture.shade(place, 1 - np.float32(0.42) * dark)
