"""The keypoint labelling studio in which the model learns while you label."""

__version__ = "0.1.0"
