"""The poses of an image that is not open, as small pictures and the compared image draw them."""

import numpy as np

from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.workspace.glimpses import Glimpses


def glimpse_poses(glimpses: Glimpses, image_id: int) -> list[Pose]:
    """Its labels; without any, the stored predictions."""
    annotations, predicted = glimpses.of(image_id)
    poses = [Pose(PoseKind.LABEL, each.xy, each.visibility, False) for each in annotations]
    poses += [
        Pose(PoseKind.GHOST, each.xy, np.where(np.isfinite(each.xy).all(axis=1), 2, 0), False)
        for each in predicted
    ]
    return poses
