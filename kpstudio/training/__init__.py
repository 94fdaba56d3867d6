"""Labels to checkpoints, and how good those are."""

from kpstudio.training.decoder_report import DecoderReport
from kpstudio.training.evaluate import Evaluation, EvaluationOptions, evaluate
from kpstudio.training.fit import fit

__all__ = ["DecoderReport", "Evaluation", "EvaluationOptions", "evaluate", "fit"]
