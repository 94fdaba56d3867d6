"""What a network is shown while it learns, for a person to look at."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from kpstudio.core.augmentation import AugmentationChoice
from kpstudio.core.dataset import Dataset
from kpstudio.core.geometry import cells_to_input
from kpstudio.models.heads import HeatmapHead
from kpstudio.models.networks import make_network
from kpstudio.training.batches import Batches
from kpstudio.training.samples import read_samples
from kpstudio.training.subjects import FramingChoice

_NETWORK = "unet_small"


@dataclass(frozen=True, eq=False)
class View:
    """One augmented sample.

    Args:
        pixels: (H, W, 3) RGB.
        xy: (K, 2) pixels of it; NaN where not labelled.
    """

    pixels: UInt8[np.ndarray, "H W 3"]
    xy: Float[np.ndarray, "K 2"]


def preview_views(
    dataset: Dataset, choice: AugmentationChoice, *, count: int, seed: int = 0
) -> tuple[View, ...]:
    """Views of labelled images, as a training draws them.

    Args:
        dataset: Labelled images.
        choice: How far views may differ.
        count: How many.
        seed: Of the images, and of how they differ.

    Raises:
        UserProblem: Not one of the images can be read.
    """
    network = make_network(_NETWORK, {}).build(len(dataset.skeleton), is_pretrained=False)
    samples = read_samples(
        dataset, choice=FramingChoice(network.size_multiple), augmentation=choice
    )
    batches = Batches(
        samples,
        dataset.skeleton,
        network,
        look_size=count,
        find_size=1,
        head=HeatmapHead(),
        occluded_weight=1.0,
        seed=seed,
        device="cpu",
    )
    try:
        batch = batches.look(0)
    finally:
        samples.crops.close()
    height, width = batch.images.shape[2:]
    stride = network.look_stride
    to_input = cells_to_input(
        network.cell_mapping, (width // stride, height // stride), (width, height)
    )
    pixels = ((batch.images.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    return tuple(
        View(np.ascontiguousarray(image), to_input.apply(cells.numpy()))
        for image, cells in zip(pixels, batch.cells, strict=True)
    )
