"""What each step of a training learns from: drawn from the seed and the step's number alone.

So a training that goes on after a break, and each of several processes that share a batch, draw
what one process without a break would have drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.geometry import CellMapping, cells_to_input
from kpstudio.core.skeleton import Skeleton
from kpstudio.models.heads import Head
from kpstudio.models.keypoint_network import FIND_STRIDE, KeypointNetwork
from kpstudio.models.targets import gaussian_targets, visibility_weights
from kpstudio.training.crops import Crops
from kpstudio.training.disturbances import disturb, draw_disturbances
from kpstudio.training.samples import FindSamples, Samples
from kpstudio.training.views import move_points, random_views, warp

_ORDER, _LOOK, _FIND = 0, 1, 2
_READ_AHEAD_STEPS = 3
# On a CPU many small steps teach more in a minute than few large ones.
_CPU_BATCH, _GPU_BATCH, _LOOKS_PER_FIND = 4, 32, 4
_FIND_SIGMA = 1.5
# Sizes are learned where the Gaussian of a subject is at least so high.
_AT_SUBJECT = 0.5


@dataclass(frozen=True, eq=False)
class LookBatch:
    """A batch of the second pass, on the device.

    Args:
        images: (B, 3, H, W), -1 to 1.
        cells: (B, K, 2) heatmap cells; NaN where not labelled.
        weights: (B, K) 0 for a keypoint that says nothing.
        share: Of the weights of the whole batch that these samples have, times the number of
            parts: what turns a mean over the keypoints of a part into that of the batch.
    """

    images: Float[Tensor, "B 3 H W"]
    cells: Float[Tensor, "B K 2"]
    weights: Float[Tensor, "B K"]
    share: float


@dataclass(frozen=True, eq=False)
class FindBatch:
    """A batch of the first pass, on the device.

    Args:
        images: (B, 3, H, W), -1 to 1.
        centres: (B, 1, h, w) Gaussians.
        log_sizes: (B, h, w) of the subject that is nearest.
        weights: (B, h, w) where sizes are to be learned.
        share: As of `LookBatch`.
    """

    images: Float[Tensor, "B 3 H W"]
    centres: Float[Tensor, "B 1 h w"]
    log_sizes: Float[Tensor, "B h w"]
    weights: Float[Tensor, "B h w"]
    share: float


@dataclass(frozen=True)
class Part:
    """Which samples of every batch are drawn here.

    Args:
        index: Of this process.
        count: Of all processes.
    """

    index: int = 0
    count: int = 1

    def rows(self, batch: int) -> slice:
        each = batch // self.count
        return slice(self.index * each, (self.index + 1) * each)


def batch_sizes(wanted: int | None, *, device: str, processes: int) -> tuple[int, int]:
    """Samples of a step of the second and of the first pass, for all processes together.

    Args:
        wanted: Of the second pass; None leaves it to the device.
        device: That trains.
        processes: That share a batch; each draws as many as the others.
    """
    look = wanted or (_CPU_BATCH if device == "cpu" else _GPU_BATCH)

    def divisible(count: int) -> int:
        return max(1, math.ceil(count / processes)) * processes

    return divisible(look), divisible(look // _LOOKS_PER_FIND)


class Batches:
    """Draws the batches of a training.

    Args:
        samples: To draw from.
        skeleton: Of the samples.
        network: That learns from them.
        look_size: Samples of the second pass in the batches of all processes together.
        find_size: Samples of the first pass.
        head: Says which keypoints beyond the map are learned.
        occluded_weight: Of occluded keypoints; visible ones have 1.
        seed: Of all that is drawn.
        device: For the batches.
        part: Of every batch, that is drawn here.
    """

    def __init__(
        self,
        samples: Samples,
        skeleton: Skeleton,
        network: KeypointNetwork,
        *,
        look_size: int,
        find_size: int,
        head: Head,
        occluded_weight: float,
        seed: int,
        device: str,
        part: Part = Part(),
    ) -> None:
        self._samples = samples
        self._head, self._head_training = head, head.training(network.look_stride)
        self._occluded_weight = occluded_weight
        self._look_size, self._find_size = look_size, find_size
        self._stride, self._mapping = network.look_stride, network.cell_mapping
        self._flip_order = torch.tensor(skeleton.flip_order())
        self._has_sides = bool(skeleton.flip_pairs)
        self._seed, self._device, self._part = seed, device, part
        self._orders: dict[tuple[int, int], np.ndarray] = {}

    def look(self, step: int) -> LookBatch:
        """The batch of a step, counted from 0."""
        samples, augmentation = self._samples.look, self._samples.augmentation
        generator = self._generator(_LOOK, step)
        rows = torch.from_numpy(self._rows(len(samples.pieces), self._look_size, step, _LOOK))
        centres, scales = self._places(rows, generator)
        views, is_flipped = random_views(
            augmentation,
            centres,
            scales,
            self._samples.framing.look_size,
            can_flip=self._has_sides,
            generator=generator,
        )
        xy, visibility = samples.xy[rows], samples.visibility[rows]
        xy = torch.where(is_flipped[:, None, None], xy[:, self._flip_order], xy)
        mirrored = visibility[:, self._flip_order]
        visibility = torch.where(is_flipped[:, None], mirrored, visibility)
        size = self._samples.framing.look_size
        map_size = (size[0] // self._stride, size[1] // self._stride)
        cells = _to_cells(move_points(xy, views), map_size, size, self._mapping).float()
        weights = visibility_weights(visibility, occluded=self._occluded_weight)
        weights = self._head.weights(
            cells, weights, map_size=map_size, training=self._head_training
        )
        part = self._part.rows(len(rows))
        numbers = [samples.pieces[row] for row in rows.tolist()]
        images = self._images(numbers, views, size, generator)
        self._read_ahead(samples.pieces, self._look_size, step, _LOOK)
        return LookBatch(
            images,
            cells[part].to(self._device),
            weights[part].to(self._device),
            _share(weights, part, self._part.count),
        )

    def find(self, step: int) -> FindBatch | None:
        """The batch of a step, counted from 0; None where there is no first pass."""
        samples = self._samples.find
        return None if samples is None else self._find(samples, step)

    def _find(self, samples: FindSamples, step: int) -> FindBatch:
        generator = self._generator(_FIND, step)
        rows = torch.from_numpy(self._rows(len(samples.pieces), self._find_size, step, _FIND))
        size = self._samples.framing.find_size
        # A whole image may be mirrored whatever left and right are: boxes have neither.
        views, _ = random_views(
            self._samples.augmentation,
            samples.middles[rows],
            samples.scales[rows],
            size,
            can_flip=True,
            generator=generator,
        )
        map_size = (size[0] // FIND_STRIDE, size[1] // FIND_STRIDE)
        centres = move_points(samples.centres[rows], views)
        cells = _to_cells(centres, map_size, size, "half_pixel").float()
        subjects = gaussian_targets(cells, map_size=map_size, sigma=_FIND_SIGMA)
        nearest, owner = subjects.max(dim=1)
        factors = (torch.linalg.det(views[:, :, :2]).abs().sqrt() / samples.scales[rows]).log()
        log_sizes = (samples.log_sizes[rows] + factors[:, None]).float()
        sizes = log_sizes.gather(1, owner.flatten(1)).view(owner.shape)
        weights = nearest * (nearest > _AT_SUBJECT)
        part = self._part.rows(len(rows))
        numbers = [samples.pieces[row] for row in rows.tolist()]
        images = self._images(numbers, views, size, generator)
        self._read_ahead(samples.pieces, self._find_size, step, _FIND)
        return FindBatch(
            images,
            nearest[part, None].to(self._device),
            sizes[part].to(self._device),
            weights[part].to(self._device),
            _share(weights, part, self._part.count),
        )

    def _places(
        self, rows: Tensor, generator: torch.Generator
    ) -> tuple[Float[Tensor, "B 2"], Float[Tensor, " B"]]:
        """Centres and scales of what is looked at: the subject, or one half of it."""
        samples = self._samples.look
        is_half = torch.rand(len(rows), generator=generator) < self._samples.augmentation.half_body
        which = torch.randint(0, 2, (len(rows),), generator=generator)
        half = samples.halves[rows, which]
        is_half = (is_half & half.isfinite().all(dim=1))[:, None]
        whole = torch.cat([samples.centres[rows], samples.scales[rows, None]], dim=1)
        place = torch.where(is_half, half, whole)
        return place[:, :2], place[:, 2]

    def _images(
        self,
        numbers: Sequence[int],
        views: Float[Tensor, "B 2 3"],
        size: tuple[int, int],
        generator: torch.Generator,
    ) -> Float[Tensor, "b 3 H W"]:
        """The images of this part, as the network takes them."""
        crops: Crops = self._samples.crops
        part = self._part.rows(len(numbers))
        augmentation = self._samples.augmentation
        disturbances = draw_disturbances(augmentation, len(numbers), generator=generator)
        noise = torch.randn(3, size[1], size[0], generator=generator).to(self._device)
        pieces = [crops[number].to(self._device) for number in numbers[part]]
        images = disturb(warp(pieces, views[part], size), disturbances.part(part), noise)
        return images.contiguous(memory_format=torch.channels_last)

    def _read_ahead(self, pieces: Sequence[int], batch: int, step: int, task: int) -> None:
        for later in range(step + 1, step + 1 + _READ_AHEAD_STEPS):
            rows = self._rows(len(pieces), batch, later, task)[self._part.rows(batch)]
            self._samples.crops.expect([pieces[row] for row in rows])

    def _rows(self, count: int, batch: int, step: int, task: int) -> np.ndarray:
        """Which samples a step has: every sample once, in random order, again and again."""
        places = np.arange(step * batch, (step + 1) * batch)
        return np.array([self._order(count, int(at) // count, task)[at % count] for at in places])

    def _order(self, count: int, epoch: int, task: int) -> np.ndarray:
        key = (task, epoch)
        if key not in self._orders:
            self._orders = {at: rows for at, rows in self._orders.items() if at[1] >= epoch - 1}
            entropy = [self._seed, _ORDER, task, epoch]
            self._orders[key] = np.random.default_rng(entropy).permutation(count)
        return self._orders[key]

    def _generator(self, task: int, step: int) -> torch.Generator:
        mixed = np.random.SeedSequence([self._seed, task, step]).generate_state(1, np.uint64)
        return torch.Generator().manual_seed(int(mixed[0] >> 1))


def _share(weights: Tensor, part: slice, parts: int) -> float:
    total = float(weights.sum())
    return parts * float(weights[part].sum()) / total if total else 1.0


def _to_cells(
    xy: Float[Tensor, "B N 2"],
    map_size: tuple[int, int],
    input_size: tuple[int, int],
    mapping: CellMapping,
) -> Float[Tensor, "B N 2"]:
    inverse = cells_to_input(mapping, map_size, input_size).inverse()
    matrix = torch.tensor(inverse.matrix, dtype=xy.dtype)
    return xy @ matrix[:, :2].T + matrix[:, 2]
