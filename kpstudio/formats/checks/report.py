"""The import doctor: what is worth knowing about a dataset before it is imported."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset
from kpstudio.formats.checks.doubles import check_doubles
from kpstudio.formats.checks.finding import SEVERITIES, Finding
from kpstudio.formats.checks.image_files import (
    Report,
    check_files,
    check_likeness,
    check_repeats,
    look_at_files,
)
from kpstudio.formats.checks.offset import check_offset
from kpstudio.formats.checks.positions import check_positions, check_visibility
from kpstudio.formats.checks.sides import check_sides
from kpstudio.formats.checks.stacked_annotations import StackedAnnotations


@dataclass(frozen=True)
class CheckReport:
    """What a dataset holds, and what is wrong with it.

    Args:
        images: In the dataset.
        labelled_images: With at least one labelled keypoint.
        annotations: In the dataset.
        visible: Keypoints of visibility 2.
        occluded: Of visibility 1.
        not_labelled: Of visibility 0, of the annotations that there are.
        findings: The worst first.
    """

    images: int
    labelled_images: int
    annotations: int
    visible: int
    occluded: int
    not_labelled: int
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(each.severity == "error" for each in self.findings)

    @property
    def has_warnings(self) -> bool:
        """Or errors."""
        return any(each.severity != "note" for each in self.findings)

    @property
    def offset(self) -> tuple[float, float] | None:
        """What should be added to every position, if anything."""
        return next((each.offset for each in self.findings if each.offset), None)

    @property
    def is_presence(self) -> bool:
        """Whether visibility 1 seems to say that a keypoint is labelled, not that it is hidden."""
        return any(each.is_presence for each in self.findings)


def check_dataset(
    dataset: Dataset,
    *,
    known: Sequence[Annotation] = (),
    reads_pixels: bool = False,
    report: Report | None = None,
) -> CheckReport:
    """Look at a dataset from all sides; nothing is changed.

    Args:
        dataset: As a format has read it.
        known: The project's own annotations, with keypoints in the same order.
        reads_pixels: Decode every image, which finds damage behind the header, and images of
            different parts of the split that are nearly the same.
        report: Told how far it is; what it raises ends the check.
    """
    files = look_at_files(dataset.images, reads_pixels=reads_pixels, report=report)
    sizes = {
        image.id: size
        for image in dataset.images
        if (size := files[image.path].size) is not None and not image.width
    }
    stacked = StackedAnnotations.of(dataset, sizes)
    findings = [*check_files(dataset, files), *check_repeats(dataset, files)]
    # A damaged file may hold numbers of which squares are too large.
    with np.errstate(over="ignore", invalid="ignore"):
        findings += [
            *check_offset(stacked),
            *check_positions(stacked),
            *check_sides(stacked, known),
            *check_doubles(stacked, [(image.path, image.frame) for image in dataset.images]),
            *check_visibility(stacked),
        ]
    if reads_pixels:
        findings += check_likeness(dataset, report=report)
    findings.sort(key=lambda each: SEVERITIES.index(each.severity))
    not_labelled, occluded, visible = np.bincount(stacked.visibility.ravel(), minlength=3).tolist()
    return CheckReport(
        images=len(dataset.images),
        labelled_images=len(np.unique(stacked.images[stacked.is_labelled.any(axis=1)])),
        annotations=len(dataset.annotations),
        visible=visible,
        occluded=occluded,
        not_labelled=not_labelled,
        findings=tuple(findings),
    )
