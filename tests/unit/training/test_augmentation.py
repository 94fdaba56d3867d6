import math

import numpy as np
import pytest
import torch

from kpstudio.training.augmentation import Augmentation, move_points, warp

FROM, TO = (101, 83), (61, 67)


def marked(xy, size=FROM):
    """A bright blob on black at each position, one image each."""
    columns, rows = torch.arange(size[0]), torch.arange(size[1])
    xy = torch.as_tensor(xy, dtype=torch.float32)
    x = torch.exp(-((columns - xy[:, :1]) ** 2) / 18)
    y = torch.exp(-((rows - xy[:, 1:]) ** 2) / 18)
    return (255 * y[:, :, None] * x[:, None, :]).to(torch.uint8)[:, None].expand(-1, 3, -1, -1)


def views(augmentation, count, seed=0, scale=0.8):
    generator = torch.Generator().manual_seed(seed)
    return augmentation.random_views(
        count, from_size=FROM, to_size=TO, scale=scale, generator=generator
    )


def test_a_mark_is_found_where_its_position_was_moved_to():
    xy = torch.tensor([[50.3, 41.2]] * 13)
    affines, _ = views(Augmentation(can_flip=True), 13)
    images = warp(marked(xy), affines, TO)[:, 0] + 1
    images = (images - 1.05).clamp(min=0)
    assert images.shape == (13, TO[1], TO[0])
    total = images.sum(dim=(1, 2))
    x = (images.sum(dim=1) * torch.arange(TO[0])).sum(dim=1) / total
    y = (images.sum(dim=2) * torch.arange(TO[1])).sum(dim=1) / total
    expected = move_points(xy[:, None], affines)[:, 0]
    assert torch.allclose(torch.stack([x, y], dim=1), expected, atol=0.06)


def test_without_freedom_the_middle_stays_and_the_scale_is_that_asked_for():
    still = Augmentation(rotation=0, smallest=1, largest=1, shift=0)
    affines, is_flipped = views(still, 3, scale=0.5)
    middle = torch.tensor([[[50.0, 41.0], [52.0, 41.0]]]).expand(3, -1, -1)
    moved = move_points(middle, affines)
    assert torch.allclose(moved[0], torch.tensor([[30.0, 33.0], [31.0, 33.0]]))
    assert not is_flipped.any()


def test_views_turn_all_the_way_and_scale_as_far_as_they_should():
    affines, _ = views(Augmentation(), 997)
    linear = affines[:, :, :2].numpy()
    scales = np.sqrt(np.linalg.det(linear)) / 0.8
    assert scales.min() == pytest.approx(0.75, abs=0.02)
    assert scales.max() == pytest.approx(1.35, abs=0.02)
    angles = np.arctan2(linear[:, 1, 0], linear[:, 0, 0])
    assert angles.min() < -0.95 * math.pi
    assert angles.max() > 0.95 * math.pi


def test_about_half_of_the_views_mirror_if_they_may():
    affines, is_flipped = views(Augmentation(can_flip=True), 499)
    assert torch.equal(torch.linalg.det(affines[:, :, :2]) < 0, is_flipped)
    assert 0.4 < is_flipped.float().mean() < 0.6


def test_what_lies_outside_of_a_sample_is_grey():
    shrunk = Augmentation(rotation=0, smallest=0.2, largest=0.2, shift=0)
    affines, _ = views(shrunk, 1)
    assert warp(marked([[50.0, 41.0]]), affines, TO)[0, 0, 0, 0] == 0


def test_positions_that_are_not_known_stay_so():
    affines, _ = views(Augmentation(), 1)
    moved = move_points(torch.tensor([[[torch.nan, torch.nan], [3.0, 5.0]]]), affines)
    assert torch.isnan(moved[0, 0]).all()
    assert torch.isfinite(moved[0, 1]).all()


def test_colours_change_but_not_beyond_measure():
    generator = torch.Generator().manual_seed(4)
    inputs = torch.zeros(5, 3, 17, 13)
    changed = Augmentation().change_colours(inputs, generator=generator)
    assert changed.shape == inputs.shape
    assert 0 < changed.abs().max() < 0.7
    assert changed.mean(dim=(1, 2, 3)).std() > 0.05
