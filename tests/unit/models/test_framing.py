import numpy as np
import pytest

from kpstudio.models.framing import Framing
from kpstudio.models.preprocessing import PADDING, normalise, resample, to_tensor

FRAMING = Framing(
    find_size=(96, 64),
    look_size=(128, 128),
    subject_size=50.0,
    find_subject_size=10.0,
    margin=1.6,
    is_upright=False,
    is_fixed_size=False,
)


def test_cells_of_both_passes_lead_back_to_the_image():
    box = FRAMING.look_box((101.0, 67.0), 50.0)
    to_image = FRAMING.look_cells_to_image(box, (32, 32))
    assert to_image.apply([15.5, 15.5]) == pytest.approx([101.0, 67.0])
    assert to_image.scale() == pytest.approx(80 / 32)
    to_image = FRAMING.find_cells_to_image((480, 311), (24, 16))
    assert to_image.apply([11.5, 7.5]) == pytest.approx([239.5, 155.0])


def test_the_whole_image_is_in_the_first_pass_whatever_its_shape():
    for width, height in ((480, 311), (97, 503), (5, 7)):
        corners = np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]])
        inside = FRAMING.find_affine(width, height).apply(corners)
        assert (inside >= -0.5 - 1e-9).all()
        assert (inside <= np.array([95.5, 63.5]) + 1e-9).all()


def test_a_box_is_never_wildly_large_or_small():
    sides = [FRAMING.look_box((0.0, 0.0), size).width for size in (1e-9, 1e9)]
    assert sides == pytest.approx([80 / 3, 240])


@pytest.mark.parametrize("scale", [1.7, 1.0, 0.37])
def test_resampling_puts_a_mark_where_the_map_says(scale):
    ys, xs = np.mgrid[:83, :101]
    blob = np.exp(-((xs - 41.3) ** 2 + (ys - 37.6) ** 2) / (2 * 5.0**2))
    image = np.repeat((255 * blob).astype(np.uint8)[..., None], 3, axis=2)
    framing = Framing((96, 64), (64, 64), 101 / scale, 10.0, 64 / 101, False, False)
    affine = framing.look_affine(framing.look_box((43.0, 39.0), 101 / scale))
    result = resample(image, affine, (64, 64))[..., 0].astype(float)
    result = np.maximum(result - PADDING - 5, 0)
    rows, columns = np.mgrid[:64, :64]
    found = [(result * columns).sum() / result.sum(), (result * rows).sum() / result.sum()]
    expected = affine.apply([41.3, 37.6])
    assert found == pytest.approx(expected.tolist(), abs=0.06)


def test_what_is_outside_of_the_image_is_grey():
    image = np.full((7, 5, 3), 255, dtype=np.uint8)
    framing = Framing((96, 64), (64, 64), 40.0, 10.0, 1.6, False, False)
    result = resample(image, framing.look_affine(framing.look_box((2.0, 3.0), 40.0)), (64, 64))
    assert (result[0, 0] == PADDING).all()
    assert (result[32, 32] == 255).all()


def test_normalised_pixels_go_from_minus_1_to_1():
    image = np.array([[[0, 255, 51]]], dtype=np.uint8)
    values = normalise(to_tensor([image]))[0, :, 0, 0]
    assert values.tolist() == pytest.approx([-1.0, 1.0, -0.6])
