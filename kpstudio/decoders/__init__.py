"""Heatmaps to positions in cells, one method per file."""

from kpstudio.core.calibration import Calibration, calibrate, reliability_curve
from kpstudio.decoders.catalogue import (
    DECODERS,
    decoders_for,
    describe_decoders,
    fitting_decoder,
    make_decoder,
)
from kpstudio.decoders.decoder import Decoded, Decoder, HeadTraining
from kpstudio.decoders.flip import average_flipped

__all__ = [
    "DECODERS",
    "Calibration",
    "Decoded",
    "Decoder",
    "HeadTraining",
    "average_flipped",
    "calibrate",
    "decoders_for",
    "describe_decoders",
    "fitting_decoder",
    "make_decoder",
    "reliability_curve",
]
