"""How long the doctor looks at a large dataset before it is imported."""

import cv2
import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import read_skeleton
from kpstudio.formats.checks import check_dataset

IMAGES, PER_IMAGE = 10_000, 5


def test_fifty_thousand_annotations_are_checked(benchmark, tmp_path):
    random = np.random.default_rng(0)
    skeleton = read_skeleton(resource_path("skeletons", "person17.json"))
    path = tmp_path / "image.jpg"
    cv2.imwrite(str(path), random.integers(0, 255, (480, 640, 3), dtype=np.uint8))
    images = []
    for number in range(IMAGES):
        link = tmp_path / f"{number}.jpg"
        link.symlink_to(path)
        images.append(Image(number, link, 640, 480))
    annotations = tuple(
        Annotation(
            str(number), number % IMAGES, random.uniform(0, 400, (17, 2)), random.integers(0, 3, 17)
        )
        for number in range(IMAGES * PER_IMAGE)
    )
    dataset = Dataset(skeleton, tuple(images), annotations)
    report = benchmark.pedantic(check_dataset, args=(dataset,), rounds=3)
    assert report.annotations == IMAGES * PER_IMAGE
