import math

import numpy as np
import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import DECODERS, HeadTraining, describe_decoders, make_decoder
from kpstudio.models.targets import gaussian_targets

SHAPES = ("1x7x64x64", "2x5x64x48", "3x2x96x72")
PUBLISHED = {
    "argmax": "argmax",
    "quarter_offset": "quarter_mmpose",
    "dark": "dark_mmpose_blur11",
    "dsnt": "dsnt_softmax_T20",
}
ALL = sorted(PUBLISHED)


def gaussians(cells, size=(37, 29), sigma=2.0):
    cells = torch.as_tensor(cells, dtype=torch.float32).view(1, -1, 2)
    return gaussian_targets(cells, map_size=size, sigma=sigma)


def decode(name, heatmaps, **parameters):
    return make_decoder(DecoderChoice(name, parameters))(heatmaps)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["clean", "noise", "multi"])
@pytest.mark.parametrize("name", ALL)
def test_it_agrees_with_the_published_code_inside_of_the_map(shared, name, kind, shape):
    data = np.load(shared / "reference" / "decoders" / f"{kind}_{shape}.npz")
    decoded = decode(name, torch.from_numpy(data["heatmaps"]))
    assert np.allclose(decoded.cells.numpy(), data[PUBLISHED[name]], atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["border", "bnoise"])
def test_at_the_border_dark_is_twice_as_near_as_the_published_code(shared, kind, shape):
    data = np.load(shared / "reference" / "decoders" / f"{kind}_{shape}.npz")
    cells = decode("dark", torch.from_numpy(data["heatmaps"])).cells.numpy()

    def error(answers):
        return np.linalg.norm(answers - data["truth"], axis=-1).mean()

    assert error(cells) < 0.55 * error(data["dark_mmpose_blur11"])


def test_dark_finds_the_centre_of_a_gaussian_to_a_thousandth_of_a_cell():
    truth = np.array([[13.31, 11.47], [17.5, 14.0], [20.02, 9.99]])
    cells = decode("dark", gaussians(truth)).cells[0].numpy()
    assert np.abs(cells - truth).max() < 1e-3


def test_dark_finds_a_peak_on_the_border_and_just_beyond_it():
    truth = np.array([[0.0, 11.3], [-0.4, 0.3], [36.3, 28.2], [15.2, 0.2]])
    cells = decode("dark", gaussians(truth)).cells[0].numpy()
    assert np.abs(cells - truth).max() < 0.05


def test_a_quarter_offset_moves_toward_the_larger_neighbour_on_each_axis():
    cells = decode("quarter_offset", gaussians([[13.3, 10.8]])).cells[0, 0]
    assert cells.tolist() == [13.25, 10.75]


def test_a_quarter_offset_of_equal_neighbours_moves_nothing():
    assert decode("quarter_offset", gaussians([[13.0, 11.0]])).cells[0, 0].tolist() == [13, 11]


@pytest.mark.parametrize("name", ["argmax", "quarter_offset", "dark"])
def test_two_equal_peaks_give_one_of_them(name):
    maps = torch.maximum(gaussians([[7.0, 9.0]]), gaussians([[29.0, 19.0]]))
    x, y = decode(name, maps).cells[0, 0].tolist()
    near = [math.hypot(x - 7, y - 9) < 0.1, math.hypot(x - 29, y - 19) < 0.1]
    assert sum(near) == 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ALL)
def test_a_map_that_is_not_finite_has_no_answer_and_leaves_the_others_alone(name, bad):
    maps = gaussians([[13.0, 11.0], [17.0, 14.0]])
    good = decode(name, maps)
    maps[0, 0, 3, 5] = bad
    decoded = decode(name, maps)
    assert torch.isnan(decoded.cells[0, 0]).all()
    assert decoded.scores[0, 0] == 0
    assert torch.equal(decoded.cells[0, 1], good.cells[0, 1])


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("value", [0.0, -3.0])
def test_a_map_without_a_peak_has_score_0(name, value):
    decoded = decode(name, torch.full((2, 3, 7, 11), value))
    assert decoded.scores.tolist() == [[0, 0, 0]] * 2
    assert torch.isfinite(decoded.cells).all()


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 7), (5, 2)])
def test_tiny_maps_stay_in_the_map(name, size):
    height, width = size
    maps = torch.rand(3, 2, height, width, generator=torch.Generator().manual_seed(5))
    cells = decode(name, maps).cells
    assert (cells >= -1).all()
    assert (cells[..., 0] <= width).all()
    assert (cells[..., 1] <= height).all()


@pytest.mark.parametrize("name", ["argmax", "quarter_offset", "dark"])
def test_noise_gives_no_wild_points(name):
    maps = torch.rand(5, 7, 31, 23, generator=torch.Generator().manual_seed(3))
    exact = decode("argmax", maps).cells
    assert ((decode(name, maps).cells - exact).abs() <= 2).all()


@pytest.mark.parametrize("name", ALL)
def test_a_batch_gives_what_its_maps_give_one_by_one(name):
    maps = torch.rand(3, 5, 13, 17, generator=torch.Generator().manual_seed(7))
    together = decode(name, maps).cells
    alone = torch.stack([decode(name, each[None]).cells[0] for each in maps])
    assert torch.allclose(together, alone, atol=1e-5)


def test_dsnt_says_that_a_low_temperature_misleads_on_gaussians():
    advice = make_decoder(DecoderChoice("dsnt", {"temperature": 1.0})).advice(HeadTraining())
    assert advice.fit == "misleading"
    assert "centre" in advice.reason
    assert make_decoder(DecoderChoice("dsnt")).advice(HeadTraining()).fit == "usable"
    through = HeadTraining(loss="dsnt", temperature=20.0)
    assert make_decoder(DecoderChoice("dsnt")).advice(through).fit == "fits"


def test_a_low_temperature_does_shrink_points_to_the_centre():
    maps = gaussians([[5.0, 5.0]])
    low = decode("dsnt", maps, temperature=1.0).cells[0, 0]
    assert torch.allclose(low, torch.tensor([18.0, 14.0]), atol=1.0)
    assert torch.allclose(
        decode("dsnt", maps, temperature=30.0).cells[0, 0], torch.tensor([5.0, 5.0]), atol=0.05
    )


def test_dark_fits_the_gaussians_of_its_sigma_only():
    assert make_decoder(DecoderChoice("dark")).advice(HeadTraining(sigma=2.0)).fit == "fits"
    other = make_decoder(DecoderChoice("dark")).advice(HeadTraining(sigma=5.0))
    assert other.fit == "usable"
    assert "5" in other.reason


@pytest.mark.parametrize("name", ["argmax", "quarter_offset", "dark"])
def test_peak_decoders_mislead_on_a_head_that_learned_means(name):
    assert make_decoder(DecoderChoice(name)).advice(HeadTraining(loss="dsnt")).fit == "misleading"


def test_decoders_describe_themselves_and_their_parameters():
    described = {each.name: each for each in describe_decoders()}
    assert list(described) == list(DECODERS)
    temperature = described["dsnt"].parameters[0]
    assert (temperature.default, temperature.minimum, temperature.maximum) == (20, 0.1, 100)
    assert all(each.title and each.help and each.source for each in described.values())


def test_unknown_decoders_and_parameters_are_refused():
    with pytest.raises(UserProblem, match="darc"):
        make_decoder(DecoderChoice("darc"))
    with pytest.raises(UserProblem, match="out of range"):
        make_decoder(DecoderChoice("dsnt", {"temperature": 0.0}))


def test_parameters_that_nobody_set_follow_the_head():
    head = HeadTraining(sigma=1.5)
    assert make_decoder(DecoderChoice("dark"), head).sigma == 1.5
    assert make_decoder(DecoderChoice("dark", {"sigma": 3.0}), head).sigma == 3.0
    assert make_decoder(DecoderChoice("dsnt"), head).temperature == 20.0
    through = HeadTraining(loss="dsnt", temperature=7.0)
    assert make_decoder(DecoderChoice("dsnt"), through).temperature == 7.0
