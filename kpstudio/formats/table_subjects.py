"""Subjects of tables, collected by image."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.identity import imported_id
from kpstudio.formats.image_search import ImageSearch
from kpstudio.formats.images import images_with_sizes


@dataclass(frozen=True, eq=False)
class TableSubject:
    """One subject as a table has it.

    Args:
        image: As the table calls it.
        name: What tells subjects of one image apart.
        xy: (K, 2) image pixels.
        visibility: (K,) 0, 1 or 2.
        track: Which individual it is; or empty.
    """

    image: str
    name: str
    xy: np.ndarray
    visibility: np.ndarray
    track: str = ""


def dataset_of(
    path: Path,
    subjects: Sequence[TableSubject],
    skeleton: Skeleton,
    format: str,
    roots: Sequence[Path] = (),
) -> Dataset:
    """Images in the order in which the file names them first, with their subjects."""
    names = list(dict.fromkeys(each.image for each in subjects))
    search = ImageSearch(path, names, roots)
    images = images_with_sizes(search.find(name) for name in names)
    numbers = {name: image.id for name, image in zip(names, images, strict=True)}
    time = path.stat().st_mtime
    annotations = tuple(
        Annotation(
            id=imported_id(format, each.image, each.name),
            image_id=numbers[each.image],
            xy=each.xy,
            visibility=each.visibility,
            source=f"import:{format}",
            time=time,
            track=each.track,
        )
        for each in subjects
        if each.visibility.any()
    )
    return Dataset(skeleton, images, annotations)
