"""Images to heatmaps to keypoints, for the engine and the command line."""

from kpstudio.inference.predictor import (
    Predictor,
    SubjectHeatmaps,
    SubjectKeypoints,
    choose_device,
    decode,
)

__all__ = ["Predictor", "SubjectHeatmaps", "SubjectKeypoints", "choose_device", "decode"]
