"""Left, right and centre stay apart for every kind of colour vision."""

from itertools import combinations

import numpy as np
import pytest

from kpstudio.core.skeleton import Skeleton
from kpstudio.gui.side_palettes import DEFAULT_PALETTE, SIDE_PALETTES, put_in_force
from kpstudio.gui.theme import keypoint_colours

# Source: Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color
# vision deficiency", 2009, severity 1.0; they multiply linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# A difference of 2 to 3 is just seen; 20 is seen at a glance on points of a few pixels.
LEAST_DIFFERENCE, LEAST_LIGHTNESS, LEAST_HUE, LEAST_CHROMA = 19.0, 12.0, 30.0, 15.0


def linear(colour):
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* of linear sRGB, D65."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def hue(colour):
    return np.degrees(np.arctan2(colour[2], colour[1]))


@pytest.mark.parametrize("palette", SIDE_PALETTES)
@pytest.mark.parametrize("vision", VISIONS)
def test_sides_are_told_apart_by_everybody(palette, vision):
    seen = [lab(VISIONS[vision] @ linear(each)) for each in SIDE_PALETTES[palette].values()]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > LEAST_DIFFERENCE


@pytest.mark.parametrize("palette", SIDE_PALETTES)
def test_sides_differ_in_lightness_and_in_hue(palette):
    colours = [lab(linear(each)) for each in SIDE_PALETTES[palette].values()]
    for a, b in combinations(colours, 2):
        assert abs(a[0] - b[0]) > LEAST_LIGHTNESS
        turned = abs((hue(a) - hue(b) + 180) % 360 - 180)
        is_grey = min(np.hypot(*a[1:]), np.hypot(*b[1:])) < LEAST_CHROMA
        assert is_grey or turned > LEAST_HUE


def test_the_measure_refuses_the_red_and_green_of_traffic_lights():
    red, green = (lab(VISIONS["deuteranopia"] @ linear(each)) for each in ("#C03A2B", "#4E7A1E"))
    assert np.linalg.norm(red - green) < LEAST_DIFFERENCE


@pytest.fixture
def default_palette():
    yield
    put_in_force(DEFAULT_PALETTE)


def test_a_colour_of_the_skeletons_own_wins_over_every_palette(default_palette):
    skeleton = Skeleton(
        "three", ("l", "r", "nose"), flip_pairs=((0, 1),), colours=("", "#123456", "")
    )
    put_in_force("deep")
    shown = [each.name().upper() for each in keypoint_colours(skeleton)]
    assert shown == [SIDE_PALETTES["deep"]["left"], "#123456", SIDE_PALETTES["deep"]["centre"]]
    put_in_force("of another version")
    assert keypoint_colours(skeleton)[0].name().upper() == SIDE_PALETTES["vivid"]["left"]
