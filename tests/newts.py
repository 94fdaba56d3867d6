"""A clean dataset of upright newts, from which each test spoils one thing."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.checks import Finding, check_dataset

NEWT = Skeleton("newt", ("snout", "left", "right", "tail", "tip"), flip_pairs=((1, 2),))
BODY = np.array([[31.25, 11.5], [23.75, 19.25], [41.5, 17.75], [29.25, 37.5], [30.5, 43.25]])
WIDTH, HEIGHT, COUNT = 71, 53, 13


def change(dataset: Dataset, row: int, **fields) -> Dataset:
    """Another value in one annotation."""
    annotations = list(dataset.annotations)
    annotations[row] = replace(annotations[row], **fields)
    return replace(dataset, annotations=tuple(annotations))


def change_all(dataset: Dataset, xy) -> Dataset:
    """Other positions everywhere, as a function of the old ones."""
    changed = tuple(replace(each, xy=xy(each.xy)) for each in dataset.annotations)
    return replace(dataset, annotations=changed)


def found(dataset: Dataset, **options) -> dict[str, Finding]:
    """What the doctor says, by its kind."""
    findings = check_dataset(dataset, **options).findings
    assert len({each.kind for each in findings}) == len(findings)
    return {each.kind: each for each in findings}


def draw_newts(folder: Path) -> Dataset:
    """Thirteen images with a newt each."""
    random = np.random.default_rng(3)
    images, annotations = [], []
    for number in range(1, COUNT + 1):
        path = folder / f"newt{number}.png"
        pixels = random.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        cv2.imwrite(str(path), pixels)
        images.append(Image(number, path, WIDTH, HEIGHT))
        xy = BODY + random.uniform(-2, 2, (1, 2)) + random.uniform(-1, 1, BODY.shape)
        visibility = np.array([2, 2, 1, 2, 2])
        annotations.append(Annotation(f"a{number}", number, xy, visibility))
    return Dataset(NEWT, tuple(images), tuple(annotations))
