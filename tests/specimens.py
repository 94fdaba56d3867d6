"""Small files of every format, whole: what damage is done to."""

import csv
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np
import scipy.io
from labelled_data import TRIPLE, draw, draw_dataset, predictions_of, with_track
from video_files import write_video

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

_LARGEST = 300_000
_WRITTEN = {
    "dlc": "dlc",
    "sleap": "labels.slp",
    "parquet": "labels.parquet",
    "yolo": "yolo",
    "pts": "pts",
    "labelme": "labelme",
    "cvat": "labels.xml",
    "label_studio": "labels.json",
    "coco": "labels.json",
    "csv": "labels.csv",
    "csv_wide": "labels.csv",
}


@dataclass(frozen=True)
class Specimen:
    """A file or folder that can be read.

    Args:
        format: Which reads it.
        path: What is read.
        folder: In which everything of it is, and nothing else.
        skeleton: With which it is read.
    """

    format: str
    path: Path
    folder: Path
    skeleton: Skeleton

    def parts(self) -> list[Path]:
        """The files that can be damaged: labels more often than images."""
        if self.path.is_file():
            return [self.path]
        files = sorted(each for each in self.path.rglob("*") if each.is_file())
        labels = [each for each in files if each.suffix not in (".png", ".jpg")]
        return [*labels * 3, *files]


def make_specimens(root: Path, shared: Path | None) -> dict[str, list[Specimen]]:
    """At least one of every format, by format.

    Args:
        root: An empty folder.
        shared: Real data to take more from.
    """
    made = [*_written(root), *_drawn(root), *_encoded(root)]
    if shared is not None:
        made += _real(root / "real", shared / "data")
    by_format: dict[str, list[Specimen]] = {name: [] for name in formats.FORMATS}
    for each in made:
        by_format[each.format].append(each)
    return by_format


def _written(root: Path) -> list[Specimen]:
    found = []
    for format, name in _WRITTEN.items():
        folder = root / format
        dataset = with_track(draw_dataset(folder / "img"), "7")
        formats.write(dataset, folder / name, format=format)
        found.append(Specimen(format, folder / name, folder, TRIPLE))
    dataset = draw_dataset(root / "sleap_predictions" / "img")
    path = root / "sleap_predictions" / "labels.slp"
    formats.write(dataset, path, format="sleap", predictions=predictions_of(dataset))
    found.append(Specimen("sleap_predictions", path, path.parent, TRIPLE))
    dataset = draw_dataset(root / "coco_results" / "img")
    path = root / "coco_results" / "results.json"
    formats.write(dataset, path, format="coco_results", predictions=predictions_of(dataset))
    found.append(Specimen("coco_results", path, path.parent, TRIPLE))
    dataset = draw_dataset(root / "deepposekit" / "img")
    single = replace(dataset, images=dataset.images[:1], annotations=dataset.annotations[:1])
    path = root / "deepposekit" / "labels.h5"
    formats.write(single, path, format="deepposekit")
    found.append(Specimen("deepposekit", path, path.parent, TRIPLE))
    return found


def _drawn(root: Path) -> list[Specimen]:
    film = root / "video" / "film.mp4"
    film.parent.mkdir()
    write_video(film, frames=5)
    pictures = root / "images" / "pictures"
    for name in ("a.png", "b.jpg", "c.bmp", "d.tif", "e.webp"):
        draw(pictures / name)
    return [
        Specimen("video", film, film.parent, TRIPLE),
        Specimen("images", pictures, pictures.parent, TRIPLE),
    ]


def _encoded(root: Path) -> list[Specimen]:
    """Files of formats that kpstudio does not write, or writes for one skeleton only."""
    kaggle = root / "kaggle_faces" / "training.csv"
    kaggle.parent.mkdir()
    names = ("nose_tip", "left_eye_center", "right_eye_center")
    with kaggle.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([*(f"{name}_{axis}" for name in names for axis in "xy"), "Image"])
        for number in range(2):
            table.writerow([number, 2.5, 3, "", 5, 7.25, " ".join(["7"] * 96 * 96)])
    skeleton = formats.read_skeleton_of(kaggle, format="kaggle_faces")
    found = [Specimen("kaggle_faces", kaggle, kaggle.parent, skeleton)]

    persons = root / "mpii" / "train.json"
    draw(persons.parent / "images" / "a.png")
    person = {
        "image": "a.png",
        "center": [15.0, 8.0],
        "scale": 0.2,
        "joints": [[float(n), n / 2] for n in range(16)],
        "joints_vis": [1] * 15 + [0],
    }
    persons.write_text(json.dumps([person, person]))
    skeleton = formats.read_skeleton_of(persons, format="mpii")
    found.append(Specimen("mpii", persons, persons.parent, skeleton))
    found.append(Specimen("mpii", _matlab(root / "mpii_mat"), root / "mpii_mat", skeleton))
    found.append(_nwb(root / "nwb"))
    return found


def _matlab(folder: Path) -> Path:
    folder.mkdir()
    points = [{"x": n + 0.5, "y": 2.0 * n, "id": n, "is_visible": n % 2} for n in range(16)]
    person = {"annopoints": {"point": points}, "scale": 1.5, "objpos": {"x": 3, "y": 5}}
    release = {
        "annolist": [{"image": {"name": "a.png"}, "annorect": [person, person]}],
        "img_train": [1],
    }
    scipy.io.savemat(folder / "mpii.mat", {"RELEASE": release})
    return folder / "mpii.mat"


def _nwb(folder: Path) -> Specimen:
    folder.mkdir()
    (folder / "film.mp4").touch()
    path, skeleton = folder / "x.nwb", Skeleton("fly", ("head", "thorax", "tail"))
    training = "processing/behavior/PoseTraining"
    with h5py.File(path, "w") as file:

        def group(name: str, kind: str) -> h5py.Group:
            made = file.require_group(name)
            made.attrs["neurodata_type"] = kind
            return made

        nodes = group("processing/behavior/Skeletons/fly", "Skeleton")
        nodes["nodes"], nodes["edges"] = skeleton.keypoints, np.array([[1, 0]], np.uint8)
        film = group(f"{training}/source_videos/video_0", "ImageSeries")
        film["external_file"] = ["film.mp4"]
        for number in range(3):
            frame = group(f"{training}/training_frames/frame_{number}", "TrainingFrame")
            frame.attrs["source_video_frame_index"] = number * 2
            frame["source_video"] = h5py.SoftLink(film.name)
            found = group(f"{frame.name}/skeleton_instances/instance_0", "SkeletonInstance")
            found["node_locations"] = np.arange(6.0).reshape(3, 2) + number
            found["node_visibility"] = np.array([True, False, True])
            found["skeleton"] = h5py.SoftLink(nodes.name)
    return Specimen("nwb", path, folder, skeleton)


def _real(root: Path, data: Path) -> list[Specimen]:
    """Files of real data that are small enough, each alone in a folder."""
    root.mkdir()
    sources = [*data.glob("mmpose_tests/*/*.json"), *data.glob("mmpose_tests/*/*/*.json")]
    sources += [*data.glob("mmpose_tests/300vw/401/annot"), *data.glob("sleap_samples/*/*.slp")]
    sources += [data / "lp_mirror_mouse" / "CollectedData.csv"]
    sources += [*data.glob("dlc_openfield/labeled-data/*/*.csv")]
    sources += [*data.glob("dlc_openfield/labeled-data/*/*.h5")]
    found = []
    for number, source in enumerate(sorted(sources)):
        if source.is_file() and source.stat().st_size > _LARGEST:
            continue
        folder = root / str(number)
        try:
            format = formats.detect_format(source)
            skeleton = formats.read_skeleton_of(source, format=format)
        except UserProblem:
            continue
        path = folder / source.name
        if source.is_dir():
            shutil.copytree(source, path)
        else:
            folder.mkdir()
            shutil.copyfile(source, path)
        found.append(Specimen(format, path, folder, skeleton))
    return found
