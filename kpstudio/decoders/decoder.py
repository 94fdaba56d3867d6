"""What every decoder is: heatmaps in, positions in heatmap cells and scores out."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, NamedTuple

import msgspec
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice

HeadLoss = Literal["mse", "dsnt"]


class Decoded(NamedTuple):
    """Positions and confidences of a batch of heatmaps.

    Args:
        cells: (B, K, 2) x and y in heatmap cells, centres at integers; NaN where the map holds a
            value that is not finite.
        scores: (B, K) height of the peak, at least 0; 0 where there is no answer.
    """

    cells: Float[Tensor, "B K 2"]
    scores: Float[Tensor, "B K"]


class HeadTraining(msgspec.Struct, frozen=True):
    """How the head behind the heatmaps was trained: what decides which decoder suits it.

    Args:
        loss: "mse" to Gaussian targets, or "dsnt" (a loss on the decoded coordinates).
        sigma: Of the Gaussian targets, in cells.
        temperature: Factor before the softmax that the head was trained with (dsnt only).
    """

    loss: HeadLoss = "mse"
    sigma: float = 2.0
    temperature: float = 1.0


class Decoder(ABC):
    """A method of turning heatmaps into positions; its fields are its parameters."""

    title: ClassVar[str]
    source: ClassVar[str]

    @abstractmethod
    def __call__(self, heatmaps: Float[Tensor, "B K H W"]) -> Decoded:
        """Positions in cells and scores, for any B, K, H and W; never an exception."""

    @abstractmethod
    def advice(self, head_training: HeadTraining) -> Advice:
        """Whether this decoder suits heads that were trained so, and why."""

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:  # noqa: ARG003
        """The parameters that follow from how the head was trained; the others keep defaults."""
        return {}
