import cv2
import numpy as np
import pytest

from kpstudio.core.adjustment import Adjustment
from kpstudio.imaging.adjusted_pixels import adjusted_pixels


@pytest.fixture
def pixels():
    return np.random.default_rng(3).integers(0, 256, (41, 67, 3), dtype=np.uint8)


def test_without_an_adjustment_nothing_is_copied(pixels):
    assert adjusted_pixels(pixels, Adjustment()) is pixels


@pytest.mark.parametrize(
    ("adjustment", "values"),
    [
        (Adjustment(is_inverted=True), {0: 255, 100: 155, 255: 0}),
        (Adjustment(brightness=0.2), {0: 51, 100: 151, 255: 255}),
        (Adjustment(contrast=-1.0), {0: 128, 200: 128}),
        (Adjustment(contrast=0.5), {0: 0, 127: 126, 255: 255}),
        (Adjustment(gamma=2.0), {0: 0, 64: 128, 255: 255}),
        (Adjustment(gamma=0.0, contrast=5.0), {0: 0, 255: 255}),
    ],
)
def test_the_table_says_what_becomes_of_a_value(adjustment, values):
    table = adjustment.table()
    assert {value: int(table[value]) for value in values} == values


def test_a_table_is_applied_to_every_channel(pixels):
    adjustment = Adjustment(gamma=1.7, brightness=-0.1)
    np.testing.assert_array_equal(adjusted_pixels(pixels, adjustment), adjustment.table()[pixels])


@pytest.mark.parametrize(("channel", "index"), [("red", 0), ("green", 1), ("blue", 2)])
def test_one_channel_is_shown_in_grey(pixels, channel, index):
    shown = adjusted_pixels(pixels, Adjustment(channel=channel))
    for each in range(3):
        np.testing.assert_array_equal(shown[..., each], pixels[..., index])


def test_grey_is_the_brightness_of_all_channels(pixels):
    shown = adjusted_pixels(pixels, Adjustment(channel="grey", is_inverted=True))
    grey = pixels @ np.array([0.299, 0.587, 0.114])
    for each in range(3):
        np.testing.assert_allclose(shown[..., each], 255 - grey, atol=1)


def test_local_contrast_spreads_a_flat_region_and_keeps_its_colour():
    ramp = np.linspace(100, 110, 160).astype(np.uint8)
    flat = np.stack([np.tile(ramp + add, (96, 1)) for add in (30, 0, 15)], axis=2)
    before = flat.copy()
    shown = adjusted_pixels(flat, Adjustment(local_contrast=8.0))
    assert np.ptp(shown[..., 1]) > 2 * np.ptp(flat[..., 1])
    differences = shown[..., 0].astype(int) - shown[..., 1]
    assert np.abs(differences - 30).max() <= 3
    np.testing.assert_array_equal(flat, before)
    assert cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY).std() > 3
