"""Which images of a project the words of a command mean."""

from collections.abc import Sequence
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from kpstudio.core.errors import UserProblem

if TYPE_CHECKING:
    from kpstudio.core.dataset import Image
    from kpstudio.store.project import Project


def fitting_images(project: "Project", patterns: Sequence[str], *, example: str) -> list[int]:
    """Ids of the images whose name or whole path fits one of the patterns.

    Args:
        project: Whose images.
        patterns: With * for anything and ? for one character.
        example: A command with a pattern, for a person who gave none.

    Raises:
        UserProblem: There is no pattern, or no image fits.
    """
    if not patterns:
        raise UserProblem("Which images?", f"Give patterns: {example}")
    chosen = [
        image.id
        for image in project.images()
        if any(
            fnmatch(image.name, each) or fnmatch(image.path.as_posix(), each) for each in patterns
        )
    ]
    if not chosen:
        raise UserProblem(
            f"No image fits {' or '.join(patterns)}.",
            "A pattern is a file name or whole path, with * for anything.",
        )
    return chosen


def named_image(project: "Project", name: str) -> "Image":
    """The one image with a name, or with a whole path.

    Raises:
        UserProblem: There is none, or there are several.
    """
    images = project.images()
    exact = [each for each in images if str(each.path) == name]
    chosen = exact or [each for each in images if each.name == name]
    if len(chosen) != 1:
        what = "No image is" if not chosen else f"{len(chosen)} images are"
        raise UserProblem(f"{what} called {name}.", "Give its name, or its whole path.")
    return chosen[0]
