"""Images to network inputs."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from kpstudio.core.geometry import Affine

# The middle of the range, 0 after normalisation: what is outside of the image.
PADDING = 127


def normalise(images: UInt8[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 H W"]:
    """(x / 255 - 0.5) / 0.5, as the ImageNet weights expect it."""
    return images.float() / 127.5 - 1.0


def resample(
    image: UInt8[np.ndarray, "H W 3"], image_to_input: Affine, input_size: tuple[int, int]
) -> UInt8[np.ndarray, "h w 3"]:
    """The image as the map places it in an input of (width, height); grey where it has nothing."""
    scale = image_to_input.scale()
    if scale < 0.7:
        # Bilinear samples would skip pixels: average first.
        height, width = image.shape[:2]
        small_size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = np.asarray(cv2.resize(image, small_size, interpolation=cv2.INTER_AREA), np.uint8)
        sx, sy = width / small_size[0], height / small_size[1]
        to_large = Affine.scaling(sx, sy, tx=sx / 2 - 0.5, ty=sy / 2 - 0.5)
        image_to_input = to_large.then(image_to_input)
    warped = cv2.warpAffine(
        image,
        np.array(image_to_input.matrix),
        input_size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(PADDING, PADDING, PADDING),
    )
    return np.asarray(warped, np.uint8)


def to_tensor(inputs: Sequence[np.ndarray]) -> UInt8[Tensor, "B 3 H W"]:
    """A batch in channels_last order, without a copy of each."""
    return torch.from_numpy(np.stack(inputs)).permute(0, 3, 1, 2)
