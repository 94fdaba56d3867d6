"""A heatmap head whose answer is the expected position under a softmax of its maps."""

from kpstudio.decoders import HeadTraining
from kpstudio.models.head import HeatmapHead


class DsntHead(HeatmapHead):
    """One map per keypoint, before the softmax, which the loss and the decoder apply.

    Args:
        channels: Of the features.
        keypoints: K.
        temperature: Factor before the softmax.

    Attributes:
        head_training: What the decoder must know.
    """

    def __init__(self, channels: int, keypoints: int, *, temperature: float = 1.0) -> None:
        super().__init__(channels, keypoints)
        self.head_training = HeadTraining(loss="dsnt", temperature=temperature)
