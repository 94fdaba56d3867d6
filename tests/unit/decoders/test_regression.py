import pytest
import torch

from kpstudio.decoders.regression import Regression


def test_coordinates_pass_as_they_are():
    values = torch.tensor([[[1.5, 2.25], [-3.0, 70.0], [0.0, 0.0]]])
    decoded = Regression()(values)
    assert torch.equal(decoded.cells, values)
    assert decoded.scores.tolist() == [[1, 1, 1]]
    assert decoded.covariance.isnan().all()
    assert decoded.other_peaks.shape == (1, 3, 5, 3)
    assert decoded.other_peaks.isnan().all()


def test_a_predicted_spread_is_the_covariance():
    values = torch.tensor([[[1.5, 2.25, 2.0, 3.0]]])
    assert Regression()(values).covariance.tolist() == [[[[4.0, 0.0], [0.0, 9.0]]]]
    assert Regression()(values, covariance=False).covariance.isnan().all()


def test_the_score_is_how_likely_the_keypoint_is_within_three_cells():
    sure = torch.tensor([[[9.0, 9.0, 0.5, 0.5], [9.0, 9.0, 3.5, 3.5], [9.0, 9.0, 90.0, 90.0]]])
    assert Regression()(sure).scores[0, 0] > 0.999
    assert Regression()(sure).scores[0, 1].item() == pytest.approx(0.6827**2, abs=1e-4)
    assert Regression()(sure).scores[0, 2] < 0.01
    odd = torch.tensor([[[1.5, 2.25, torch.nan, 1.0], [1.5, 2.25, torch.inf, 1.0]]])
    assert Regression()(odd).scores.tolist() == [[0, 0]]
    assert Regression()(sure, covariance=False).scores[0, 0] > 0.999


def test_coordinates_that_are_not_finite_are_no_answer_and_leave_the_others_alone():
    values = torch.tensor([[[1.5, 2.25], [torch.nan, 2.0], [torch.inf, 0.0]]])
    decoded = Regression()(values, other_peaks=2)
    assert decoded.scores.tolist() == [[1, 0, 0]]
    assert decoded.cells[0, 0].tolist() == [1.5, 2.25]
    assert decoded.cells[0, 1:].isnan().all()


def test_half_precision_is_answered_in_float32_and_float64_as_it_is():
    for given in (torch.float16, torch.bfloat16, torch.float32):
        assert Regression()(torch.zeros(2, 3, 2, dtype=given)).cells.dtype is torch.float32
    assert Regression()(torch.zeros(2, 3, 2, dtype=torch.float64)).cells.dtype is torch.float64


def test_no_keypoints_and_no_batch_give_nothing():
    assert Regression()(torch.zeros(0, 3, 2)).cells.shape == (0, 3, 2)
    assert Regression()(torch.zeros(2, 0, 4)).covariance.shape == (2, 0, 2, 2)
