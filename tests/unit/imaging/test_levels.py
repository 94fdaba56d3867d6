"""What images are drawn from when they are small on the screen."""

import numpy as np

from kpstudio.imaging.levels import screen_levels, screen_pixels


def test_a_level_is_the_mean_of_four_pixels_in_the_order_of_screens():
    pixels = np.zeros((1302, 1700, 3), np.uint8)
    pixels[0:2, 4:6] = [[(10, 20, 30), (30, 20, 30)], [(10, 60, 30), (30, 60, 50)]]
    whole, half = screen_levels(pixels)
    assert whole.shape == (1302, 1700, 4)
    assert half.shape == (651, 850, 4)
    assert whole[0, 4].tolist() == [30, 20, 10, 255]
    assert half[0, 2].tolist() == [35, 40, 20, 255]


def test_levels_end_where_drawing_is_fast_and_begin_at_a_half_of_a_large_image():
    sizes = [level.shape[:2] for level in screen_levels(np.zeros((2001, 2999, 3), np.uint8))]
    assert sizes == [(1001, 1500), (501, 750)]
    (only,) = screen_levels(np.zeros((37, 53, 3), np.uint8))
    assert only.shape[:2] == (37, 53)


def test_the_pixels_of_an_image_stay_as_they_are():
    pixels = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    shown = screen_pixels(pixels)
    assert np.array_equal(shown[:, :, 2::-1], pixels)
    assert (shown[:, :, 3] == 255).all()
