"""A head whose pixels vote for the keypoints, with offsets and closeness."""

from kpstudio.decoders import HeadTraining
from kpstudio.models.head import HeatmapHead


class AwrHead(HeatmapHead):
    """Four maps per keypoint: first u, v and d of the offset of each, then closeness of each.

    Args:
        channels: Of the features.
        keypoints: K.
        kernel: Distance at which closeness is 0, in normalised coordinates.

    Attributes:
        head_training: What the decoder must know.
    """

    def __init__(self, channels: int, keypoints: int, *, kernel: float = 0.4) -> None:
        super().__init__(channels, 4 * keypoints)
        self.head_training = HeadTraining(loss="awr", kernel=kernel)
