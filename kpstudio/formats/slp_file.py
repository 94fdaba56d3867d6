"""What kpstudio needs of a SLEAP file, read with h5py.

A .slp file is HDF5: the attribute `json` of `metadata` names the keypoints and their edges; the
tables `frames`, `instances` and `points` refer to each other by row; `videos_json`, `tracks_json`
and `suggestions_json` hold a JSON text in each row.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.hdf5 import dataset_of, open_hdf5, text_of
from kpstudio.formats.left_and_right import left_first

if TYPE_CHECKING:
    import h5py

USER, PREDICTED = 0, 1
EDGE, SYMMETRY = 1, 2
CENTRES_AT_INTEGERS = 1.1
"""The first version whose positions count from the centre of the top left pixel; older ones count
from its corner."""
_NEWEST = 3.0
_FRAME_COLUMNS = ("video", "frame_idx", "instance_id_start", "instance_id_end")
_INSTANCE_COLUMNS = (
    *("instance_id", "instance_type", "skeleton", "track", "point_id_start", "point_id_end"),
)
_RGB_IS_SAID = 1.4


@dataclass(frozen=True)
class SlpVideo:
    """A video of a file.

    Args:
        number: By which frames refer to it.
        backend: As the file describes it.
        dataset: Of the images inside the file; empty where they are elsewhere.
    """

    number: int
    backend: dict[str, Any]
    dataset: str = ""

    @property
    def filenames(self) -> tuple[str, ...]:
        """Of its images, where it is a list of images."""
        return tuple(str(each).replace("\\", "/") for each in self.backend.get("filenames") or ())

    @property
    def filename(self) -> str:
        return str(self.backend.get("filename", "")).replace("\\", "/")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height; 0 where the file does not say."""
        shape = self.backend.get("shape")
        if isinstance(shape, list) and len(shape) == 4 and all(shape[1:3]):
            return int(shape[2]), int(shape[1])
        return int(self.backend.get("width_") or 0), int(self.backend.get("height_") or 0)


@dataclass(frozen=True, eq=False)
class SlpSubject:
    """One labelled or predicted subject.

    Args:
        video: Number of its video.
        frame: Of the video, from 0.
        order: Its place among the subjects of the frame.
        xy: (K, 2) pixels with centres at integers; NaN where there is no position.
        is_visible: (K,)
        skeleton: Index of its skeleton.
        track: Name of the individual; empty where there is none.
        is_predicted: Whether a model found it, and nobody has corrected it.
    """

    video: int
    frame: int
    order: int
    xy: np.ndarray
    is_visible: np.ndarray
    skeleton: int
    track: str
    is_predicted: bool


@dataclass(frozen=True, eq=False)
class SlpFile:
    """A whole file.

    Args:
        path: Of the file.
        version: Of its layout.
        skeletons: Usually one.
        videos: In its order.
        subjects: In its order, predicted ones too, but for those that a person has corrected.
        suggestions: (number of the video, frame) of frames that somebody has chosen to label.
    """

    path: Path
    version: float
    skeletons: tuple[Skeleton, ...]
    videos: tuple[SlpVideo, ...]
    subjects: tuple[SlpSubject, ...]
    suggestions: tuple[tuple[int, int], ...]


def read_slp_file(path: Path) -> SlpFile:
    """Read a file.

    Raises:
        UserProblem: It cannot be read, or is not SLEAP's.
    """
    with open_hdf5(path) as file:
        version = _version(file, path)
        try:
            metadata = msgspec.json.decode(text_of(file["metadata"].attrs["json"]))
            skeletons = _skeletons(metadata)
            videos = _videos(file, path)
            return SlpFile(
                path=path,
                version=version,
                skeletons=skeletons,
                videos=videos,
                subjects=_subjects(file, path, version, skeletons),
                suggestions=_suggestions(file, videos),
            )
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise UserProblem(
                f"{path.name} is not built as SLEAP's files are ({type(error).__name__}: {error}).",
                "Open it in SLEAP and save it again.",
            ) from error


def read_slp_skeletons(path: Path) -> tuple[Skeleton, ...]:
    """Only the skeletons of a file.

    Raises:
        UserProblem: It cannot be read, or is not SLEAP's.
    """
    with open_hdf5(path) as file:
        _version(file, path)
        try:
            return _skeletons(msgspec.json.decode(text_of(file["metadata"].attrs["json"])))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise UserProblem(
                f"{path.name} does not name its keypoints as SLEAP's files do"
                f" ({type(error).__name__}: {error}).",
                "Open it in SLEAP and save it again.",
            ) from error


def _version(file: "h5py.File", path: Path) -> float:
    if "metadata" not in file or "json" not in file["metadata"].attrs:
        raise UserProblem(
            f"{path.name} is an HDF5 file, but not one of SLEAP's labels: it has no metadata.",
            "Labels are in files .slp; analysis files and models of SLEAP hold none.",
        )
    version = float(file["metadata"].attrs.get("format_id", 1.0))
    if version >= _NEWEST:
        raise UserProblem(
            f"{path.name} has the layout {version:g}, which is newer than kpstudio knows.",
            "Save it with an older SLEAP, or use a newer kpstudio.",
        )
    return version


def _skeletons(metadata: dict[str, Any]) -> tuple[Skeleton, ...]:
    names = [each["name"] for each in metadata["nodes"]]
    return tuple(_skeleton(each.get("nx_graph", each), names) for each in metadata["skeletons"])


def _skeleton(graph: dict[str, Any], names: list[str]) -> Skeleton:
    ids = [each["id"] for each in graph["nodes"]]
    keypoints = tuple(names[each] for each in ids)
    edges: list[tuple[int, tuple[int, int]]] = []
    pairs: list[tuple[int, int]] = []
    # A kind is written out once; where it comes again, by its place among those written out.
    kinds: list[int] = []
    for link in graph["links"]:
        if "py/reduce" in link["type"]:
            kinds.append(link["type"]["py/reduce"][1]["py/tuple"][0])
            kind = kinds[-1]
        else:
            place = link["type"]["py/id"]
            kind = kinds[place - 1] if place <= len(kinds) else place
        pair = (ids.index(link["source"]), ids.index(link["target"]))
        if kind == EDGE:
            edges.append((link.get("edge_insert_idx", len(edges)), pair))
        elif kind == SYMMETRY:
            pairs.append(left_first(pair, keypoints))
    return Skeleton(
        name=str(graph.get("graph", {}).get("name") or "SLEAP"),
        keypoints=keypoints,
        edges=tuple(pair for _, pair in sorted(edges)),
        flip_pairs=tuple(dict.fromkeys(pairs)),
    )


def _videos(file: "h5py.File", path: Path) -> tuple[SlpVideo, ...]:
    videos = []
    for place, row in enumerate(dataset_of(file, "videos_json", path)[()]):
        fields = msgspec.json.decode(text_of(row))
        backend = {"filename": fields.get("filename", ""), **fields["backend"]}
        dataset = str(backend.get("dataset") or "")
        is_inside = backend["filename"] == "." and dataset in file
        number = dataset.partition("/")[0].removeprefix("video")
        videos.append(
            SlpVideo(
                # Frames refer to images inside by the number in the name of their group.
                number=int(number) if is_inside and number.isdecimal() else place,
                backend=backend,
                dataset=dataset if is_inside else "",
            )
        )
    return tuple(videos)


def _subjects(
    file: "h5py.File", path: Path, version: float, skeletons: tuple[Skeleton, ...]
) -> tuple[SlpSubject, ...]:
    frames = dataset_of(file, "frames", path)[()]
    instances = dataset_of(file, "instances", path)[()]
    points = {
        USER: dataset_of(file, "points", path)[()],
        PREDICTED: dataset_of(file, "pred_points", path)[()],
    }
    tracks = _tracks(file)
    shift = 0.0 if version >= CENTRES_AT_INTEGERS else 0.5
    places = {
        kind: np.stack([table["x"], table["y"]], axis=1) - shift for kind, table in points.items()
    }
    corrected = set(instances["from_predicted"][instances["instance_type"] == USER].tolist())
    # One row at a time, tables of numpy are slow.
    column = {name: instances[name].astype(np.int64).tolist() for name in _INSTANCE_COLUMNS}
    subjects = []
    for video, frame, first, end in zip(
        *(frames[name].astype(np.int64).tolist() for name in _FRAME_COLUMNS), strict=True
    ):
        order = 0
        for row in range(first, end):
            kind, number = column["instance_type"][row], column["instance_id"][row]
            if kind not in points or (kind == PREDICTED and number in corrected):
                continue
            own = slice(column["point_id_start"][row], column["point_id_end"][row])
            xy, skeleton = places[kind][own], column["skeleton"][row]
            if len(xy) != len(skeletons[skeleton]):
                raise UserProblem(
                    f"{path.name}: subject {number} in frame {frame} has {len(xy)} points, but its"
                    f" skeleton has {len(skeletons[skeleton])}.",
                    "Open it in SLEAP and save it again.",
                )
            track = column["track"][row]
            subjects.append(
                SlpSubject(
                    video=video,
                    frame=frame,
                    order=order,
                    xy=xy,
                    is_visible=points[kind]["visible"][own],
                    skeleton=skeleton,
                    track=tracks[track] if 0 <= track < len(tracks) else "",
                    is_predicted=kind == PREDICTED,
                )
            )
            order += 1
    return tuple(subjects)


def _tracks(file: "h5py.File") -> list[str]:
    """Names; made different where the file has one twice, because they stand for individuals."""
    names: list[str] = []
    for row in file["tracks_json"][()] if "tracks_json" in file else ():
        name = str(msgspec.json.decode(text_of(row))[1]) or f"track {len(names)}"
        names.append(name if name not in names else f"{name} #{len(names)}")
    return names


def _suggestions(file: "h5py.File", videos: tuple[SlpVideo, ...]) -> tuple[tuple[int, int], ...]:
    rows = file["suggestions_json"][()] if "suggestions_json" in file else ()
    found = []
    for row in rows:
        fields = msgspec.json.decode(text_of(row))
        found.append((videos[int(fields["video"])].number, int(fields["frame_idx"])))
    return tuple(found)


def images_inside(file: "h5py.File", video: SlpVideo, slp: SlpFile) -> "SlpImages":
    """The images of a video that are inside the file.

    Raises:
        UserProblem: They are not there.
    """
    dataset = dataset_of(file, video.dataset, slp.path)
    numbers = dataset.parent.get("frame_numbers")
    frames = range(len(dataset)) if numbers is None else [int(each) for each in numbers[()]]
    default = "RGB" if slp.version >= _RGB_IS_SAID else "BGR"
    return SlpImages(
        dataset=dataset,
        frames=tuple(frames),
        encoding=text_of(dataset.attrs.get("format", "hdf5")),
        is_turned=text_of(dataset.attrs.get("channel_order", default)) == "BGR",
        is_channels_first=video.backend.get("input_format") == "channels_first",
    )


@dataclass(frozen=True, eq=False)
class SlpImages:
    """Images inside a file.

    Args:
        dataset: With one image a row: its pixels, or the bytes of an image file.
        frames: For each row the frame of the video that it was.
        encoding: “png”, “jpg”, or “hdf5” for pixels.
        is_turned: Whether red and blue are exchanged in the image files.
        is_channels_first: Whether pixels are (channel, x, y).
    """

    dataset: "h5py.Dataset"
    frames: tuple[int, ...]
    encoding: str
    is_turned: bool
    is_channels_first: bool
