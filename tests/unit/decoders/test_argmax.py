import pytest
import torch
from helpers import gaussian_maps, reference_maps

from kpstudio.decoders.argmax import Argmax

KINDS = ["clean", "noise", "multi", "border", "bnoise"]


@pytest.mark.parametrize("kind", KINDS)
def test_it_equals_the_published_argmax_everywhere(shared, kind):
    for data in reference_maps(shared, kind):
        assert torch.equal(Argmax()(data["heatmaps"]).cells, data["argmax"])


def test_the_mean_error_on_clean_gaussians_is_that_of_rounding():
    truth = torch.rand(3, 997, 2, generator=torch.Generator().manual_seed(0)) * 5 + 11
    cells = Argmax()(gaussian_maps(truth, (29, 31))).cells
    assert float((cells - truth).norm(dim=-1).mean()) == pytest.approx(0.383, abs=0.01)
    assert float((cells - truth).abs().max()) <= 0.5 + 1e-5


def test_scores_are_the_heights_of_the_peaks():
    maps = gaussian_maps(torch.tensor([[[13.0, 11.0], [7.0, 5.0]]]), (17, 23))
    assert Argmax()(maps * 0.75).scores.tolist() == [[0.75, 0.75]]
