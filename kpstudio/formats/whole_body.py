"""COCO-WholeBody: 133 keypoints of a person, of which a file lists feet, face and hands apart.

Source: S. Jin et al., "Whole-Body Human Pose Estimation in the Wild", ECCV 2020, and the data
format that its repository describes: `keypoints` (17), `foot_kpts` (6), `face_kpts` (68),
`lefthand_kpts` (21), `righthand_kpts` (21).
"""

from collections.abc import Sequence

from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton

BODY = 17
PARTS = {"foot_kpts": 6, "face_kpts": 68, "lefthand_kpts": 21, "righthand_kpts": 21}
"""The fields besides `keypoints`, in their order, with their numbers of keypoints."""


def whole_body_skeleton() -> Skeleton:
    return read_skeleton(resource_path("skeletons", "wholebody133.json"))


def is_body_of(keypoints: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether a category names the body, and the skeleton the body with all other parts."""
    return (
        len(keypoints) == BODY
        and len(whole) == BODY + sum(PARTS.values())
        and set(keypoints) < set(whole)
        and set(whole) == set(whole_body_skeleton().keypoints)
    )


def settle_visibility(value: float) -> float:
    """The hands of some files have the score of a network where others have a visibility."""
    return value if value in (0.0, 1.0, 2.0) or not 0 < value < 1 else 2.0
