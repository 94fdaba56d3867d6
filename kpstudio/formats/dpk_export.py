"""Writing annotation sets of DeepPoseKit."""

import csv
import io
import json
from pathlib import Path

import numpy as np

from kpstudio.core.annotation import OCCLUDED, Annotation
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import WriteReceipt
from kpstudio.formats.hdf5 import new_hdf5
from kpstudio.imaging.read import read_image

SOURCE = "import:deepposekit"
COLUMNS = ("name", "parent", "swap")
_UNMARKED = "dpk_annotated"
UNMARKED_NOTE = json.dumps({_UNMARKED: False})
"""What an annotation keeps of a file in which nothing was marked as annotated."""
_NOWHERE = -1.0
_NONE = -1


def write_dpk(dataset: Dataset, path: Path) -> WriteReceipt:
    """Write the labelled images of a dataset.

    Raises:
        UserProblem: The images do not fit into one array, an image has several subjects, or a
            file cannot be read or written.
    """
    dataset = dataset.labelled()
    labels = dataset.annotations_by_image()
    for image in dataset.images:
        if len(labels[image.id]) > 1:
            raise UserProblem(
                f"{image.name} has {len(labels[image.id])} subjects; DeepPoseKit has one in each"
                " image.",
                "Export as “dlc”, “sleap” or “coco”, which hold several.",
            )
        if image.frame is not None:
            raise UserProblem(
                f"{image.name} is a frame of a video; DeepPoseKit needs the images themselves.",
                "Export as “sleap”, which refers to videos.",
            )
    skeleton = dataset.skeleton
    csv_file = _csv_file(path, skeleton)
    _write_images(dataset, path, _links(skeleton))
    write_atomically(csv_file, _csv(skeleton))
    visibility = np.array([each.visibility for each in dataset.annotations])
    occluded = int((visibility == OCCLUDED).sum())
    notes = [f"The names of the keypoints are in {csv_file.name}: keep it beside the file."]
    if occluded:
        notes.append(
            f"{occluded} occluded keypoints are written like visible ones: DeepPoseKit has no word"
            " for them."
        )
    if any(each.track for each in dataset.annotations):
        notes.append("Tracks were left out: DeepPoseKit has one animal.")
    left_out = len(_parents(skeleton)) < len(skeleton.edges)
    if left_out:
        notes.append("Some edges were left out: DeepPoseKit's skeleton is a tree.")
    return WriteReceipt(
        path=path,
        images=len(dataset.images),
        annotations=len(dataset.annotations),
        keypoints=int((visibility > 0).sum()),
        occluded=occluded,
        notes=tuple(notes),
    )


def _write_images(dataset: Dataset, path: Path, links: np.ndarray) -> None:
    labels = dataset.annotations_by_image()
    count, keypoints = len(dataset.images), len(dataset.skeleton)
    is_grey = all(_is_grey(read_image(image.path)) for image in dataset.images)
    with new_hdf5(path) as file:
        xy = np.full((count, keypoints, 2), _NOWHERE)
        is_annotated = np.zeros((count, keypoints), dtype=bool)
        for number, image in enumerate(dataset.images):
            pixels = read_image(image.path)
            if number == 0:
                shape = (*pixels.shape[:2], 1 if is_grey else 3)
                images = file.create_dataset(
                    "images", (count, *shape), np.uint8, chunks=(1, *shape), compression="gzip"
                )
            if pixels.shape[:2] != images.shape[1:3]:
                raise _other_size(image, pixels, dataset.images[0], images.shape)
            images[number] = pixels[:, :, : images.shape[3]]
            (own,) = labels[image.id]
            xy[number] = np.where(np.isfinite(own.xy), own.xy, _NOWHERE)
            is_annotated[number] = own.is_labelled & (not _is_unmarked(own))
        file["annotations"], file["annotated"], file["skeleton"] = xy, is_annotated, links


def _is_grey(pixels: np.ndarray) -> bool:
    return bool((pixels == pixels[:, :, :1]).all())


def _is_unmarked(annotation: Annotation) -> bool:
    """Whether it is as it came from a file in which nothing was marked as annotated."""
    return annotation.source == SOURCE and _UNMARKED in annotation.extra


def _other_size(
    image: Image, pixels: np.ndarray, first: Image, shape: tuple[int, ...]
) -> UserProblem:
    return UserProblem(
        f"{image.name} has {pixels.shape[1]} x {pixels.shape[0]} pixels, but {first.name} has"
        f" {shape[2]} x {shape[1]}; DeepPoseKit needs images of one size.",
        "Export as “dlc”, “sleap” or “coco”, which take any sizes.",
    )


def _parents(skeleton: Skeleton) -> dict[int, int]:
    """For each keypoint that has one its parent: edges are taken as (parent, child)."""
    parents: dict[int, int] = {}
    for parent, child in skeleton.edges:
        above, seen = parent, {child}
        while above in parents and above not in seen:
            seen.add(above)
            above = parents[above]
        if child not in parents and above not in seen:
            parents[child] = parent
    return parents


def _links(skeleton: Skeleton) -> np.ndarray:
    """(K, 2) parent and mirror image of each keypoint, -1 where there is none."""
    links = np.full((len(skeleton), 2), _NONE, dtype=np.int32)
    for child, parent in _parents(skeleton).items():
        links[child, 0] = parent
    for place, other in enumerate(skeleton.flip_order()):
        links[place, 1] = _NONE if other == place else other
    return links


def _csv(skeleton: Skeleton) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    names = (*skeleton.keypoints, "")
    for name, (parent, swap) in zip(skeleton.keypoints, _links(skeleton).tolist(), strict=True):
        writer.writerow([name, names[parent], names[swap]])
    return text.getvalue().encode()


def _csv_file(path: Path, skeleton: Skeleton) -> Path:
    """skeleton.csv, or another name where that is of another skeleton."""
    usual = path.with_name("skeleton.csv")
    own = path.with_name(f"{path.stem}_skeleton.csv")
    if own.is_file():
        return own
    try:
        is_other = usual.read_bytes().replace(b"\r\n", b"\n") != _csv(skeleton)
    except OSError:
        is_other = False
    return own if is_other else usual
