"""Keypoints and boxes that cannot be where they are said to be."""

import numpy as np

from kpstudio.core.annotation import VISIBLE
from kpstudio.formats.checks.finding import Finding, counted, some
from kpstudio.formats.checks.stacked_annotations import StackedAnnotations

TOLERANCE_PX = 0.5
"""Half a pixel outside tells the convention of a file, not a wrong label."""
BOX_TOLERANCE = 0.2
"""Of the longer side of the box: people draw boxes loosely."""
_RARE = 0.002
_NEAR = 0.1
_LARGEST_SUBJECT = 1.05
_SMALLEST_EXTENT_PX = 1.0
_FEWEST_TO_SPREAD = 3
_FEWEST_OCCLUDED = 10


def check_positions(stacked: StackedAnnotations) -> list[Finding]:
    """Keypoints outside, subjects that are too large, or are a point, boxes beside their points."""
    return [
        *_outside(stacked),
        *_at_origin(stacked),
        *_too_large(stacked),
        *_in_one_place(stacked),
        *_boxes(stacked),
    ]


def check_visibility(stacked: StackedAnnotations) -> list[Finding]:
    """Annotations without keypoints, keypoints that nobody labelled, and odd visibilities."""
    findings = []
    if not len(stacked):
        return []
    empty = np.flatnonzero(~stacked.is_labelled.any(axis=1))
    if len(empty):
        findings.append(
            Finding(
                "note",
                "no_keypoints",
                f"{counted(len(empty), 'annotation has', 'annotations have')} no labelled"
                " keypoint.",
                "They are kept, and count as not labelled.",
                len(empty),
                some(stacked.image_names(empty.tolist())),
            )
        )
    labelled = int(stacked.is_labelled.sum())
    # A subject or two may well be hidden altogether.
    is_never_visible = not (stacked.visibility == VISIBLE).any()
    if labelled >= _FEWEST_OCCLUDED and is_never_visible:
        findings.append(
            Finding(
                "warning",
                "all_occluded",
                f"All {labelled:,} labelled keypoints have visibility 1, which is"
                " occluded, and none has 2, which is visible.",
                "Some programs write 1 for “labelled” and never 2. If so, they should be taken as"
                " visible.",
                labelled,
                is_presence=True,
            )
        )
    unused = np.flatnonzero(~stacked.is_labelled.any(axis=0))
    never = [stacked.dataset.skeleton.keypoints[index] for index in unused]
    if never and labelled:
        findings.append(
            Finding(
                "note",
                "never_labelled",
                f"{counted(len(never), 'keypoint is', 'keypoints are')} not labelled anywhere.",
                "A model cannot learn what it never sees.",
                len(never),
                some(never),
            )
        )
    return findings


def _outside(stacked: StackedAnnotations) -> list[Finding]:
    low = -0.5 - stacked.xy
    high = stacked.xy - (stacked.sizes[:, None] - 0.5)
    distance = np.fmax(low, high).max(axis=2)
    is_outside = distance > TOLERANCE_PX
    count = int(is_outside.sum())
    if not count:
        return []
    worst = distance[is_outside].max()
    is_rare = count < _RARE * int(stacked.is_labelled.sum())
    is_near = bool((distance <= _NEAR * stacked.sizes.max(axis=1, keepdims=True))[is_outside].all())
    places = np.argwhere(is_outside)
    far = places[np.argsort(-distance[is_outside], kind="stable")]
    return [
        Finding(
            "note" if is_rare and is_near else "warning",
            "outside",
            f"{counted(count, 'keypoint lies', 'keypoints lie')} outside the image, the worst by"
            f" {worst:.1f} px.",
            "Correct them after the import, or mark as not labelled what cannot be seen.",
            count,
            some(stacked.keypoint_names(far[:20].tolist())),
        )
    ]


def _at_origin(stacked: StackedAnnotations) -> list[Finding]:
    is_origin = (stacked.xy == 0).all(axis=2)
    count = int(is_origin.sum())
    if not count:
        return []
    return [
        Finding(
            "warning",
            "at_origin",
            f"{counted(count, 'labelled keypoint lies', 'labelled keypoints lie')} exactly at"
            " (0, 0).",
            "Most programs mean “not labelled” by that. Give them visibility 0, or leave them"
            " empty, in the file.",
            count,
            some(
                f"{image}: {stacked.dataset.skeleton.keypoints[keypoint]}"
                for image, keypoint in zip(
                    stacked.image_names(np.argwhere(is_origin)[:20, 0].tolist()),
                    np.argwhere(is_origin)[:20, 1].tolist(),
                    strict=True,
                )
            ),
        )
    ]


def _too_large(stacked: StackedAnnotations) -> list[Finding]:
    bounds = stacked.bounds()
    sides = bounds[:, 2:] - bounds[:, :2]
    drawn = stacked.boxes[:, 2:] - stacked.boxes[:, :2]
    is_large = (np.fmax(sides, drawn) > _LARGEST_SUBJECT * stacked.sizes + 1).any(axis=1)
    rows = np.flatnonzero(is_large)
    if not len(rows):
        return []
    return [
        Finding(
            "warning",
            "larger_than_image",
            f"{counted(len(rows), 'subject is', 'subjects are')} larger than the image.",
            "The labels may belong to a larger copy of these images.",
            len(rows),
            some(stacked.image_names(rows.tolist())),
        )
    ]


def _in_one_place(stacked: StackedAnnotations) -> list[Finding]:
    bounds = stacked.bounds()
    extent = (bounds[:, 2:] - bounds[:, :2]).max(axis=1)
    enough = stacked.is_labelled.sum(axis=1) >= _FEWEST_TO_SPREAD
    rows = np.flatnonzero(enough & (extent < _SMALLEST_EXTENT_PX))
    if not len(rows):
        return []
    return [
        Finding(
            "warning",
            "in_one_place",
            f"In {counted(len(rows), 'annotation')} all keypoints lie within one pixel.",
            "They were not really labelled, or are not in pixels.",
            len(rows),
            some(stacked.image_names(rows.tolist())),
        )
    ]


def _boxes(stacked: StackedAnnotations) -> list[Finding]:
    low, high = stacked.boxes[:, None, :2], stacked.boxes[:, None, 2:]
    tolerance = BOX_TOLERANCE * (high - low).max(axis=2, keepdims=True) + TOLERANCE_PX
    is_out = ((stacked.xy < low - tolerance) | (stacked.xy > high + tolerance)).any(axis=2)
    # Of people who hide one another, a few keypoints lie beside the box of what is seen.
    rows = np.flatnonzero(is_out.sum(axis=1) > stacked.is_labelled.sum(axis=1) / 2)
    if not len(rows):
        return []
    return [
        Finding(
            "warning",
            "box_without_points",
            f"{counted(len(rows), 'box does not hold', 'boxes do not hold')} most keypoints of the"
            " subject.",
            "Box and keypoints may be of different subjects, or measured in different ways.",
            len(rows),
            some(stacked.image_names(rows.tolist())),
        )
    ]
