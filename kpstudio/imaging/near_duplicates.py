"""Images of different parts of a split that are nearly the same: they make a test too easy."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kpstudio.core.dataset import Image, Split
from kpstudio.imaging.likeness import SmallPictures, find_alike


@dataclass(frozen=True)
class NearDuplicate:
    """An image that is set apart, and the one most alike of those that are not set apart with it.

    Args:
        image: Of val or test.
        other: Of train; for a test image also of val.
        difference: The largest of any place, in units of the contrast; 0 for copies.
    """

    image: Image
    other: Image
    difference: float


@dataclass(frozen=True)
class NearDuplicates:
    """What a look at all images found.

    Args:
        checked: How many images were compared.
        unreadable: How many were left out, because they are missing or damaged.
        found: Those most alike first.
        elapsed_s: How long it took.
    """

    checked: int
    unreadable: int
    found: tuple[NearDuplicate, ...]
    elapsed_s: float


def find_near_duplicates(
    images: Sequence[Image], *, report: Callable[[int], None] | None = None
) -> NearDuplicates:
    """Compare val with train, and test with both.

    Args:
        images: Those without a split are not looked at.
        report: Called with how many images have been read.
    """
    start = time.monotonic()
    divided = [image for image in images if image.split is not None]
    pictures, indices = SmallPictures.read(divided, report=report)
    readable = [divided[index] for index in indices]

    def members(*parts: Split) -> np.ndarray:
        return np.flatnonzero([image.split in parts for image in readable])

    found = [
        NearDuplicate(readable[each.index], readable[each.other], each.difference)
        for apart, others in (
            (members("val"), members("train")),
            (members("test"), members("train", "val")),
        )
        for each in find_alike(pictures, apart, others)
    ]
    return NearDuplicates(
        checked=len(readable),
        unreadable=len(divided) - len(readable),
        found=tuple(sorted(found, key=lambda each: each.difference)),
        elapsed_s=time.monotonic() - start,
    )
