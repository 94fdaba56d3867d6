import os

import torch

from kpstudio.core.geometry import Affine, Box
from kpstudio.engine.heatmap_cache import FileState, HeatmapCache
from kpstudio.inference.predictor import SubjectHeatmaps


def subjects(cells=35):
    maps = torch.zeros(3, 5, cells // 5)
    return (SubjectHeatmaps(maps, maps, Affine.identity(), Box(0, 0, 1, 1), 1.0),)


def test_the_least_recently_used_image_goes_first():
    cache = HeatmapCache(images=2)
    cache.put("a", subjects())
    cache.put("b", subjects())
    assert cache.get("a") is not None
    cache.put("c", subjects())
    assert cache.get("b") is None
    assert cache.get("a") is not None
    assert cache.get("c") is not None


def test_large_heatmaps_go_before_the_memory_is_full():
    one = 3 * 35 * 4
    cache = HeatmapCache(size=2 * one)
    for name in "abc":
        cache.put(name, subjects())
    assert len(cache) == 2
    cache.put("huge", subjects(cells=35 * 5))
    assert len(cache) == 0


def test_putting_an_image_again_does_not_count_it_twice():
    cache = HeatmapCache(size=2 * 3 * 35 * 4)
    for _ in range(7):
        cache.put("a", subjects())
    cache.put("b", subjects())
    assert len(cache) == 2


def test_an_image_without_subjects_is_remembered_too():
    cache = HeatmapCache()
    cache.put("empty", ())
    assert cache.get("empty") == ()


def test_a_file_that_was_written_again_is_another_state(tmp_path):
    path = tmp_path / "image.png"
    path.write_bytes(b"one")
    before = FileState.of(path)
    os.utime(path, ns=(1, before.modified_ns + 1_000_000))
    assert FileState.of(path) != before
