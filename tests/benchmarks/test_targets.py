"""Targets against writing a tensor of their size once.

    python -m pytest tests/benchmarks/test_targets.py -s

prints one table a number of threads: ratios of calls that take turns in one run, and of these the
fastest tenth, which shows least of what else the machine does. Tensors are kept for a while, so
that together they are larger than a processor's cache.

AWR's maps are four times as many, and take a root of each cell: their ratio is only shown.
"""

import collections
import math
import statistics
import time

import pytest
import torch

from kpstudio.models.awr_targets import awr_targets
from kpstudio.models.targets import gaussian_targets, quantised_targets

BATCH, KEYPOINTS, HEIGHT, WIDTH = 64, 17, 64, 48
MAP_SIZE = (WIDTH, HEIGHT)
PLACES = [("cpu", 1), ("cpu", 2), *([("cuda", 1)] if torch.cuda.is_available() else [])]
TURNS, BYTES_KEPT = 60, 128 << 20
AT_MOST = 3.0


def works(device):
    generator = torch.Generator().manual_seed(0)
    uvd = 2 * torch.rand(BATCH, KEYPOINTS, 3, generator=generator) - 1
    depth = 2 * torch.rand(BATCH, 1, 2 * HEIGHT, 2 * WIDTH, generator=generator) - 1
    cells = (uvd[..., :2] + 1) / 2 * torch.tensor(MAP_SIZE)
    cells, uvd, depth = cells.to(device), uvd.to(device), depth.to(device)
    size = (BATCH, KEYPOINTS, HEIGHT, WIDTH)
    yield "gaussian", size, lambda: gaussian_targets(cells, map_size=MAP_SIZE, sigma=2.0)
    yield "quantised", size, lambda: quantised_targets(cells, map_size=MAP_SIZE, sigma=2.0)
    size = (BATCH, 4 * KEYPOINTS, HEIGHT, WIDTH)
    yield "awr", size, lambda: awr_targets(uvd, depth, map_size=MAP_SIZE)


def seconds_of(work, device):
    started = time.perf_counter()
    result = work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started, result


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("device", "threads"), PLACES)
def test_gaussians_take_at_most_three_times_as_long_as_writing_them_once(device, threads, capsys):
    torch.set_num_threads(threads)
    lines, ratios = [], {}
    for name, size, work in works(device):
        kept = collections.deque(maxlen=max(2, BYTES_KEPT // (4 * math.prod(size))))
        written, drawn = [], []
        for _ in range(TURNS):
            for times, each in (
                (written, lambda size=size: torch.empty(size, device=device).fill_(0)),
                (drawn, work),
            ):
                seconds, result = seconds_of(each, device)
                times.append(seconds)
                kept.append(result)
        write, draw = (statistics.quantiles(times, n=10)[0] for times in (written, drawn))
        ratios[name] = draw / write
        lines.append(
            f"{name:12} {1000 * draw:8.3f} ms {1000 * write:8.3f} ms {ratios[name]:6.2f} x"
        )
    with capsys.disabled():
        print(f"\non {device}, {threads} threads\n" + "\n".join(lines))  # noqa: T201
    assert max(ratios["gaussian"], ratios["quantised"]) <= AT_MOST
