"""Heatmaps to positions in cells, one method per file."""

from kpstudio.decoders.catalogue import DECODERS, decoders_for, describe_decoders, make_decoder
from kpstudio.decoders.decoder import Decoded, Decoder, HeadTraining

__all__ = [
    "DECODERS",
    "Decoded",
    "Decoder",
    "HeadTraining",
    "decoders_for",
    "describe_decoders",
    "make_decoder",
]
