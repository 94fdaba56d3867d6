"""The first pass's answer: where the subjects are."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

_SURE = 0.3
_SLIGHTEST = 0.02
_MOST = 64
_CLOSEST = 0.25


@dataclass(frozen=True)
class FoundSubject:
    """A subject in cells of the first pass.

    Args:
        cell: x and y of its centre.
        log_size: Log of its size in units of the usual size.
        score: That there is a subject, 0 to 1.
    """

    cell: tuple[float, float]
    log_size: float
    score: float


def find_subjects(
    maps: Float[Tensor, "2 H W"],
    *,
    fewest: int,
    most: int,
    usual_size: float,
) -> list[FoundSubject]:
    """The peaks of the map of centres, the surest first.

    Args:
        maps: Of the first pass: centres, and log of sizes.
        fewest: So many are given even if the network is not sure of them.
        most: So many at most.
        usual_size: Of a subject, in cells: closer peaks are taken for one subject.
    """
    centres, sizes = maps[0], maps[1]
    width = centres.shape[1]
    pooled = functional.max_pool2d(centres[None], 3, stride=1, padding=1)[0]
    peaks = torch.where(centres >= pooled, centres, torch.full_like(centres, -torch.inf))
    scores, indices = peaks.flatten().topk(min(_MOST, peaks.numel()))
    kept: list[FoundSubject] = []
    for score, index in zip(scores.tolist(), indices.tolist(), strict=True):
        if len(kept) >= most or not score > (_SLIGHTEST if len(kept) < fewest else _SURE):
            break
        row, column = divmod(index, width)
        # A cell is a fortieth of the crop that follows: no need to look inside of it.
        cell = (float(column), float(row))
        if all(_distance(cell, other.cell) > _CLOSEST * usual_size for other in kept):
            log_size = float(sizes[row, column])
            kept.append(FoundSubject(cell, log_size, min(max(score, 0.0), 1.0)))
    return kept


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)
