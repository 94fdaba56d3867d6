"""One animal: shadow, tail, feet, furry body, head."""

import cv2
import numpy as np

from kpstudio.core.shapes import Float
from kpstudio.demo.coat import Coat
from kpstudio.demo.head import paint_ears, paint_face, paint_feet
from kpstudio.demo.picture import Origin, Picture, in_colour
from kpstudio.demo.pose import Pose
from kpstudio.demo.texture import TILE, cloud_tile, strand_tile
from kpstudio.demo.tube import Tube, outline_mask, paint_tube

Field = Float[np.ndarray, "h w"]


def paint_animal(
    rng: np.random.Generator, picture: Picture, pose: Pose, coat: Coat
) -> tuple[int, int]:
    """Draw an animal over what is there.

    Returns:
        The order numbers of its tail and of its body.
    """
    tail, body = picture.next_thing(), picture.next_thing()
    _paint_body_shadow(picture, pose)
    share = np.linspace(0, 1, len(pose.tail.xy))
    radius = pose.length * (0.0065 + 0.0225 * (1 - share) ** 1.2)
    paint_tube(
        picture,
        Tube(pose.tail, radius, coat.skin * 0.92, coat.skin * 1.02, rings=0.05, lift=0.8),
        thing=tail,
    )
    paint_feet(picture, pose, coat, thing=body)
    _paint_body(rng, picture, pose, coat, thing=body)
    paint_ears(picture, pose, coat, thing=body)
    paint_face(rng, picture, pose, coat, thing=body)
    return tail, body


def _paint_body_shadow(picture: Picture, pose: Pose) -> None:
    """A dark contact line and a soft cast shadow, at a quarter of the resolution."""
    length, step = pose.length, 4
    pad = 0.35 * length + 8
    low = np.floor(pose.spine.xy.min(axis=0) - pad).astype(int)
    high = np.ceil(pose.spine.xy.max(axis=0) + pad).astype(int)
    small = np.zeros(((high[1] - low[1]) // step + 1, (high[0] - low[0]) // step + 1), np.uint8)
    outline = (pose.outline() - low + 0.5) / step - 0.5
    away = -picture.light.xyz[:2]
    factor = np.ones(small.shape, np.float32)
    for distance, soft, strength in ((0.025, 0.035, 0.45), (0.10, 0.075, 0.42)):
        small[:] = 0
        shifted = outline + away * (distance * length / step)
        cv2.fillPoly(small, [np.round(shifted * 16).astype(np.int32)], 255, cv2.LINE_8, 4)
        sigma = max(soft * length / step, 0.5)
        dark = cv2.GaussianBlur(small, (0, 0), sigma).astype(np.float32)
        factor *= 1 - np.float32(strength / 255) * dark
    full = cv2.resize(factor, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
    picture.shade((int(low[0]), int(low[1])), full)


def _paint_body(
    rng: np.random.Generator, picture: Picture, pose: Pose, coat: Coat, *, thing: int
) -> None:
    length = pose.length
    widest = np.full(len(pose.spine.xy), float(np.sqrt(pose.squared_width.max())))
    origin, mask = outline_mask(pose.spine.xy, widest, 0.03 * length + 3)
    along, across, roundness = _body_fields(pose, origin, mask)
    hairs, locks = _fur(rng, along, across, length)
    # The outermost pixels of the crop have no true neighbours to take an edge from.
    opacity = _furry_edge(roundness, hairs, length) * (cv2.erode(mask, np.ones((5, 5))) > 0)
    normal = _normals(pose, along, across, roundness, locks + 0.5 * hairs)
    colour = _coat_colour(rng, pose, coat, along, across, hairs)
    colour *= in_colour(_lighting(picture, normal))
    colour += in_colour(_sheen(picture, coat, normal, hairs))
    picture.paint(origin, colour, opacity, thing=thing)


def _body_fields(pose: Pose, origin: Origin, mask: np.ndarray) -> tuple[Field, Field, Field]:
    """Along and across the spine in pixels, and squared width minus squared distance."""
    # They are so smooth that every second pixel is enough, unless the animal is tiny.
    step = 2 if pose.length > 60 else 1
    coarse = cv2.resize(mask, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_NEAREST)
    coarse = cv2.dilate(coarse, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero(coarse)
    points = (np.column_stack([columns, rows]) + 0.5) * step - 0.5 + np.array(origin)
    along, across, _ = pose.spine.coordinates(points, softness=0.045 * pose.length)
    squared = np.interp(along, pose.width_along, pose.squared_width)
    fields = np.zeros((*coarse.shape, 3), np.float32)
    fields[..., 2] = float(pose.squared_width.min())
    fields[rows, columns] = np.column_stack([along, across, squared - across**2])
    full = cv2.resize(fields, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    along, across, roundness = cv2.split(full)
    return np.asarray(along), np.asarray(across), np.asarray(roundness)


def _fur(
    rng: np.random.Generator, along: Field, across: Field, length: float
) -> tuple[Field, Field]:
    """Single hairs and locks of hair, both about -2 to 2; they spread toward the tail."""
    detail = np.float32(190 / length)
    # Streamlines that spread from the head, where the hair is finest.
    row, column = across * (2.5 * np.exp(along * np.float32(-1.0 / length))), along * 1.35
    start = rng.uniform(0, TILE, 4).astype(np.float32)
    hairs = _look_up(strand_tile(), column * detail + start[0], row * detail + start[1])
    coarse = detail * np.float32(0.5)
    locks = _look_up(strand_tile(), column * coarse + start[2], row * coarse + start[3])
    return np.clip(hairs, -2.2, 2.2), np.clip(locks, -2.2, 2.2)


def _look_up(tile: Field, x: Field, y: Field) -> Field:
    return np.asarray(cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))


def _furry_edge(roundness: Field, hairs: Field, length: float) -> Field:
    """Opacity of an outline that single hairs reach over."""
    across_x = cv2.Sobel(roundness, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    across_y = cv2.Sobel(roundness, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    inward = roundness / np.maximum(cv2.magnitude(across_x, across_y), 1e-3)
    fuzz = max(length / 190, 0.3)
    return np.asarray(
        np.clip((inward + hairs * np.float32(0.95 * fuzz)) / (1.3 * fuzz) + 0.5, 0, 1)
    )


def _normals(
    pose: Pose, along: Field, across: Field, roundness: Field, locks: Field
) -> tuple[Field, Field, Field]:
    """Unit normals of the body: a round back, haunches, shoulders, skull, locks of fur."""
    length = np.float32(pose.length)
    share, aside = along / length, np.abs(across) / length
    widest = float(pose.squared_width.max())
    lumps = 0.34 * np.exp(-(((share - 0.78) / 0.10) ** 2) - ((aside - 0.105) / 0.05) ** 2)
    lumps += 0.20 * np.exp(-(((share - 0.44) / 0.07) ** 2) - ((aside - 0.075) / 0.04) ** 2)
    lumps += 0.10 * np.exp(-(((share - 0.17) / 0.07) ** 2) - (aside / 0.06) ** 2)
    lumps -= 0.10 * np.exp(-(((share - 0.335) / 0.035) ** 2))
    relief = roundness + np.float32(widest) * (lumps + np.float32(0.017) * locks)
    x = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=-1 / 16)
    y = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=-1 / 16)
    z = np.sqrt(np.maximum(roundness, np.float32(0.012 * widest)))
    size = np.sqrt(x * x + y * y + z * z)
    return x / size, y / size, z / size


def _coat_colour(
    rng: np.random.Generator, pose: Pose, coat: Coat, along: Field, across: Field, hairs: Field
) -> Float[np.ndarray, "h w 3"]:
    length = np.float32(pose.length)
    share = along / length
    width = np.interp(along, pose.width_along, np.sqrt(np.maximum(pose.squared_width, 1)))
    aside = np.abs(across) / width.astype(np.float32)
    start = rng.uniform(0, TILE, 2).astype(np.float32)
    blotch_scale = np.float32(110) / length
    blotches = _look_up(
        cloud_tile(), along * blotch_scale + start[0], across * blotch_scale + start[1]
    )
    to_flank = np.clip((aside - 0.35 + 0.07 * hairs + 0.05 * blotches) / 0.6, 0, 1)[..., None]
    back, flank = coat.back.astype(np.float32), coat.flank.astype(np.float32)
    colour = back + (flank - back) * to_flank
    if coat.spotted:
        edge = np.float32(np.quantile(blotches, 1 - coat.spotted))
        white = np.clip((blotches - edge + 0.10 * hairs) * 5 + 0.5, 0, 1)[..., None]
        colour += (np.array([0.84, 0.82, 0.78], np.float32) - colour) * white
    single = 1 + np.float32(coat.grizzle) * hairs + np.float32(0.04) * blotches
    colour *= np.maximum(single, 0.25)[..., None]
    muzzle = np.clip((0.055 - share) / 0.06, 0, 1)[..., None] * np.float32(0.55)
    colour += (coat.skin.astype(np.float32) - colour) * muzzle
    return np.asarray(colour)


def _lighting(picture: Picture, normal: tuple[Field, Field, Field]) -> Field:
    """Soft light that reaches round the body, and a dark underside."""
    x, y, z = (np.float32(value) for value in picture.light.xyz)
    facing = normal[0] * x + normal[1] * y + normal[2] * z
    diffuse = np.clip(0.35 + 0.65 * facing, 0, None)
    return np.asarray((0.30 + 0.95 * diffuse) * (0.62 + 0.38 * normal[2]))


def _sheen(picture: Picture, coat: Coat, normal: tuple[Field, Field, Field], hairs: Field) -> Field:
    halfway = picture.light.xyz + np.array([0, 0, 1])
    x, y, z = (halfway / np.linalg.norm(halfway)).astype(np.float32)
    glint = np.clip(normal[0] * x + normal[1] * y + normal[2] * z, 0, 1)
    glint = glint * glint
    glint = glint * glint * glint
    return np.asarray(np.float32(coat.sheen * 0.5) * glint * np.clip(0.75 + 0.45 * hairs, 0.1, 2))
