"""Heatmaps to positions in cells, one method per file."""

from kpstudio.decoders.catalogue import DECODERS, decoders_for, describe_decoders, make_decoder
from kpstudio.decoders.decoder import Decoded, Decoder, HeadTraining
from kpstudio.decoders.flip import average_flipped

__all__ = [
    "DECODERS",
    "Decoded",
    "Decoder",
    "HeadTraining",
    "average_flipped",
    "decoders_for",
    "describe_decoders",
    "make_decoder",
]
