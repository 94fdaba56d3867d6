"""Subjects that are in an image more than once."""

import numpy as np

from kpstudio.formats.checks.finding import Finding, counted, some
from kpstudio.formats.checks.stacked_annotations import StackedAnnotations

NEARLY = 0.02
"""Of the longer side of a subject: two people never label one that exactly."""
_FEWEST_SHARED = 2


def check_doubles(stacked: StackedAnnotations, places: list[object]) -> list[Finding]:
    """Annotations that are identical, or nearly.

    Args:
        stacked: The annotations.
        places: Of each image what tells it from others: an image that is listed twice is one.
    """
    number: dict[object, int] = {}
    of_images = np.array([number.setdefault(each, len(number)) for each in places], np.int64)
    group = of_images[stacked.images] if len(stacked) else np.empty(0, np.int64)
    seen = stacked.is_labelled[..., None]
    centre = np.where(seen, stacked.xy, 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    bounds = stacked.bounds()
    side = (bounds[:, 2:] - bounds[:, :2]).max(axis=1)
    same: list[int] = []
    nearly: list[int] = []
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        if len(rows) > 1:
            a, b = _pairs_in_one_image(stacked, rows, centre[rows], side[rows])
            same += a
            nearly += b
    findings = []
    for kind, found, what, hint in (
        (
            "identical_annotations",
            same,
            "identical to another one of its image",
            "Remove one of each two from the file.",
        ),
        (
            "nearly_identical_annotations",
            nearly,
            "nearly the same as another one of its image",
            "One subject may be labelled twice: a model would learn to see two.",
        ),
    ):
        if found:
            findings.append(
                Finding(
                    "warning",
                    kind,
                    f"{counted(len(found), 'annotation is', 'annotations are')} {what}.",
                    hint,
                    len(found),
                    some(stacked.image_names(found)),
                )
            )
    return findings


def _pairs_in_one_image(
    stacked: StackedAnnotations, rows: np.ndarray, centre: np.ndarray, side: np.ndarray
) -> tuple[list[int], list[int]]:
    """Annotations that repeat an earlier one exactly, and that do so nearly."""
    first, second = np.triu_indices(len(rows), 1)
    # Comparing the middles first keeps crowds cheap: far subjects are never the same.
    pair_side = np.fmax(side[first], side[second])
    near = np.abs(centre[first] - centre[second]).max(axis=1) <= pair_side / 2
    if not near.any():
        return [], []
    first, second, pair_side = first[near], second[near], pair_side[near]
    xy, seen = stacked.xy[rows], stacked.is_labelled[rows]
    both = seen[first] & seen[second]
    shared = both.sum(axis=1)
    apart = np.linalg.norm(xy[first] - xy[second], axis=2)
    furthest = np.fmax.reduce(np.where(both, apart, np.nan), axis=1)
    is_equal = (furthest == 0) & (
        stacked.visibility[rows][first] == stacked.visibility[rows][second]
    ).all(axis=1)
    fewest = np.maximum(_FEWEST_SHARED, (np.maximum(seen[first].sum(1), seen[second].sum(1))) / 2)
    is_near = (shared >= fewest) & (furthest <= NEARLY * pair_side) & ~is_equal
    annotations = stacked.dataset.annotations
    by_others = np.array(
        [
            annotations[rows[a]].author != annotations[rows[b]].author
            for a, b in zip(first, second, strict=True)
        ],
        bool,
    )
    # Two people may label one subject on purpose, and may agree.
    is_near &= ~by_others
    is_equal &= ~by_others
    same = sorted({int(rows[b]) for b in second[is_equal]})
    nearly = {int(rows[b]) for b in second[is_near]} - set(same)
    return same, sorted(nearly)
