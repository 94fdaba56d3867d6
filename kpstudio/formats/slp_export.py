"""Writing SLEAP's labels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kpstudio.core.annotation import OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import WriteReceipt
from kpstudio.formats.hdf5 import new_hdf5
from kpstudio.formats.slp_file import EDGE, PREDICTED, SYMMETRY, USER

_LAYOUT = 1.2
"""Of all that SLEAP has written since 2022 the oldest, so that every version reads it."""

_FRAME = np.dtype(
    [
        ("frame_id", "<u8"),
        ("video", "<u4"),
        ("frame_idx", "<u8"),
        ("instance_id_start", "<u8"),
        ("instance_id_end", "<u8"),
    ]
)
_INSTANCE = np.dtype(
    [
        ("instance_id", "<i8"),
        ("instance_type", "u1"),
        ("frame_id", "<u8"),
        ("skeleton", "<u4"),
        ("track", "<i4"),
        ("from_predicted", "<i8"),
        ("score", "<f4"),
        ("point_id_start", "<u8"),
        ("point_id_end", "<u8"),
        ("tracking_score", "<f4"),
    ]
)
_POINT = np.dtype([("x", "<f8"), ("y", "<f8"), ("visible", "?"), ("complete", "?")])
_PREDICTED_POINT = np.dtype([*_POINT.descr, ("score", "<f8")])


@dataclass(frozen=True)
class _Place:
    """Where an image is for SLEAP: a frame of a video, or of a list of images of one size."""

    video: int
    frame: int


def write_slp(
    dataset: Dataset, path: Path, predictions: Sequence[Prediction] | None
) -> WriteReceipt:
    """Write the labelled images of a dataset, or predictions.

    Raises:
        UserProblem: The file cannot be written; what was there before is unchanged.
    """
    subjects: dict[int, list[Annotation | Prediction]] = defaultdict(list)
    if predictions is None:
        dataset = dataset.labelled()
        for annotation in dataset.annotations:
            subjects[annotation.image_id].append(annotation)
    else:
        for prediction in predictions:
            subjects[prediction.image_id].append(prediction)
    images = [image for image in dataset.images if image.id in subjects]
    videos, places = _videos(images)
    tables = _tables(images, places, subjects, tracks := _tracks(dataset, predictions))
    _write(path, dataset.skeleton, videos, tracks, tables)
    points = tables["points" if predictions is None else "pred_points"]
    is_placed = np.isfinite(points["x"])
    occluded = int((is_placed & ~points["visible"]).sum()) if predictions is None else 0
    notes = []
    if occluded:
        notes.append(
            f"{occluded} occluded keypoints are written with their positions as not visible;"
            " SLEAP does not train with them."
        )
    if any(each.box for found in subjects.values() for each in found if predictions is None):
        notes.append("Boxes were left out: SLEAP's files have no place for them.")
    return WriteReceipt(
        path=path,
        images=len(images),
        annotations=len(tables["instances"]),
        keypoints=int(is_placed.sum()),
        occluded=occluded,
        notes=tuple(notes),
    )


def _videos(images: Sequence[Image]) -> tuple[list[dict[str, Any]], dict[int, _Place]]:
    """What the file says of its videos, and where each image is in them."""
    videos: list[dict[str, Any]] = []
    numbers: dict[object, int] = {}
    stills: dict[object, list[str]] = defaultdict(list)
    places = {}
    for image in images:
        is_still = image.frame is None
        # SLEAP takes images of one size as one video.
        key: object = (image.width, image.height) if is_still else image.path
        if key not in numbers:
            numbers[key] = len(videos)
            videos.append(_backend(image, stills[key] if is_still else None))
        if image.frame is None:
            stills[key].append(image.path.absolute().as_posix())
        frame = len(stills[key]) - 1 if image.frame is None else image.frame
        places[image.id] = _Place(numbers[key], frame)
    for video in videos:
        if names := video["backend"].get("filenames"):
            video["filename"] = video["backend"]["filename"] = names[0]
    return videos, places


def _backend(image: Image, stills: list[str] | None) -> dict[str, Any]:
    filename = image.path.absolute().as_posix()
    backend: dict[str, Any] = {"filename": filename}
    if stills is not None:
        backend |= {
            "type": "ImageVideo",
            "filenames": stills,
            "height_": image.height or None,
            "width_": image.width or None,
        }
    else:
        backend |= {"type": "MediaVideo", "bgr": True, "dataset": "", "input_format": ""}
    return {"filename": filename, "backend": backend}


def _tracks(dataset: Dataset, predictions: Sequence[Prediction] | None) -> list[str]:
    if predictions is not None:
        return []
    return list(dict.fromkeys(each.track for each in dataset.annotations if each.track))


def _tables(
    images: Sequence[Image],
    places: dict[int, _Place],
    subjects: dict[int, list[Annotation | Prediction]],
    tracks: list[str],
) -> dict[str, np.ndarray]:
    numbers = {name: number for number, name in enumerate(tracks)}
    frames: list[tuple[int, ...]] = []
    instances: list[tuple[float, ...]] = []
    points: dict[int, list[np.ndarray]] = {USER: [], PREDICTED: []}
    counts = {USER: 0, PREDICTED: 0}
    for image in images:
        place, first = places[image.id], len(instances)
        for each in subjects[image.id]:
            is_label = isinstance(each, Annotation)
            kind = USER if is_label else PREDICTED
            own = _points(each)
            start = counts[kind]
            counts[kind] += len(own)
            points[kind].append(own)
            track = numbers.get(each.track, -1) if isinstance(each, Annotation) else -1
            score = 0.0 if isinstance(each, Annotation) else each.score
            instances.append(
                (
                    *(len(instances), kind, len(frames), 0, track, -1, score),
                    *(start, counts[kind], 0.0),
                )
            )
        frames.append((len(frames), place.video, place.frame, first, len(instances)))
    return {
        "frames": np.array(frames, dtype=_FRAME),
        "instances": np.array(instances, dtype=_INSTANCE),
        "points": np.concatenate([np.zeros(0, _POINT), *points[USER]]),
        "pred_points": np.concatenate([np.zeros(0, _PREDICTED_POINT), *points[PREDICTED]]),
    }


def _points(subject: Annotation | Prediction) -> np.ndarray:
    if isinstance(subject, Annotation):
        points = np.zeros(len(subject.xy), _POINT)
        xy = np.where(subject.is_labelled[:, None], subject.xy, np.nan)
        points["visible"] = subject.visibility == VISIBLE
        points["complete"] = subject.visibility >= OCCLUDED
    else:
        points = np.zeros(len(subject.xy), _PREDICTED_POINT)
        xy = subject.xy
        points["visible"] = np.isfinite(xy).all(axis=1)
        points["score"] = np.nan_to_num(subject.scores)
    points["x"], points["y"] = xy.T
    return points


def _write(
    path: Path,
    skeleton: Skeleton,
    videos: list[dict[str, Any]],
    tracks: list[str],
    tables: dict[str, np.ndarray],
) -> None:
    graph = {
        "directed": True,
        "graph": {"name": skeleton.name, "num_edges_inserted": len(skeleton.edges)},
        "links": _links(skeleton),
        "multigraph": True,
        "nodes": [{"id": number} for number in range(len(skeleton))],
    }
    metadata = {
        "version": "2.0.0",
        "skeletons": [graph],
        "nodes": [{"name": name, "weight": 1.0} for name in skeleton.keypoints],
        "videos": [],
        "tracks": [],
        "suggestions": [],
        "negative_anchors": {},
        "provenance": {},
    }
    with new_hdf5(path) as file:
        group = file.create_group("metadata")
        group.attrs["format_id"] = _LAYOUT
        group.attrs["json"] = np.bytes_(msgspec.json.encode(metadata))
        _write_rows(file, "videos_json", videos)
        _write_rows(file, "tracks_json", [[0, name] for name in tracks])
        _write_rows(file, "suggestions_json", [])
        for name, table in tables.items():
            file.create_dataset(name, data=table, maxshape=(None,))


def _write_rows(file: Any, name: str, rows: list[Any]) -> None:
    import h5py

    texts = [msgspec.json.encode(row).decode() for row in rows]
    file.create_dataset(name, (len(texts),), data=texts or None, dtype=h5py.string_dtype())


def _links(skeleton: Skeleton) -> list[dict[str, Any]]:
    links = [
        {"edge_insert_idx": number, "key": 0, "source": a, "target": b, "type": _kind(EDGE)}
        for number, (a, b) in enumerate(skeleton.edges)
    ]
    # SLEAP looks for a symmetry from either side.
    for a, b in (turn for pair in skeleton.flip_pairs for turn in (pair, pair[::-1])):
        links.append({"key": 0, "source": a, "target": b, "type": _kind(SYMMETRY)})
    return links


def _kind(kind: int) -> dict[str, Any]:
    return {"py/reduce": [{"py/type": "sleap.skeleton.EdgeType"}, {"py/tuple": [kind]}]}
