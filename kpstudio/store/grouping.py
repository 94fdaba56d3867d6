"""Which images belong together (a video, a person), by a rule that their paths are put to.

The rule is stored, not its outcome, so that it also holds for images that come later. It sees a
path as the project writes it: relative where possible, so that a project moves with its images.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from sqlalchemy import Connection

from kpstudio.core.dataset import Image
from kpstudio.core.errors import UserProblem
from kpstudio.store.settings import read_setting, write_setting

BY_IMAGE = "image"
_BY_FOLDER = "folder"
_KEY = "grouping"
_RULES = (
    "A rule is image, folder, before:TEXT (what stands before the last TEXT in the file name),"
    " or name:REGEX (what its first group matches there)."
)


@dataclass(frozen=True)
class Grouping:
    """A rule that says which images are of one group.

    Args:
        rule: "image" (every image by itself), "folder" (the folder or video that it is in),
            "before:TEXT" (what stands before the last TEXT in the file name) or "name:REGEX"
            (what the first group of the regular expression matches in the file name).

    Raises:
        UserProblem: There is no such rule, or the expression is wrong.
    """

    rule: str = BY_IMAGE

    def __post_init__(self) -> None:
        self._expression()

    @classmethod
    def read(cls, connection: Connection) -> Self:
        """That of the project; by image where none was chosen."""
        rule = read_setting(connection, _KEY, str)
        return cls() if rule is None else cls(rule)

    def write(self, connection: Connection) -> None:
        """Make it that of the project."""
        write_setting(connection, _KEY, self.rule)

    def group_of(self, path: str, frame: int | None = None) -> str:
        """The group of an image; empty where it is by itself.

        Args:
            path: As the project writes it, with forward slashes.
            frame: Of a video, which takes the place of a folder.
        """
        if self.rule == BY_IMAGE:
            return ""
        place = PurePosixPath(path)
        if self.rule == _BY_FOLDER:
            return str(place.parent) if frame is None else path
        expression = self._expression()
        found = expression.search(place.name) if expression else None
        return (found[1] or "") if found else ""

    def check(self, images: Sequence[Image]) -> None:
        """See whether the rule divides the images that are there.

        Raises:
            UserProblem: It fits no name, or all images would be one group.
        """
        if self.rule == BY_IMAGE or len(images) < 2:
            return
        groups = Counter(image.group for image in images)
        if groups[""] == len(images):
            raise UserProblem(
                f"“{self.rule}” fits no image: none of the {len(images)} would have a group.",
                f"A file name is, for example, {images[0].path.name}.",
            )
        if len(groups) == 1:
            raise UserProblem(
                f"By “{self.rule}” all {len(images)} images are one group,"
                f" “{images[0].group}”: nothing could be set apart for validation.",
                f"A path is, for example, {images[0].path}. Choose what differs between groups.",
            )

    def _expression(self) -> re.Pattern[str] | None:
        kind, colon, value = self.rule.partition(":")
        if self.rule in (BY_IMAGE, _BY_FOLDER):
            return None
        if not (colon and value and kind in ("name", "before")):
            raise UserProblem(f"“{self.rule}” is not a rule of grouping.", _RULES)
        if kind == "before":
            return re.compile(f"(.+){re.escape(value)}")
        try:
            expression = re.compile(value)
        except re.error as error:
            raise UserProblem(
                f"“{value}” is not a regular expression: {error}.",
                r"In name:(.+)_\d the brackets hold what the images of a group share.",
            ) from error
        if not expression.groups:
            raise UserProblem(
                f"“{value}” has no group, so that it does not say what images share.",
                rf"Put brackets around that part, as in name:(.+)_\d, or write before:{value}.",
            )
        return expression


def torn_groups(images: Sequence[Image]) -> tuple[str, ...]:
    """Groups with images in more than one part of the split."""
    parts: dict[str, set[str]] = {}
    for image in images:
        if image.group and image.split is not None:
            parts.setdefault(image.group, set()).add(image.split)
    return tuple(group for group, found in parts.items() if len(found) > 1)
