"""The length by which errors are divided, so that large and small subjects count alike."""

from typing import NamedTuple

import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.errors import UserProblem
from kpstudio.core.shapes import Float
from kpstudio.core.skeleton import Skeleton

BOX = "box"
_HEAD_TOPS = ("head_top", "top_head", "head-top")
_NECKS = ("upper_neck", "upper-neck", "neck")


class ReferenceLength(NamedTuple):
    """A length of each subject: of its box, or from one of its keypoints to another.

    Args:
        keypoints: Indices of both, such as the outer corners of the eyes; None for the longer
            side of the box.
    """

    keypoints: tuple[int, int] | None = None

    def of(self, annotation: Annotation) -> float:
        """In image pixels; NaN where it is not known, or is 0."""
        if self.keypoints is None:
            bounds = annotation.bounds()
            length = 0.0 if bounds is None else max(bounds.width, bounds.height)
        else:
            a, b = self.keypoints
            if not annotation.is_labelled[[a, b]].all():
                return float("nan")
            length = float(np.linalg.norm(annotation.xy[a] - annotation.xy[b]))
        return length if length > 0 else float("nan")

    def name(self, skeleton: Skeleton) -> str:
        """As `read_reference` reads it."""
        if self.keypoints is None:
            return BOX
        return ",".join(skeleton.keypoints[index] for index in self.keypoints)


WHOLE_BOX = ReferenceLength()


def read_reference(text: str, skeleton: Skeleton) -> ReferenceLength:
    """The length that somebody asked for: “box”, or two keypoints with a comma between them.

    Raises:
        UserProblem: It is neither, or the skeleton has no such keypoint.
    """
    if text == BOX:
        return WHOLE_BOX
    hint = f"Give “box”, or two of: {', '.join(skeleton.keypoints)}; with a comma between them."
    names = [each.strip() for each in text.split(",")]
    unknown = [name for name in names if name not in skeleton.keypoints]
    if len(names) != 2 or names[0] == names[1]:
        raise UserProblem(f"“{text}” does not name two keypoints.", hint)
    if unknown:
        raise UserProblem(f"The skeleton has no keypoint “{unknown[0]}”.", hint)
    return ReferenceLength((skeleton.index(names[0]), skeleton.index(names[1])))


def head_length(skeleton: Skeleton) -> ReferenceLength | None:
    """From the top of the head to the neck, where the skeleton has both by their usual names.

    Source: Andriluka, Pishchulin, Gehler, Schiele: 2D Human Pose Estimation, CVPR 2014 (PCKh);
    their head is six tenths of the diagonal of a box, which keypoints do not tell.
    """
    names = [name.lower().replace(" ", "_") for name in skeleton.keypoints]
    tops = [names.index(name) for name in _HEAD_TOPS if name in names]
    necks = [names.index(name) for name in _NECKS if name in names]
    return ReferenceLength((tops[0], necks[0])) if tops and necks else None


def relative_errors(
    errors: Float[np.ndarray, "N K"], lengths: Float[np.ndarray, " N"]
) -> Float[np.ndarray, "N K"]:
    """Errors in reference lengths; NaN where the length is not known, answer or none."""
    known = np.where(lengths > 0, lengths, np.nan)[:, None]
    return np.asarray(errors / known)
