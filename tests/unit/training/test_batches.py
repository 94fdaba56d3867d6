import math

import cv2
import numpy as np
import pytest
import torch

from kpstudio.core.annotation import Annotation
from kpstudio.core.augmentation import AugmentationChoice
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.geometry import cells_to_input
from kpstudio.core.skeleton import Skeleton
from kpstudio.models.heads import HeatmapHead
from kpstudio.models.networks import make_network
from kpstudio.training.batches import Batches, Part, batch_sizes
from kpstudio.training.samples import read_samples
from kpstudio.training.subjects import FramingChoice

SKELETON = Skeleton("s", ("tip", "a", "b", "c", "d", "e"), flip_pairs=((1, 2),))
QUIET = {"contrast": 0.0, "brightness": 0.0, "tint": 0.0, "noise": 0.0}
AROUND = np.array([[0, 0], [30, 0], [-30, 0], [0, 44], [20, -40], [-20, -40]], dtype=float)


def drawing(folder, count=5, size=(331, 263), scale=1.0):
    """Images of one bright blob, at the first keypoint, on the grey that is around images."""
    random = np.random.default_rng(11)
    images, annotations = [], []
    for index in range(count):
        middle = random.uniform(110, 150, 2)
        ys, xs = np.mgrid[: size[1], : size[0]]
        blob = np.exp(-((xs - middle[0]) ** 2 + (ys - middle[1]) ** 2) / (2 * (5 * scale) ** 2))
        path = folder / f"{index}.png"
        cv2.imwrite(
            str(path),
            np.repeat((127.5 + 127.5 * blob).round()[..., None].astype(np.uint8), 3, axis=2),
        )
        images.append(Image(index, path, *size, "train"))
        xy = middle + scale * AROUND
        annotations.append(Annotation(f"{index}", index, xy, np.array([2, 2, 1, 2, 2, 2])))
    return Dataset(SKELETON, tuple(images), tuple(annotations))


def made(dataset, *, choice=None, part=None, preset="animal_from_above", **changes):
    network = make_network("efficientnet_lite0", {}).build(len(SKELETON), is_pretrained=False)
    samples = read_samples(
        dataset,
        choice=choice or FramingChoice(),
        augmentation=AugmentationChoice(preset, {**QUIET, "cutout": 0.0, **changes}),
    )
    return Batches(
        samples,
        SKELETON,
        network,
        look_size=6,
        find_size=2,
        head=HeatmapHead(),
        occluded_weight=0.5,
        seed=3,
        device="cpu",
        part=part or Part(),
    )


def blobs(images):
    """Centroid of the blob in each image."""
    light = (images[:, 0] - 0.05).clamp(min=0)
    total = light.sum(dim=(1, 2))
    x = (light.sum(dim=1) * torch.arange(light.shape[2])).sum(dim=1) / total
    y = (light.sum(dim=2) * torch.arange(light.shape[1])).sum(dim=1) / total
    return torch.stack([x, y], dim=1)


def to_input(cells, images, stride=4):
    size = (images.shape[3], images.shape[2])
    affine = cells_to_input("half_pixel", (size[0] // stride, size[1] // stride), size)
    return torch.from_numpy(affine.apply(cells.double().numpy())).float()


@pytest.mark.parametrize("preset", ["animal_from_above", "person", "face", "fixed_camera"])
@pytest.mark.parametrize("view", ["subject", "image"])
def test_a_drawn_mark_is_found_where_its_keypoint_is(tmp_path, preset, view):
    choice = FramingChoice(is_whole_image=view == "image")
    no_effects = {"blur": 0.0, "motion_blur": 0.0, "jpeg": 0.0, "half_body": 0.0}
    batches = made(drawing(tmp_path), choice=choice, preset=preset, shift=0.0, **no_effects)
    for step in range(2):
        batch = batches.look(step)
        xy = to_input(batch.cells[:, 0], batch.images)
        assert (blobs(batch.images) - xy).norm(dim=1).max() < 0.05


def test_it_is_found_after_blocks_were_averaged_too(tmp_path):
    dataset = drawing(tmp_path, size=(1331, 1263), scale=4.0)
    batch = made(dataset, choice=FramingChoice(input_side=96), shift=0.0).look(0)
    xy = to_input(batch.cells[:, 0], batch.images)
    assert (blobs(batch.images) - xy).norm(dim=1).max() < 0.05


def test_half_of_a_subject_is_seen_larger(tmp_path):
    dataset = drawing(tmp_path)
    always = made(
        dataset, half_body=1.0, rotation=0.0, smallest_scale=1.0, largest_scale=1.0, flip=0.0
    )
    never = made(
        dataset, half_body=0.0, rotation=0.0, smallest_scale=1.0, largest_scale=1.0, flip=0.0
    )

    def width(batch):
        return (batch.cells[:, 1] - batch.cells[:, 2]).norm(dim=1)

    assert (width(always.look(0)) > 1.3 * width(never.look(0))).all()


def test_a_mirror_exchanges_left_and_right(tmp_path):
    batches = made(drawing(tmp_path), rotation=0.0, flip=1.0)
    batch = batches.look(0)
    # In the image the keypoint “a” is right of “b”; a mirror image of both is, too.
    assert (batch.cells[:, 1, 0] > batch.cells[:, 2, 0]).all()
    # Only “b” was occluded, so only its partner is after a mirror.
    assert torch.equal(batch.weights[0], torch.tensor([1.0, 0.5, 1.0, 1.0, 1.0, 1.0]))


def test_every_sample_comes_once_before_one_comes_again(tmp_path):
    batches = made(drawing(tmp_path, count=5))
    rows = [row for step in range(5) for row in batches._rows(5, 6, step, 1).tolist()]
    assert all(sorted(rows[at : at + 5]) == [0, 1, 2, 3, 4] for at in range(0, 30, 5))
    assert rows[:5] != rows[5:10]


def test_a_step_is_drawn_alike_whenever_and_wherever_it_is_drawn(tmp_path):
    dataset = drawing(tmp_path)
    effects = {"noise": 0.1, "blur": 0.4, "jpeg": 0.4, "cutout": 0.4, "half_body": 0.5}
    one = made(dataset, **effects)
    later = made(dataset, **effects)
    for step in range(4):
        one.look(step)
    assert torch.equal(one.look(4).images, later.look(4).images)
    parts = [made(dataset, part=Part(index, 2), **effects) for index in range(2)]
    whole, halves = later.look(7), [each.look(7) for each in parts]
    assert torch.allclose(torch.cat([each.images for each in halves]), whole.images, atol=1e-5)
    assert torch.equal(torch.cat([each.cells for each in halves]), whole.cells)
    assert sum(each.share for each in halves) / 2 == pytest.approx(1.0)
    found, both = later.find(7), [each.find(7) for each in parts]
    assert torch.equal(torch.cat([each.log_sizes for each in both]), found.log_sizes)


def test_whole_images_have_no_first_pass(tmp_path):
    batches = made(drawing(tmp_path), choice=FramingChoice(is_whole_image=True, input_side=64))
    assert batches.find(0) is None
    assert batches.look(0).images.shape[2:] == (64, 64)


def test_the_find_target_lies_on_the_subject(tmp_path):
    batches = made(drawing(tmp_path), shift=0.0)
    batch = batches.find(0)
    peak = batch.centres.flatten(1).argmax(dim=1)
    width = batch.centres.shape[3]
    cells = torch.stack([peak % width, peak // width], dim=1).float()
    # The middle of the box around all keypoints is two pixels below the blob.
    apart = to_input(cells, batch.images) - blobs(batch.images)
    assert apart.norm(dim=1).max() < 5
    sizes = batch.log_sizes[batch.weights > 0.9]
    assert sizes.abs().max() < math.log(1.5)


def test_batches_are_divisible_by_processes():
    assert batch_sizes(None, device="cpu", processes=1) == (4, 1)
    assert batch_sizes(8, device="cpu", processes=2) == (8, 2)
    assert batch_sizes(5, device="cuda", processes=2) == (6, 2)
    assert batch_sizes(None, device="cuda", processes=1) == (32, 8)
