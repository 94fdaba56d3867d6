"""The data.yaml of a YOLO-Pose data set."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kpstudio.core.dataset import Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.text_file import read_head, read_text

SPLITS: tuple[Split, ...] = ("train", "val", "test")


@dataclass(frozen=True)
class YoloSettings:
    """What data.yaml says.

    Args:
        file: The data.yaml.
        root: From where its folders count.
        entries: Folders, lists of images or single images of each split.
        count: Of keypoints.
        columns: Of each keypoint, 2 or 3.
        keypoints: Their names, where it names them.
        flip: For each keypoint the one that a mirror puts in its place; may be empty.
        classes: Their names.
    """

    file: Path
    root: Path
    entries: dict[Split, list[str]]
    count: int
    columns: int
    keypoints: list[str] | None
    flip: list[int]
    classes: list[str]


def settings_file(path: Path) -> Path | None:
    candidates = sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    for each in candidates:
        if each.suffix.lower() in (".yaml", ".yml") and b"kpt_shape" in read_head(each):
            return each
    return None


def read_settings(path: Path) -> YoloSettings:
    file = settings_file(path)
    if file is None:
        raise UserProblem(
            f"There is no data.yaml of YOLO-Pose at {path}.",
            "It is a YAML file with “kpt_shape”, “train” and “val”.",
        )
    try:
        content = yaml.safe_load(read_text(file))
    # Dates that no calendar has are a ValueError.
    except (yaml.YAMLError, ValueError) as error:
        raise UserProblem(
            f"{file.name} is not YAML: {' '.join(str(error).split())}.", "Correct it there."
        ) from error
    fields: dict[str, Any] = content if isinstance(content, dict) else {}
    shape = fields.get("kpt_shape")
    numbers = _integers(shape)
    if len(numbers) != 2 or numbers[0] < 1 or numbers[1] not in (2, 3):
        raise UserProblem(
            f"{file.name}: kpt_shape is {shape}, but it should be two numbers.",
            "The number of keypoints, and 2 (x, y) or 3 (x, y, visibility): [17, 3].",
        )
    root = Path(str(fields.get("path") or "."))
    folder = file.absolute().parent.resolve()
    # Other programs look for a relative one below a folder of their settings.
    root = folder / root if (folder / root).is_dir() else folder
    return YoloSettings(
        file=file,
        root=root,
        entries={split: _texts(fields.get(split)) for split in SPLITS},
        count=numbers[0],
        columns=numbers[1],
        keypoints=_keypoint_names(file, fields.get("kpt_names"), numbers[0]),
        flip=_flip(file, fields.get("flip_idx"), numbers[0]),
        classes=_texts(fields.get("names")),
    )


def _integers(value: Any) -> list[int]:
    """The numbers of a list; none where it is something else."""
    is_list = isinstance(value, list) and all(type(each) is int for each in value)
    return list(value) if is_list else []


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=_place_of_key)]
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _place_of_key(key: Any) -> tuple[bool, float, str]:
    is_number = isinstance(key, int | float)
    return not is_number, key if is_number else 0.0, str(key)


def _keypoint_names(file: Path, value: Any, count: int) -> list[str] | None:
    if isinstance(value, dict):
        # By class; all classes of a file have the same keypoints.
        value = next(iter(value.values()), None)
    if value is None:
        return None
    names = _texts(value)
    if len(names) != count:
        raise UserProblem(
            f"{file.name}: kpt_names has {len(names)} names for {count} keypoints.",
            "Name each keypoint of kpt_shape, or leave kpt_names out.",
        )
    return names


def _flip(file: Path, value: Any, count: int) -> list[int]:
    if value is None or value == []:
        return []
    numbers = _integers(value)
    if sorted(numbers) != list(range(count)):
        raise UserProblem(
            f"{file.name}: flip_idx does not name each of the {count} keypoints once.",
            f"It lists the numbers from 0 to {count - 1} in the order of a mirrored subject.",
        )
    return numbers


def flip_pairs(names: list[str], flip: list[int]) -> Iterator[tuple[int, int]]:
    for a, b in enumerate(flip):
        if a < b and flip[b] == a:
            is_turned = "right" in names[a].lower() or names[a].lower().startswith("r_")
            yield (b, a) if is_turned else (a, b)


def order_of_keypoints(settings: YoloSettings, skeleton: Skeleton) -> list[int]:
    if settings.keypoints is not None:
        return keypoint_order(settings.file.name, settings.keypoints, skeleton)
    if settings.count != len(skeleton):
        raise UserProblem(
            f"{settings.file.name}: there are {settings.count} keypoints without names, but the"
            f" skeleton “{skeleton.name}” has {len(skeleton)}.",
            "Use a skeleton of as many keypoints in the same order, or add “kpt_names”.",
        )
    return list(range(settings.count))
