"""All that an evaluation tells of one decoder."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from jaxtyping import Bool, Float

from kpstudio.core.annotation import OCCLUDED, VISIBLE
from kpstudio.core.bootstrap import Bootstrap, Interval, intervals
from kpstudio.core.calibration import ReliabilityCurve
from kpstudio.core.metrics import (
    PCK_THRESHOLDS,
    ErrorSummary,
    area_under_pck,
    summarise_columns,
    summarise_errors,
    threshold_name,
)
from kpstudio.core.reference_length import relative_errors
from kpstudio.training.evaluated_subjects import EvaluatedSubjects


class CropMovement(msgspec.Struct, frozen=True):
    """How far answers move when the crop is moved and scaled by a few per cent.

    Args:
        crops: Of each subject, besides the chosen one.
        median_px: Of the distances from the answers for the chosen crops; an answer that is lost
            has moved infinitely far, and None is infinite.
        p90_px: 90th percentile of them.
    """

    crops: int
    median_px: float | None
    p90_px: float | None


class DecoderReport(ErrorSummary, frozen=True, kw_only=True):
    """Errors of one decoder, of all keypoints together and in parts.

    Args:
        per_keypoint: By name.
        per_visibility: By COCO's number of it: "1" occluded, "2" visible.
        per_group: By the group of the image, where any is known.
        per_tag: By the tags of the image; one with two tags counts in both.
        reliability: Of the covariance, calibrated where the checkpoint has a calibration; None
            where no covariance is known.
        oks_ap: COCO's average precision over object keypoint similarity.
        oks_ar: Its average recall.
        oks_ap50: Precision at a similarity of 0.50.
        oks_ap75: Precision at 0.75.
        crop_jitter: Where that was asked for.
    """

    per_keypoint: dict[str, ErrorSummary]
    per_visibility: dict[str, ErrorSummary] = msgspec.field(default_factory=dict)
    per_group: dict[str, ErrorSummary] = msgspec.field(default_factory=dict)
    per_tag: dict[str, ErrorSummary] = msgspec.field(default_factory=dict)
    reliability: ReliabilityCurve | None = None
    oks_ap: float | None = None
    oks_ar: float | None = None
    oks_ap50: float | None = None
    oks_ap75: float | None = None
    crop_jitter: CropMovement | None = None


def with_details(summary: ErrorSummary, **details: Any) -> DecoderReport:
    """A report whose figures for all keypoints are those of a summary."""
    return DecoderReport(**msgspec.structs.asdict(summary), **details)


class ErrorParts:
    """One decoder's errors, beside what is known of the subjects.

    Args:
        errors: Pixels; infinite where missed, NaN where not labelled.
        subjects: A row for each row of errors.
    """

    def __init__(self, errors: Float[np.ndarray, "N K"], subjects: EvaluatedSubjects) -> None:
        self.errors = errors
        self._subjects = subjects
        self._relative = relative_errors(errors, subjects.lengths)
        self._of_head = None
        if subjects.head_lengths is not None:
            self._of_head = relative_errors(errors, subjects.head_lengths)

    def total(self) -> ErrorSummary:
        return self._where(np.ones(self.errors.shape, dtype=bool))

    def per_keypoint(self) -> list[ErrorSummary]:
        return summarise_columns(self.errors, self._relative, self._of_head)

    def per_visibility(self) -> dict[str, ErrorSummary]:
        """Of the kinds that there are."""
        kinds = {str(kind): self._subjects.visibility == kind for kind in (OCCLUDED, VISIBLE)}
        return {kind: self._where(which) for kind, which in kinds.items() if which.any()}

    def per_group(self) -> dict[str, ErrorSummary]:
        """Of the groups that are known; "" are the images without, if others have one."""
        groups = np.array(self._subjects.groups)
        names = sorted(set(self._subjects.groups))
        if names in ([], [""]):
            return {}
        every = np.ones(self.errors.shape, dtype=bool)
        return {name: self._where(every & (groups == name)[:, None]) for name in names}

    def per_tag(self) -> dict[str, ErrorSummary]:
        """Of the tags that there are; "" are the images without, if others have one."""
        names = sorted({tag for tags in self._subjects.tags for tag in tags or ("",)})
        if names in ([], [""]):
            return {}
        every = np.ones(self.errors.shape, dtype=bool)

        def of(name: str) -> Bool[np.ndarray, " N"]:
            return np.array([name in (tags or ("",)) for tags in self._subjects.tags])

        return {name: self._where(every & of(name)[:, None]) for name in names}

    def intervals(self, bootstrap: Bootstrap) -> tuple[dict[str, Interval], np.ndarray]:
        """Of the figures for all keypoints, and the (R,) medians that gave the first of them."""
        relative, is_related = self._relative, ~np.isnan(self._relative)
        quantiles = bootstrap.pooled_quantiles(self.errors, (0.5, 0.9))
        samples = {
            "median_px": quantiles[:, 0],
            "p90_px": quantiles[:, 1],
            "mean_px": bootstrap.means(self.errors, np.isfinite(self.errors)),
            "nme": bootstrap.means(relative, np.isfinite(relative)),
            "auc": bootstrap.means(area_under_pck(relative), is_related),
        }
        for threshold in PCK_THRESHOLDS:
            within = (relative <= threshold).astype(float)
            samples[f"pck_{threshold_name(threshold)}"] = bootstrap.means(within, is_related)
        found = intervals(np.stack(list(samples.values()), axis=1))
        known = {name: each for name, each in zip(samples, found, strict=True) if each is not None}
        return known, quantiles[:, 0]

    def _where(self, which: Bool[np.ndarray, "N K"]) -> ErrorSummary:
        of_head = None if self._of_head is None else self._of_head[which]
        return summarise_errors(self.errors[which], self._relative[which], of_head)


def median_intervals(
    errors: Sequence[Float[np.ndarray, "N K"]], bootstrap: Bootstrap
) -> list[list[Interval | None]]:
    """Of each keypoint's median, for each of several decoders."""
    keypoints = errors[0].shape[1]
    medians = bootstrap.quantiles(np.concatenate(errors, axis=1), (0.5,))[:, 0]
    found = intervals(medians)
    return [found[start : start + keypoints] for start in range(0, len(found), keypoints)]
