"""The figures of a training, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LOSS = "loss"
ELAPSED_S = "elapsed_s"
MEDIAN_PX = "median_px"
MEAN_PX = "mean_px"
IS_BEST = "is_best"
TRAIN_IMAGES = "train_images"
VAL_IMAGES = "val_images"

Place = tuple[int, str]
Curve = tuple[tuple[int, float | None], ...]


@dataclass(frozen=True)
class RunMetrics:
    """The curves of one run.

    Args:
        curves: By name, (step, value) in the order of the steps: "loss" is the mean since the point
            before; "elapsed_s" is how long the training had taken; "median_px" and "mean_px" are
            validation errors in image pixels, None where nothing was found, and "is_best" is 1
            where none was better before; "train_images" and "val_images" are counts at step 0.
    """

    curves: Mapping[str, Curve] = field(default_factory=dict)

    @property
    def losses(self) -> tuple[tuple[int, float], ...]:
        """Steps and losses."""
        return self._known(LOSS)

    @property
    def errors(self) -> tuple[tuple[int, float], ...]:
        """Steps and median validation errors in image pixels."""
        return self._known(MEDIAN_PX)

    @property
    def elapsed_s(self) -> float | None:
        """How long the training took, with what came before it was continued."""
        return max((value for _, value in self._known(ELAPSED_S)), default=None)

    def _known(self, name: str) -> tuple[tuple[int, float], ...]:
        points = self.curves.get(name, ())
        return tuple((step, value) for step, value in points if value is not None)
