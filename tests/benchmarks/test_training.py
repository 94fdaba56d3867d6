"""What a training step costs beside the network: `python -m pytest tests/benchmarks -s`.

A ratio within one run; peak memory is that of this process.
"""

import resource
import sys
import time

import cv2
import numpy as np
import pytest
import torch

from kpstudio.core.annotation import Annotation
from kpstudio.core.augmentation import AugmentationChoice
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.models.heads import HeatmapHead
from kpstudio.models.networks import make_network
from kpstudio.training.batches import Batches
from kpstudio.training.learner import Learner
from kpstudio.training.samples import Samples, read_samples
from kpstudio.training.subjects import FramingChoice
from kpstudio.training.team import Team

SKELETON = Skeleton("s", tuple(f"k{index}" for index in range(17)))
ROUNDS, STEPS = 5, 8


@pytest.fixture
def dataset(tmp_path):
    random = np.random.default_rng(2)
    images, annotations = [], []
    for index in range(24):
        path = tmp_path / f"{index}.jpg"
        rough = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
        cv2.imwrite(str(path), cv2.resize(rough, (1280, 960)))
        images.append(Image(index, path, 1280, 960, "train"))
        xy = random.uniform(300, 660, (17, 2))
        annotations.append(Annotation(f"{index}", index, xy, np.full(17, 2)))
    return Dataset(SKELETON, tuple(images), tuple(annotations))


def learner(samples: Samples) -> tuple[Learner, Batches]:
    network = make_network("efficientnet_lite0", {}).build(17, is_pretrained=True)
    head = HeatmapHead()
    batches = Batches(
        samples,
        SKELETON,
        network,
        look_size=4,
        find_size=1,
        head=head,
        occluded_weight=1.0,
        seed=0,
        device="cpu",
    )
    return Learner(network, batches, head=head, team=Team("cpu")), batches


def milliseconds(step) -> float:
    started = time.perf_counter()
    for number in range(STEPS):
        step(number)
    return 1e3 * (time.perf_counter() - started) / STEPS


@pytest.mark.parametrize("preset", ["automatic", "person"])
@pytest.mark.parametrize("budget", [2 << 30, 0], ids=["kept", "read again"])
def test_a_step_against_the_bare_network(dataset, preset, budget):
    samples = read_samples(
        dataset,
        choice=FramingChoice(),
        augmentation=AugmentationChoice(preset),
        budget=budget,
    )
    learning, batches = learner(samples)
    look, find = batches.look(0), batches.find(0)

    def bare(_: int) -> None:
        stages, maps = learning._wrapped(look.images, find.images)
        (stages[-1].square().mean() + maps.square().mean()).backward()
        learning._optimizer.zero_grad(set_to_none=True)

    def whole(number: int) -> None:
        learning.step(number, 1.0)

    def drawing(number: int) -> None:
        batches.look(number)
        batches.find(number)

    for step in (bare, whole):
        step(0)
    times = torch.tensor(
        [[milliseconds(bare), milliseconds(whole), milliseconds(drawing)] for _ in range(ROUNDS)]
    )
    network, step, batch = times.median(dim=0).values.tolist()
    samples.crops.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"\n{preset}: network {network:.0f} ms, step {step:.0f} ms ({step / network:.2f}x),"
        f" batches {batch:.1f} ms, network busy {1 - batch / step:.0%}, peak {peak:.0f} MB\n"
    )
