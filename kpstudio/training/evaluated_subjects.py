"""The labelled subjects that an evaluation counts, and what is to be known of each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Image
from kpstudio.core.reference_length import ReferenceLength, head_length
from kpstudio.core.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class EvaluatedSubjects:
    """A row for each subject, in the order of the images.

    Args:
        visibility: (N, K) of the keypoints.
        lengths: (N,) reference lengths in pixels; NaN where not known.
        head_lengths: (N,) likewise; None where the skeleton has no head.
        groups: N names of the images' groups.
        tags: N times the tags of the image.
        clusters: (N,) what errs alike, from 0.
        clustering: What those are, in words.
    """

    visibility: Int[np.ndarray, "N K"]
    lengths: Float[np.ndarray, " N"]
    head_lengths: Float[np.ndarray, " N"] | None
    groups: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]
    clusters: Int[np.ndarray, " N"]
    clustering: str

    @classmethod
    def of(
        cls,
        labelled: Iterable[tuple[Image, Annotation]],
        skeleton: Skeleton,
        reference: ReferenceLength,
    ) -> "EvaluatedSubjects":
        """The table of subjects, each with its image."""
        pairs = list(labelled)
        head = head_length(skeleton)
        clusters, clustering = _clusters([image for image, _ in pairs])
        annotations = [each for _, each in pairs]
        return cls(
            np.array([each.visibility for each in annotations], np.int8).reshape(-1, len(skeleton)),
            np.array([reference.of(each) for each in annotations], float),
            None if head is None else np.array([head.of(each) for each in annotations], float),
            tuple(image.group for image, _ in pairs),
            tuple(image.tags for image, _ in pairs),
            clusters,
            clustering,
        )


def _clusters(images: list[Image]) -> tuple[Int[np.ndarray, " N"], str]:
    """Groups, and images that belong to none; images alone where all belong to one group."""
    groups = {image.group for image in images if image.group}
    single = {image.id for image in images if not image.group}
    if len(groups) + len(single) < 2:
        keys: list[str | int] = [image.id for image in images]
        words = _count(len(set(keys)), "image") + (" of one group" if groups else "")
    else:
        keys = [image.group or image.id for image in images]
        counted = [_count(len(groups), "group")] if groups else []
        counted += [_count(len(single), "image")] if single else []
        words = " and ".join(counted)
    numbers: dict[str | int, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], int), words


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
