import pytest
import torch

from kpstudio.core.geometry import cells_to_input
from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import average_flipped, make_decoder
from kpstudio.models.targets import gaussian_targets

WIDTH, HEIGHT, STRIDE = 29, 37, 4
INPUT = (WIDTH * STRIDE, HEIGHT * STRIDE)


def maps_of(xy, mapping):
    """What a perfect network of this mapping gives for keypoints at input pixels xy (K, 2)."""
    cells = cells_to_input(mapping, (WIDTH, HEIGHT), INPUT).inverse().apply(xy)
    cells = torch.as_tensor(cells, dtype=torch.float32)[None]
    return gaussian_targets(cells, map_size=(WIDTH, HEIGHT), sigma=2.0)


@pytest.mark.parametrize(("mapping", "left_over"), [("half_pixel", 0), ("corner", 0)])
def test_the_mean_of_both_is_where_the_keypoint_is(mapping, left_over):
    decoded = decode_average(mapping)
    assert (decoded - truth(mapping)).abs().max() <= left_over + 1e-3


def test_multiply_leaves_an_eighth_of_a_cell_after_its_move_by_one():
    # The move leaves a quarter of a cell at stride 4, and the mean halves it.
    apart = decode_average("multiply") - truth("multiply")
    assert torch.allclose(apart[:, 0], torch.full((2,), 0.125), atol=0.01)
    assert apart[:, 1].abs().max() < 1e-3


XY = [[41.3, 62.8], [73.9, 55.1]]


def truth(mapping):
    cells = cells_to_input(mapping, (WIDTH, HEIGHT), INPUT).inverse().apply(XY)
    return torch.as_tensor(cells, dtype=torch.float32)


def decode_average(mapping):
    heatmaps = maps_of(XY, mapping)
    # In the mirror the left keypoint is where the right one was called.
    mirrored_xy = [[INPUT[0] - 1 - x, y] for x, y in XY]
    mirrored = maps_of(mirrored_xy, mapping)[:, [1, 0]]
    average = average_flipped(heatmaps, mirrored, flip_order=(1, 0), cell_mapping=mapping)
    return make_decoder(DecoderChoice("gaussian_fit"))(average).cells[0]


def test_a_map_of_one_column_is_its_own_mirror():
    maps = torch.rand(2, 3, 5, 1)
    for mapping in ("half_pixel", "multiply", "corner"):
        average = average_flipped(maps, maps, flip_order=(0, 1, 2), cell_mapping=mapping)
        assert torch.equal(average, maps)
