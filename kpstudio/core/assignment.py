"""Which candidate each keypoint of a subject is at: found by changes that make it likelier."""

import numpy as np

from kpstudio.core.plane_matrices import (
    determinants,
    diagonal_blocks,
    inverses,
    made_positive,
    products,
    squared_lengths,
)
from kpstudio.core.point_choices import NOWHERE, PointChoices
from kpstudio.core.shapes import Float, Int

_NOT_SEEN = 10.0  # variance of a point of which nothing is known, in square shape units
_FIXED_DEVIATION = 0.015
_ROUNDING = 1e-7
# Points that are seen again, each of which makes rounding errors larger, until a fresh inverse.
_FRESH, _FRESH_OF_MANY, _FEW = 3, 16, 40
_MOST_ROUNDS, _ROUNDS_TOGETHER = 25, 6
_AT_ONCE = 0.5  # of the largest gain
_LEAST_GAIN = 1e-6
_FREE_POINTS = 5.0  # degrees of freedom of Student's distribution


class Assignment:
    """Which candidate each point is at, and the changes that make it likelier."""

    def __init__(self, view: PointChoices, start: Int[np.ndarray, " M"]) -> None:
        self.view = view
        self.choice = start.copy()
        self.choice[view.is_fixed] = NOWHERE
        self._prepare()

    def _prepare(self) -> None:
        view = self.view
        rows = np.arange(len(self.choice))
        is_somewhere = (self.choice >= 0) | view.is_fixed
        places = view.places[rows, np.maximum(self.choice, 0)]
        places = np.where(view.is_fixed[:, None], view.present, places)
        noise = np.where(
            view.is_fixed[:, None, None],
            _FIXED_DEVIATION**2 * np.eye(2),
            np.where(is_somewhere[:, None, None], view.noise, _NOT_SEEN * np.eye(2)),
        )
        self._residual = np.where(is_somewhere[:, None], places - view.mean, 0.0)
        self._noise = noise
        total = view.covariance.copy()
        count = len(rows)
        total.reshape(count, 2, count, 2)[rows, :, rows, :] += noise
        self._precision = np.linalg.inv(total)
        self._log_volume = float(np.linalg.slogdet(total)[1])
        self._seen_again = 0

    def improve(self) -> "Assignment":
        """Make the best change as long as one is better."""
        for step in range(_MOST_ROUNDS):
            # Later one at a time: points that change together may change back together, too.
            at_once = _AT_ONCE if step < _ROUNDS_TOGETHER else 1.0
            if not (self._change_best(at_once) or self._swap()):
                break
            if self._seen_again >= (_FRESH if len(self.choice) <= _FEW else _FRESH_OF_MANY):
                self._prepare()
        self._prepare()
        return self

    def told_by_others(self) -> tuple[Float[np.ndarray, "M 2"], Float[np.ndarray, "M 2 2"]]:
        """Mean and covariance of each true position, given all other points."""
        spread = inverses(diagonal_blocks(self._precision))
        pull = (self._precision @ self._residual.ravel()).reshape(-1, 2)
        mean = self.view.mean + self._residual - products(spread, pull)
        # Taking the noise off again may leave a rounding error below zero.
        return mean, made_positive(spread - self._noise, least=_ROUNDING)

    def log_candidates(self) -> Float[np.ndarray, "M I"]:
        """What each candidate is worth, given all other points; the last is that of none."""
        mean, spread = self.told_by_others()
        log_density = _log_student(self.view.places - mean[:, None], spread + self.view.noise)
        return np.concatenate(
            [self.view.log_weights + log_density, self.view.log_elsewhere[:, None]], axis=1
        )

    @property
    def log_score(self) -> float:
        """The joint log-probability, up to a constant."""
        view, rows = self.view, np.arange(len(self.choice))
        is_free = ~view.is_fixed
        chosen = view.log_weights[rows, self.choice]
        chosen = np.where(self.choice >= 0, chosen, view.log_elsewhere)
        residual = self._residual.ravel()
        squared = float(residual @ self._precision @ residual)
        # A point of which nothing is known adds its own variance and nothing else.
        unseen = 2 * float(np.log(_NOT_SEEN)) * int((is_free & (self.choice < 0)).sum())
        volume = self._log_volume - unseen
        seen = len(rows) - int((is_free & (self.choice < 0)).sum())
        return float(chosen[is_free].sum() - (squared + volume) / 2 - seen * np.log(2 * np.pi))

    def posterior(self) -> Float[np.ndarray, "M 2"]:
        """The likeliest shape under this choice."""
        pull = self._precision @ self._residual.ravel()
        moved = (self.view.covariance @ pull).reshape(-1, 2)
        return np.asarray(self.view.mean + moved)

    def _change_best(self, at_once: float) -> bool:
        """Move the points that gain most; those that gain less may not need to afterwards."""
        worth = self.log_candidates()
        rows = np.arange(len(worth))
        best = worth.argmax(axis=1)
        gain = worth[rows, best] - worth[rows, self.choice]
        gain[self.view.is_fixed] = 0
        if gain.max() <= _LEAST_GAIN:
            return False
        for point in np.flatnonzero(gain >= at_once * gain.max()):
            target = int(best[point])
            self._put(int(point), target if target < worth.shape[1] - 1 else NOWHERE)
        return True

    def _put(self, point: int, target: int) -> None:
        """Woodbury's identity: one point changes two rows and columns."""
        view = self.view
        noise = view.noise[point] if target >= 0 else _NOT_SEEN * np.eye(2)
        change = noise - self._noise[point]
        at = slice(2 * point, 2 * point + 2)
        if np.abs(change).max() > 0:
            self._seen_again += int(change[0, 0] < 0)
            columns = self._precision[:, at]
            inner = np.eye(2) + change @ self._precision[at, at]
            self._log_volume += float(np.log(determinants(inner)))
            self._precision = self._precision - columns @ (inverses(inner) @ change @ columns.T)
        self._noise[point] = noise
        place = view.places[point, target] - view.mean[point] if target >= 0 else np.zeros(2)
        self._residual[point] = place
        self.choice[point] = target

    def _swap(self) -> bool:
        """Exchange left and right where that is likelier for a whole group."""
        partner = self.view.places.shape[1] - 1
        best_gain, best = _LEAST_GAIN, None
        before = float(self._residual.ravel() @ self._precision @ self._residual.ravel())
        for group in self.view.swaps:
            free = [k for pair in group for k in pair if not self.view.is_fixed[k]]
            if len(free) < 2 or any(self.choice[k] < 0 for k in free):
                continue
            target = [0 if self.choice[k] == partner else partner for k in free]
            if any(
                not np.isfinite(self.view.log_weights[k, j])
                for k, j in zip(free, target, strict=True)
            ):
                continue
            residual = self._residual.copy()
            residual[free] = self.view.places[free, target] - self.view.mean[free]
            after = float(residual.ravel() @ self._precision @ residual.ravel())
            # One exchange of all is no less likely than that of one pair.
            price = self.view.log_swap if target[0] == partner else -self.view.log_swap
            gain = (before - after) / 2 + price
            if gain > best_gain:
                best_gain, best = gain, (free, target)
        if best is None:
            return False
        for point, target_index in zip(*best, strict=True):
            self._put(point, target_index)
        return True


def _log_student(
    offsets: Float[np.ndarray, "M J 2"], covariance: Float[np.ndarray, "M 2 2"]
) -> Float[np.ndarray, "M J"]:
    """Student's log-density in the plane: the shape of a subject is not quite Gaussian."""
    squared = squared_lengths(offsets, inverses(covariance)[:, None])
    log_volume = np.log(determinants(covariance))
    return np.asarray(
        -(_FREE_POINTS + 2) / 2 * np.log1p(squared / _FREE_POINTS)
        - log_volume[:, None] / 2
        - np.log(2 * np.pi)
    )
