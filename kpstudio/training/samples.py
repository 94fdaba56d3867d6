"""Training samples: images are read once, and what both passes need of them is kept."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int8, UInt8
from torch import Tensor

from kpstudio.core.annotation import Annotation
from kpstudio.core.augmentation import Augmentation, AugmentationChoice
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.imaging.pixels import read_pixels
from kpstudio.models.framing import Framing
from kpstudio.training.crops import MEMORY_BUDGET, Crops, Piece
from kpstudio.training.subjects import (
    UPRIGHT_ROTATION,
    FramingChoice,
    choose_framing,
    halves,
    labelled_xy,
    rotation_range,
    subject_centre,
    subject_size,
)

_READ_AHEAD = 4
_LARGEST_CONTEXT = 2.5


@dataclass(frozen=True, eq=False)
class LookSamples:
    """Surroundings of the labelled subjects.

    Args:
        pieces: (N,) numbers of their pieces.
        xy: (N, K, 2) pixels of the pieces; NaN where not labelled.
        visibility: (N, K).
        centres: (N, 2) pixels of the pieces: of the subjects.
        scales: (N,) input pixels per pixel of the pieces.
        halves: (N, 2, 3) the same, centre and scale, for two halves of each subject; NaN where too
            few keypoints are labelled.
    """

    pieces: tuple[int, ...]
    xy: Float[Tensor, "N K 2"]
    visibility: Int8[Tensor, "N K"]
    centres: Float[Tensor, "N 2"]
    scales: Float[Tensor, " N"]
    halves: Float[Tensor, "N 2 3"]


@dataclass(frozen=True, eq=False)
class FindSamples:
    """Whole images.

    Args:
        pieces: (M,) numbers of their pieces.
        middles: (M, 2) pixels of the pieces: of the images.
        scales: (M,) input pixels per pixel of the pieces.
        centres: (M, S, 2) pixels of the pieces; NaN where an image has fewer subjects.
        log_sizes: (M, S) log of sizes in units of the usual one.
    """

    pieces: tuple[int, ...]
    middles: Float[Tensor, "M 2"]
    scales: Float[Tensor, " M"]
    centres: Float[Tensor, "M S 2"]
    log_sizes: Float[Tensor, "M S"]


@dataclass(frozen=True, eq=False)
class Samples:
    """All that a training learns from.

    Args:
        crops: The pixels of the pieces.
        look: For the second pass.
        find: For the first pass; None where the second one sees whole images.
        framing: That both were made with.
        augmentation: How far views may differ.
    """

    crops: Crops
    look: LookSamples
    find: FindSamples | None
    framing: Framing
    augmentation: Augmentation


def read_samples(
    dataset: Dataset,
    *,
    framing: Framing | None = None,
    choice: FramingChoice | None = None,
    augmentation: AugmentationChoice | None = None,
    budget: int = MEMORY_BUDGET,
    should_stop: Callable[[], bool] = lambda: False,
) -> Samples:
    """Read every image of a labelled dataset once; those that cannot be read are left out.

    Args:
        dataset: Labelled images only.
        framing: Of a checkpoint to start from; chosen by the labels where None.
        choice: What the user wants of a framing that is chosen by the labels.
        augmentation: How far views may differ.
        budget: Bytes of pixels that may be kept in memory; what is beyond it is read again.
        should_stop: Asked before each image; those read so far are the samples then.

    Raises:
        UserProblem: Not one of the images can be read, or what is chosen does not fit.
    """
    grouped = dataset.annotations_by_image()
    # Positions can be checked without pixels, so what is chosen does not hang on a damaged file.
    subjects = [[labelled_xy(each) for each in grouped[image.id]] for image in dataset.images]
    rotation = rotation_range([xy for several in subjects for xy in several])
    if framing is not None and framing.is_upright:
        rotation = min(rotation, UPRIGHT_ROTATION)
    automatic = Augmentation(rotation=math.degrees(rotation))
    chosen = (augmentation or AugmentationChoice()).augmentation(if_automatic=automatic)
    maker: _SampleMaker | None = None
    problem: UserProblem | None = None
    for image, pixels in _read_all(dataset.images):
        if maker is not None and should_stop():
            break
        if isinstance(pixels, UserProblem):
            problem = pixels
            continue
        if maker is None:
            size = (pixels.shape[1], pixels.shape[0])
            sizes = [(each.width or size[0], each.height or size[1]) for each in dataset.images]
            maker = _SampleMaker(
                framing
                or choose_framing(
                    subjects,
                    sizes,
                    is_upright=rotation < math.pi,
                    choice=choice or FramingChoice(),
                ),
                chosen,
                budget,
            )
        maker.add(image, pixels, grouped[image.id])
    if maker is None:
        raise problem or UserProblem("There are no images to learn from.", "Label some first.")
    return maker.samples()


def _read_all(
    images: Iterable[Image],
) -> Iterator[tuple[Image, UInt8[np.ndarray, "H W 3"] | UserProblem]]:
    """The pixels of each image, or why there are none, read a little ahead."""

    def read(image: Image) -> UInt8[np.ndarray, "H W 3"] | UserProblem:
        try:
            return read_pixels(image.path, image.frame)
        except UserProblem as problem:
            return problem

    waiting = []
    with ThreadPoolExecutor(2, "images") as readers:
        for image in images:
            waiting.append((image, readers.submit(read, image)))
            if len(waiting) >= _READ_AHEAD:
                first, pixels = waiting.pop(0)
                yield first, pixels.result()
        for image, pixels in waiting:
            yield image, pixels.result()


class _SampleMaker:
    """Collects samples image by image."""

    def __init__(self, framing: Framing, augmentation: Augmentation, budget: int) -> None:
        self._framing, self._augmentation = framing, augmentation
        self._crops = Crops(budget)
        self._context = _context(augmentation)
        self._look: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
        self._visibility: list[np.ndarray] = []
        self._find: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(
        self, image: Image, pixels: UInt8[np.ndarray, "H W 3"], annotations: Sequence[Annotation]
    ) -> None:
        framing, size = self._framing, (pixels.shape[1], pixels.shape[0])
        whole = Box.of_image(*size)
        centres, log_sizes = [], []
        find_scale = framing.find_affine(*size).scale()
        for annotation in annotations:
            xy = labelled_xy(annotation)
            centre = subject_centre(xy)
            extent = subject_size(xy, is_upright=framing.is_upright)
            extent = max(extent, framing.subject_size / 3)
            centres.append(centre)
            log_sizes.append(math.log(extent * find_scale / framing.find_subject_size))
            is_whole = framing.is_whole_image
            box = framing.whole_box(size) if is_whole else framing.look_box(centre, extent)
            self._add_look(image, pixels, annotation, box)
        if not framing.is_whole_image:
            piece = Piece.of_box(image.path, size, whole, find_scale, frame=image.frame)
            number = self._crops.add(piece, pixels)
            to_piece = piece.from_image()
            place = np.array([*to_piece.apply(whole.centre), find_scale / to_piece.scale()])
            self._find.append((number, place, to_piece.apply(centres), np.array(log_sizes)))

    def _add_look(
        self,
        image: Image,
        pixels: UInt8[np.ndarray, "H W 3"],
        annotation: Annotation,
        box: Box,
    ) -> None:
        size = (pixels.shape[1], pixels.shape[0])
        scale = self._framing.look_size[0] / box.width
        wider = box.grown(self._context)
        piece = Piece.of_box(image.path, size, wider, scale, frame=image.frame)
        number = self._crops.add(piece, pixels)
        to_piece = piece.from_image()

        def place(of: Box) -> Float[np.ndarray, " 3"]:
            ratio = self._framing.look_size[0] / of.width / to_piece.scale()
            return np.array([*to_piece.apply(of.centre), ratio])

        xy = labelled_xy(annotation)
        aspect = box.width / box.height
        of_halves = np.full((2, 3), np.nan)
        for row, half in enumerate(halves(xy, smallest=0.4 * max(box.width, box.height))):
            of_halves[row] = place(half.with_aspect(aspect))
        self._look.append((number, to_piece.apply(xy), place(box), of_halves))
        self._visibility.append(annotation.visibility)

    def samples(self) -> Samples:
        numbers, xy, places, of_halves = zip(*self._look, strict=True)
        place = torch.from_numpy(np.stack(places))
        look = LookSamples(
            numbers,
            torch.from_numpy(np.stack(xy)),
            torch.from_numpy(np.stack(self._visibility)),
            place[:, :2],
            place[:, 2],
            torch.from_numpy(np.stack(of_halves)),
        )
        find = self._find_samples() if self._find else None
        return Samples(self._crops, look, find, self._framing, self._augmentation)

    def _find_samples(self) -> FindSamples:
        numbers, places, several, of_sizes = zip(*self._find, strict=True)
        most = max(len(each) for each in several)
        centres = np.full((len(several), most, 2), np.nan)
        log_sizes = np.zeros((len(several), most))
        for row, (some, sizes) in enumerate(zip(several, of_sizes, strict=True)):
            centres[row, : len(some)] = some
            log_sizes[row, : len(some)] = sizes
        place = torch.from_numpy(np.stack(places))
        return FindSamples(
            numbers,
            place[:, :2],
            place[:, 2],
            torch.from_numpy(centres),
            torch.from_numpy(log_sizes),
        )


def _context(augmentation: Augmentation) -> float:
    """How much more than the crop views can show, as a factor on its sides."""
    angle = math.radians(min(augmentation.rotation, 45.0))
    turned = math.cos(angle) + math.sin(angle)
    wanted = (
        turned / augmentation.smallest_scale + 2 * augmentation.shift / augmentation.smallest_scale
    )
    return min(max(wanted, 1.0), _LARGEST_CONTEXT)
