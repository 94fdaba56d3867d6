"""COCO results: a JSON list of predicted subjects, as pycocotools' loadRes reads it.

    [{"image_id": 785, "category_id": 1, "keypoints": [x, y, score, ...], "score": 0.9}, ...]

The numbers of images are those of the COCO file that they came from, else those of an export of
this project as “coco”. A keypoint that was not found is in the middle of its subject with the
score 0, because the list has no word for it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
import numpy as np

from kpstudio.core.annotation import Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.coco_ids import choose_ids
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.json_outline import outline_json

_CATEGORY_ID = 1


class CocoResultsFormat(Format):
    """A list of predictions for COCO's evaluation."""

    title: ClassVar[str] = "COCO results"
    can_write: ClassVar[bool] = True
    suffix: ClassVar[str] = ".json"

    def recognises(self, path: Path) -> bool:
        outline = outline_json(path)
        return outline.opening == "[" and {"image_id", "category_id"} <= outline.keys

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        raise UserProblem(
            f"{path.name} is a list of COCO results: predictions that do not name their images.",
            f"Import the COCO file of the same images instead, with labels of “{skeleton.name}”.",
        )

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write the predictions."""
        if predictions is None:
            raise UserProblem(
                "COCO results are predictions, not labels.",
                "Export predictions, or export the labels as “coco”.",
            )
        numbers = choose_ids([(each.extra, each.id) for each in dataset.images])
        number_of = dict(zip((each.id for each in dataset.images), numbers, strict=True))
        found = [
            {
                "image_id": number_of[each.image_id],
                "category_id": _CATEGORY_ID,
                "keypoints": _keypoints(each),
                "score": float(each.score),
            }
            for each in predictions
        ]
        write_atomically(path, msgspec.json.encode(found))
        positions = sum(int(np.isfinite(each.xy).all(axis=1).sum()) for each in predictions)
        missing = sum(each.xy.shape[0] for each in predictions) - positions
        note = f"{missing} keypoints that were not found are the middle of their box, with score 0."
        return WriteReceipt(
            path,
            len({each.image_id for each in predictions}),
            len(found),
            positions,
            notes=(note,) if missing else (),
        )


def _keypoints(prediction: Prediction) -> list[float]:
    is_found = np.isfinite(prediction.xy).all(axis=1)
    xy = np.where(is_found[:, None], prediction.xy, prediction.box.centre)
    scores = np.where(is_found, np.nan_to_num(prediction.scores), 0)
    values: list[float] = np.column_stack([xy, scores]).ravel().tolist()
    return values
