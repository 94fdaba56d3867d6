"""Decoders against reading the heatmaps once, and against the loops that papers publish.

    python -m pytest tests/benchmarks/test_decoders.py -s

prints one table a size. Ratios are of medians taken in turns in one run. Heatmaps come fresh from
a network, so each call gets others than the one before it.
"""

import statistics
import sys
import time

import cv2
import numpy as np
import pytest
import torch

from kpstudio.decoders import DECODERS, HeadTraining, decoders_for
from kpstudio.models.targets import gaussian_targets

SIZES = [(8, 133, 96, 72), (64, 17, 64, 48), (64, 68, 64, 64), (1, 17, 64, 48)]
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
SECONDS, FEWEST_TURNS = 2.0, 5


def heatmaps(size, seed, device):
    generator = torch.Generator().manual_seed(seed)
    batch, keypoints, height, width = size
    cells = torch.rand(batch, keypoints, 2, generator=generator) * torch.tensor(
        [width - 1.0, height - 1.0]
    )
    maps = gaussian_targets(cells, map_size=(width, height), sigma=2.0)
    maps += 0.02 * torch.randn(maps.shape, generator=generator)
    return maps.to(device)


def loop_of_dark(maps):
    """The published way, one map after the other: pad, blur, restore the maximum, log, Newton."""
    heatmaps, reach = maps.numpy().copy(), 5
    height, width = heatmaps.shape[2:]
    for of_image in heatmaps:
        for each in of_image:
            top = np.max(each)
            padded = np.zeros((height + 2 * reach, width + 2 * reach))
            padded[reach:-reach, reach:-reach] = each
            padded = cv2.GaussianBlur(padded, (11, 11), 0)
            y, x = np.unravel_index(each.argmax(), each.shape)
            each[:] = padded[reach:-reach, reach:-reach]
            each *= top / np.max(each)
            log = np.log(np.maximum(each, 1e-10))
            if not (1 < x < width - 2 and 1 < y < height - 2):
                continue
            dx = 0.5 * (log[y, x + 1] - log[y, x - 1])
            dy = 0.5 * (log[y + 1, x] - log[y - 1, x])
            dxx = 0.25 * (log[y, x + 2] - 2 * log[y, x] + log[y, x - 2])
            dyy = 0.25 * (log[y + 2, x] - 2 * log[y, x] + log[y - 2, x])
            dxy = 0.25 * (
                log[y + 1, x + 1] - log[y - 1, x + 1] - log[y + 1, x - 1] + log[y - 1, x - 1]
            )
            hessian = np.array([[dxx, dxy], [dxy, dyy]])
            if dxx * dyy - dxy**2 != 0:
                np.array([x, y]) - np.linalg.inv(hessian) @ np.array([dx, dy])


def loop_of_quarter_offsets(maps):
    for of_image in maps.numpy():
        for each in of_image:
            y, x = np.unravel_index(each.argmax(), each.shape)
            if 1 < x < each.shape[1] - 1 and 1 < y < each.shape[0] - 1:
                step = np.array([each[y, x + 1] - each[y, x - 1], each[y + 1, x] - each[y - 1, x]])
                np.array([x, y]) + 0.25 * np.sign(step)


def works(device):
    yield "reading once", torch.Tensor.sum
    for name in decoders_for(HeadTraining()):
        decoder = DECODERS[name]()
        yield name, lambda maps, d=decoder: d(maps, other_peaks=0, covariance=False)
        yield f"{name}, covariance", lambda maps, d=decoder: d(maps, other_peaks=0)
    dark = DECODERS["dark"]()
    yield "dark, 5 other peaks", lambda maps: dark(maps, other_peaks=5, covariance=False)
    yield "dark, everything", dark
    if device == "cpu":
        yield "loop: dark", loop_of_dark
        yield "loop: quarter offset", loop_of_quarter_offsets


def measured(work, inputs, device):
    """Median seconds of a call."""
    times = []
    for turn in range(1_000_000):
        maps = inputs[turn % len(inputs)]
        if device == "cuda":
            torch.cuda.synchronize()
        started = time.perf_counter()
        work(maps)
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
        if turn > FEWEST_TURNS and sum(times) > SECONDS / 4:
            break
    return statistics.median(times[1:])


@pytest.mark.timeout(600)
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_ratio_to_reading_the_heatmaps_once(size, device, capsys):
    torch.set_num_threads(2)
    # Together larger than a processor's cache.
    bytes_of_one = 4 * int(np.prod(size))
    count = min(max(2, (128 << 20) // bytes_of_one), 16)
    inputs = [heatmaps(size, seed, device) for seed in range(count)]
    lines, read = [], 0.0
    with torch.inference_mode():
        for name, work in works(device):
            seconds = measured(work, inputs, device)
            read = read or seconds
            lines.append(f"{name:28} {1000 * seconds:9.3f} ms  {seconds / read:8.1f} x")
    with capsys.disabled():
        heading = f"{size} on {device}, {torch.get_num_threads()} threads"
        sys.stdout.write("\n".join(["", heading, *lines, ""]))
