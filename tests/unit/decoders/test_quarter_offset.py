import torch
from helpers import cells_from_border, gaussian_maps, reference_maps

from kpstudio.decoders.quarter_offset import QuarterOffset


def test_it_equals_hrnets_where_hrnets_moves(shared):
    for kind in ("clean", "noise", "multi", "border", "bnoise"):
        for data in reference_maps(shared, kind):
            cells = QuarterOffset()(data["heatmaps"]).cells
            inside = cells_from_border(data) >= 2
            assert torch.equal(cells[inside], data["quarter_hrnet"][inside])


def test_near_the_border_it_moves_too_and_so_comes_closer(shared):
    # HRNet's code leaves the two outermost cells alone, though the second has both neighbours.
    for data in reference_maps(shared, "border"):
        cells = QuarterOffset()(data["heatmaps"]).cells
        second = cells_from_border(data) == 1
        ours = (cells - data["truth"]).norm(dim=-1)[second]
        theirs = (data["quarter_hrnet"] - data["truth"]).norm(dim=-1)[second]
        assert bool((ours <= theirs).all())
        assert float(ours.mean()) < float(theirs.mean())


def test_it_is_right_on_maps_that_are_not_square_where_fans_code_is_not(shared):
    for data in reference_maps(shared, "clean"):
        if data["heatmaps"].shape[2] == data["heatmaps"].shape[3]:
            continue
        error = (QuarterOffset()(data["heatmaps"]).cells - data["truth"]).abs()
        assert float(error.max()) <= 0.25 + 1e-5
        assert float((data["fan_raw"] - data["truth"]).abs().max()) > 1


def test_it_moves_toward_the_larger_neighbour_on_each_axis():
    cells = QuarterOffset()(gaussian_maps(torch.tensor([[[13.3, 10.8]]]), (17, 29))).cells
    assert cells.tolist() == [[[13.25, 10.75]]]


def test_equal_neighbours_move_nothing():
    cells = QuarterOffset()(gaussian_maps(torch.tensor([[[13.0, 11.0]]]), (17, 29))).cells
    assert cells.tolist() == [[[13.0, 11.0]]]


def test_a_border_moves_only_along_itself():
    cells = QuarterOffset()(gaussian_maps(torch.tensor([[[0.3, 10.8]]]), (17, 29))).cells
    assert cells.tolist() == [[[0.0, 10.75]]]
