import contextlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from labelled_data import TRIPLE, draw_dataset, predictions_of
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from kpstudio import formats
from kpstudio.core.annotation import Prediction
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box


def test_pycocotools_scores_perfect_predictions_with_one(tmp_path):
    dataset = draw_dataset(tmp_path)
    formats.write(dataset, tmp_path / "truth.json")
    predictions = [
        Prediction(each.image_id, 1, each.xy, np.full(3, 0.5), Box(0, 0, 7, 5), 0.75)
        for each in dataset.annotations
    ]
    receipt = formats.write(
        dataset, tmp_path / "out.json", format="coco_results", predictions=predictions
    )
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 3, 8)
    assert receipt.notes[0].startswith("1 keypoints that were not found")
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(tmp_path / "truth.json"))
        evaluation = COCOeval(truth, truth.loadRes(str(tmp_path / "out.json")), "keypoints")
        evaluation.params.kpt_oks_sigmas = np.array(TRIPLE.oks_sigmas())
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    assert evaluation.eval["precision"].mean() == pytest.approx(1.0, abs=1e-9)


def test_images_have_the_numbers_of_the_file_that_they_came_from(tmp_path):
    dataset = draw_dataset(tmp_path)
    images = (replace(dataset.images[0], extra='{"id":785}'), *dataset.images[1:])
    found = predictions_of(dataset)
    formats.write(
        replace(dataset, images=images),
        tmp_path / "o.json",
        format="coco_results",
        predictions=found,
    )
    (result,) = json.loads((tmp_path / "o.json").read_text())
    assert (result["image_id"], result["category_id"], result["score"]) == (785, 1, 0.75)
    assert result["keypoints"] == [1.5, 2.5, 0.5, 10, 8, 0, 3, 4, 0.25]


def test_results_are_no_labels(shared, tmp_path):
    path = shared / "data" / "mmpose_tests" / "coco" / "test_coco_det_AP_H_56.json"
    assert formats.detect_format(path) == "coco_results"
    with pytest.raises(UserProblem, match="do not name their images"):
        formats.read(path, TRIPLE)
    with pytest.raises(UserProblem, match="predictions, not labels"):
        formats.write(draw_dataset(tmp_path), tmp_path / "o.json", format="coco_results")
