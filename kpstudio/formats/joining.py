"""Several files and folders that are imported at once."""

from collections.abc import Sequence
from dataclasses import replace

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image


def joined(datasets: Sequence[Dataset]) -> Dataset:
    """One dataset with the images of all, numbered anew.

    Args:
        datasets: At least one, all of one skeleton.
    """
    if len(datasets) == 1:
        return datasets[0]
    images: list[Image] = []
    annotations: list[Annotation] = []
    for dataset in datasets:
        ids = {image.id: len(images) + n for n, image in enumerate(dataset.images, start=1)}
        images += [replace(image, id=ids[image.id]) for image in dataset.images]
        annotations += [replace(each, image_id=ids[each.image_id]) for each in dataset.annotations]
    folders = tuple(folder for dataset in datasets for folder in dataset.folders)
    return Dataset(datasets[0].skeleton, tuple(images), tuple(annotations), folders)
