"""A quick look at the errors while a training goes on."""

import time

import numpy as np

from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import decoders_for, make_decoder
from kpstudio.imaging.pixels import read_picture
from kpstudio.inference.predictor import Predictor, decode
from kpstudio.training.decoder_report import DecoderReport
from kpstudio.training.error_collector import ErrorCollector

_MOST_IMAGES, _FEWEST_IMAGES = 16, 4
_CLEARLY_BETTER = 0.95


class Validator:
    """Measures errors on a few validation images, always the same ones.

    Args:
        dataset: Labelled validation images; may be empty.
        seed: Chooses the few.
    """

    def __init__(self, dataset: Dataset, *, seed: int) -> None:
        order = np.random.default_rng(seed).permutation(len(dataset.images))
        grouped = dataset.annotations_by_image()
        self._keypoints = dataset.skeleton.keypoints
        self._images = []
        for index in order[:_MOST_IMAGES]:
            image = dataset.images[index]
            try:
                pixels = read_picture(image.path, image.frame)
            except UserProblem:
                # The training goes on; that the file is damaged is said where it is shown.
                continue
            self._images.append((pixels, grouped[image.id]))
        self._is_chosen = False

    def __len__(self) -> int:
        return len(self._images)

    @property
    def chosen(self) -> int | None:
        """How many images the time allows; None before that is known."""
        return len(self._images) if self._is_chosen else None

    def keep(self, count: int) -> None:
        """Measure on the first so many images only, as before a break."""
        self._images, self._is_chosen = self._images[:count], True

    def measure(self, predictor: Predictor, *, budget_s: float) -> dict[str, ErrorCollector]:
        """Errors of every decoder; the first time decides how many images fit into the budget."""
        head_training = predictor.checkpoint.head_training
        decoders = {
            name: make_decoder(DecoderChoice(name), head_training)
            for name in decoders_for(head_training)
        }
        collectors = {name: ErrorCollector(self._keypoints) for name in decoders}
        started = time.monotonic()
        for count, (pixels, annotations) in enumerate(self._images, 1):
            subjects = predictor.heatmaps(pixels)
            for name, decoder in decoders.items():
                collectors[name].add(annotations, decode(subjects, decoder, other_peaks=0))
            is_over = time.monotonic() - started > budget_s
            if not self._is_chosen and is_over and count >= _FEWEST_IMAGES:
                self._images = self._images[:count]
                break
        self._is_chosen = True
        return collectors


def best_decoder(reports: dict[str, DecoderReport], *, fitting: str) -> str:
    """The decoder that fits the head, unless another one is clearly better."""

    def error(name: str) -> float:
        median = reports[name].median_px if name in reports else None
        return np.inf if median is None else median

    best = min(reports, key=error, default=fitting)
    return best if error(best) < _CLEARLY_BETTER * error(fitting) else fitting
