"""What every decoder is: what a head gives in, positions in heatmap cells and their doubts out."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, NamedTuple

import msgspec
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice

HeadLoss = Literal["mse", "dsnt", "awr", "regression"]
HeadOutput = Literal["heatmaps", "votes", "coordinates"]

_OUTPUTS: dict[HeadLoss, HeadOutput] = {
    "mse": "heatmaps",
    "dsnt": "heatmaps",
    "awr": "votes",
    "regression": "coordinates",
}

OTHER_PEAKS = 5


class Decoded(NamedTuple):
    """Positions of a batch, and what is known of their errors.

    Args:
        cells: (B, K, 2) x and y in heatmap cells, centres at integers; NaN where the map holds a
            value that is not finite.
        scores: (B, K) height of the peak, at least 0; 0 where there is no answer.
        covariance: (B, K, 2, 2) expected squared error of `cells`, in cells squared; NaN where
            there is no answer, or where the covariance was not asked for.
        other_peaks: (B, K, P, 3) x, y and height of other local maxima, the highest first; NaN
            where there is none.
        depths: (B, K) for the decoders of depth images only, in their own unit.
    """

    cells: Float[Tensor, "B K 2"]
    scores: Float[Tensor, "B K"]
    covariance: Float[Tensor, "B K 2 2"]
    other_peaks: Float[Tensor, "B K P 3"]
    depths: Float[Tensor, "B K"] | None = None


class HeadTraining(msgspec.Struct, frozen=True):
    """How a head was trained: what decides which decoder suits it.

    Args:
        loss: "mse" to Gaussian targets; "dsnt" (a loss on the expected position under the
            softmax); "awr" (dense offsets and closeness); "regression" (coordinates).
        sigma: Of the Gaussian targets, in cells.
        temperature: Factor before the softmax that the head was trained with (dsnt only).
        kernel: Radius of the closeness in normalised coordinates (awr only).
        has_spread: It gives standard deviations, too (regression only).
    """

    loss: HeadLoss = "mse"
    sigma: float = 2.0
    temperature: float = 1.0
    kernel: float = 0.4
    has_spread: bool = True

    @property
    def output(self) -> HeadOutput:
        return _OUTPUTS[self.loss]


class Decoder(ABC):
    """A method of turning what a head gives into positions; its fields are its parameters."""

    title: ClassVar[str]
    source: ClassVar[str]
    takes: ClassVar[HeadOutput] = "heatmaps"

    @abstractmethod
    def __call__(
        self, heatmaps: Tensor, *, other_peaks: int = OTHER_PEAKS, covariance: bool = True
    ) -> Decoded:
        """Positions in cells and their doubts, for any sizes and values; never an exception.

        Args:
            heatmaps: What the head gives.
            other_peaks: P, how many other local maxima to look for; 0 switches the search off.
            covariance: False leaves the covariance NaN and saves its time.
        """

    @abstractmethod
    def advice(self, head_training: HeadTraining) -> Advice:
        """Whether this decoder suits heads that were trained so, and why."""

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:  # noqa: ARG003
        """The parameters that follow from how the head was trained; the others keep defaults."""
        return {}
