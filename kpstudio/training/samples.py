"""Training samples: images are read once, and what both passes need of them is kept in memory."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box, crop_to_input
from kpstudio.imaging.read import read_image
from kpstudio.models.framing import Framing
from kpstudio.models.preprocessing import resample, to_tensor
from kpstudio.training.subjects import (
    UPRIGHT_ROTATION,
    choose_framing,
    labelled_xy,
    rotation_range,
    subject_centre,
    subject_size,
)

# How much more than the crop is kept around a subject, for turning and shrinking it.
CONTEXT = 1.9
_MEMORY_BUDGET = 2 << 30


@dataclass(frozen=True, eq=False)
class LookSamples:
    """Surroundings of the labelled subjects.

    Args:
        images: (N, 3, S, S), each subject's centre in the middle.
        xy: (N, K, 2) pixels of those images; NaN where not labelled.
        scale: Input pixels per pixel of those images.
    """

    images: UInt8[Tensor, "N 3 S S"]
    xy: Float[Tensor, "N K 2"]
    scale: float


@dataclass(frozen=True, eq=False)
class FindSamples:
    """Whole images at the size of the first pass.

    Args:
        images: (M, 3, H, W).
        centres: (M, S, 2) pixels of those images; NaN where an image has fewer subjects.
        log_sizes: (M, S) log of sizes in units of the usual one.
    """

    images: UInt8[Tensor, "M 3 H W"]
    centres: Float[Tensor, "M S 2"]
    log_sizes: Float[Tensor, "M S"]


@dataclass(frozen=True, eq=False)
class Samples:
    """All that a training learns from.

    Args:
        look: For the second pass.
        find: For the first pass.
        framing: That both were made with.
        rotation: Radians by which samples may be turned.
    """

    look: LookSamples
    find: FindSamples
    framing: Framing
    rotation: float


def read_samples(
    dataset: Dataset,
    *,
    framing: Framing | None = None,
    size_multiple: int = 32,
    should_stop: Callable[[], bool] = lambda: False,
) -> Samples:
    """Read every image of a labelled dataset once; those that cannot be read are left out.

    Args:
        dataset: Labelled images only.
        framing: Of a checkpoint to start from; chosen by the labels where None.
        size_multiple: The sides of the second pass's input are multiples of this.
        should_stop: Asked before each image; those read so far are the samples then.

    Raises:
        UserProblem: Not one of the images can be read.
    """
    grouped = dataset.annotations_by_image()
    # Positions can be checked without pixels, so what is chosen does not hang on a damaged file.
    subjects = [[labelled_xy(each) for each in grouped[image.id]] for image in dataset.images]
    if framing is None:
        rotation = rotation_range([xy for several in subjects for xy in several])
    else:
        rotation = UPRIGHT_ROTATION if framing.is_upright else math.pi
    maker: _SampleMaker | None = None
    problem: UserProblem | None = None
    for image, several in zip(dataset.images, subjects, strict=True):
        if maker is not None and maker.look_images and should_stop():
            break
        try:
            pixels = read_image(image.path)
        except UserProblem as unreadable:
            problem = unreadable
            continue
        if maker is None:
            size = (pixels.shape[1], pixels.shape[0])
            sizes = [(each.width or size[0], each.height or size[1]) for each in dataset.images]
            chosen = framing or choose_framing(
                subjects, sizes, is_upright=rotation < math.pi, size_multiple=size_multiple
            )
            maker = _SampleMaker(chosen, sum(map(len, subjects)))
        maker.add(pixels, several)
    if maker is None:
        raise problem or UserProblem("There are no images to learn from.", "Label some first.")
    return Samples(maker.look(), maker.find(), maker.framing, rotation)


class _SampleMaker:
    """Collects samples image by image."""

    def __init__(self, framing: Framing, subjects: int) -> None:
        self.framing = framing
        self.look_images: list[np.ndarray] = []
        side = framing.look_size[0] * CONTEXT
        affordable = math.sqrt(_MEMORY_BUDGET / (3 * max(subjects, 1)))
        self._side = round(min(side, affordable))
        self._look_xy: list[np.ndarray] = []
        self._find_images: list[np.ndarray] = []
        self._centres: list[np.ndarray] = []
        self._log_sizes: list[np.ndarray] = []

    def add(
        self, pixels: UInt8[np.ndarray, "H W 3"], subjects: Sequence[Float[np.ndarray, "K 2"]]
    ) -> None:
        framing = self.framing
        affine = framing.find_affine(pixels.shape[1], pixels.shape[0])
        self._find_images.append(resample(pixels, affine, framing.find_size))
        centres, log_sizes = [], []
        for xy in subjects:
            centre = subject_centre(xy)
            size = subject_size(xy, is_upright=framing.is_upright)
            size = max(size, framing.subject_size / 3)
            centres.append(affine.apply(centre))
            log_sizes.append(math.log(size * affine.scale() / framing.find_subject_size))
            box: Box = framing.look_box(centre, size).grown(CONTEXT)
            to_sample = crop_to_input(box, (self._side, self._side))
            self.look_images.append(resample(pixels, to_sample, (self._side, self._side)))
            self._look_xy.append(to_sample.apply(xy))
        self._centres.append(np.array(centres))
        self._log_sizes.append(np.array(log_sizes))

    def look(self) -> LookSamples:
        return LookSamples(
            to_tensor(self.look_images),
            torch.from_numpy(np.stack(self._look_xy)).float(),
            self.framing.look_size[0] * CONTEXT / self._side,
        )

    def find(self) -> FindSamples:
        most = max(len(each) for each in self._centres)
        centres = np.full((len(self._centres), most, 2), np.nan)
        log_sizes = np.zeros((len(self._centres), most))
        for row, (some, sizes) in enumerate(zip(self._centres, self._log_sizes, strict=True)):
            centres[row, : len(some)] = some
            log_sizes[row, : len(some)] = sizes
        return FindSamples(
            to_tensor(self._find_images),
            torch.from_numpy(centres).float(),
            torch.from_numpy(log_sizes).float(),
        )
