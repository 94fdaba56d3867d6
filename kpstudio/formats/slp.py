"""SLEAP's labels: .slp, and .pkg.slp with the images inside.

What a person has labelled becomes annotations; a point that is not visible but has a position is
occluded. What a model has found is left out, unless it is asked for. Frames stay in their video.
"""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.embedded_images import EmbeddedImages
from kpstudio.formats.foreign_path import found_path
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.hdf5 import is_hdf5, open_hdf5
from kpstudio.formats.images import images_with_sizes
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.slp_export import write_slp
from kpstudio.formats.slp_file import (
    SlpFile,
    SlpImages,
    SlpSubject,
    SlpVideo,
    images_inside,
    read_slp_file,
    read_slp_skeletons,
)


class SleapFormat(Format):
    """A file of SLEAP's labels."""

    title: ClassVar[str] = "SLEAP labels"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".slp"

    def recognises(self, path: Path) -> bool:
        return path.suffix.lower() == ".slp" and path.is_file() and is_hdf5(path)

    def skeleton(self, path: Path) -> Skeleton:
        skeletons = read_slp_skeletons(path)
        if not skeletons:
            raise UserProblem(
                f"{path.name} has no skeleton.", "Make one in SLEAP, or choose another file."
            )
        return skeletons[0]

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        file = read_slp_file(path)
        subjects = self.chosen(file)
        orders = _orders(file, skeleton)
        images = _images(file, subjects)
        numbers = {place: image.id for place, image in images.items()}
        time = path.stat().st_mtime
        names = {video.number: video.filename for video in file.videos}
        annotations = []
        for each in subjects:
            order = orders.get(each.skeleton)
            if order is None:
                continue
            place = (each.video, each.frame)
            annotation = _annotation(each, order, numbers[place], names[each.video], time)
            if annotation.is_labelled.any():
                annotations.append(annotation)
        return Dataset(skeleton, tuple(images.values()), tuple(annotations))

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write labelled images with their annotations, or predictions as SLEAP's predictions."""
        return write_slp(dataset, path, predictions)

    def chosen(self, file: SlpFile) -> tuple[SlpSubject, ...]:
        """The subjects that become annotations.

        Raises:
            UserProblem: There are only others.
        """
        labelled = tuple(each for each in file.subjects if not each.is_predicted)
        if file.subjects and not labelled:
            raise UserProblem(
                f"{file.path.name} has {len(file.subjects)} predicted subjects, but none that a"
                " person has labelled.",
                "Predictions are not labels. To take them as labels all the same, and check them"
                " here: --format sleap_predictions.",
            )
        return labelled


def _orders(file: SlpFile, skeleton: Skeleton) -> dict[int, list[int]]:
    """For each skeleton of the file that is the project's, where its keypoints are."""
    fitting = {
        place: keypoint_order(file.path.name, each.keypoints, skeleton)
        for place, each in enumerate(file.skeletons)
        if set(each.keypoints) == set(skeleton.keypoints)
    }
    if not fitting:
        if not file.skeletons:
            raise UserProblem(f"{file.path.name} has no skeleton.", "Choose another file.")
        keypoint_order(file.path.name, file.skeletons[0].keypoints, skeleton)
    return fitting


def _annotation(
    subject: SlpSubject, order: list[int], image_id: int, video: str, time: float
) -> Annotation:
    xy = subject.xy[order]
    is_placed = np.isfinite(xy).all(axis=1)
    visibility = np.where(subject.is_visible[order], VISIBLE, OCCLUDED)
    # The same at each reading, so that a second import of the file does not double subjects.
    kind = "predicted:" if subject.is_predicted else ""
    name = f"kpstudio:sleap:{kind}{video}:{subject.video}:{subject.frame}:{subject.order}"
    return Annotation(
        id=uuid.uuid5(uuid.NAMESPACE_URL, name).hex,
        image_id=image_id,
        xy=np.where(is_placed[:, None], xy, np.nan),
        visibility=np.where(is_placed, visibility, NOT_LABELLED),
        source="import:sleap_predictions" if subject.is_predicted else "import:sleap",
        time=time,
        track=subject.track,
    )


def _images(file: SlpFile, subjects: Sequence[SlpSubject]) -> dict[tuple[int, int], Image]:
    """By number of the video and frame: what is labelled, suggested, or inside the file."""
    wanted = dict.fromkeys((each.video, each.frame) for each in subjects)
    wanted |= dict.fromkeys(file.suggestions)
    videos = {video.number: video for video in file.videos}
    unknown = next((video for video, _ in wanted if video not in videos), None)
    if unknown is not None:
        raise UserProblem(
            f"{file.path.name}: labels are in video {unknown}, which the file does not list.",
            "Open it in SLEAP and save it again.",
        )
    paths = _saved_images(file)
    for video, frame in wanted:
        if videos[video].dataset and (video, frame) not in paths:
            raise UserProblem(
                f"{file.path.name}: frame {frame} of video {video} has labels, but its image is"
                " not in the file.",
                "Export the package again, with all labelled frames.",
            )
        names = videos[video].filenames
        if names and not 0 <= frame < len(names):
            raise UserProblem(
                f"{file.path.name}: labels are in image {frame} of video {video}, which has"
                f" {len(names)} images.",
                "Open it in SLEAP and save it again.",
            )
        if names:
            paths[video, frame] = found_path(names[frame], file.path)
    sized = dict(zip(paths, images_with_sizes(paths.values()), strict=True))
    found = {
        number: found_path(video.filename, file.path)
        for number, video in videos.items()
        if not video.dataset and not video.filenames
    }
    images: dict[tuple[int, int], Image] = {}
    for place in dict.fromkeys([*wanted, *paths]):
        number = len(images) + 1
        if place in sized:
            still = sized[place]
            images[place] = Image(number, still.path, still.width, still.height)
        else:
            video, frame = place
            width, height = videos[video].size
            images[place] = Image(number, found[video], width, height, frame=frame)
    return images


def _saved_images(file: SlpFile) -> dict[tuple[int, int], Path]:
    """The images inside the file, after they have been saved beside it."""
    inside = [video for video in file.videos if video.dataset]
    if not inside:
        return {}
    folder = EmbeddedImages(file.path)
    paths = {}
    with open_hdf5(file.path) as opened:
        for video in inside:
            images = images_inside(opened, video, file)
            for row, frame in enumerate(images.frames):
                paths[video.number, frame] = _save(folder, video, images, row, frame)
    return paths


def _save(folder: EmbeddedImages, video: SlpVideo, images: SlpImages, row: int, frame: int) -> Path:
    name = f"video{video.number}/frame{frame:06d}"
    if (known := folder.saved(name)) is not None:
        return known
    data = np.asarray(images.dataset[row])
    if images.encoding == "hdf5":
        return folder.save(name, data.T if images.is_channels_first else data)
    # Rows of one length are filled up with zeros, which no image file ends with.
    raw = data.astype(np.uint8).tobytes().rstrip(b"\x00")
    pixels = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_UNCHANGED) if raw else None
    if pixels is None:
        raise UserProblem(
            f"{folder.folder.stem}: the image of frame {frame} of video {video.number} is damaged.",
            "Export the package again.",
        )
    if images.is_turned and pixels.ndim == 3:
        # OpenCV has decoded what was encoded as if RGB were its BGR.
        return folder.save(name, pixels)
    return folder.save_encoded(name, raw, ".jpg" if raw.startswith(b"\xff\xd8") else ".png")
