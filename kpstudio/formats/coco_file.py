"""The parts of a COCO keypoints file that are read and written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kpstudio.core.errors import UserProblem
from kpstudio.formats.text_file import read_bytes


class CocoImage(msgspec.Struct, frozen=True):
    """`split` and `video_frame` are ours: readers that do not know them pass over them."""

    id: int
    file_name: str
    width: int | None = None
    height: int | None = None
    split: Any = None
    video_frame: int | None = None


class CocoCategory(msgspec.Struct, frozen=True):
    """`skeleton`: pairs of keypoint numbers from 1."""

    id: int
    name: str = ""
    supercategory: str = ""
    keypoints: list[str] = []
    skeleton: list[tuple[int, int]] = []


class CocoAnnotation(msgspec.Struct, frozen=True):
    """One subject, or a crowd of them."""

    id: int
    image_id: int
    category_id: int
    keypoints: msgspec.Raw = msgspec.Raw(b"")
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None
    iscrowd: bool | int | None = None
    track_id: int | float | str | None = None


class CocoFile(msgspec.Struct, frozen=True):
    """Images and annotations as JSON text, from which `read_image` and the like take their part."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[CocoCategory]


def read_coco_file(path: Path) -> CocoFile:
    """Read a file, as far as kpstudio needs it.

    Raises:
        UserProblem: It cannot be read, is not JSON, or has not the form of COCO.
    """
    data = read_bytes(path)
    try:
        return msgspec.json.decode(data, type=CocoFile, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserProblem(
            f"{path.name} is not a COCO keypoints file: {error}.",
            "Such a file has “images”, “annotations” and “categories”.",
        ) from error


class CocoReader:
    """Takes images and annotations from their JSON text, with the fields that it does not know.

    Args:
        file: As messages call it.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._image = msgspec.json.Decoder(CocoImage, strict=False)
        self._annotation = msgspec.json.Decoder(CocoAnnotation, strict=False)
        self._fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self._flat = msgspec.json.Decoder(list[float], strict=False)
        self._nested = msgspec.json.Decoder(list[list[float]], strict=False)

    def image(self, raw: msgspec.Raw, number: int) -> CocoImage:
        image: CocoImage = self._decode(self._image, raw, f"image {number} of “images”")
        return image

    def annotation(self, raw: msgspec.Raw, number: int) -> CocoAnnotation:
        where = f"annotation {number} of “annotations”"
        annotation: CocoAnnotation = self._decode(self._annotation, raw, where)
        return annotation

    def fields(self, raw: msgspec.Raw) -> dict[str, msgspec.Raw]:
        fields: dict[str, msgspec.Raw] = self._decode(self._fields, raw, "the fields of an entry")
        return fields

    def keypoints(self, raw: msgspec.Raw, annotation_id: int) -> list[float]:
        """x, y and visibility in turn, also where a file has a list for each keypoint."""
        if bytes(raw) in (b"", b"null"):
            return []
        try:
            return self._flat.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        where = f"the keypoints of annotation {annotation_id}"
        return [value for each in self._decode(self._nested, raw, where) for value in each]

    def _decode(self, decoder: "msgspec.json.Decoder[Any]", raw: msgspec.Raw, where: str) -> Any:
        try:
            return decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UserProblem(
                f"{self._file} is not a COCO keypoints file: {where}: {error}.",
                "Export the file again, or correct it there.",
            ) from error


def encode_coco_file(
    images: Sequence[Mapping[str, Any]],
    annotations: Sequence[Mapping[str, Any]],
    categories: list[CocoCategory],
) -> bytes:
    file = {
        "images": images,
        "annotations": annotations,
        "categories": categories,
        "info": {"description": "Keypoints written by kpstudio"},
        "licenses": [],
    }
    return msgspec.json.encode(file)
