"""How far a model's answers are from the labels of a dataset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
from jaxtyping import Float

from kpstudio.core.annotation import Annotation, known_boxes
from kpstudio.core.bootstrap import Bootstrap
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.double_labels import (
    DoubleLabel,
    HumanError,
    double_labels,
    human_error,
    without_doubles,
)
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import DecoderChoice
from kpstudio.core.metrics import column_quantiles
from kpstudio.core.oks import OksSubject, oks_scores
from kpstudio.core.reference_length import WHOLE_BOX, ReferenceLength
from kpstudio.core.skeleton import Skeleton
from kpstudio.decoders import Decoder, make_decoder
from kpstudio.imaging.pixels import read_picture
from kpstudio.inference.crop_jitter import CropJitter, averaged, movements
from kpstudio.inference.predictor import Predictor, SubjectHeatmaps, SubjectKeypoints, decode
from kpstudio.training.decoder_report import (
    CropMovement,
    DecoderReport,
    ErrorParts,
    median_intervals,
    with_details,
)
from kpstudio.training.error_collector import ErrorCollector
from kpstudio.training.evaluated_subjects import EvaluatedSubjects
from kpstudio.training.leaderboard import Leaderboard, rank_decoders


@dataclass(frozen=True)
class EvaluationOptions:
    """What an evaluation does besides looking and comparing.

    Args:
        reference: By which errors are divided.
        jitter: Crops beside the chosen ones, to see how much the answers move.
        is_averaged: The mean over those crops is the answer that counts.
        keypoints: For each keypoint of the dataset its index in the model's answers; None where
            both are for the same ones.
    """

    reference: ReferenceLength = WHOLE_BOX
    jitter: CropJitter | None = None
    is_averaged: bool = False
    keypoints: tuple[int, ...] | None = None


DEFAULTS = EvaluationOptions()


@dataclass(frozen=True)
class Evaluation:
    """What came out.

    Args:
        decoders: By name, the best first.
        leaderboard: Of them.
        human: How far people are from one another, where two have labelled the same subject.
        clustering: What the intervals are over, in words; empty where there are none.
        unrelated: Subjects whose reference length is not known.
        subjects: Labelled ones.
        skipped: Why images could not be read, by name; they count nowhere.
    """

    decoders: dict[str, DecoderReport]
    leaderboard: Leaderboard
    human: HumanError | None
    clustering: str
    unrelated: int
    subjects: int
    skipped: dict[str, str] = field(default_factory=dict)


def evaluate(
    predictor: Predictor,
    dataset: Dataset,
    decoders: Sequence[str],
    *,
    options: EvaluationOptions = DEFAULTS,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Errors of each decoder on labelled images; the network runs once for all of them.

    Where two people have labelled a subject, the first of their labels counts.

    Args:
        predictor: Of the model.
        dataset: Labelled images of the split in question.
        decoders: Names, at least one.
        options: What to do besides.
        progress: Called with the images done and their number.

    Raises:
        UserProblem: A decoder that does not exist, or not one image can be read.
    """
    head_training = predictor.checkpoint.head_training
    watched = {
        name: _WatchedDecoder(name, make_decoder(DecoderChoice(name), head_training), dataset)
        for name in decoders
    }
    grouped = dataset.annotations_by_image()
    labelled: list[tuple[Image, tuple[Annotation, ...]]] = []
    pairs: list[DoubleLabel] = []
    skipped: dict[str, str] = {}
    problem: UserProblem | None = None
    for done, image in enumerate(dataset.images, 1):
        try:
            pixels = read_picture(image.path, image.frame)
        except UserProblem as unreadable:
            problem, skipped[image.name] = unreadable, unreadable.message
            continue
        annotations = grouped.get(image.id, ())
        pairs += double_labels(annotations)
        labels = without_doubles(annotations)
        labelled.append((image, labels))
        subjects = predictor.heatmaps(pixels, known=known_boxes(labels))
        jitter = options.jitter
        beside = jitter.look(predictor, pixels, subjects) if jitter is not None else ()
        for each in watched.values():
            each.add(labels, subjects, beside, predictor, options)
        if progress is not None:
            progress(done, len(dataset.images))
    if not labelled and problem is not None:
        raise problem
    human = human_error(pairs, dataset.skeleton.keypoints)
    found = _conclude(watched, labelled, dataset.skeleton, options.reference, human)
    return replace(found, skipped=skipped)


class _WatchedDecoder:
    """One decoder and all that it has answered."""

    def __init__(self, name: str, decoder: Decoder, dataset: Dataset) -> None:
        self.errors = ErrorCollector(dataset.skeleton.keypoints)
        self.found: list[list[OksSubject]] = []
        self._name, self._decoder = name, decoder
        self._movements: list[np.ndarray] = []
        self._crops = 0

    def add(
        self,
        labels: Sequence[Annotation],
        subjects: Sequence[SubjectHeatmaps],
        beside: Sequence[SubjectHeatmaps],
        predictor: Predictor,
        options: EvaluationOptions,
    ) -> None:
        """One image."""
        calibration = predictor.checkpoint.calibrations.get(self._name)
        keypoints = decode(subjects, self._decoder, other_peaks=0, calibration=calibration)
        chosen = options.keypoints
        if chosen is not None:
            keypoints = tuple(each.part(chosen) for each in keypoints)
        if options.jitter is not None and keypoints:
            self._crops = options.jitter.count
            jittered = options.jitter.decode(beside, self._decoder)
            jittered = jittered if chosen is None else jittered[:, :, list(chosen)]
            self._movements.append(movements(keypoints, jittered).ravel())
            keypoints = averaged(keypoints, jittered) if options.is_averaged else keypoints
        self.errors.add(labels, keypoints)
        self.found.append([_oks_subject(each) for each in keypoints])

    def crop_movement(self) -> CropMovement | None:
        if not self._crops:
            return None
        moved = np.concatenate(self._movements)[:, None]
        quantiles = column_quantiles(moved, (0.5, 0.9))[:, 0].tolist()
        median, p90 = (each if np.isfinite(each) else None for each in quantiles)
        return CropMovement(self._crops, median, p90)


def _oks_subject(subject: SubjectKeypoints) -> OksSubject:
    return OksSubject(subject.xy, subject.score)


def _conclude(
    watched: Mapping[str, _WatchedDecoder],
    labelled: Sequence[tuple[Image, tuple[Annotation, ...]]],
    skeleton: Skeleton,
    reference: ReferenceLength,
    human: HumanError | None,
) -> Evaluation:
    rows = [(image, each) for image, annotations in labelled for each in annotations]
    subjects = EvaluatedSubjects.of(rows, skeleton, reference)
    bootstrap = Bootstrap.of(subjects.clusters)
    errors = {name: each.errors.errors() for name, each in watched.items()}
    labels = [annotations for _, annotations in labelled]
    reports, medians = {}, {}
    for name, each in watched.items():
        reports[name], again = _report(each, errors[name], subjects, bootstrap)
        scores = oks_scores(labels, each.found, skeleton.oks_sigmas())
        if scores is not None:
            figures = {f"oks_{key}": value for key, value in scores._asdict().items()}
            reports[name] = msgspec.structs.replace(reports[name], **figures)
        if again is not None:
            medians[name] = again
    if bootstrap is not None:
        reports = _with_intervals_of_keypoints(reports, errors, bootstrap)
    leaderboard = rank_decoders(reports, medians)
    return Evaluation(
        {name: reports[name] for name in leaderboard.order},
        leaderboard,
        human,
        subjects.clustering if bootstrap is not None else "",
        int(np.isnan(subjects.lengths).sum()),
        len(subjects.lengths),
    )


def _report(
    watched: _WatchedDecoder,
    errors: Float[np.ndarray, "N K"],
    subjects: EvaluatedSubjects,
    bootstrap: Bootstrap | None,
) -> tuple[DecoderReport, Float[np.ndarray, " R"] | None]:
    """The report but for similarities, and the medians of resamples."""
    parts, quick = ErrorParts(errors, subjects), watched.errors.report()
    total, medians = parts.total(), None
    if bootstrap is not None:
        found, medians = parts.intervals(bootstrap)
        total = msgspec.structs.replace(total, intervals=found)
    report = with_details(
        total,
        per_keypoint=dict(zip(quick.per_keypoint, parts.per_keypoint(), strict=True)),
        per_visibility=parts.per_visibility(),
        per_group=parts.per_group(),
        per_tag=parts.per_tag(),
        reliability=quick.reliability,
        crop_jitter=watched.crop_movement(),
    )
    return report, medians


def _with_intervals_of_keypoints(
    reports: Mapping[str, DecoderReport],
    errors: Mapping[str, Float[np.ndarray, "N K"]],
    bootstrap: Bootstrap,
) -> dict[str, DecoderReport]:
    found = median_intervals(list(errors.values()), bootstrap)
    changed = {}
    for (name, report), intervals in zip(reports.items(), found, strict=True):
        per_keypoint = {
            keypoint: summary
            if each is None
            else msgspec.structs.replace(summary, intervals={"median_px": each})
            for (keypoint, summary), each in zip(
                report.per_keypoint.items(), intervals, strict=True
            )
        }
        changed[name] = msgspec.structs.replace(report, per_keypoint=per_keypoint)
    return changed
