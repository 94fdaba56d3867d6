"""Tiles that the drawings are cut from: noise, strands of fur, kinds of ground.

Each tile is drawn once per process from a seed of its own, because drawing thousands of wood
shavings takes as long as everything else in an image together.
"""

from functools import cache

import cv2
import numpy as np

from kpstudio.core.shapes import Float, UInt8

TILE = 1024
_PAD = 48

FloatTile = Float[np.ndarray, "H W"]
GroundTile = UInt8[np.ndarray, "H W 4"]


def _wrapped_blur(tile: FloatTile, sigma_x: float, sigma_y: float) -> FloatTile:
    padded = np.pad(tile, _PAD, mode="wrap")
    blurred = cv2.GaussianBlur(padded, (0, 0), sigma_x, sigmaY=sigma_y)
    return np.asarray(blurred[_PAD:-_PAD, _PAD:-_PAD])


def _standardised(tile: FloatTile) -> FloatTile:
    return np.asarray((tile - tile.mean()) / tile.std(), dtype=np.float32)


def prepare_tiles() -> None:
    """Draw all tiles, so that a pool of threads does not draw the same ones twice."""
    for kind in GROUND_KINDS:
        ground_tile(kind)
    for tile in (sensor_tile, strand_tile, grain_tile):
        tile()


@cache
def noise_tile() -> FloatTile:
    """White noise, standard normal."""
    return np.random.default_rng(11).standard_normal((TILE, TILE), dtype=np.float32)


@cache
def sensor_tile() -> Float[np.ndarray, "H W 3"]:
    """Noise of a camera, mostly common to the channels, as Bayer filters leave it."""
    common, red_to_blue = noise_tile(), noise_tile().T * np.float32(0.5)
    return np.dstack([common + red_to_blue, common, common - red_to_blue])


@cache
def cloud_tile() -> FloatTile:
    """Soft blotches of several sizes, zero mean, standard deviation 1; repeats seamlessly."""
    rng, total = np.random.default_rng(13), np.zeros((TILE, TILE), np.float32)
    for size, weight in ((8, 1.0), (16, 0.7), (32, 0.5), (64, 0.3)):
        coarse = rng.standard_normal((size, size), dtype=np.float32)
        padded = np.pad(coarse, 2, mode="wrap")
        cell = TILE // size
        fine = cv2.resize(padded, None, fx=cell, fy=cell, interpolation=cv2.INTER_CUBIC)
        total += weight * fine[2 * cell : -2 * cell, 2 * cell : -2 * cell]
    return _standardised(total)


def _wavering_lines(seed: int, *, length: float, width: float, wander: float) -> FloatTile:
    noise = np.random.default_rng(seed).standard_normal((TILE, TILE), dtype=np.float32)
    lines = _standardised(_wrapped_blur(noise, length, width))
    lines += 0.5 * _standardised(_wrapped_blur(noise[::-1], 1.5 * length, 2.6 * width))
    rows, columns = np.indices((TILE, TILE), dtype=np.float32)
    rows += wander * cloud_tile()
    moved = cv2.remap(lines, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return _standardised(moved)


@cache
def strand_tile() -> FloatTile:
    """Short fine hairs along x, zero mean, standard deviation 1; seamless."""
    return _wavering_lines(17, length=4.0, width=0.55, wander=2.5)


@cache
def grain_tile() -> FloatTile:
    """The grain of wood along x, zero mean, standard deviation 1; seamless."""
    return _wavering_lines(19, length=7.0, width=0.6, wander=9.0)


@cache
def ground_tile(kind: str) -> GroundTile:
    """Colour (RGB) and height (fourth channel) of a kind of ground, one of `GROUND_KINDS`."""
    return GROUND_KINDS[kind]()


_GAP = 60


def _filled(tile: GroundTile) -> GroundTile:
    """Gaps (height below `_GAP`) show the same things lying deeper: turned, darker and lower."""
    lowest = np.array([*tile[tile[..., 3] >= _GAP][:, :3].mean(axis=0) * 0.5, 20])
    filled, gap = tile.copy(), tile[..., 3] < _GAP
    for turns in (1, 2, 3):
        deeper = np.rot90(tile, turns)
        fills = gap & (deeper[..., 3] >= _GAP)
        share = np.array([0.84, 0.84, 0.84, 0.6]) ** turns
        filled[fills] = (deeper[fills] * share).astype(np.uint8)
        gap &= ~fills
    filled[gap] = lowest.astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), 0.6))


def _strips(
    seed: int,
    *,
    count: int,
    length: tuple[float, float],
    width: tuple[float, float],
    bend: float,
    colours: Float[np.ndarray, "N 3"],
) -> GroundTile:
    """Curved strips thrown over each other, the later ones higher."""
    rng = np.random.default_rng(seed)
    tile = np.zeros((TILE, TILE, 4), np.uint8)
    along = np.linspace(-1.0, 1.0, 7)
    across = np.array([0.62, 0.9, 0.95, 1.0, 0.95, 0.85, 0.5])
    for index in range(count):
        half_length, half_width = rng.uniform(*length) / 2, rng.uniform(*width) / 2
        half_length *= rng.uniform(0.35, 1.0)
        spine = np.column_stack([along * half_length, rng.normal(0, bend) * half_length * along**2])
        edge = np.column_stack([np.zeros(7), across * half_width * rng.uniform(0.85, 1.1, 7)])
        angle = rng.uniform(0, 2 * np.pi)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        middle = rng.uniform(-20, TILE + 20, 2)
        colour = colours[rng.integers(len(colours))] * rng.normal(1.0, 0.06)
        height = float(np.clip(70 + 130 * index / count + rng.uniform(-45, 45), 66, 255))
        # The two halves of a strip catch the light differently, as a curled one does.
        for side, tone, lift in ((edge, 1.0, 0), (-edge, rng.uniform(0.86, 1.0), -12)):
            points = np.concatenate([spine + side, spine[::-1]]) @ turn + middle
            value = (*np.clip(colour * tone, 0, 255).tolist(), max(height + lift, 64.0))
            cv2.fillPoly(tile, [np.round(points * 16).astype(np.int32)], value, cv2.LINE_AA, 4)
    return _filled(tile)


def _shavings() -> GroundTile:
    colours = np.array([[222, 190, 143], [236, 208, 166], [204, 168, 118], [229, 196, 158]])
    return _strips(23, count=2600, length=(18, 58), width=(4, 20), bend=0.15, colours=colours * 1.0)


def _paper() -> GroundTile:
    colours = np.array([[214, 212, 206], [226, 223, 215], [196, 193, 186], [218, 210, 196]])
    return _strips(29, count=2200, length=(26, 80), width=(4, 10), bend=0.3, colours=colours * 1.0)


def _granules() -> GroundTile:
    """Grains of corn cob: a bumpy height map cut into cells, each with its own shade."""
    rng = np.random.default_rng(31)
    tile = np.zeros((TILE, TILE, 4), np.uint8)
    colours = np.array([[196, 164, 116], [178, 142, 94], [212, 184, 140], [160, 122, 78]])
    for index in range(5600):
        x, y = rng.uniform(0, TILE * 16, 2).astype(int).tolist()
        colour = colours[rng.integers(4)] * rng.normal(1.0, 0.08)
        height = 70 + 120 * index / 5600 + rng.uniform(-40, 40)
        value = (*np.clip(colour, 0, 255).tolist(), float(np.clip(height, 64, 255)))
        axes = (int(rng.uniform(60, 130)), int(rng.uniform(45, 90)))
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(tile, (x, y), axes, angle, 0, 360, value, -1, cv2.LINE_AA, 4)
    return _filled(tile)


def _floor() -> GroundTile:
    """A grey arena floor with scratches and dirt."""
    rng = np.random.default_rng(37)
    fine = _standardised(cv2.GaussianBlur(noise_tile(), (0, 0), 1.1))
    shade = 148 + 7 * cloud_tile() + 5 * fine
    tile = np.empty((TILE, TILE, 4), np.uint8)
    for channel, gain in enumerate((1.0, 0.99, 0.95)):
        tile[..., channel] = np.clip(shade * gain, 0, 255)
    tile[..., 3] = np.clip(128 + 11 * fine, 0, 255)
    for _ in range(170):
        start = rng.uniform(0, TILE, 2)
        angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(20, 190)
        stop = start + length * np.array([np.cos(angle), np.sin(angle)])
        tone = float(rng.choice([118, 172]))
        ends = np.round(np.stack([start, stop]) * 16).astype(int).tolist()
        cv2.line(tile, ends[0], ends[1], (tone, tone, tone - 3, 110), 1, cv2.LINE_AA, 4)
    smooth = cv2.GaussianBlur(tile, (0, 0), 0.8)
    return np.asarray(smooth)


GROUND_KINDS = {"shavings": _shavings, "paper": _paper, "granules": _granules, "floor": _floor}
