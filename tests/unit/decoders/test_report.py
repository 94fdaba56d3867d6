import torch

from kpstudio.decoders.report import CONDITIONS, draw, report


def test_it_measures_every_decoder_of_heatmaps_on_every_kind_of_map():
    rows = list(report(maps=40, seed=3))
    assert len({(row.decoder, row.sigma, row.condition) for row in rows}) == 7 * 3 * 7
    errors = {(row.decoder, row.sigma, row.condition): row.mean for row in rows}
    assert errors["gaussian_fit", 2.0, "clean"] < 1e-4 < 0.3 < errors["argmax", 2.0, "clean"]
    assert errors["gaussian_fit", 2.0, "border"] < 1e-3


def test_the_same_seed_draws_the_same_maps():
    for condition in CONDITIONS:
        first, second = (draw(condition, sigma=2.0, maps=5, seed=11) for _ in range(2))
        assert torch.equal(first[0], second[0])
        assert torch.equal(first[1], second[1])


def test_border_maps_have_their_truth_at_the_border():
    condition = next(each for each in CONDITIONS if each.is_at_border)
    _, truth = draw(condition, sigma=2.0, maps=200, seed=0)
    edges = torch.stack([truth[:, 0], 47 - truth[:, 0], truth[:, 1], 63 - truth[:, 1]])
    assert (edges.amin(dim=0) <= 2).all()
    assert (edges.amin(dim=0) >= -0.5).all()
    assert (edges.amin(dim=0) < 0).any()
