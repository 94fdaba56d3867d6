"""Against the official code, on random subjects with all that may go wrong."""

import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from kpstudio.core.annotation import Annotation
from kpstudio.core.geometry import Box
from kpstudio.core.oks import OksSubject, oks_scores

KEYPOINTS = 5
SIGMAS = tuple(np.linspace(0.03, 0.11, KEYPOINTS))


def random_case(seed, images=47):
    """Several subjects an image, keypoints without labels, missed subjects and false ones."""
    random = np.random.default_rng(seed)
    labels, found = [], []
    for image in range(1, images + 1):
        here, answers = [], []
        for _ in range(random.integers(0, 4)):
            xy = random.uniform(0, 110, (KEYPOINTS, 2)) + random.uniform(0, 300, 2)
            visibility = random.integers(0, 3, KEYPOINTS)
            visibility[random.integers(KEYPOINTS)] = 2
            box = Box(*(xy.min(axis=0) - 3), *(np.ptp(xy, axis=0) + 6))
            box = box if random.random() < 0.5 else None
            here.append(Annotation(f"{image}", image, xy, visibility, box=box))
            if random.random() < 0.85:
                noisy = xy + random.normal(0, random.choice([1, 4, 9]), xy.shape)
                answers.append(OksSubject(noisy, float(random.random())))
        if random.random() < 0.4:
            false = random.uniform(0, 400, (KEYPOINTS, 2))
            answers.append(OksSubject(false, float(random.random())))
        labels.append(here)
        found.append(answers)
    return labels, found


def official(labels, found):
    """AP, AR, AP50 and AP75 as pycocotools gives them."""
    truths, answers = [], []
    for image, (here, subjects) in enumerate(zip(labels, found, strict=True), 1):
        for each in here:
            bounds = each.bounds()
            width, height = max(bounds.width, 1.0), max(bounds.height, 1.0)
            shown = np.where(each.is_labelled[:, None], each.xy, 0)
            truths.append(
                {
                    "id": len(truths) + 1,
                    "image_id": image,
                    "category_id": 1,
                    "keypoints": np.column_stack([shown, each.visibility]).ravel().tolist(),
                    "num_keypoints": int(each.is_labelled.sum()),
                    "bbox": [bounds.x, bounds.y, width, height],
                    "area": width * height,
                    "iscrowd": 0,
                }
            )
        for each in subjects:
            keypoints = np.column_stack([each.xy, np.ones(KEYPOINTS)]).ravel().tolist()
            entry = {"image_id": image, "category_id": 1, "keypoints": keypoints}
            answers.append({**entry, "score": each.score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": i} for i in range(1, len(labels) + 1)],
            "categories": [{"id": 1, "name": "subject"}],
            "annotations": truths,
            "info": {},
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(answers), "keypoints")
        evaluation.params.kpt_oks_sigmas = np.array(SIGMAS)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats[[0, 5, 1, 2]]


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_the_official_code_says(seed):
    labels, found = random_case(seed)
    scores = oks_scores(labels, found, SIGMAS)
    assert 0.1 < scores.ap < 0.9
    np.testing.assert_allclose(scores, official(labels, found), atol=1e-6)


def test_labels_against_themselves_are_perfect_and_nothing_is_worth_nothing():
    labels, _ = random_case(7)
    itself = [[OksSubject(each.xy, 0.5) for each in here] for here in labels]
    np.testing.assert_allclose(oks_scores(labels, itself, SIGMAS), 1)
    assert oks_scores(labels, [[] for _ in labels], SIGMAS) == (0, 0, 0, 0)


def test_an_answer_that_is_missing_is_nowhere_near():
    xy = np.random.default_rng(8).uniform(0, 90, (KEYPOINTS, 2))
    label = Annotation("a", 1, xy, np.full(KEYPOINTS, 2))
    partly = xy.copy()
    partly[:2] = np.nan
    # Three of five keypoints are perfect: a similarity of 0.6.
    scores = oks_scores([[label]], [[OksSubject(partly, 1.0)]], SIGMAS)
    assert scores.ap50 == pytest.approx(1)
    assert scores.ap75 == 0
    assert scores.ar == pytest.approx(0.3)


def test_it_prints_nothing_and_warns_of_nothing(capfd):
    labels, found = random_case(9)
    oks_scores(labels, found, SIGMAS)
    assert capfd.readouterr() == ("", "")


def test_points_without_extent_have_no_similarity():
    label = Annotation("a", 1, np.array([[5.0, 6.0]]), np.array([2]))
    assert oks_scores([[label]], [[OksSubject(np.array([[5.0, 6.0]]), 1.0)]], (0.05,)) is None
    assert oks_scores([[]], [[]], (0.05,)) is None
