import numpy as np
import pytest

from kpstudio.core.depth_camera import DepthCamera
from kpstudio.core.errors_in_space import space_errors


def test_a_case_by_hand():
    labels = np.zeros((3, 2, 3))
    predictions = np.zeros((3, 2, 3))
    predictions[0, 0], predictions[0, 1], predictions[1, 0] = [3, 4, 0], [0, 0, 11], [0, 6, 8]
    predictions[1, 1] = np.nan
    labels[2, 1] = np.nan
    errors = space_errors(labels, predictions, thresholds_mm=(0, 10, 11))
    assert errors.per_keypoint_mm == (5, 11)
    assert errors.mean_mm == pytest.approx(26 / 4)
    assert errors.median_mm == 10
    assert (errors.frames, errors.keypoints, errors.missed) == (3, 5, 1)
    # The frame with a missed keypoint never succeeds.
    np.testing.assert_allclose(errors.success.shares, [1 / 3, 1 / 3, 2 / 3])


def test_nothing_labelled_is_no_error():
    errors = space_errors(np.full((2, 3, 3), np.nan), np.zeros((2, 3, 3)))
    assert (errors.mean_mm, errors.median_mm, errors.frames) == (None, None, 0)
    assert errors.per_keypoint_mm == (None, None, None)


@pytest.mark.parametrize(("network", "mean_mm"), [("resnet_18", 7.754), ("hourglass_1", 7.700)])
def test_published_predictions_have_their_published_error(shared, network, mean_mm):
    folder = shared / "data" / "nyu_awr_results"
    camera = DepthCamera(588.03, 587.07, 320.0, 240.0)
    labels, predictions = (
        camera.to_space(np.loadtxt(folder / f"{name}.txt").reshape(8252, 14, 3))
        for name in ("nyu_test_label", network)
    )
    errors = space_errors(labels, predictions)
    assert errors.mean_mm == pytest.approx(mean_mm, abs=5e-4)
    assert np.mean(errors.per_keypoint_mm) == pytest.approx(mean_mm, abs=5e-4)
    assert list(errors.success.shares) == sorted(errors.success.shares)
