"""Distances of a decoder's answers from the labels, image by image."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from kpstudio.core.annotation import Annotation
from kpstudio.core.calibration import Calibration, calibrate, reliability_curve
from kpstudio.core.metrics import match_subjects, summarise_columns, summarise_errors
from kpstudio.inference.predictor import SubjectKeypoints
from kpstudio.training.decoder_report import DecoderReport, with_details
from kpstudio.training.subjects import labelled_xy


class ErrorCollector:
    """Collects distances image by image.

    Args:
        keypoints: Names.
    """

    def __init__(self, keypoints: Sequence[str]) -> None:
        self._keypoints = tuple(keypoints)
        self._errors: list[np.ndarray] = []
        self._offsets: list[np.ndarray] = []
        self._covariances: list[np.ndarray] = []

    def add(self, annotations: Sequence[Annotation], predicted: Sequence[SubjectKeypoints]) -> None:
        """One image: what is labelled, and what was predicted there."""
        labels = [labelled_xy(each) for each in annotations]
        answers = [each.xy for each in predicted]
        for label, match in zip(labels, match_subjects(labels, answers), strict=True):
            is_labelled = np.isfinite(label).all(axis=1)
            if match is None:
                errors = np.full(len(label), np.inf)
            else:
                offsets = answers[match] - label
                errors = np.linalg.norm(offsets, axis=1)
                errors[~np.isfinite(errors)] = np.inf
                self._offsets.append(offsets)
                self._covariances.append(predicted[match].covariance)
            # NaN marks what is not labelled, and so cannot be wrong.
            errors[~is_labelled] = np.nan
            self._errors.append(errors)

    def errors(self) -> Float[np.ndarray, "N K"]:
        """Pixels, a row for each labelled subject; infinite where missed, NaN where no label is."""
        return np.array(self._errors).reshape(-1, len(self._keypoints))

    def calibration(self) -> Calibration:
        """What the covariances are worth, as the errors show it."""
        return calibrate(*self._doubts())

    def report(self) -> DecoderReport:
        """Pixel errors alone, which take no time."""
        errors = self.errors()
        return with_details(
            summarise_errors(errors.ravel()),
            per_keypoint=dict(zip(self._keypoints, summarise_columns(errors), strict=True)),
            reliability=reliability_curve(*self._doubts()),
        )

    def _doubts(self) -> tuple[np.ndarray, np.ndarray]:
        """(N, K, 2) offsets of the answers in pixels, and (N, K, 2, 2) their covariances."""
        keypoints = len(self._keypoints)
        return (
            np.array(self._offsets).reshape(-1, keypoints, 2),
            np.array(self._covariances).reshape(-1, keypoints, 2, 2),
        )
