"""MPII Human Pose: MATLAB's file of the data set, and the JSON lists made of it for HRNet.

A JSON file is a list of persons with `image`, `joints`, `joints_vis` (0 where not labelled),
`center` and `scale` (the person's height in units of 200 pixels).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.images import images_with_sizes
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.mpii_mat import looks_like_mat, read_mat
from kpstudio.formats.mpii_person import FIRST_PIXEL, MPII, MpiiPerson, image_root
from kpstudio.imaging.portable_path import portable_path

_NOWHERE = -1.0
_HEIGHT_PX = 200.0


class _Entry(msgspec.Struct, frozen=True):
    image: str
    joints: list[tuple[float, float]]
    joints_vis: list[float]
    center: tuple[float, float] | None = None
    scale: float | None = None


class MpiiFormat(Format):
    """MPII's .mat file, or a JSON list of persons as HRNet and MMPose read it."""

    title: ClassVar[str] = "MPII Human Pose"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".json"

    def recognises(self, path: Path) -> bool:
        if not path.is_file():
            return False
        if path.suffix.lower() == ".mat":
            return looks_like_mat(path)
        if path.suffix.lower() != ".json":
            return False
        try:
            with path.open("rb") as file:
                head = file.read(8192).removeprefix(b"\xef\xbb\xbf").lstrip()
        except OSError:
            return False
        return head.startswith(b"[") and b'"joints_vis"' in head

    def skeleton(self, path: Path) -> Skeleton:
        """MPII's, which the files take for granted."""
        if not self.recognises(path):
            raise UserProblem(
                f"{path.name} is not one of MPII's files.",
                "They are a .mat file, or a JSON list of persons with “joints” and “joints_vis”.",
            )
        return MPII

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        order = keypoint_order(path.name, MPII.keypoints, skeleton)
        is_mat = path.suffix.lower() == ".mat"
        names, persons = read_mat(path) if is_mat else _read_json(path)
        root = image_root(path, names)
        images = images_with_sizes(root / name for name in names)
        annotations = tuple(
            each.annotation(
                image_id=images[each.image].id,
                image_name=names[each.image],
                order=order,
                path=path,
            )
            for each in persons
            if each.visibility.any()
        )
        return Dataset(skeleton, images, annotations)

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write a JSON list of the labelled persons, whose keypoints have to be MPII's 16."""
        self.refuse_predictions(predictions)
        # The names of the skeleton are matched from the file's side.
        keypoint_order("MPII's JSON", MPII.keypoints, dataset.skeleton)
        order = [dataset.skeleton.index(name) for name in MPII.keypoints]
        dataset = dataset.labelled()
        paths = {}
        for image in dataset.images:
            if image.frame is not None:
                raise UserProblem(
                    f"{image.name} is a frame of a video, which MPII's files cannot name.",
                    "Export as “sleap”, which refers to videos.",
                )
            paths[image.id] = portable_path(image.path, path.absolute().parent.resolve())
        entries = [_entry(each, paths[each.image_id], order) for each in dataset.annotations]
        write_atomically(path, msgspec.json.encode(entries))
        occluded = sum(int((each.visibility == OCCLUDED).sum()) for each in dataset.annotations)
        notes = []
        if occluded:
            notes.append(
                f"{occluded} occluded keypoints are written like visible ones: these files have no"
                " word for them."
            )
        return WriteReceipt(
            path=path,
            images=len(dataset.images),
            annotations=len(entries),
            keypoints=sum(int(each.is_labelled.sum()) for each in dataset.annotations),
            occluded=occluded,
            notes=tuple(notes),
        )


def _read_json(path: Path) -> tuple[list[str], list[MpiiPerson]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserProblem(
            f"{path} cannot be read ({error.strerror}).", "Check the path."
        ) from error
    try:
        entries = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=list[_Entry])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserProblem(
            f"{path.name} is not a list of MPII's persons: {error}.",
            "Each has “image”, “joints”, “joints_vis”, “center” and “scale”.",
        ) from error
    names = list(dict.fromkeys(each.image.replace("\\", "/") for each in entries))
    places = {name: place for place, name in enumerate(names)}
    counts = dict.fromkeys(names, 0)
    persons = []
    for number, each in enumerate(entries):
        if len(each.joints) != len(MPII) or len(each.joints_vis) != len(MPII):
            raise UserProblem(
                f"{path.name}, entry {number}: there are {len(each.joints)} joints and"
                f" {len(each.joints_vis)} visibilities.",
                f"A person of MPII has {len(MPII)} of each.",
            )
        name = each.image.replace("\\", "/")
        xy = np.array(each.joints) - FIRST_PIXEL
        # What nobody has labelled is at (-1, -1) or (0, 0).
        is_labelled = (np.array(each.joints_vis) > 0) & ~(np.array(each.joints) <= 0).all(axis=1)
        about: dict[str, Any] = {"center": each.center, "scale": each.scale}
        persons.append(
            MpiiPerson(
                image=places[name],
                number=str(counts[name]),
                xy=np.where(is_labelled[:, None], xy, np.nan),
                visibility=np.where(is_labelled, VISIBLE, NOT_LABELLED),
                about={key: value for key, value in about.items() if value is not None},
            )
        )
        counts[name] += 1
    return names, persons


def _entry(annotation: Annotation, image: str, order: list[int]) -> _Entry:
    is_labelled = annotation.is_labelled[order]
    xy = np.where(is_labelled[:, None], annotation.xy[order] + FIRST_PIXEL, _NOWHERE)
    bounds = annotation.bounds()
    assert bounds is not None
    about = _about(annotation)
    (x, y), scale = bounds.centre, max(bounds.width, bounds.height) / _HEIGHT_PX
    return _Entry(
        image=image,
        joints=[(float(a), float(b)) for a, b in xy],
        joints_vis=is_labelled.astype(int).tolist(),
        center=about.get("center", (x + FIRST_PIXEL, y + FIRST_PIXEL)),
        scale=about.get("scale", scale),
    )


def _about(annotation: Annotation) -> dict[str, Any]:
    """What the file that the annotation is from said of it."""
    try:
        extra = msgspec.json.decode(annotation.extra or "{}")
    except msgspec.DecodeError:
        return {}
    about = extra.get("mpii") if isinstance(extra, dict) else None
    return about if isinstance(about, dict) else {}
