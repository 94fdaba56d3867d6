"""All annotations of a dataset as arrays, so that looking at 50,000 takes no loop."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kpstudio.core.dataset import Dataset
from kpstudio.core.shapes import Bool, Float, Int


@dataclass(frozen=True, eq=False)
class StackedAnnotations:
    """The annotations of a dataset.

    Args:
        dataset: From which they are, in its order.
        xy: (N, K, 2) image pixels, NaN where not labelled.
        visibility: (N, K) 0 not labelled, 1 occluded, 2 visible.
        images: (N,) indices into the images of the dataset.
        sizes: (N, 2) width and height of the image of each, NaN where it is not known.
        boxes: (N, 4) left, top, right, bottom; NaN where there is none.
    """

    dataset: Dataset
    xy: Float[np.ndarray, "N K 2"]
    visibility: Int[np.ndarray, "N K"]
    images: Int[np.ndarray, " N"]
    sizes: Float[np.ndarray, "N 2"]
    boxes: Float[np.ndarray, "N 4"]

    @classmethod
    def of(
        cls, dataset: Dataset, sizes: "dict[int, tuple[int, int]] | None" = None
    ) -> "StackedAnnotations":
        """The annotations of a dataset.

        Args:
            dataset: Whose annotations are of its images.
            sizes: Of images by id, where a look at the files told; else what the dataset says.
        """
        annotations, keypoints = dataset.annotations, len(dataset.skeleton)
        rows = {image.id: row for row, image in enumerate(dataset.images)}
        known = sizes or {}
        of_images = np.array(
            [known.get(image.id, (image.width, image.height)) for image in dataset.images],
            np.float64,
        ).reshape(-1, 2)
        of_images[(of_images <= 0).any(axis=1)] = np.nan
        images = np.array([rows[each.image_id] for each in annotations], np.int64)
        visibility = np.array([each.visibility for each in annotations], np.int8)
        visibility = visibility.reshape(-1, keypoints)
        xy = np.array([each.xy for each in annotations], np.float64).reshape(-1, keypoints, 2)
        xy[visibility == 0] = np.nan
        boxes = np.full((len(annotations), 4), np.nan)
        for row, each in enumerate(annotations):
            if (box := each.box) is not None:
                boxes[row] = box.x, box.y, box.x + box.width, box.y + box.height
        return cls(dataset, xy, visibility, images, of_images[images], boxes)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def is_labelled(self) -> Bool[np.ndarray, "N K"]:
        return np.asarray(self.visibility > 0)

    def bounds(self) -> Float[np.ndarray, "N 4"]:
        """Left, top, right, bottom of the labelled keypoints; NaN where there is none."""
        if not len(self):
            return np.empty((0, 4))
        # fmin and fmax pass over NaN and, unlike nanmin, say nothing where there is no number.
        return np.concatenate([np.fmin.reduce(self.xy, axis=1), np.fmax.reduce(self.xy, axis=1)], 1)

    def image_names(self, rows: Iterable[int]) -> list[str]:
        """Names of the images of some annotations."""
        return [self.dataset.images[self.images[row]].name for row in rows]

    def keypoint_names(self, places: Iterable[tuple[int, int]]) -> list[str]:
        """Examples such as "img3.png: snout at (12.5, 7)", for pairs of annotation and keypoint."""
        return [
            f"{self.dataset.images[self.images[row]].name}:"
            f" {self.dataset.skeleton.keypoints[keypoint]} at"
            f" ({self.xy[row, keypoint, 0]:g}, {self.xy[row, keypoint, 1]:g})"
            for row, keypoint in places
        ]
