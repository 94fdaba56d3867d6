"""Poses in Neurodata Without Borders files, as the extension ndx-pose keeps them.

What people have labelled is in a `PoseTraining`: its `TrainingFrame`s name a video and the number
of a frame, and have `SkeletonInstance`s with `node_locations` and `node_visibility`; where a video
is a list of images, that number is the place in the list. A `PoseEstimation` is what a model has
found, and no label. NWB is HDF5, so that h5py is enough.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.foreign_path import found_path
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.hdf5 import is_hdf5, open_hdf5, text_of
from kpstudio.formats.images import images_with_sizes, natural_key
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.nwb_export import write_nwb
from kpstudio.imaging.read import IMAGE_SUFFIXES

if TYPE_CHECKING:
    import h5py

_TYPE = "neurodata_type"
_STILLS = IMAGE_SUFFIXES - {".gif"}


class NwbFormat(Format):
    """An NWB file with labelled poses."""

    title: ClassVar[str] = "NWB poses"
    can_write: ClassVar[bool] = True
    suffix: ClassVar[str] = ".nwb"

    def recognises(self, path: Path) -> bool:
        return path.suffix.lower() == ".nwb" and path.is_file() and is_hdf5(path)

    def skeleton(self, path: Path) -> Skeleton:
        with open_hdf5(path) as file:
            subjects = _subjects(file, path)
            if subjects:
                return subjects[0].skeleton
            for group in _groups(file, "Skeleton"):
                return _skeleton(group)
        raise _without_labels(path, 0)

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        with open_hdf5(path) as file:
            subjects = _subjects(file, path)
            if not subjects:
                raise _without_labels(path, sum(1 for _ in _groups(file, "PoseEstimation")))
        fitting = [
            each for each in subjects if set(each.skeleton.keypoints) == set(skeleton.keypoints)
        ]
        if not fitting:
            keypoint_order(path.name, subjects[0].skeleton.keypoints, skeleton)
        images = _images(path, fitting)
        time = path.stat().st_mtime
        annotations = []
        for each in fitting:
            order = keypoint_order(path.name, each.skeleton.keypoints, skeleton)
            is_placed = np.isfinite(each.xy).all(axis=1)
            visibility = np.where(each.is_visible, VISIBLE, OCCLUDED)
            if is_placed.any():
                annotations.append(
                    Annotation(
                        id=_annotation_id(each),
                        image_id=images[each.place].id,
                        xy=np.where(is_placed[:, None], each.xy, np.nan)[order],
                        visibility=np.where(is_placed, visibility, NOT_LABELLED)[order],
                        source="import:nwb",
                        author=each.annotator,
                        time=time,
                    )
                )
        return Dataset(skeleton, tuple(images.values()), tuple(annotations))

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write labelled images with their annotations, as what a training has learned from."""
        self.refuse_predictions(predictions)
        return write_nwb(dataset, path)


@dataclass(frozen=True, eq=False)
class _Subject:
    """One labelled subject.

    Args:
        files: The video, or the images of a list.
        frame: Of the video, or number in the list, from 0.
        order: Its place among the subjects of the frame.
    """

    files: tuple[str, ...]
    frame: int
    order: int
    xy: np.ndarray
    is_visible: np.ndarray
    skeleton: Skeleton
    annotator: str

    @property
    def place(self) -> tuple[str, int]:
        """The image: one of a list, or the video with the number of the frame."""
        if len(self.files) > 1:
            return self.files[self.frame], -1
        is_image = PurePosixPath(self.files[0]).suffix.lower() in _STILLS
        return self.files[0], -1 if is_image and self.frame == 0 else self.frame


def _groups(file: "h5py.File | h5py.Group", kind: str) -> "Iterator[h5py.Group]":
    """All groups of a type of NWB, in the natural order of their names."""
    import h5py

    names: list[str] = []

    # Not `visititems`, which would open all that is inside of what was found, too.
    def look(group: "h5py.Group", place: str) -> None:
        for name in group:
            is_inside = isinstance(group.get(name, getlink=True), h5py.HardLink)
            found = group.get(name) if is_inside else None
            if not isinstance(found, h5py.Group):
                continue
            if text_of(found.attrs.get(_TYPE, "")) == kind:
                names.append(f"{place}{name}")
            else:
                look(found, f"{place}{name}/")

    look(file, "")
    return (file[name] for name in sorted(names, key=lambda name: natural_key(Path(name))))


def _subjects(file: "h5py.File", path: Path) -> list[_Subject]:
    subjects = []
    skeletons: dict[str, Skeleton] = {}
    sources: dict[h5py.Group, tuple[str, ...]] = {}
    for frame in _groups(file, "TrainingFrame"):
        try:
            index = int(frame.attrs["source_video_frame_index"])
            source = frame["source_video"]
            # Each image of a list names the whole list.
            if source not in sources:
                names = source["external_file"][()]
                sources[source] = tuple(text_of(each) for each in names)
            files = sources[source]
            if not files or (len(files) > 1 and not 0 <= index < len(files)):
                raise ValueError(f"its image {index} is not among {len(files)}")
            annotator = text_of(frame.attrs.get("annotator", ""))
            for order, found in enumerate(_groups(frame, "SkeletonInstance")):
                known = _skeleton_of(found, skeletons)
                xy = np.asarray(found["node_locations"], dtype=np.float64)
                if xy.shape not in ((len(known), 2), (len(known), 3)):
                    raise ValueError(f"{xy.shape} locations for {len(known)} nodes")
                seen = found.get("node_visibility")
                is_visible = np.ones(len(xy), bool) if seen is None else seen[()].astype(bool)
                subjects.append(
                    _Subject(files, index, order, xy[:, :2], is_visible, known, annotator)
                )
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise UserProblem(
                f"{path.name}: {frame.name} is not built as ndx-pose says"
                f" ({type(error).__name__}: {error}).",
                "Write it again with the program that it is from; images have to be external.",
            ) from error
    return subjects


def _skeleton_of(found: "h5py.Group", known: dict[str, Skeleton]) -> Skeleton:
    """What the skeleton of an instance is called differs; what it is does not.

    Args:
        found: The instance.
        known: Skeletons by their paths, which tell them apart; takes the one that is new.
    """
    import h5py

    links = {name: found.get(name, getlink=True) for name in found}
    for link in links.values():
        if isinstance(link, h5py.SoftLink) and link.path in known:
            return known[link.path]
    for name, link in links.items():
        each = found.get(name)
        if isinstance(each, h5py.Group) and text_of(each.attrs.get(_TYPE, "")) == "Skeleton":
            own = found.file[link.path] if isinstance(link, h5py.SoftLink) else each
            return known.setdefault(str(own.name), _skeleton(own))
    raise KeyError("skeleton")


def _skeleton(group: "h5py.Group") -> Skeleton:
    return Skeleton(
        name=str(group.name).rpartition("/")[2],
        keypoints=tuple(text_of(each) for each in group["nodes"][()]),
        edges=tuple((int(a), int(b)) for a, b in group["edges"][()]) if "edges" in group else (),
    )


def _images(path: Path, subjects: list[_Subject]) -> dict[tuple[str, int], Image]:
    places = list(dict.fromkeys(each.place for each in subjects))
    files = {name: found_path(name.replace("\\", "/"), path) for name, _ in places}
    stills = [name for name, frame in places if frame < 0]
    sizes = dict(zip(stills, images_with_sizes(files[name] for name in stills), strict=True))
    return {
        (name, frame): Image(number, files[name], sizes[name].width, sizes[name].height)
        if frame < 0
        else Image(number, files[name], frame=frame)
        for number, (name, frame) in enumerate(places, start=1)
    }


def _annotation_id(subject: _Subject) -> str:
    """The same at each reading, so that a second import of the file does not double subjects."""
    name, frame = subject.place
    return uuid.uuid5(uuid.NAMESPACE_URL, f"kpstudio:nwb:{name}:{frame}:{subject.order}").hex


def _without_labels(path: Path, estimations: int) -> UserProblem:
    what = f"{estimations} estimations of poses by a model, but " if estimations else ""
    return UserProblem(
        f"{path.name} has {what}no poses that people have labelled.",
        "Labels are in a PoseTraining of the extension ndx-pose.",
    )
