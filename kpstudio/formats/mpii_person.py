"""One person of MPII Human Pose, as both of its files hold it.

Positions in the files count from 1, as in MATLAB: the centre of the top left pixel is (1, 1).
"""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.skeleton import Skeleton

FIRST_PIXEL = 1.0
MPII = Skeleton(
    name="MPII",
    keypoints=(
        *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
        *("pelvis", "thorax", "upper_neck", "head_top"),
        *("right_wrist", "right_elbow", "right_shoulder"),
        *("left_shoulder", "left_elbow", "left_wrist"),
    ),
    edges=(
        *((0, 1), (1, 2), (2, 6), (3, 6), (3, 4), (4, 5), (6, 7), (7, 8), (8, 9)),
        *((10, 11), (11, 12), (12, 7), (13, 7), (13, 14), (14, 15)),
    ),
    flip_pairs=((5, 0), (4, 1), (3, 2), (15, 10), (14, 11), (13, 12)),
    category="person",
)


@dataclass(frozen=True, eq=False)
class MpiiPerson:
    """A labelled person.

    Args:
        image: Number of the image in the file, from 0.
        number: Of the person, unlike all others in the file.
        xy: (16, 2) pixels with centres at integers; NaN where not labelled.
        visibility: (16,) COCO's.
        about: What the file says besides, as it says it.
    """

    image: int
    number: str
    xy: np.ndarray
    visibility: np.ndarray
    about: dict[str, Any]

    def annotation(
        self, *, image_id: int, image_name: str, order: list[int], path: Path
    ) -> Annotation:
        """The person in the order of a project's keypoints."""
        # The same at each reading, so that a second import of the file does not double subjects.
        name = f"kpstudio:mpii:{image_name}:{self.number}"
        return Annotation(
            id=uuid.uuid5(uuid.NAMESPACE_URL, name).hex,
            image_id=image_id,
            xy=self.xy[order],
            visibility=self.visibility[order],
            source="import:mpii",
            time=path.stat().st_mtime,
            extra=msgspec.json.encode({"mpii": self.about}).decode() if self.about else "",
        )


def image_root(path: Path, names: list[str]) -> Path:
    """The folder of the images: that of the file, or one called images there or above."""
    folder = path.absolute().parent
    roots = [folder, folder / "images", folder.parent / "images", folder.parent]
    return max(roots, key=lambda root: sum((root / name).is_file() for name in names[:20]))
