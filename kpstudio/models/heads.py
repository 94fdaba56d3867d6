"""What the last maps of a network mean, and what they learn from."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import HeadDescription
from kpstudio.core.registry import Registry, help_of
from kpstudio.decoders.decoder import HeadLoss, HeadTraining
from kpstudio.decoders.normalised_frame import normalise_cells
from kpstudio.models.awr_loss import awr_loss
from kpstudio.models.coordinate_losses import coordinate_likelihood, smooth_l1, wing
from kpstudio.models.dsnt_loss import Divergence, dsnt_loss
from kpstudio.models.losses import ohkm, weighted_mse
from kpstudio.models.regression_head import RegressionHead
from kpstudio.models.targets import (
    gaussian_targets,
    quantised_target_weights,
    quantised_targets,
    target_weights,
)

Criterion = Callable[[Tensor], Float[Tensor, ""]]

_SIGMA_PX = 6.0  # of the input
_EMPHASIS = 8.0
_FEATURES = 64
# Both passes share gradients of limited size: the first losses of all heads are alike.
_DSNT_SHARE, _REGRESSION_SHARE, _AWR_SHARE = 0.2, 0.02, 0.5
# The source's width and curvature are for faces of 256 pixels.
_WING_WIDTH, _WING_CURVATURE = 10 / 256, 2 / 256


@dataclass(frozen=True)
class Head(ABC):
    """A kind of head, which any network can have.

    Args:
        loss: One of `losses`; the first of them where it is empty.

    Attributes:
        is_mean_over_keypoints: Of the loss: over the labelled ones of a batch. Otherwise it is the
            mean over samples.
    """

    title: ClassVar[str]
    source: ClassVar[str]
    kind: ClassVar[HeadLoss]
    losses: ClassVar[tuple[str, ...]]
    is_mean_over_keypoints: ClassVar[bool] = True

    loss: str = ""

    def __post_init__(self) -> None:
        if not self.loss:
            object.__setattr__(self, "loss", self.losses[0])
        if self.loss not in self.losses:
            raise UserProblem(
                f"{self.title} does not learn from “{self.loss}”.",
                f"Known: {', '.join(self.losses)}.",
            )

    @abstractmethod
    def maps(self, keypoints: int) -> int:
        """M, how many maps a network ends in for K keypoints."""

    def last_layers(self, keypoints: int) -> nn.Module:  # noqa: ARG002
        """From M maps (B, M, H, W) to what the decoder takes; most heads decode the maps."""
        return nn.Identity()

    def rows_of(self, keypoint: int, *, keypoints: int, rows: int) -> tuple[int, ...]:
        """Which of so many rows of a weight belong to one keypoint: those of each lie together."""
        each = rows // keypoints
        return tuple(range(keypoint * each, (keypoint + 1) * each))

    @abstractmethod
    def training(self, stride: int) -> HeadTraining:
        """What a decoder must know of it.

        Args:
            stride: Input pixels per cell.
        """

    def weights(
        self,
        cells: Float[Tensor, "B K 2"],
        weights: Float[Tensor, "B K"],
        *,
        map_size: tuple[int, int],
        training: HeadTraining,
    ) -> Float[Tensor, "B K"]:
        """The weights, with 0 for keypoints too far beyond the map to say anything.

        Args:
            cells: Labelled positions.
            weights: 0 for a keypoint that says nothing.
            map_size: (width, height) in cells.
            training: Of this head.
        """
        return target_weights(cells, weights, map_size=map_size, sigma=training.sigma)

    @abstractmethod
    def criterion(
        self,
        cells: Float[Tensor, "B K 2"],
        weights: Float[Tensor, "B K"],
        *,
        map_size: tuple[int, int],
        training: HeadTraining,
    ) -> Criterion:
        """The loss of what a stage gives, with the targets of a batch.

        Args:
            cells: Labelled positions.
            weights: 0 for a keypoint that says nothing.
            map_size: (width, height) in cells.
            training: Of this head.
        """


@dataclass(frozen=True)
class HeatmapHead(Head):
    """A Gaussian at each keypoint: the most exact, and it shows where it doubts."""

    title: ClassVar[str] = "Heatmap"
    source: ClassVar[str] = "Tompson, Jain, LeCun, Bregler: Joint Training, NeurIPS 2014."
    kind: ClassVar[HeadLoss] = "mse"
    losses: ClassVar[tuple[str, ...]] = ("mse", "ohkm", "quantised_mse")
    is_mean_over_keypoints: ClassVar[bool] = False

    def maps(self, keypoints: int) -> int:
        return keypoints

    def training(self, stride: int) -> HeadTraining:
        return HeadTraining(loss="mse", sigma=_SIGMA_PX / stride)

    def criterion(
        self,
        cells: Float[Tensor, "B K 2"],
        weights: Float[Tensor, "B K"],
        *,
        map_size: tuple[int, int],
        training: HeadTraining,
    ) -> Criterion:
        draw = gaussian_targets
        if self.loss == "quantised_mse":
            draw = quantised_targets
            weights = quantised_target_weights(
                cells, weights, map_size=map_size, sigma=training.sigma
            )
        targets = draw(cells, map_size=map_size, sigma=training.sigma)
        if self.loss == "ohkm":
            return lambda maps: ohkm(maps, targets, weights, emphasis=_EMPHASIS)
        keypoints = cells.shape[1]
        return lambda maps: weighted_mse(maps, targets, weights, emphasis=_EMPHASIS) / keypoints


@dataclass(frozen=True)
class DsntHead(Head):
    """The mean of a probability map: exact on small maps, and never without an answer."""

    title: ClassVar[str] = "DSNT"
    source: ClassVar[str] = "Nibali et al.: Numerical Coordinate Regression, 2018."
    kind: ClassVar[HeadLoss] = "dsnt"
    losses: ClassVar[tuple[str, ...]] = ("jensen_shannon", "kullback_leibler")

    def weights(
        self,
        cells: Float[Tensor, "B K 2"],
        weights: Float[Tensor, "B K"],
        *,
        map_size: tuple[int, int],
        training: HeadTraining,
    ) -> Float[Tensor, "B K"]:
        # The mean cannot leave the map, so a keypoint beyond it would only pull at its border.
        is_inside = (normalise_cells(cells, map_size=map_size).abs() <= 1).all(dim=2)
        kept = super().weights(cells, weights, map_size=map_size, training=training)
        return kept * is_inside

    def maps(self, keypoints: int) -> int:
        return keypoints

    def training(self, stride: int) -> HeadTraining:
        return HeadTraining(loss="dsnt", sigma=_SIGMA_PX / stride, temperature=1.0)

    def criterion(
        self,
        cells: Float[Tensor, "B K 2"],
        weights: Float[Tensor, "B K"],
        *,
        map_size: tuple[int, int],  # noqa: ARG002
        training: HeadTraining,
    ) -> Criterion:
        divergence: Divergence = (
            "jensen_shannon" if self.loss == "jensen_shannon" else "kullback_leibler"
        )
        return lambda maps: (
            _DSNT_SHARE
            * dsnt_loss(
                maps,
                cells,
                weights,
                temperature=training.temperature,
                divergence=divergence,
                sigma=training.sigma,
            )
        )


@dataclass(frozen=True)
class CoordinateHead(Head):
    """Coordinates from a fully connected layer: for little data and rigid shapes, as of faces."""

    title: ClassVar[str] = "Regression"
    source: ClassVar[str] = "Toshev, Szegedy: DeepPose, CVPR 2014."
    kind: ClassVar[HeadLoss] = "regression"
    losses: ClassVar[tuple[str, ...]] = ("likelihood", "smooth_l1", "wing")

    def maps(self, keypoints: int) -> int:  # noqa: ARG002
        return _FEATURES

    def last_layers(self, keypoints: int) -> nn.Module:
        return RegressionHead(_FEATURES, keypoints, has_spread=self.loss == "likelihood")

    def training(self, stride: int) -> HeadTraining:
        return HeadTraining(
            loss="regression", sigma=_SIGMA_PX / stride, has_spread=self.loss == "likelihood"
        )

    def criterion(
        self,
        cells: Float[Tensor, "B K 2"],
        weights: Float[Tensor, "B K"],
        *,
        map_size: tuple[int, int],
        training: HeadTraining,  # noqa: ARG002
    ) -> Criterion:
        if self.loss == "likelihood":
            return lambda values: _REGRESSION_SHARE * coordinate_likelihood(values, cells, weights)
        if self.loss == "smooth_l1":
            return lambda values: _REGRESSION_SHARE * smooth_l1(values, cells, weights)
        width, curvature = (max(map_size) * each for each in (_WING_WIDTH, _WING_CURVATURE))
        return lambda values: (
            _REGRESSION_SHARE * wing(values, cells, weights, width=width, curvature=curvature)
        )


@dataclass(frozen=True)
class AwrHead(Head):
    """All cells near a keypoint vote where it is: sturdy where it is hidden, as in depth images."""

    title: ClassVar[str] = "AWR"
    source: ClassVar[str] = "Huang et al.: AWR: Adaptive Weighting Regression, AAAI 2020."
    kind: ClassVar[HeadLoss] = "awr"
    losses: ClassVar[tuple[str, ...]] = ("smooth_l1",)

    def maps(self, keypoints: int) -> int:
        return 4 * keypoints

    def rows_of(self, keypoint: int, *, keypoints: int, rows: int) -> tuple[int, ...]:
        offsets = super().rows_of(keypoint, keypoints=keypoints, rows=rows * 3 // 4)
        return (*offsets, 3 * keypoints + keypoint)

    def training(self, stride: int) -> HeadTraining:
        return HeadTraining(loss="awr", sigma=_SIGMA_PX / stride)

    def criterion(
        self,
        cells: Float[Tensor, "B K 2"],
        weights: Float[Tensor, "B K"],
        *,
        map_size: tuple[int, int],
        training: HeadTraining,
    ) -> Criterion:
        flat = normalise_cells(cells, map_size=map_size)
        uvd = torch.cat([flat, torch.zeros_like(flat[..., :1])], dim=2)
        return lambda votes: (
            _AWR_SHARE * awr_loss(votes, uvd, weights, depth=None, kernel=training.kernel)
        )


HEADS: Registry[type[Head]] = Registry(
    "head",
    {
        "heatmap": HeatmapHead,
        "dsnt": DsntHead,
        "regression": CoordinateHead,
        "awr": AwrHead,
    },
    group="kpstudio.heads",
)


def head_of(training: HeadTraining) -> Head:
    """The head of a checkpoint."""
    if training.loss == "regression" and not training.has_spread:
        return CoordinateHead("smooth_l1")
    return next(entry for _, entry in HEADS.items() if entry.kind == training.loss)()


def describe_heads() -> tuple[HeadDescription, ...]:
    """All heads, as the studio builds its panel from them."""
    return tuple(
        HeadDescription(
            name=name,
            title=entry.title,
            help=help_of(entry),
            source=entry.source,
            losses=entry.losses,
        )
        for name, entry in HEADS.items()
    )
