"""How far a model's answers are from the labels of a dataset."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from kpstudio.core.annotation import Annotation, known_boxes
from kpstudio.core.calibration import Calibration, ReliabilityCurve, calibrate, reliability_curve
from kpstudio.core.dataset import Dataset
from kpstudio.core.messages import DecoderChoice
from kpstudio.core.metrics import ErrorSummary, match_subjects, summarise_errors
from kpstudio.decoders import make_decoder
from kpstudio.imaging.read import read_image
from kpstudio.inference.predictor import Predictor, SubjectKeypoints, decode
from kpstudio.training.subjects import labelled_xy


class DecoderReport(msgspec.Struct, frozen=True):
    """Errors of one decoder, of all keypoints together and of each by name.

    `reliability` is that of the covariance, calibrated where the checkpoint has a calibration;
    None where no covariance is known.
    """

    median_px: float | None
    mean_px: float | None
    p90_px: float | None
    keypoints: int
    missed: int
    per_keypoint: dict[str, ErrorSummary]
    reliability: ReliabilityCurve | None = None


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

    def _doubts(self) -> tuple[np.ndarray, np.ndarray]:
        """(N, K, 2) offsets of the answers in pixels, and (N, K, 2, 2) their covariances."""
        keypoints = len(self._keypoints)
        return (
            np.array(self._offsets).reshape(-1, keypoints, 2),
            np.array(self._covariances).reshape(-1, keypoints, 2, 2),
        )

    def calibration(self) -> Calibration:
        """What the covariances are worth, as the errors show it."""
        return calibrate(*self._doubts())

    def report(self) -> DecoderReport:
        errors = np.array(self._errors).reshape(-1, len(self._keypoints))
        total = summarise_errors(errors[~np.isnan(errors)])
        return DecoderReport(
            total.median_px,
            total.mean_px,
            total.p90_px,
            total.keypoints,
            total.missed,
            {
                name: summarise_errors(column[~np.isnan(column)])
                for name, column in zip(self._keypoints, errors.T, strict=True)
            },
            reliability_curve(*self._doubts()),
        )


def evaluate(
    predictor: Predictor,
    dataset: Dataset,
    decoders: Sequence[str],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, DecoderReport]:
    """Errors of each decoder on labelled images; the network runs once for all of them.

    Args:
        predictor: Of the model.
        dataset: Labelled images of the split in question.
        decoders: Names.
        progress: Called with the images done and their number.

    Raises:
        UserProblem: A decoder that does not exist, or an image that cannot be read.
    """
    head_training = predictor.checkpoint.head_training
    chosen = {name: make_decoder(DecoderChoice(name), head_training) for name in decoders}
    collectors = {name: ErrorCollector(dataset.skeleton.keypoints) for name in chosen}
    grouped = dataset.annotations_by_image()
    for done, image in enumerate(dataset.images, 1):
        labels = grouped.get(image.id, ())
        subjects = predictor.heatmaps(read_image(image.path), known=known_boxes(labels))
        for name, decoder in chosen.items():
            calibration = predictor.checkpoint.calibrations.get(name)
            keypoints = decode(subjects, decoder, other_peaks=0, calibration=calibration)
            collectors[name].add(labels, keypoints)
        if progress is not None:
            progress(done, len(dataset.images))
    return {name: collector.report() for name, collector in collectors.items()}
