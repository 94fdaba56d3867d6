"""A DeepLabCut project: its config.yaml, and the files of labels in its folders."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpstudio.core.errors import UserProblem
from kpstudio.formats.dlc_table import PREFIX

CONFIG = "config.yaml"
_SCORER = re.compile(r"^scorer:[ \t]*[\"']?([^\"'#\r\n]+?)[\"']?[ \t]*(#.*)?$", re.M)


@dataclass(frozen=True)
class DlcConfig:
    """What kpstudio needs of a config.yaml.

    Args:
        scorer: Who labels.
        keypoints: Of an animal, then those in `unique`.
        unique: Keypoints that an image has once and that belong to no animal.
        individuals: Names of the animals, where there are several.
        edges: Pairs of names.
    """

    scorer: str = ""
    keypoints: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    individuals: tuple[str, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()


def read_config(file: Path) -> DlcConfig:
    """Read a config.yaml.

    Raises:
        UserProblem: It cannot be read, or is not YAML.
    """
    import yaml

    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserProblem(
            f"{file} cannot be read ({error.strerror}).", "Check the path."
        ) from error
    try:
        fields = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise UserProblem(
            f"{file.name} is not YAML: {' '.join(str(error).split())}.",
            "Correct it in a text editor; DeepLabCut cannot read it either.",
        ) from error
    if not isinstance(fields, dict):
        raise UserProblem(
            f"{file.name} is not the configuration of a DeepLabCut project.",
            "It has fields such as “scorer” and “bodyparts”.",
        )
    unique = _names(fields.get("uniquebodyparts"))
    several = _names(fields.get("multianimalbodyparts"))
    return DlcConfig(
        scorer=str(fields.get("scorer") or ""),
        keypoints=(*(several or _names(fields.get("bodyparts"))), *unique),
        unique=unique,
        individuals=_names(fields.get("individuals")) if several else (),
        edges=_pairs(fields.get("skeleton")),
    )


def config_of(path: Path) -> DlcConfig:
    """The configuration of the project that a file or folder is in; an empty one without any.

    A damaged one counts as none: the labels do not depend on it.
    """
    scorer = ""
    for folder in (path, *path.absolute().parents[:3]):
        file = folder / CONFIG
        if file.is_file():
            try:
                return read_config(file)
            except UserProblem:
                match = _SCORER.search(file.read_text(encoding="utf-8", errors="replace"))
                scorer = match[1] if match else ""
                break
    return DlcConfig(scorer=scorer)


def is_config(path: Path) -> bool:
    """Whether a file is a config.yaml that names keypoints."""
    if path.name != CONFIG:
        return False
    try:
        return "bodyparts:" in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def label_files(folder: Path) -> list[Path]:
    """The files of a project; where several people labelled, those of its scorer.

    Raises:
        UserProblem: Several people labelled, and the project does not say who counts.
    """
    by_folder = defaultdict(list)
    for file in found_files(folder):
        by_folder[file.parent].append(file)
    scorer = config_of(folder).scorer
    chosen = []
    for files in by_folder.values():
        own = [file for file in files if scorer and file.stem == f"{PREFIX}_{scorer}"]
        if len(files) > 1 and not own:
            names = ", ".join(file.name for file in files)
            raise UserProblem(
                f"{files[0].parent} has labels of several people: {names}.",
                "Import one of these files instead of the folder.",
            )
        chosen += own or files
    return chosen


def found_files(folder: Path) -> list[Path]:
    """All files of labels; HDF5 only where there is no csv of the same name beside it."""
    for pattern in (f"{PREFIX}*", f"labeled-data/*/{PREFIX}*", f"*/{PREFIX}*"):
        tables = sorted(each for each in folder.glob(pattern) if each.suffix in (".csv", ".h5"))
        if tables:
            texts = {each for each in tables if each.suffix == ".csv"}
            return [each for each in tables if each.with_suffix(".csv") not in texts - {each}]
    return []


def _names(value: Any) -> tuple[str, ...]:
    """A list of names; DeepLabCut writes a word where there is none."""
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    pairs = value if isinstance(value, list) else []
    return tuple(
        (str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2
    )
