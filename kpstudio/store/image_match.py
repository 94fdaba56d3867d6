"""Which images two copies of a project both have."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpstudio.core.dataset import Image
from kpstudio.store.images import contents, written_places
from kpstudio.store.project import Project


@dataclass(frozen=True)
class ImageMatch:
    """The images of two copies.

    Args:
        pairs: Ours and theirs, of each that both have.
        new: That only they have.
    """

    pairs: tuple[tuple[Image, Image], ...]
    new: tuple[Image, ...]

    @property
    def ids(self) -> dict[int, int]:
        """Ours by theirs."""
        return {theirs.id: ours.id for ours, theirs in self.pairs}


def match_images(project: Project, other: Project, shared: Mapping[int, int]) -> ImageMatch:
    """Find the images that are the same.

    An image is the same if it is the same file, or at the same place as seen from its project, or
    if both have an annotation of it, or if its file has the same content, which no other has.

    Args:
        project: Ours.
        other: Theirs.
        shared: Images that have an annotation of both: ours by theirs.
    """
    images = {image.id: image for image in project.images()}
    ours = {(image.path, image.frame): image.id for image in images.values()}
    with project.database.reading() as connection:
        by_place = {place: each for each, place in written_places(connection).items()}
        here = contents(connection)
    with other.database.reading() as connection:
        written = written_places(connection)
        there = contents(connection)
    by_content = {there[each]: here[each] for each in there.keys() & here.keys()}
    pairs, new = [], []
    for image in other.images():
        known = ours.get((image.path, image.frame), by_place.get(written[image.id]))
        known = shared.get(image.id) if known is None else known
        known = by_content.get(image.id) if known is None else known
        if known is None:
            new.append(image)
        else:
            pairs.append((images[known], image))
    return ImageMatch(tuple(pairs), tuple(new))
