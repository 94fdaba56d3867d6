"""Subjects that two people have labelled: how far one person is from another."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import msgspec
import numpy as np

from kpstudio.core.annotation import RUN_SOURCE, Annotation
from kpstudio.core.metrics import ErrorSummary, summarise_columns, summarise_errors

_SAME_SUBJECT = 0.25


class DoubleLabel(NamedTuple):
    """The same subject, labelled by two people.

    Args:
        first: That stands earlier in the dataset.
        second: By another author.
    """

    first: Annotation
    second: Annotation


class HumanError(msgspec.Struct, frozen=True):
    """Distances between two people's labels of the same subject.

    Both err: where they err alike and independently, each is nearer to the truth than they are to
    one another, by the root of two.

    Args:
        subjects: Pairs of annotations.
        authors: Who they are by.
        total: Of all keypoints that both have labelled.
        per_keypoint: Of each by name.
    """

    subjects: int
    authors: tuple[str, ...]
    total: ErrorSummary
    per_keypoint: dict[str, ErrorSummary]


def double_labels(annotations: Sequence[Annotation]) -> list[DoubleLabel]:
    """The pairs of annotations of one image that are of one subject, by two authors.

    Two annotations are of one subject where the keypoints that both have labelled are, in the
    median, less than a quarter of the subject apart (of the longer side of the larger box), and
    neither is nearer to another one of the other's author. An annotation without an author, or
    one that was accepted from a model, tells nothing of what people see.
    """
    candidates = []
    for (i, a), (j, b) in combinations(enumerate(annotations), 2):
        if not _is_by_a_person(a) or not _is_by_a_person(b) or a.author == b.author:
            continue
        distances = _distances(DoubleLabel(a, b))
        if np.isnan(distances).all():
            continue
        apart = float(np.nanmedian(distances))
        if apart < _SAME_SUBJECT * max(_side(a), _side(b)):
            candidates.append((apart, i, j))
    taken: set[tuple[int, str]] = set()
    pairs = []
    for _, i, j in sorted(candidates):
        a, b = annotations[i], annotations[j]
        if (i, b.author) in taken or (j, a.author) in taken:
            continue
        taken |= {(i, b.author), (j, a.author)}
        pairs.append((i, j))
    return [DoubleLabel(annotations[i], annotations[j]) for i, j in sorted(pairs)]


def is_same_subject(first: Annotation, second: Annotation) -> bool:
    """Whether two annotations of one image lie on one subject, whoever made them."""
    distances = _distances(DoubleLabel(first, second))
    if np.isnan(distances).all():
        return False
    return float(np.nanmedian(distances)) < _SAME_SUBJECT * max(_side(first), _side(second))


def without_doubles(annotations: Sequence[Annotation]) -> tuple[Annotation, ...]:
    """One annotation of each subject: a model gives one answer, and is not to miss the others."""
    second = {pair.second.id for pair in double_labels(annotations)}
    return tuple(each for each in annotations if each.id not in second)


def human_error(pairs: Sequence[DoubleLabel], keypoints: Sequence[str]) -> HumanError | None:
    """How far the authors of double labels are apart; None where there are no such labels.

    Args:
        pairs: Of all images.
        keypoints: Names.
    """
    errors = np.array([_distances(pair) for pair in pairs]).reshape(-1, len(keypoints))
    if np.isnan(errors).all():
        return None
    authors = {each.author for pair in pairs for each in pair}
    return HumanError(
        len(pairs),
        tuple(sorted(authors)),
        summarise_errors(errors.ravel()),
        dict(zip(keypoints, summarise_columns(errors), strict=True)),
    )


def _is_by_a_person(annotation: Annotation) -> bool:
    return bool(annotation.author) and not annotation.source.startswith(RUN_SOURCE)


def _side(annotation: Annotation) -> float:
    bounds = annotation.bounds()
    return 0.0 if bounds is None else max(bounds.width, bounds.height)


def _distances(pair: DoubleLabel) -> np.ndarray:
    both = pair.first.is_labelled & pair.second.is_labelled
    return np.where(both, np.linalg.norm(pair.first.xy - pair.second.xy, axis=1), np.nan)
