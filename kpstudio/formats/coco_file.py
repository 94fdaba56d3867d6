"""The parts of a COCO keypoints file that are read and written."""

from pathlib import Path
from typing import Any

import msgspec

from kpstudio.core.errors import UserProblem


class CocoImage(msgspec.Struct, frozen=True, omit_defaults=True):
    """`split` and `frame` (of a video) are ours: readers that do not know them pass over them."""

    id: int
    file_name: str
    width: int | None
    height: int | None
    split: Any = None
    frame: int | None = None


class CocoCategory(msgspec.Struct, frozen=True):
    """`skeleton`: pairs of keypoint numbers from 1."""

    id: int
    name: str = ""
    supercategory: str = ""
    keypoints: list[str] = []
    skeleton: list[tuple[int, int]] = []


class CocoAnnotation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One subject. `score` and `keypoint_scores` only for predictions."""

    id: int
    image_id: int
    category_id: int
    keypoints: list[float] | None = None
    num_keypoints: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None
    iscrowd: int | None = None
    score: float | None = None
    keypoint_scores: list[float] | None = None


class CocoFile(msgspec.Struct, frozen=True):
    images: list[CocoImage]
    annotations: list[CocoAnnotation]
    categories: list[CocoCategory]
    info: dict[str, Any] = {}
    licenses: list[Any] = []


def read_coco_file(path: Path) -> CocoFile:
    """Read a file, as far as kpstudio needs it.

    Raises:
        UserProblem: It cannot be read, is not JSON, or has not the form of COCO.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserProblem(
            f"{path} cannot be read ({error.strerror}).", "Check the path."
        ) from error
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=CocoFile, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserProblem(
            f"{path.name} is not a COCO keypoints file: {error}.",
            "Such a file has “images”, “annotations” and “categories”.",
        ) from error
