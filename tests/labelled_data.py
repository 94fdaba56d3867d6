"""A small labelled data set that has all that a format may have to hold."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

TRIPLE = Skeleton(
    "triple",
    ("snout", "left ear", "right ear"),
    edges=((0, 1), (0, 2)),
    flip_pairs=((1, 2),),
    category="newt",
)
NAN = np.nan


def draw(path: Path, width: int = 31, height: int = 17) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((height, width, 3), np.uint8))


def draw_dataset(folder: Path) -> Dataset:
    """Three images, the last without labels; two subjects in the first one."""
    images = []
    for number, name, split in ((3, "a.png", "train"), (5, "b.jpg", "val"), (7, "c.png", None)):
        draw(folder / name, 31 + number, 17)
        images.append(Image(number, folder / name, 31 + number, 17, split))
    annotations = (
        Annotation("a", 3, np.array([[1.25, 2], [4, 5.5], [7, 11]]), np.array([2, 1, 2])),
        Annotation("b", 3, np.array([[3, 5], [NAN, NAN], [23.0, 13]]), np.array([1, 0, 2])),
        Annotation(
            "c",
            5,
            np.array([[2, 3], [5, 7], [11, 13.0]]),
            np.array([2, 2, 2]),
            box=Box(0.5, 1, 13, 14),
        ),
    )
    return Dataset(TRIPLE, tuple(images), annotations)


def draw_tagged_dataset(folder: Path) -> Dataset:
    """The same with tags, and with a subject of which only the box is known."""
    dataset = draw_dataset(folder)
    only_box = replace(Annotation.empty(5, TRIPLE), box=Box(3, 2, 5, 7))
    return replace(
        dataset,
        images=tuple(replace(each, tags=("dusk", "night")) for each in dataset.images),
        annotations=(*dataset.annotations, only_box),
    )


def assert_written_whole(dataset: Dataset, path: Path, *, format: str) -> Dataset:
    """Of `draw_tagged_dataset` nothing is lost on the way to a file and back."""
    receipt = formats.write(dataset, path, format=format)
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 4, 8)
    assert (receipt.occluded, receipt.notes) == (2, ())
    back = formats.read(path, TRIPLE)
    assert_same_labels(dataset, back, tolerance_px=1e-12)
    assert [each.path for each in back.images] == [each.path for each in dataset.images[:2]]
    assert [each.tags for each in back.images] == [("dusk", "night")] * 2
    return back


def assert_refused(read: Callable[[], object], words: str) -> None:
    """What is read is wrong, and the message and a hint say so."""
    with pytest.raises(UserProblem) as caught:
        read()
    assert words in caught.value.message
    assert caught.value.hint


def predictions_of(dataset: Dataset) -> list[Prediction]:
    xy = np.array([[1.5, 2.5], [NAN, NAN], [3, 4]])
    scores = np.array([0.5, 0.0, 0.25])
    return [Prediction(dataset.images[0].id, 1, xy, scores, Box(0.5, 1.5, 19, 13), 0.75)]


def by_image(dataset: Dataset) -> dict[str, list[Annotation]]:
    names = {image.id: image.path.stem for image in dataset.images}
    found: dict[str, list[Annotation]] = {}
    for annotation in dataset.annotations:
        found.setdefault(names[annotation.image_id], []).append(annotation)
    return found


def assert_same_labels(
    written: Dataset,
    read: Dataset,
    *,
    tolerance_px: float = 0.0,
    occluded: bool = True,
    boxes: bool = True,
) -> None:
    """Subjects of each image in their order: visibilities, positions and boxes."""
    expected, found = by_image(written), by_image(read)
    assert {stem: len(each) for stem, each in found.items()} == {
        stem: len(each) for stem, each in expected.items()
    }
    for stem, annotations in expected.items():
        for old, new in zip(annotations, found[stem], strict=True):
            visibility = old.visibility if occluded else np.where(old.visibility, 2, 0)
            np.testing.assert_array_equal(new.visibility, visibility)
            seen = old.is_labelled
            np.testing.assert_allclose(new.xy[seen], old.xy[seen], rtol=0, atol=tolerance_px)
            assert np.isnan(new.xy[~seen]).all()
            if not boxes or old.box is None:
                assert new.box is None
            else:
                assert new.box is not None
                sides = [[b.x, b.y, b.width, b.height] for b in (old.box, new.box)]
                np.testing.assert_allclose(*sides, rtol=0, atol=tolerance_px)


def with_track(dataset: Dataset, track: str) -> Dataset:
    first, *others = dataset.annotations
    return replace(dataset, annotations=(replace(first, track=track), *others))
