"""When a training is where: by steps, or by the clock."""

import math
import time

import msgspec

_FIRST_RESERVE = 0.05
_VALIDATE_AT = (0.3, 0.55, 0.75, 0.9)
_MANY_STEPS, _OF_MANY = 2000, tuple(each / 20 for each in range(1, 20))
# A long training shows its error, and has a best to keep, at least this often.
_VALIDATE_EVERY_S = 40.0
# But between two that are not planned there is so many times more of learning.
_LEARN_BETWEEN = 10.0
_WARM_UP = 0.04


class PacingState(msgspec.Struct, frozen=True):
    """Where a training was when it was broken off; times in seconds since it began."""

    step: int
    elapsed_s: float
    training_since_s: float
    validated_at_s: float
    reserve_s: float


class Pacing:
    """How much of a training is done.

    Args:
        steps: Of the whole training; or None, and then
        minutes: For everything, with the last validation and the saving.
        started: When it began, by `time.monotonic`; now where None.
    """

    def __init__(self, *, steps: int | None, minutes: float, started: float | None = None) -> None:
        self._started = time.monotonic() if started is None else started
        self._steps = steps
        self._total_s = 60 * minutes
        self._reserve_s = _FIRST_RESERVE * self._total_s
        self._training_since_s = 0.0
        self._due = list(_OF_MANY if (steps or 0) >= _MANY_STEPS else _VALIDATE_AT)
        self._validated_at_s = self._validation_s = 0.0
        self.step = 0

    def elapsed_s(self) -> float:
        return time.monotonic() - self._started

    def start_steps(self) -> None:
        """Preparations are done: only from here on is progress counted."""
        self._training_since_s = self.elapsed_s()

    def state(self) -> PacingState:
        return PacingState(
            self.step,
            self.elapsed_s(),
            self._training_since_s,
            self._validated_at_s,
            self._reserve_s,
        )

    def resume(self, state: PacingState) -> None:
        """Go on from there; the time since then does not count."""
        self._started = time.monotonic() - state.elapsed_s
        self.step = state.step
        self._training_since_s = state.training_since_s
        self._validated_at_s = state.validated_at_s
        self._reserve_s = state.reserve_s
        self._due = [each for each in self._due if each > self.fraction()]

    def fraction(self) -> float:
        """0 before the first step, 1 when no step is left."""
        if self._steps is not None:
            return min(1.0, self.step / self._steps) if self._steps else 1.0
        left_at_start = self._total_s - self._reserve_s - self._training_since_s
        if left_at_start <= 0:
            return 1.0 if self.step else 0.0
        return min(1.0, (self.elapsed_s() - self._training_since_s) / left_at_start)

    def remaining_s(self) -> float:
        """Estimated seconds until everything is done."""
        if self._steps is None:
            return max(0.0, self._total_s - self.elapsed_s())
        spent = self.elapsed_s() - self._training_since_s
        return spent / self.step * (self._steps - self.step) if self.step else 0.0

    def is_over(self) -> bool:
        return self.fraction() >= 1.0

    def is_validation_due(self) -> bool:
        """Whether the next of the planned validations has come; each is said once."""
        fraction = self.fraction()
        is_planned = bool(self._due) and fraction >= self._due[0]
        pause_s = max(_VALIDATE_EVERY_S, _LEARN_BETWEEN * self._validation_s)
        # Not where steps are counted: their result must not depend on the speed of the machine.
        is_late = self._steps is None and self.elapsed_s() - self._validated_at_s > pause_s
        if fraction >= 1.0 or not (is_planned or is_late):
            return False
        self._due = [each for each in self._due if each > fraction]
        self._validated_at_s = self.elapsed_s()
        return True

    def allow_for(self, validation_s: float) -> None:
        """Keep so much time free for the last validation and saving."""
        self._reserve_s = 1.1 * validation_s + 0.1
        self._validated_at_s, self._validation_s = self.elapsed_s(), validation_s

    def validation_budget_s(self) -> float:
        """How long one validation may take."""
        return math.inf if self._steps is not None else 0.03 * self._total_s

    def learning_rate_factor(self) -> float:
        """A short rise, then half a cosine to zero.

        Source: Loshchilov, Hutter: SGDR, ICLR 2017, without restarts.
        """
        fraction = self.fraction()
        if fraction < _WARM_UP:
            return max(fraction / _WARM_UP, 0.05)
        return 0.5 * (1 + math.cos(math.pi * (fraction - _WARM_UP) / (1 - _WARM_UP)))
