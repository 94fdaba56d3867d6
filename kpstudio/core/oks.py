"""Object keypoint similarity: AP and AR as the COCO keypoint challenge reckons them.

The package hotcoco does it, and gives what pycocotools gives.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.shapes import Float

_CATEGORY_ID = 1
_SMALLEST_SIDE_PX = 1.0
# Too far from any label to be like it, and not so far that the box would be larger than COCO's
# largest area, because such boxes are not counted as false.
_NOWHERE_PX = -3e4


class OksSubject(NamedTuple):
    """One predicted subject.

    Args:
        xy: (K, 2) image pixels; NaN where there is no answer.
        score: That there is a subject; the surest are matched first.
    """

    xy: Float[np.ndarray, "K 2"]
    score: float


class OksScores(NamedTuple):
    """Means over the thresholds 0.50, 0.55 to 0.95, for subjects of all sizes.

    Args:
        ap: Average precision.
        ar: Average recall with 20 subjects per image.
        ap50: Average precision at 0.50.
        ap75: Average precision at 0.75.
    """

    ap: float
    ar: float
    ap50: float
    ap75: float


def oks_scores(
    labels: Sequence[Sequence[Annotation]],
    predictions: Sequence[Sequence[OksSubject]],
    sigmas: Sequence[float],
) -> OksScores | None:
    """AP and AR of predictions; the area of a subject is that of its box.

    Args:
        labels: Per image, its subjects.
        predictions: Per image, what was found there.
        sigmas: Of the skeleton, in COCO's meaning.

    Returns:
        None where no subject has an extent, so that nothing says how near is near.

    Source: Lin et al.: Microsoft COCO, and https://cocodataset.org/#keypoints-eval.
    """
    truths = [_truths(i, each) for i, each in enumerate(labels, 1)]
    annotations = [each for image in truths for each in image]
    if not any(max(each["bbox"][2:]) > _SMALLEST_SIDE_PX for each in annotations):
        return None
    found = [_answer(i, each) for i, image in enumerate(predictions, 1) for each in image]
    if not found:
        return OksScores(0.0, 0.0, 0.0, 0.0)
    import hotcoco

    content = {
        "images": [{"id": i, "width": 0, "height": 0} for i in range(1, len(labels) + 1)],
        "categories": [{"id": _CATEGORY_ID, "name": "subject"}],
        "annotations": [{**each, "id": i} for i, each in enumerate(annotations, 1)],
    }
    truth = hotcoco.COCO(content)
    evaluation = hotcoco.COCOeval(truth, truth.load_res(found), "keypoints")
    evaluation.params.kpt_oks_sigmas = list(sigmas)
    evaluation.evaluate()
    evaluation.accumulate()
    # Its summary would print, and warn of sigmas that are not those of people.
    accumulated = evaluation.eval
    assert accumulated is not None
    precision = np.asarray(accumulated["precision"])[..., 0, -1]
    recall = np.asarray(accumulated["recall"])[..., 0, -1]
    return OksScores(_mean(precision), _mean(recall), _mean(precision[:1]), _mean(precision[5:6]))


def _truths(image_id: int, annotations: Sequence[Annotation]) -> list[dict[str, Any]]:
    truths = []
    for each in annotations:
        bounds = each.bounds()
        if bounds is None:
            continue
        sides = [max(side, _SMALLEST_SIDE_PX) for side in (bounds.width, bounds.height)]
        xy = np.where(each.is_labelled[:, None], each.xy, 0.0)
        truths.append(
            {
                "image_id": image_id,
                "category_id": _CATEGORY_ID,
                "keypoints": np.column_stack([xy, each.visibility]).ravel().tolist(),
                "num_keypoints": int(each.is_labelled.sum()),
                "bbox": [bounds.x, bounds.y, *sides],
                "area": sides[0] * sides[1],
                "iscrowd": 0,
            }
        )
    return truths


def _answer(image_id: int, subject: OksSubject) -> dict[str, Any]:
    is_answered = np.isfinite(subject.xy).all(axis=1, keepdims=True)
    xy = np.where(is_answered, subject.xy, _NOWHERE_PX)
    return {
        "image_id": image_id,
        "category_id": _CATEGORY_ID,
        "keypoints": np.column_stack([xy, np.ones(len(xy))]).ravel().tolist(),
        "score": float(subject.score),
    }


def _mean(values: Float[np.ndarray, "..."]) -> float:
    return float(values[values > -1].mean())
