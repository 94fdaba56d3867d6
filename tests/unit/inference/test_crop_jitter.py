import numpy as np
import pytest
import torch
from dot_network import dot_predictor, draw_dots

from kpstudio.core.geometry import Box
from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import HeadTraining, make_decoder
from kpstudio.inference import SubjectKeypoints, decode
from kpstudio.inference.crop_jitter import CropJitter, averaged, movements

PLACES = np.array([[[31.0, 22.0], [48.0, 40.0]], [[112.0, 30.0], [96.0, 47.0]]])
BOXES = [Box(10, 5, 60, 48), Box(75, 10, 60, 48)]


def subject(xy):
    count = len(xy)
    return SubjectKeypoints(
        np.array(xy, float),
        np.ones(count),
        Box(0, 0, 9, 9),
        1.0,
        np.zeros((count, 2, 2)),
        np.zeros((count, 0, 3)),
    )


def test_crops_move_a_little_and_keep_their_aspect():
    box = Box(10, 20, 50, 40)
    boxes = CropJitter(23).boxes(box)
    assert len(boxes) == 23
    assert CropJitter(23).boxes(box) == boxes
    for each in boxes:
        assert each.width / each.height == pytest.approx(1.25)
        assert abs(each.width / 50 - 1) <= 0.05
        assert abs(each.centre[0] - 35) <= 2.5
        assert abs(each.centre[1] - 40) <= 2
    assert len({each.width for each in boxes}) == 23


def test_a_network_that_is_right_hardly_moves():
    predictor, jitter = dot_predictor(), CropJitter(7)
    image = draw_dots((150, 64), PLACES)
    decoder = make_decoder(DecoderChoice("gaussian_fit"), HeadTraining(sigma=0.7))
    with torch.inference_mode():
        subjects = predictor.heatmaps(image, known=BOXES)
        beside = jitter.look(predictor, image, subjects)
    jittered = jitter.decode(beside, decoder)
    assert jittered.shape == (2, 7, 2, 2)
    moved = movements(decode(subjects, decoder), jittered)
    assert 0 < np.median(moved) < 0.2
    mean = averaged(decode(subjects, decoder), jittered)
    np.testing.assert_allclose([each.xy for each in mean], PLACES, atol=0.3)


def test_movements_and_means_of_a_case_by_hand():
    chosen = [subject([[0, 0], [np.nan, np.nan], [9, 9]])]
    jittered = np.array([[[[3, 4], [1, 1], [np.nan, np.nan]], [[0, 2], [1, 1], [9, 12]]]], float)
    moved = movements(chosen, jittered)
    np.testing.assert_array_equal(moved, [[[5, np.nan, np.inf], [2, np.nan, 3]]])
    (mean,) = averaged(chosen, jittered)
    np.testing.assert_array_equal(mean.xy, [[1, 2], [np.nan, np.nan], [9, 10.5]])


def test_nobody_found_does_not_move():
    decoder = make_decoder(DecoderChoice("dark"), HeadTraining())
    jitter = CropJitter(3)
    assert jitter.look(dot_predictor(), draw_dots((150, 64), PLACES), ()) == ()
    jittered = jitter.decode((), decoder)
    assert movements((), jittered).size == 0
    assert averaged((), jittered) == ()
