"""The keypoints of a file against those of the project."""

from collections.abc import Sequence

from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton


def keypoint_order(file: str, names: Sequence[str], skeleton: Skeleton) -> list[int]:
    """For each keypoint of the skeleton its index among the names of a file.

    Args:
        file: As messages call it.
        names: Of the file's keypoints, in its order.
        skeleton: Of the project.

    Raises:
        UserProblem: They are not the same names.
    """
    if set(names) == set(skeleton.keypoints) and len(names) == len(skeleton):
        return [names.index(name) for name in skeleton.keypoints]
    foreign = [name for name in names if name not in skeleton.keypoints]
    missing = [name for name in skeleton.keypoints if name not in names]
    if foreign:
        what = f"“{foreign[0]}” is not in the skeleton"
    elif missing:
        what = f"there is no “{missing[0]}”"
    else:
        what = "it names one of them twice"
    raise UserProblem(
        f"{file}: the keypoints do not fit the skeleton “{skeleton.name}”: {what}.",
        f"The file has: {', '.join(names)}. The skeleton has: {', '.join(skeleton.keypoints)}.",
    )
