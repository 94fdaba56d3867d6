"""How many threads a training step uses: fewer than cores where other work needs a core."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

_TRIAL_STEPS = 4
_HOLD_STEPS = 48


class ThreadChooser:
    """Tries all threads and half of them in turn, and then stays with the faster for a while.

    Two threads wait for each other at every layer, so a core that another process is using holds
    both of them up: on two cores, one of them busy, one thread made a step in 0.21 s, two in 0.29.

    Args:
        is_active: Otherwise nothing is tried: other numbers of threads round differently, and a
            training by steps shall give the same weights again.
    """

    def __init__(self, *, is_active: bool) -> None:
        self._most = torch.get_num_threads()
        counts = [self._most, max(1, self._most // 2)] if is_active else [self._most]
        self._counts = list(dict.fromkeys(counts))
        self._times: dict[int, list[float]] = {}
        self._schedule = self._plan()

    @contextmanager
    def step(self) -> Iterator[None]:
        """Around one step."""
        count = next(self._schedule)
        if count != torch.get_num_threads():
            torch.set_num_threads(count)
        started = time.monotonic()
        yield
        self._times.setdefault(count, []).append(time.monotonic() - started)

    def close(self) -> None:
        """As many threads as before."""
        torch.set_num_threads(self._most)

    def _plan(self) -> Iterator[int]:
        while True:
            self._times.clear()
            for count in self._counts:
                yield from [count] * _TRIAL_STEPS
            # The first step after a change also pays for the change.
            best = min(self._counts, key=lambda count: float(np.median(self._times[count][1:])))
            yield from [best] * _HOLD_STEPS
