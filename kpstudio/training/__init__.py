"""Labels to checkpoints, and how good those are."""

from kpstudio.training.evaluate import DecoderReport, evaluate
from kpstudio.training.fit import fit

__all__ = ["DecoderReport", "evaluate", "fit"]
