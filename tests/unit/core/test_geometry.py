import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpstudio.core.geometry import Affine, Box, cells_to_input, crop_to_input

numbers = st.floats(-1000, 1000)
sizes = st.integers(2, 500)


@given(numbers, numbers, st.floats(1, 500), st.floats(1, 500), st.floats(-3, 3), st.booleans())
def test_a_crop_has_an_exact_inverse(x, y, width, height, rotation, flip):
    affine = crop_to_input(Box(x, y, width, height), (192, 160), rotation=rotation, flip=flip)
    points = np.array([[x, y], [3.0, 5.0], [-7.0, 11.0]])
    assert np.allclose(affine.inverse().apply(affine.apply(points)), points, atol=1e-6)


def test_the_crop_of_a_whole_image_at_its_size_is_the_identity():
    affine = crop_to_input(Box.of_image(64, 48), (64, 48))
    assert np.allclose(affine.matrix, Affine.identity().matrix)


def test_half_pixel_cells_commute_with_a_flip():
    affine = cells_to_input("half_pixel", (13, 7), (52, 28))
    cells = np.array([[0.0, 0.0], [4.3, 2.1]])
    flipped = np.array([[12.0, 0.0], [12 - 4.3, 2.1]])
    assert np.allclose(affine.apply(flipped)[:, 0], 51 - affine.apply(cells)[:, 0])


def test_the_three_mappings_are_those_of_the_literature():
    assert cells_to_input("half_pixel", (48, 64), (192, 256)).apply([1, 2]) == pytest.approx(
        [5.5, 9.5]
    )
    assert cells_to_input("multiply", (48, 64), (192, 256)).apply([1, 2]) == pytest.approx([4, 8])
    assert cells_to_input("corner", (48, 64), (192, 256)).apply([47, 63]) == pytest.approx(
        [191, 255]
    )


@given(sizes, sizes, st.floats(0.2, 5))
def test_a_box_keeps_its_aspect_by_growing(width, height, aspect):
    grown = Box(1, 2, width, height).with_aspect(aspect)
    assert grown.width / grown.height == pytest.approx(aspect)
    assert grown.width >= width * (1 - 1e-9)
    assert grown.height >= height * (1 - 1e-9)


def test_rotation_turns_the_content_clockwise():
    affine = crop_to_input(Box.centred(0, 0, 10, 10), (11, 11), rotation=np.pi / 2)
    right_of_centre = affine.apply([3.0, 0.0])
    assert right_of_centre[0] == pytest.approx(5.0)
    assert right_of_centre[1] > 5.0


def test_a_pixel_that_stands_for_a_block_lies_in_its_middle():
    # Columns 0 to 2 and 3 to 5, rows -1 to 3 and 4 to 8: the first block is cut off.
    blocks = Affine.of_blocks(3, 5, top=-1)
    assert blocks.apply([[0, 0], [1, 1]]).tolist() == [[1, 1], [4, 6]]
