"""What several decoders say of the same head."""

from kpstudio.core.messages import Advice
from kpstudio.decoders.decoder import HeadOutput, HeadTraining

_GIVES = {
    "heatmaps": "heatmaps",
    "votes": "a field of votes",
    "coordinates": "coordinates",
}

_FAR_SIGMA = 1.7


def of_wrong_output(head_training: HeadTraining, takes: HeadOutput) -> Advice | None:
    """For a head whose output this decoder cannot read; None for the others."""
    if head_training.output == takes:
        return None
    return Advice(
        "misleading",
        f"The head gives {_GIVES[head_training.output]}, and this decoder reads {_GIVES[takes]}.",
    )


def of_peak(head_training: HeadTraining, *, otherwise: Advice) -> Advice:
    """For decoders that look at the largest cell alone.

    Args:
        head_training: Of the head.
        otherwise: For heads that learned a peak at the keypoint.
    """
    wrong = of_wrong_output(head_training, "heatmaps")
    if wrong is not None:
        return wrong
    if head_training.loss == "dsnt":
        return Advice(
            "misleading",
            "This head learned where the mean of the map lies, and its largest cell may lie "
            "elsewhere.",
        )
    return otherwise


def of_gaussian(head_training: HeadTraining, *, sigma: float, fits: str) -> Advice:
    """For decoders that expect a Gaussian of this sigma at the keypoint."""
    ratio = sigma / head_training.sigma
    if 1 / _FAR_SIGMA <= ratio <= _FAR_SIGMA:
        advice = Advice("fits", fits)
    else:
        advice = Advice(
            "usable",
            f"The head learned Gaussians of sigma {head_training.sigma:g} cells, so the blur or "
            f"window should have that sigma instead of {sigma:g}.",
        )
    return of_peak(head_training, otherwise=advice)
