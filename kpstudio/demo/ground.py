"""What the animals walk on, and the lamp above it."""

import cv2
import numpy as np

from kpstudio.core.shapes import Float, Shaped, UInt8
from kpstudio.demo.picture import Light, Picture, in_colour
from kpstudio.demo.texture import GROUND_KINDS, TILE, cloud_tile, ground_tile, sensor_tile

Pixels = Float[np.ndarray, "H W 3"]
_SHOULDER = 0.82


def draw_light(rng: np.random.Generator) -> Light:
    """A lamp at a slant, a little warm or cool."""
    azimuth, elevation = rng.uniform(0, 2 * np.pi), rng.uniform(0.75, 1.1)
    flat = np.cos(elevation)
    xyz = np.array([np.cos(azimuth) * flat, np.sin(azimuth) * flat, np.sin(elevation)])
    warmth = rng.normal(0.025, 0.02)
    return Light(xyz, np.array([1 + warmth, 1.0, 1 - warmth], np.float32))


def draw_ground(rng: np.random.Generator, size: tuple[int, int], light: Light) -> Picture:
    """A picture of nothing but lit ground.

    Args:
        rng: What the kind, colour and place of the ground are drawn from.
        size: (width, height) in pixels.
        light: It throws its shadows.
    """
    unit = min(size[0] / 640, size[1] / 480)
    kind = str(rng.choice(list(GROUND_KINDS), p=(0.34, 0.24, 0.2, 0.22)))
    cut = _cut(rng, ground_tile(kind), size, unit * rng.uniform(0.7, 1.1))
    relief = _relief(cut[..., 3], light, unit, depth=0.45 if kind == "floor" else 1.1)
    stains = _cut(rng, cloud_tile(), size, unit * rng.uniform(0.6, 1.4))
    tone = relief * (1 + np.float32(0.05) * stains) * np.float32(rng.uniform(0.8, 1.08) / 255)
    colour = (1 + rng.normal(0, 0.015, 3)).tolist()
    pixels = cv2.cvtColor(cut, cv2.COLOR_RGBA2RGB)
    pixels = cv2.multiply(pixels, in_colour(tone), dtype=cv2.CV_32F)
    pixels = cv2.multiply(pixels, np.array([*colour, 1.0]))
    return Picture(pixels, light, unit)


def _cut(
    rng: np.random.Generator, tile: np.ndarray, size: tuple[int, int], scale: float
) -> Shaped[np.ndarray, "H W *C"]:
    """A piece of a tile, turned at random."""
    angle = rng.uniform(0, 360)
    matrix = cv2.getRotationMatrix2D((TILE / 2, TILE / 2), angle, scale)
    shift = rng.uniform(-0.5, 0.5, 2) * max(TILE * scale - np.hypot(*size), 0)
    matrix[:, 2] += np.array(size) / 2 - TILE / 2 + shift
    piece = cv2.warpAffine(
        tile, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(piece)


def _relief(
    height: UInt8[np.ndarray, "H W"], light: Light, unit: float, depth: float
) -> Float[np.ndarray, "H W"]:
    """Brightness of a bumpy ground: slopes toward the light are bright, hollows dark."""
    steep = -0.28 * depth / 255
    height = np.ascontiguousarray(height)
    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=steep * light.xyz[0], delta=1)
    relief = across + cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=steep * light.xyz[1])
    around = cv2.blur(height, (2 * max(int(6 * unit), 1) + 1,) * 2)
    hollow = cv2.subtract(around, height)
    shade = 1 - hollow * np.float32(0.9 * depth / 255)
    return np.asarray(np.clip(relief, np.float32(0.45), np.float32(1.5)) * shade)


def light_up(rng: np.random.Generator, picture: Picture) -> None:
    """Uneven light over everything: a slope, a pool of light and a vignette."""
    width, height = picture.size
    y, x = np.mgrid[-1:1:24j, -1:1:32j]
    slope = x * picture.light.xyz[0] + y * picture.light.xyz[1]
    pool_x, pool_y = rng.uniform(-0.6, 0.6, 2)
    pool = np.exp(-((x - pool_x) ** 2 + (y - pool_y) ** 2) / rng.uniform(0.5, 1.2))
    vignette = (x**2 + y**2) ** 1.5
    field = 1.0 + rng.uniform(0.04, 0.18) * slope + rng.uniform(0.08, 0.28) * pool
    field -= rng.uniform(0.05, 0.11) * vignette
    tinted = (field[..., None] * picture.light.tint).astype(np.float32)
    picture.pixels *= cv2.resize(tinted, (width, height), interpolation=cv2.INTER_CUBIC)


def expose(rng: np.random.Generator, picture: Picture) -> np.ndarray:
    """What the camera makes of the picture: slight blur, sensor noise, 8 bits.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    pixels = picture.pixels
    blur = rng.uniform(0.35, 0.75) * min(picture.unit, 1.0)
    pixels = cv2.GaussianBlur(pixels, (3, 3) if blur < 0.5 else (5, 5), blur)
    # A soft shoulder instead of blown-out whites.
    over = np.maximum(pixels - np.float32(_SHOULDER), 0)
    pixels -= over
    over /= 1 + over * np.float32(1 / (1 - _SHOULDER))
    pixels += over
    height, width = pixels.shape[:2]
    top, left = (int(rng.integers(0, max(TILE - extent, 0) + 1)) for extent in (height, width))
    noise = sensor_tile()[top : top + height, left : left + width]
    if noise.shape != pixels.shape:
        repeats = (-(-height // TILE), -(-width // TILE), 1)
        noise = np.tile(sensor_tile(), repeats)[:height, :width]
    pixels = cv2.scaleAdd(noise, float(rng.uniform(0.006, 0.016)), pixels)
    return np.asarray(cv2.convertScaleAbs(np.maximum(pixels, 0), alpha=255))
