"""How long frames of a 1080p video take.

    python -m pytest tests/benchmarks/test_video.py -s

prints one line for each way of going through it.
"""

import statistics
import sys
import time

import numpy as np
import pytest
from video_files import write_video

from kpstudio import formats
from kpstudio.core.skeleton import Skeleton
from kpstudio.imaging.frame_pixels import frame_pixels
from kpstudio.imaging.open_videos import OpenVideos
from kpstudio.store.project import Project

FRAMES, GROUP = 600, 120
SIZE = (1920, 1080)
STEP_MS = 10.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_video(
        tmp_path_factory.mktemp("video") / "clip.mp4",
        frames=FRAMES,
        size=SIZE,
        options={"g": str(GROUP), "bf": "3", "preset": "veryfast"},
    )


def test_steps_through_a_1080p_video(clip):
    video = OpenVideos().video(clip)

    def took(numbers):
        times = []
        for number in numbers:
            start = time.perf_counter()
            frame_pixels(video.frame(number))
            times.append(1000 * (time.perf_counter() - start))
        return times

    start = time.perf_counter()
    assert video.count == FRAMES
    assert video.can_jump
    opened = 1000 * (time.perf_counter() - start)
    took([200])
    ways = {
        "forward": took(range(201, 321)),
        "back": took(range(319, 290, -1)),
        "random": took(np.random.default_rng(0).integers(0, FRAMES, 20).tolist()),
    }
    lines = [
        f"{name:>8}: median {statistics.median(times):.1f} ms, most {max(times):.1f} ms"
        for name, times in ways.items()
    ]
    sys.stdout.write("\n".join(["", f"opened and tried: {opened:.0f} ms", *lines, ""]))
    assert statistics.median(ways["forward"]) < STEP_MS
    assert statistics.median(ways["back"]) < STEP_MS


def test_importing_100_000_frames(tmp_path):
    path = write_video(
        tmp_path / "long.mp4", frames=100_000, options={"g": "250", "preset": "ultrafast"}
    )
    skeleton = Skeleton("pair", ("snout", "tail"))
    with Project.create(tmp_path / "p.kps", skeleton) as project:
        start = time.perf_counter()
        dataset = formats.read(path, skeleton)
        read = time.perf_counter() - start
        project.import_dataset(dataset, source="long.mp4")
        took = time.perf_counter() - start
    sys.stdout.write(f"\n100,000 frames: {read:.1f} s to read, {took:.1f} s in all\n")
    assert len(dataset.images) == 100_000
    assert took < 10
