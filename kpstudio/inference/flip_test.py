"""The flip test: a network looks at each crop and at its mirror image, and the mean is decoded."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.geometry import CellMapping, cells_to_input
from kpstudio.decoders import HeadTraining, average_flipped
from kpstudio.inference.predictor import Predictor


class FlipTestPredictor(Predictor):
    """A predictor that takes twice the time for answers that do not prefer a side.

    Every kind of head can have it: heatmaps and votes are averaged where they belong, and of a
    head of coordinates the coordinates are.
    """

    def answers(self, inputs: Sequence[np.ndarray]) -> Tensor:
        """The mean of what the head gives for the crops and for their mirror images."""
        straight = super().answers(inputs)
        mirrored = super().answers([np.ascontiguousarray(each[:, ::-1]) for each in inputs])
        width, height = self.checkpoint.framing.look_size
        stride = self.network.look_stride
        return flip_averaged(
            straight,
            mirrored,
            head_training=self.checkpoint.head_training,
            flip_order=self.checkpoint.skeleton.flip_order(),
            cell_mapping=self.checkpoint.cell_mapping,
            map_size=(width // stride, height // stride),
            input_size=(width, height),
        )


def flip_averaged(
    answers: Tensor,
    mirrored: Tensor,
    *,
    head_training: HeadTraining,
    flip_order: Sequence[int],
    cell_mapping: CellMapping,
    map_size: tuple[int, int],
    input_size: tuple[int, int],
) -> Tensor:
    """The mean of what any head gives for images and for their mirror images.

    Args:
        answers: What the decoders of the head take: (B, M, H, W) or (B, K, D).
        mirrored: The same of the mirrored images, as the network gave it.
        head_training: Of the head.
        flip_order: For each keypoint the one that it is in the mirror.
        cell_mapping: Of the checkpoint.
        map_size: (width, height) in cells.
        input_size: (width, height) in pixels.
    """
    if head_training.output == "coordinates":
        back = mirrored[:, list(flip_order)].clone()
        # Where a mirror puts the first cell: no mapping has it at the last one but for luck.
        to_input = cells_to_input(cell_mapping, map_size, input_size)
        (first,) = to_input.apply([(0.0, 0.0)])
        ((last, _),) = to_input.inverse().apply([(input_size[0] - 1 - first[0], 0.0)])
        back[..., 0] = float(last) - back[..., 0]
        return (answers + back) / 2
    if head_training.output == "votes":
        mirrored, order = _mirrored_votes(mirrored, flip_order)
        return average_flipped(answers, mirrored, flip_order=order, cell_mapping=cell_mapping)
    return average_flipped(answers, mirrored, flip_order=flip_order, cell_mapping=cell_mapping)


def _mirrored_votes(
    votes: Float[Tensor, "B M H W"], flip_order: Sequence[int]
) -> tuple[Float[Tensor, "B M H W"], list[int]]:
    """Votes whose x points the other way, and the order of all their maps in the mirror."""
    keypoints = votes.shape[1] // 4
    sign = torch.ones(votes.shape[1], device=votes.device, dtype=votes.dtype)
    sign[0 : 3 * keypoints : 3] = -1
    order = [3 * k + axis for k in flip_order for axis in range(3)]
    return votes * sign[:, None, None], order + [3 * keypoints + k for k in flip_order]
