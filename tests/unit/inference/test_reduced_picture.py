import cv2
import numpy as np
import pytest
import torch
from dot_network import dot_predictor, draw_dots

from kpstudio.core.geometry import Affine, Box
from kpstudio.core.messages import DecoderChoice
from kpstudio.core.picture import Picture
from kpstudio.decoders import HeadTraining, make_decoder
from kpstudio.inference import decode

PLACES = np.array([[[62.0, 44.0], [96.0, 80.0]], [[224.0, 60.0], [192.0, 94.0]]])
BOXES = [Box(20, 10, 120, 96), Box(150, 20, 120, 96)]


def test_keypoints_of_a_reduced_picture_are_in_the_pixels_of_its_image():
    image = draw_dots((300, 128), PLACES)
    half = cv2.resize(image, (150, 64), interpolation=cv2.INTER_AREA)
    picture = Picture(half, (300, 128), Affine.of_blocks(2, 2))
    predictor = dot_predictor()
    decoder = make_decoder(DecoderChoice("gaussian_fit"), HeadTraining(sigma=0.7))
    with torch.inference_mode():
        of_picture = decode(predictor.heatmaps(picture, known=BOXES), decoder)
        of_all = decode(predictor.heatmaps(image, known=BOXES), decoder)
    assert [each.box for each in of_picture] == [each.box for each in of_all]
    for reduced, whole, place in zip(of_picture, of_all, PLACES, strict=True):
        assert reduced.xy == pytest.approx(whole.xy, abs=0.5)
        assert reduced.xy == pytest.approx(place, abs=1)
