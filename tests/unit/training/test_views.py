import math

import numpy as np
import pytest
import torch

from kpstudio.core.augmentation import Augmentation
from kpstudio.training.views import move_points, random_views, warp

FROM, TO = (101, 83), (61, 67)
STILL = Augmentation(rotation=0, smallest_scale=1, largest_scale=1, shift=0)


def marked(xy, size=FROM):
    """A bright blob on grey, which is also what is outside, at each position."""
    columns, rows = torch.arange(size[0]), torch.arange(size[1])
    xy = torch.as_tensor(xy, dtype=torch.float32)
    x = torch.exp(-((columns - xy[:, :1]) ** 2) / 18)
    y = torch.exp(-((rows - xy[:, 1:]) ** 2) / 18)
    return (
        (127.5 + 127.5 * y[:, :, None] * x[:, None, :])
        .round()
        .to(torch.uint8)[:, None]
        .expand(-1, 3, -1, -1)
    )


def views(augmentation, count, seed=0, scale=0.8, can_flip=True):
    return random_views(
        augmentation,
        torch.tensor([[50.0, 41.0]]).double().expand(count, 2),
        torch.full((count,), scale).double(),
        TO,
        can_flip=can_flip,
        generator=torch.Generator().manual_seed(seed),
    )


def found(images):
    """Centroid of the blob in each of (B, h, w)."""
    images = (images - 0.05).clamp(min=0)
    total = images.sum(dim=(1, 2))
    x = (images.sum(dim=1) * torch.arange(images.shape[2])).sum(dim=1) / total
    y = (images.sum(dim=2) * torch.arange(images.shape[1])).sum(dim=1) / total
    return torch.stack([x, y], dim=1)


def test_a_mark_is_found_where_its_position_was_moved_to():
    xy = torch.tensor([[50.3, 41.2]] * 13).double()
    affines, is_flipped = views(Augmentation(), 13)
    assert is_flipped.any()
    pieces = list(marked(xy))
    images = warp(pieces, affines, TO)
    assert images.shape == (13, 3, TO[1], TO[0])
    expected = move_points(xy[:, None], affines)[:, 0].float()
    assert torch.allclose(found(images[:, 0]), expected, atol=0.05)


def test_pieces_of_different_sizes_share_a_batch():
    pieces = [marked([[50.0, 41.0]])[0], marked([[21.0, 33.0]], size=(47, 71))[0]]
    affines, _ = random_views(
        STILL,
        torch.tensor([[50.0, 41.0], [21.0, 33.0]]).double(),
        torch.tensor([0.5, 0.7]).double(),
        TO,
        can_flip=False,
        generator=torch.Generator(),
    )
    images = warp(pieces, affines, TO)[:, 0]
    assert torch.allclose(found(images), torch.tensor([[30.0, 33.0]] * 2), atol=0.05)


def test_without_freedom_the_middle_stays_and_the_scale_is_that_asked_for():
    affines, is_flipped = views(STILL, 3, scale=0.5, can_flip=False)
    middle = torch.tensor([[[50.0, 41.0], [52.0, 41.0]]]).double().expand(3, -1, -1)
    moved = move_points(middle, affines)
    assert torch.allclose(moved[0], torch.tensor([[30.0, 33.0], [31.0, 33.0]]).double())
    assert not is_flipped.any()


def test_views_turn_all_the_way_and_scale_as_far_as_they_should():
    affines, _ = views(Augmentation(), 997, can_flip=False)
    linear = affines[:, :, :2].numpy()
    scales = np.sqrt(np.linalg.det(linear)) / 0.8
    assert scales.min() == pytest.approx(0.75, abs=0.02)
    assert scales.max() == pytest.approx(1.35, abs=0.02)
    angles = np.arctan2(linear[:, 1, 0], linear[:, 0, 0])
    assert angles.min() < -0.95 * math.pi
    assert angles.max() > 0.95 * math.pi


def test_about_half_of_the_views_mirror_if_they_may():
    affines, is_flipped = views(Augmentation(), 499)
    assert torch.equal(torch.linalg.det(affines[:, :, :2]) < 0, is_flipped)
    assert 0.4 < is_flipped.float().mean() < 0.6
    assert not views(Augmentation(flip=0.0), 499)[1].any()


def test_positions_that_are_not_known_stay_so():
    affines, _ = views(Augmentation(), 1)
    moved = move_points(torch.tensor([[[torch.nan, torch.nan], [3.0, 5.0]]]).double(), affines)
    assert torch.isnan(moved[0, 0]).all()
    assert torch.isfinite(moved[0, 1]).all()
