import dataclasses

import cv2
import numpy as np
import pytest
import torch

from kpstudio.core.augmentation import Augmentation
from kpstudio.training.disturbances import Disturbances, disturb, draw_disturbances

NOTHING = Augmentation(contrast=0, brightness=0, tint=0, noise=0)


def drawn(augmentation, count, seed=0):
    return draw_disturbances(augmentation, count, generator=torch.Generator().manual_seed(seed))


def with_fields(count=1, **fields):
    """Nothing happens but what the fields say."""
    plain = drawn(NOTHING, count)
    return plain._replace(**{name: torch.tensor(value) for name, value in fields.items()})


def scene(height=40, width=56, count=1):
    random = np.random.default_rng(3)
    rough = random.uniform(-0.9, 0.9, (height // 8, width // 8, 3)).astype(np.float32)
    smooth = cv2.resize(rough, (width, height))
    return torch.from_numpy(smooth).permute(2, 0, 1)[None].expand(count, -1, -1, -1).clone()


def no_noise(images):
    return torch.zeros(images.shape[1:])


def test_nothing_happens_where_nothing_may():
    images = scene(count=5)
    assert torch.allclose(disturb(images, drawn(NOTHING, 5), no_noise(images)), images)


def test_colours_change_but_not_beyond_measure():
    images = torch.zeros(5, 3, 17, 13)
    noise = torch.randn(3, 17, 13, generator=torch.Generator().manual_seed(1))
    changed = disturb(images, drawn(Augmentation(), 5, seed=4), noise)
    assert 0 < changed.abs().max() < 0.7
    assert changed.mean(dim=(1, 2, 3)).std() > 0.05


@pytest.mark.parametrize("name", ["blur", "motion_blur", "jpeg", "cutout"])
def test_each_effect_comes_as_often_as_its_chance_says(name):
    augmentation = dataclasses.replace(NOTHING, **{name: 0.3})
    images = scene(count=600)
    changed = disturb(images, drawn(augmentation, 600), no_noise(images))
    is_changed = (changed - images).abs().flatten(1).amax(dim=1) > 1e-5
    assert 0.24 < is_changed.float().mean() < 0.36


def test_a_blur_is_that_of_its_sigma():
    images = torch.full((2, 3, 21, 31), -1.0)
    images[:, :, 10, 15] = 1.0
    blurred = disturb(images, with_fields(2, blur=[0.0, 1.3]), no_noise(images))
    assert torch.allclose(blurred[0], images[0])
    light = blurred[1, 0] + 1
    assert light.sum() == pytest.approx(2.0, abs=1e-3)
    columns = torch.arange(31.0)
    spread = (light.sum(dim=0) * (columns - 15) ** 2).sum() / 2
    assert spread.sqrt() == pytest.approx(1.3, abs=0.05)


def test_motion_blurs_along_its_direction_only():
    images = torch.full((1, 3, 21, 31), -1.0)
    images[:, :, 10, 15] = 1.0
    light = disturb(images, with_fields(motion=[[6.0, 0.0]]), no_noise(images))[0, 0] + 1
    assert light.sum() == pytest.approx(2.0, abs=1e-4)
    assert light[10].sum() == pytest.approx(2.0, abs=1e-4)
    assert (light[10] > 0.01).sum() == 7


def test_compression_is_that_of_a_jpeg_of_this_quality():
    images = scene()
    pixels = ((images[0].permute(1, 2, 0).numpy() + 1) * 127.5).round().astype(np.uint8)
    grey = np.repeat(pixels[:, :, :1], 3, axis=2)
    plain = torch.from_numpy(grey).permute(2, 0, 1)[None].float() / 127.5 - 1
    ours = disturb(plain, with_fields(quality=[20.0]), no_noise(images))[0, 0]
    _, data = cv2.imencode(".jpg", grey[:, :, 0], [cv2.IMWRITE_JPEG_QUALITY, 20])
    theirs = torch.from_numpy(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)).float() / 127.5 - 1
    lost = (theirs - plain[0, 0]).abs().mean()
    assert (ours - theirs).abs().mean() < 0.2 * lost


def test_what_hides_a_part_lies_where_it_should():
    images = torch.zeros(1, 3, 20, 50)
    fields = {"hidden": [[0.5, 0.25, 0.2, 0.5]], "grey": [0.7]}
    hidden = disturb(images, with_fields(**fields), no_noise(images))[0, 0] != 0
    rows, columns = hidden.any(dim=1).nonzero()[:, 0], hidden.any(dim=0).nonzero()[:, 0]
    assert (rows.min(), rows.max()) == (0, 9)
    assert (columns.min(), columns.max()) == (20, 29)


def test_a_part_of_a_batch_is_disturbed_as_within_the_batch():
    every = Augmentation(blur=0.5, motion_blur=0.5, jpeg=0.5, cutout=0.5)
    images = scene(count=6)
    of_all = drawn(every, 6, seed=2)
    noise = torch.randn(images.shape[1:], generator=torch.Generator().manual_seed(1))
    whole = disturb(images, of_all, noise)
    part = disturb(images[2:4], of_all.part(slice(2, 4)), noise)
    assert isinstance(of_all, Disturbances)
    assert torch.allclose(part, whole[2:4], atol=1e-5)
