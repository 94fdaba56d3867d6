"""The checkpoint that predicts now, and what it has seen."""

from pathlib import Path

import msgspec
import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.messages import (
    ArrayMessage,
    CheckpointLoaded,
    DecoderChoice,
    LoadCheckpoint,
    Predict,
    Predicted,
    SubjectMessage,
)
from kpstudio.decoders import DECODERS, decoders_for, make_decoder
from kpstudio.engine.heatmap_cache import FileState, HeatmapCache
from kpstudio.imaging.pixels import read_picture
from kpstudio.inference.predictor import Predictor, SubjectHeatmaps, SubjectKeypoints, decode


class InferenceSession:
    """Answers `LoadCheckpoint` and `Predict`; a new decoder never runs the network again."""

    def __init__(self, device: str = "auto") -> None:
        self._device = device
        self._predictor: Predictor | None = None
        self._run_id = 0
        self._checkpoint: FileState | None = None
        self._cache = HeatmapCache()
        self._passes_before = 0

    def load(self, request: LoadCheckpoint) -> CheckpointLoaded:
        """Make a checkpoint the one that predicts; when it fails, the former one stays."""
        path = Path(request.path)
        predictor = Predictor.load(path, self._device, execution=request.execution)
        if self._predictor is not None:
            self._passes_before += self._predictor.network_passes
        self._predictor = predictor
        self._run_id, self._checkpoint = request.run_id, FileState.of(path)
        checkpoint, head = predictor.checkpoint, predictor.checkpoint.head_training
        return CheckpointLoaded(
            sequence=request.sequence,
            run_id=request.run_id,
            network=checkpoint.network,
            keypoints=checkpoint.skeleton.keypoints,
            best_decoder=checkpoint.best_decoder,
            advice={
                name: make_decoder(DecoderChoice(name), head).advice(head)
                for name in decoders_for(head)
            },
            suited={name: dict(DECODERS[name].parameters_for(head)) for name in decoders_for(head)},
            execution=str(predictor.execution),
            can_find=checkpoint.can_find,
        )

    def predict(self, request: Predict) -> Predicted:
        """The subjects of an image, decoded as asked."""
        if self._predictor is None:
            raise UserProblem(
                "There is no trained network yet.", "Train one, or choose a run that has ended."
            )
        decoder = make_decoder(request.decoder, self._predictor.checkpoint.head_training)
        calibration = self._predictor.checkpoint.calibrations.get(request.decoder.name)
        known = tuple(Box(*each) for each in request.known)
        heatmaps = self._heatmaps(self._predictor, request, known)
        return Predicted(
            sequence=request.sequence,
            image_id=request.image_id,
            run_id=self._run_id,
            decoder=request.decoder,
            subjects=tuple(
                map(_message, heatmaps, decode(heatmaps, decoder, calibration=calibration))
            ),
            network_passes=self._passes_before + self._predictor.network_passes,
        )

    def _heatmaps(
        self, predictor: Predictor, request: Predict, known: tuple[Box, ...]
    ) -> tuple[SubjectHeatmaps, ...]:
        path, frame = Path(request.path), request.frame
        if predictor.checkpoint.can_find:
            known = ()
        try:
            way = msgspec.structs.replace(predictor.execution, ms=None)
            key = (self._run_id, self._checkpoint, way, FileState.of(path), frame, known)
        except OSError:
            key = None  # Reading it says what is wrong.
        cached = self._cache.get(key) if key else None
        if cached is not None:
            return cached
        heatmaps = predictor.heatmaps(read_picture(path, frame), known=known)
        if key:
            self._cache.put(key, heatmaps)
        return heatmaps


def _message(heatmaps: SubjectHeatmaps, keypoints: SubjectKeypoints) -> SubjectMessage:
    box = heatmaps.box
    return SubjectMessage(
        xy=ArrayMessage.of(keypoints.xy.astype(np.float64)),
        scores=ArrayMessage.of(keypoints.scores.astype(np.float64)),
        covariance=ArrayMessage.of(keypoints.covariance),
        other_peaks=ArrayMessage.of(keypoints.other_peaks),
        box=(box.x, box.y, box.width, box.height),
        score=float(heatmaps.score),
        heatmaps=ArrayMessage.of(heatmaps.heatmaps.detach().cpu().numpy().astype(np.float16)),
        cell_to_image=ArrayMessage.of(heatmaps.cell_to_image.matrix),
    )
