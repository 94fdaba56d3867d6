"""A network that has nothing to learn, and images on which it is right."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from kpstudio.core.skeleton import Skeleton
from kpstudio.decoders import HeadTraining
from kpstudio.inference import Predictor
from kpstudio.models import CheckpointInfo, Framing
from kpstudio.models.input_format import InputFormat
from kpstudio.models.keypoint_network import KeypointNetwork, LearningParts

if TYPE_CHECKING:
    from kpstudio.core.geometry import CellMapping

DOTS = Skeleton("dots", ("red", "blue"), edges=((0, 1),))
LOOK = (80, 64)
STRIDE = 4


class DotNetwork(KeypointNetwork):
    """Its heatmaps are the red and the blue of the image, less what is grey."""

    can_find = False
    look_format = InputFormat()
    look_stride = STRIDE
    size_multiple = STRIDE
    cell_mapping: "CellMapping" = "half_pixel"

    def stages(self, images, task="look"):
        colours = torch.stack([images[:, 0], images[:, 2]], dim=1) - images[:, 1:2]
        return (nn.functional.avg_pool2d(colours.clamp(min=0) / 2, STRIDE),)

    def learning_parts(self):
        return LearningParts([], [])


def dot_predictor(kind=Predictor, *, network=None, skeleton=DOTS, **known):
    """Looks at the boxes of the labels, and no pixel beside them."""
    framing = Framing(
        find_size=LOOK,
        look_size=LOOK,
        subject_size=40.0,
        find_subject_size=40.0,
        margin=1.0,
        is_upright=True,
        is_fixed_size=False,
        most_subjects=3,
    )
    info = CheckpointInfo(
        network="dots",
        skeleton=skeleton,
        framing=framing,
        can_find=False,
        **{"head_training": HeadTraining(sigma=0.7), **known},
    )
    return kind((network or DotNetwork()).eval(), info)


def draw_dots(size, places):
    """Grey with a red and a blue dot for each subject: (S, 2, 2) positions in pixels."""
    width, height = size
    pixels = np.full((height, width, 3), 40.0)
    ys, xs = np.mgrid[:height, :width]
    for subject in places:
        for (x, y), channel in zip(subject, (0, 2), strict=True):
            pixels[..., channel] += 200 * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * 2.8**2))
    return pixels.round().clip(0, 255).astype(np.uint8)
