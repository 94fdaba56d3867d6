"""Which part of a dataset is exported."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatch

from kpstudio.core.dataset import Dataset, Image, Review, Split
from kpstudio.core.errors import UserProblem


@dataclass(frozen=True)
class Subset:
    """What all images that are exported have in common; None or empty asks for nothing.

    Args:
        split: Their part of the split.
        review: The state of their labels.
        tag: That they have.
        author: Whose annotations are meant; those of others are left out.
        images: Pattern of the file name or whole path, with * for anything.
    """

    split: Split | None = None
    review: Review | None = None
    tag: str = ""
    author: str = ""
    images: str = ""

    def of(self, dataset: Dataset) -> Dataset:
        """The images that fit, with their annotations.

        Raises:
            UserProblem: There is none; it names what there is.
        """
        images = list(dataset.images)
        annotations = dataset.annotations
        for value, fits, what, there_are in (
            (self.split, lambda i: i.split == self.split, "in", [i.split or "" for i in images]),
            (
                self.review,
                lambda i: i.review == self.review,
                "in review state",
                [i.review for i in images],
            ),
            (
                self.tag,
                lambda i: self.tag in i.tags,
                "with tag",
                [tag for i in images for tag in i.tags],
            ),
            (self.images, self._fits_pattern, "named", []),
        ):
            if not value:
                continue
            images = [image for image in images if fits(image)]
            if not images:
                raise _nothing(f"No image {what} “{value}” is left to export.", there_are)
        if self.author:
            authors = [each.author for each in annotations]
            annotations = tuple(each for each in annotations if each.author == self.author)
            by_author = {each.image_id for each in annotations}
            images = [image for image in images if image.id in by_author]
            if not images:
                raise _nothing(f"No annotation by “{self.author}” is left to export.", authors)
        kept = {image.id for image in images}
        return replace(
            dataset,
            images=tuple(images),
            annotations=tuple(each for each in annotations if each.image_id in kept),
        )

    def _fits_pattern(self, image: Image) -> bool:
        return fnmatch(image.name, self.images) or fnmatch(image.path.as_posix(), self.images)


def _nothing(message: str, there_are: Iterable[str]) -> UserProblem:
    counts = Counter(each for each in there_are if each)
    known = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items())[:20])
    return UserProblem(
        message, f"There are: {known}." if known else "Ask for less, or look at the image list."
    )
