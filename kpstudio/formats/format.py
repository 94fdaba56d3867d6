"""What a format is: something that recognises, reads and perhaps writes files."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from kpstudio.core.annotation import Prediction
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.checks.finding import counted
from kpstudio.formats.read_back import ReadBack


@dataclass(frozen=True)
class WriteReceipt:
    """What was written.

    Args:
        path: Of the file.
        images: In the file.
        annotations: In the file: labelled subjects, or predicted ones.
        keypoints: In the file with a position.
        occluded: Of these, how many are marked occluded.
        notes: What could not be written as it is, and why, a sentence each.
        unlabelled: How many images are left out because they have no labels.
        read_back: What the file says that was written; None where it could not be read again.
        unread: Why it could not.
    """

    path: Path
    images: int
    annotations: int
    keypoints: int
    occluded: int = 0
    notes: tuple[str, ...] = ()
    unlabelled: int = 0
    read_back: ReadBack | None = None
    unread: str = ""

    def __str__(self) -> str:
        return f"{self.images} images, {self.annotations} annotations, {self.keypoints} keypoints"

    def lines(self) -> list[str]:
        """All that it says, a line each: what is in the file, what is not, and the check."""
        notes = list(self.notes)
        if self.unlabelled:
            notes.append(
                counted(
                    self.unlabelled,
                    "image has no labels, and is left out.",
                    "images have no labels, and are left out.",
                )
            )
        back = self.read_back
        if back is None:
            return [str(self), *notes, f"not checked: {self.unread or 'it cannot be read again'}"]
        seen = f"{back.visible} visible, {back.occluded} occluded, {back.not_labelled} not labelled"
        return [f"{self}: {seen}", *notes, f"checked: {back}"]


class Format(ABC):
    """A kind of file or folder with images, and perhaps labels.

    Attributes:
        title: As messages call it.
        can_write: Whether it has `write`.
        suffix: Of the file that it writes; empty where that is a folder.
        can_read_back: Whether what it has written can be read by it.
        needs_unlabelled: When `write` looks at images without annotations; "to replace": to see
            that none of them lies in a folder that is replaced.
    """

    title: ClassVar[str]
    can_write: ClassVar[bool] = False
    suffix: ClassVar[str] = ""
    can_read_back: ClassVar[bool] = True
    needs_unlabelled: ClassVar[Literal["always", "to replace", "never"]] = "always"

    def needs_all_images(self, path: Path) -> bool:
        """Whether `write` looks at images without annotations when it writes labels to a path.

        Of a format that says no, such images are not even read: there may be a million of them.
        """
        if self.needs_unlabelled == "to replace":
            return path.exists()
        return self.needs_unlabelled == "always"

    @abstractmethod
    def recognises(self, path: Path) -> bool:
        """Whether a file or folder that exists looks like this format."""

    def skeleton(self, path: Path) -> Skeleton:
        """The keypoints that a file names, for a new project.

        Raises:
            UserProblem: It cannot be read, or does not name its keypoints.
        """
        raise UserProblem(
            f"{path.name} does not say what its keypoints are called.",
            "Make the project with a skeleton file, then import the labels into it.",
        )

    @abstractmethod
    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        """Images and annotations, with keypoints in the order of `skeleton`.

        Raises:
            UserProblem: It says what is wrong where, and how to mend it.
        """

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write the annotations, or the predictions where they are given.

        Raises:
            UserProblem: The file cannot be written; what was there before is unchanged.
        """
        raise NotImplementedError

    def refuse_predictions(self, predictions: Sequence[Prediction] | None) -> None:
        """For formats that have no place for what a model has found.

        Raises:
            UserProblem: There are predictions.
        """
        if predictions is not None:
            raise UserProblem(
                f"{self.title}: such files hold labels, not predictions.",
                "Export predictions as “coco”.",
            )
