"""Drawn images of small animals seen from above, with labels that are exactly true.

The same seed gives the same image. Positions are image pixels with pixel centres at integers.
"""

import uuid
from dataclasses import dataclass

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, Annotation
from kpstudio.core.shapes import UInt8
from kpstudio.demo.animal import paint_animal
from kpstudio.demo.coat import draw_coat
from kpstudio.demo.cover import paint_cover, paint_litter
from kpstudio.demo.ground import draw_ground, draw_light, expose, light_up
from kpstudio.demo.placement import place_animals
from kpstudio.demo.visibility import keypoint_visibility


@dataclass(frozen=True, eq=False)
class Sample:
    """A drawn image and what is in it.

    Args:
        image: (H, W, 3) RGB.
        annotations: One per animal, of image 0, in the keypoints of `mouse_skeleton`.
    """

    image: UInt8[np.ndarray, "H W 3"]
    annotations: tuple[Annotation, ...]


def draw_sample(seed: int, *, size: tuple[int, int] = (640, 480)) -> Sample:
    """The image and the labels of a seed.

    Args:
        seed: 0 or more.
        size: (width, height) in pixels, at least 32 each.
    """
    if min(size) < 32:
        raise ValueError(f"an image of {size[0]} x {size[1]} pixels is too small to draw on")
    scene, surroundings, camera, identity = np.random.default_rng(seed).spawn(4)
    light = draw_light(surroundings)
    picture = draw_ground(surroundings, size, light)
    poses = place_animals(scene, size)
    paint_litter(surroundings, picture, poses[0].length)
    things = [paint_animal(scene, picture, pose, draw_coat(scene)) for pose in poses]
    paint_cover(surroundings, picture, poses)
    light_up(surroundings, picture)
    annotations = []
    for pose, (tail, body) in zip(poses, things, strict=True):
        visibility = keypoint_visibility(picture, pose, tail=tail, body=body)
        xy = np.where(visibility[:, None] > NOT_LABELLED, pose.keypoints(), np.nan)
        name = uuid.UUID(bytes=identity.bytes(16), version=4).hex
        annotations.append(Annotation(name, 0, xy, visibility, source="import:demo", time=0.0))
    kept = tuple(each for each in annotations if each.is_labelled.any())
    return Sample(expose(camera, picture), kept)
