"""Writing labelled poses into Neurodata Without Borders files, as ndx-pose keeps them.

By h5py, because the writers that there are drop the positions of what is occluded. The layout is
that of NWB 2 and of ndx-pose 0.2, which pynwb and SLEAP read.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kpstudio.core.annotation import OCCLUDED, VISIBLE, Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import WriteReceipt
from kpstudio.formats.hdf5 import new_hdf5
from kpstudio.formats.subjects import Holds, receipt_of, subjects_to_write
from kpstudio.imaging.frame_rate import FrameRate, read_frame_rate

if TYPE_CHECKING:
    import h5py

_VERSION = "2.7.0"
_BEHAVIOUR = "/processing/behavior"
_SKELETONS = f"{_BEHAVIOUR}/Skeletons"
_TRAINING = f"{_BEHAVIOUR}/PoseTraining"
_TOP_GROUPS = ("acquisition", "analysis", "general", "stimulus/presentation", "stimulus/templates")
_IMAGES_A_SECOND = 1.0


def write_nwb(dataset: Dataset, path: Path) -> WriteReceipt:
    """Write the labelled images of a dataset.

    Raises:
        UserProblem: The file cannot be written; what was there before is unchanged.
    """
    labels = dataset.annotations_by_image()
    labelled = dataset.labelled()
    sources = _sources(labelled.images)
    places = {image.id: (source, n) for source in sources for image, n in source.frames}
    shared = 0
    with new_hdf5(path) as file:
        _write_session(file, labelled.annotations)
        skeleton = _write_skeleton(file, dataset.skeleton)
        _new_group(file, _TRAINING, "PoseTraining", "ndx-pose")
        _new_group(file, f"{_TRAINING}/source_videos", "SourceVideos", "ndx-pose")
        for source in sources:
            _write_source(file, source)
        frames = _new_group(file, f"{_TRAINING}/training_frames", "TrainingFrames", "ndx-pose")
        for number, image in enumerate(labelled.images):
            source, index = places[image.id]
            frame = _new_group(frames, f"frame_{number}", "TrainingFrame", "ndx-pose")
            frame.attrs["source_video_frame_index"] = np.uint32(index)
            frame["source_video"] = _link(source.group)
            authors = sorted({each.author for each in labels[image.id]})
            shared += len(authors) > 1
            if len(authors) == 1 and authors[0]:
                frame.attrs["annotator"] = authors[0]
            _write_subjects(frame, labels[image.id], skeleton)
    holds = Holds(boxes=False, box_only=False)
    receipt = receipt_of(path, subjects_to_write(dataset, None), holds, _notes(labelled, shared))
    return replace(receipt, images=len(labelled.images))


@dataclass(frozen=True)
class _Source:
    """A video, or images of one size in a list, as ndx-pose takes them.

    Args:
        number: Among the sources.
        is_list: Whether it is a list of images.
        frames: Labelled images, with their numbers in it.
    """

    number: int
    is_list: bool
    frames: list[tuple[Image, int]] = field(default_factory=list)

    @property
    def group(self) -> str:
        return f"{_TRAINING}/source_videos/video_{self.number}"


def _sources(images: tuple[Image, ...]) -> list[_Source]:
    sources: dict[object, _Source] = {}
    for image in images:
        is_list = image.frame is None
        key: object = (image.width, image.height) if is_list else image.path
        source = sources.setdefault(key, _Source(len(sources), is_list))
        number = len(source.frames) if image.frame is None else image.frame
        source.frames.append((image, number))
    return list(sources.values())


def _write_session(file: "h5py.File", annotations: tuple[Annotation, ...]) -> None:
    _mark(file, "NWBFile", "core")
    file.attrs["nwb_version"] = _VERSION
    for name in _TOP_GROUPS:
        file.create_group(name)
    began = _as_text(min((each.time for each in annotations if each.time > 0), default=0.0))
    file["file_create_date"] = [_as_text(datetime.now(UTC).timestamp())]
    file["identifier"] = uuid.uuid4().hex
    file["session_description"] = "Keypoints that were labelled in kpstudio"
    file["session_start_time"] = began
    file["timestamps_reference_time"] = began
    behaviour = _new_group(file, _BEHAVIOUR, "ProcessingModule", "core")
    behaviour.attrs["description"] = "labelled keypoints"


def _write_skeleton(file: "h5py.File", skeleton: Skeleton) -> str:
    """Returns where it is."""
    _new_group(file, _SKELETONS, "Skeletons", "ndx-pose")
    # These two part names in NWB.
    name = skeleton.name.replace("/", "_").replace(":", "_").strip(".") or "skeleton"
    group = _new_group(file, f"{_SKELETONS}/{name}", "Skeleton", "ndx-pose")
    group["nodes"] = list(skeleton.keypoints)
    kind = np.uint8 if len(skeleton) <= 256 else np.uint16
    group["edges"] = np.array(skeleton.edges, kind).reshape(-1, 2)
    return str(group.name)


def _write_source(file: "h5py.File", source: _Source) -> None:
    first, last = source.frames[0][0], max(number for _, number in source.frames)
    # Of a list, so that each image has one second.
    rate = FrameRate(_IMAGES_A_SECOND, last + 1)
    if not source.is_list:
        rate = read_frame_rate(first.path) or FrameRate.guessed(last + 1)
    files = [image.path for image, _ in source.frames] if source.is_list else [first.path]
    group = _new_group(file, source.group, "ImageSeries", "core")
    what = "images in the order of a list" if source.is_list else "a video"
    group.attrs["description"], group.attrs["comments"] = what, "no comments"
    data = group.create_dataset("data", (0, 0, 0), np.uint8)
    data.attrs.update({"conversion": 1.0, "offset": 0.0, "resolution": -1.0, "unit": "NA"})
    if first.width:
        group["dimension"] = np.array([first.width, first.height], np.int64)
    group["external_file"] = [each.absolute().as_posix() for each in files]
    group["external_file"].attrs["starting_frame"] = np.arange(len(files))
    group["format"] = "external"
    group["num_samples"] = np.uint32(rate.frames)
    group["starting_time"] = 0.0
    group["starting_time"].attrs.update({"rate": rate.per_second, "unit": "seconds"})


def _write_subjects(
    frame: "h5py.Group", annotations: tuple[Annotation, ...], skeleton: str
) -> None:
    inside = _new_group(frame, "skeleton_instances", "SkeletonInstances", "ndx-pose")
    for number, each in enumerate(annotations):
        subject = _new_group(inside, f"instance_{number}", "SkeletonInstance", "ndx-pose")
        subject["node_locations"] = np.where(each.is_labelled[:, None], each.xy, np.nan)
        subject["node_visibility"] = np.asarray(each.visibility == VISIBLE)
        subject[skeleton.rpartition("/")[2]] = _link(skeleton)


def _new_group(parent: "h5py.Group", name: str, kind: str, namespace: str) -> "h5py.Group":
    group = parent.create_group(name)
    _mark(group, kind, namespace)
    return group


def _mark(group: "h5py.Group", kind: str, namespace: str) -> None:
    group.attrs["namespace"] = namespace
    group.attrs["neurodata_type"] = kind
    group.attrs["object_id"] = str(uuid.uuid4())


def _link(target: str) -> Any:
    import h5py

    return h5py.SoftLink(target)


def _as_text(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()


def _notes(labelled: Dataset, shared: int) -> tuple[str, ...]:
    occluded = sum(int((each.visibility == OCCLUDED).sum()) for each in labelled.annotations)
    notes = ["When the session began is not known: the time of the oldest label stands for it."]
    if occluded:
        notes.append(
            f"{occluded} occluded keypoints are written with their positions as not visible;"
            " SLEAP drops the positions of these when it reads the file."
        )
    if shared:
        notes.append(f"{shared} images were labelled by several people, who are not written.")
    if labelled.skeleton.flip_pairs:
        notes.append("Which keypoints are left and right is not written.")
    return tuple(notes)
