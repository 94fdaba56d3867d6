"""What holds of every decoder of heatmaps."""

import math

import pytest
import torch
from helpers import gaussian_maps, mean_normalised_error, peak_memory
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import make_decoder

MAKERS = {
    "argmax": {},
    "quarter_offset": {},
    "dark": {},
    "dark_udp": {},
    "local_soft_argmax": {},
    "gaussian_fit": {},
    "dsnt": {},
    "dsnt_probability": {"is_probability": 1},
}
ALL = list(MAKERS)
BY_A_GAUSSIAN = ALL[:-1]  # their covariance; the last one's is tested in test_dsnt
OF_ONE_PEAK = [name for name in ALL if not name.startswith("dsnt")]

SIZES = [(1, 1), (1, 7), (5, 2), (97, 3), (13, 17)]
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]

every_decoder = pytest.mark.parametrize("name", ALL)


def decoder(name, **parameters):
    entry = name.removesuffix("_probability")
    return make_decoder(DecoderChoice(entry, {**MAKERS[name], **parameters}))


def noise_maps(size, *, batch=3, keypoints=2, seed=0):
    draws = torch.Generator().manual_seed(seed)
    return torch.rand(batch, keypoints, *size, generator=draws)


def assert_same(found, expected, *, tolerance=1e-5):
    for a, b in zip(found, expected, strict=True):
        if b is not None:
            assert torch.allclose(a, b, rtol=1e-3, atol=tolerance, equal_nan=True)


def assert_an_answer(decoded, size):
    height, width = size
    assert torch.isfinite(decoded.cells).all()
    # A peak on the border may belong to a point beyond it, by as much as a fit moves.
    beyond = 4
    assert (decoded.cells >= -beyond).all()
    assert (decoded.cells[..., 0] <= width - 1 + beyond).all()
    assert (decoded.cells[..., 1] <= height - 1 + beyond).all()
    assert (decoded.scores >= 0).all()
    assert torch.isfinite(decoded.scores).all()
    smallest, largest = torch.linalg.eigvalsh(decoded.covariance.double()).unbind(dim=-1)
    # Two equal cells under a softmax leave no spread across, but for rounding errors.
    assert (smallest > -1e-7 * largest).all()
    assert (decoded.covariance.diagonal(dim1=2, dim2=3) > 0).all()


KINDS = {
    "noise": lambda maps: maps,
    "both_signs": lambda maps: maps - 0.5,
    "negative": lambda maps: -maps - 1,
    "flat": lambda maps: torch.full_like(maps, 0.5),
    "zero": torch.zeros_like,
    "largest_half": lambda maps: maps * 65504,
    "saturated": lambda maps: (maps * 3).clamp(max=1),
    "smallest_half": lambda maps: maps * 1e-7,
    "on_a_pedestal": lambda maps: maps + 1000,
    "ones_and_zeros": lambda maps: maps.round(),
}


@every_decoder
@pytest.mark.parametrize("kind", KINDS)
def test_every_map_of_any_size_and_precision_has_an_answer(name, kind):
    for size in SIZES:
        for dtype in DTYPES:
            maps = KINDS[kind](noise_maps(size)).to(dtype)
            decoded = decoder(name)(maps)
            assert_an_answer(decoded, size)
            expected = torch.promote_types(dtype, torch.float32)
            assert {each.dtype for each in decoded[:4]} == {expected}
            # A probability has no height above zero: it says how much of it is near.
            if kind in ("zero", "negative") and name != "dsnt_probability":
                assert (decoded.scores == 0).all()
                assert decoded.other_peaks.isnan().all()


@every_decoder
@pytest.mark.parametrize("scale", [1e30, 3e38, -1e30, -3e38, 1e-30, 1e-42])
def test_huge_and_tiny_values_have_an_answer(name, scale):
    for size in SIZES:
        assert_an_answer(decoder(name)(noise_maps(size) * scale), size)


@every_decoder
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_map_that_is_not_finite_has_no_answer_and_leaves_the_others_alone(name, bad):
    for size in SIZES:
        for dtype in (torch.float16, torch.float32):
            maps = noise_maps(size).to(dtype)
            expected = decoder(name)(maps)
            for place in {0, size[0] * size[1] - 1}:
                broken = maps.clone()
                broken[1, 0].view(-1)[place] = bad
                decoded = decoder(name)(broken)
                assert decoded.scores[1, 0] == 0
                for answer, before in zip(decoded[:4], expected[:4], strict=True):
                    if answer is not decoded.scores:
                        assert answer[1, 0].isnan().all()
                    kept = answer.clone()
                    kept[1, 0] = before[1, 0]
                    assert torch.allclose(kept, before, rtol=1e-3, atol=1e-4, equal_nan=True)


@pytest.mark.parametrize("name", OF_ONE_PEAK)
@pytest.mark.parametrize("second", [(29, 19), (36, 9), (18, 9), (7, 28)])
def test_tied_maxima_give_one_of_them(name, second):
    first = gaussian_maps(torch.tensor([[[7.0, 9.0]]]), (29, 37), sigma=1.0)
    maps = torch.maximum(
        first, gaussian_maps(torch.tensor([[second]]).float(), (29, 37), sigma=1.0)
    )
    cell = decoder(name)(maps).cells[0, 0]
    away = [float((cell - torch.tensor(each)).norm()) for each in ((7.0, 9.0), second)]
    assert min(away) < 0.5
    assert max(away) > 2


@every_decoder
def test_empty_and_single_batches_are_answered(name):
    for sizes in ((0, 3), (3, 0), (0, 0), (1, 1), (1, 3)):
        decoded = decoder(name)(torch.rand(*sizes, 7, 11), other_peaks=2)
        assert decoded.cells.shape == (*sizes, 2)
        assert decoded.scores.shape == sizes
        assert decoded.covariance.shape == (*sizes, 2, 2)
        assert decoded.other_peaks.shape == (*sizes, 2, 3)


@every_decoder
def test_the_layout_in_memory_does_not_matter(name):
    maps = noise_maps((13, 17), keypoints=5)
    expected = decoder(name)(maps)
    wide = torch.zeros(6, 5, 15, 34)
    wide[::2, :, 1:14, ::2] = maps
    layouts = {
        "transposed": maps.mT.contiguous().mT,
        "sliced": wide[::2, :, 1:14, ::2],
        "keypoints first": maps.transpose(0, 1).contiguous().transpose(0, 1),
        "channels last": maps.to(memory_format=torch.channels_last),
    }
    for layout in layouts.values():
        assert not layout.is_contiguous()
        assert_same(decoder(name)(layout), expected)
    expanded = maps[:1].expand(3, -1, -1, -1)
    assert_same(decoder(name)(expanded), decoder(name)(expanded.clone()))


@every_decoder
@pytest.mark.parametrize("size", [(5, 2), (13, 17), (37, 29)])
def test_a_map_alone_is_answered_as_inside_of_a_batch(name, size):
    maps = noise_maps(size, batch=5, keypoints=7)
    together = decoder(name)(maps)
    for b, k in ((0, 0), (2, 5), (4, 6)):
        alone = decoder(name)(maps[b : b + 1, k : k + 1])
        assert_same([each[0, 0] for each in alone[:4]], [each[b, k] for each in together[:4]])


@every_decoder
def test_the_input_is_never_modified(name):
    for kind in KINDS.values():
        maps = kind(noise_maps((13, 17)))
        maps[0, 0, 0, 0] = math.nan
        before = maps.clone()
        decoder(name)(maps)
        assert torch.equal(before.nan_to_num(7), maps.nan_to_num(7))


@every_decoder
@pytest.mark.parametrize("size", [(11, 19), (19, 11)])
@pytest.mark.parametrize("is_inference_first", [True, False])
def test_inference_mode_and_gradients_work_in_either_order(name, size, is_inference_first):
    # A size of its own, so that what is cached for it is made in the first of the two.
    size = (size[0] + 2 * is_inference_first, size[1] + ALL.index(name))
    maps = noise_maps(size)

    def infer():
        with torch.inference_mode():
            return decoder(name)(maps.clone()).cells.clone()

    def learn():
        leaf = maps.clone().requires_grad_()
        cells = decoder(name)(leaf).cells
        if cells.requires_grad:
            cells.sum().backward()
            assert torch.isfinite(leaf.grad).all()
        return cells.detach()

    first, second = (infer, learn) if is_inference_first else (learn, infer)
    assert torch.allclose(first(), second(), atol=1e-5)


@every_decoder
def test_what_is_not_asked_for_is_nan_or_empty(name):
    maps = noise_maps((13, 17))
    asked = decoder(name)(maps)
    decoded = decoder(name)(maps, other_peaks=0, covariance=False)
    assert decoded.covariance.isnan().all()
    assert decoded.other_peaks.shape == (3, 2, 0, 3)
    assert torch.allclose(decoded.cells, asked.cells, atol=1e-5)


positions = st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))


@every_decoder
@settings(max_examples=20, deadline=None)
@given(centre=positions, shift=st.tuples(st.integers(-5, 5), st.integers(-4, 4)))
def test_a_shift_by_whole_cells_shifts_the_answer(name, centre, shift):
    x, y = centre[0] + 20, centre[1] + 18
    truth = torch.tensor([[[x, y], [x + shift[0], y + shift[1]]]]).double()
    # At this temperature the background weighs nothing; a softmax of it all would not shift.
    parameters = {"temperature": 40.0} if name.startswith("dsnt") else {}
    cells = decoder(name, **parameters)(gaussian_maps(truth, (37, 41)).double()).cells[0]
    assert torch.allclose(cells[1] - cells[0], torch.tensor(shift).double(), atol=2e-3)


@every_decoder
@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(1, 19),
    width=st.integers(1, 23),
    seed=st.integers(0, 999),
    is_peaked=st.booleans(),
)
def test_a_flipped_map_has_the_flipped_answer(name, height, width, seed, is_peaked):
    maps = noise_maps((height, width), seed=seed).double()
    # The published mixed derivative of UDP takes one diagonal only, and so flips with Gaussians
    # but not with noise, and not where a map of two cells has no other diagonal.
    is_one_sided = name == "dark_udp"
    assume(not is_one_sided or min(height, width) != 2)
    if is_peaked or is_one_sided:
        draws = torch.Generator().manual_seed(seed)
        centre = torch.rand(3, 2, 2, generator=draws) * torch.tensor([width, height]) - 0.5
        noise = 0.0 if is_one_sided else 0.01
        maps = gaussian_maps(centre, (height, width)).double() + noise * maps
    decoded, flipped = decoder(name)(maps), decoder(name)(maps.flip(3))
    back = flipped.cells.clone()
    back[..., 0] = width - 1 - back[..., 0]
    assert torch.allclose(back, decoded.cells, atol=1e-5)
    mirrored = flipped.covariance * torch.tensor([[1, -1], [-1, 1]])
    assert torch.allclose(mirrored, decoded.covariance, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", OF_ONE_PEAK)
@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1e-20, 1e20), seed=st.integers(0, 999))
def test_a_scaled_map_has_the_same_answer_and_a_scaled_score(name, scale, seed):
    maps = noise_maps((13, 17), seed=seed).double()
    decoded, scaled = decoder(name)(maps), decoder(name)(maps * scale)
    assert torch.allclose(scaled.cells, decoded.cells, atol=1e-6)
    assert torch.allclose(scaled.covariance, decoded.covariance, rtol=1e-4, atol=1e-6)
    assert torch.allclose(scaled.scores, decoded.scores * scale)


INSIDE = torch.tensor([13.0, 12.0])


@pytest.mark.parametrize("name", BY_A_GAUSSIAN)
@pytest.mark.parametrize("noise", [0.02, 0.05])
@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_the_covariance_is_calibrated_inside_of_the_map(name, sigma, noise):
    parameters = {"sigma": sigma} if name in ("dark", "dark_udp", "gaussian_fit") else {}
    if name == "local_soft_argmax":
        parameters = {"radius": math.ceil(2.5 * sigma)}
    draws = torch.Generator().manual_seed(1)
    truth = torch.rand(7, 499, 2, generator=draws) * 5 + INSIDE
    maps = gaussian_maps(truth, (29, 31), sigma=sigma, noise=noise, seed=2)
    decoded = decoder(name, **parameters)(maps, other_peaks=0)
    normalised = mean_normalised_error(decoded.cells, decoded.covariance, truth)
    assert normalised == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("name", BY_A_GAUSSIAN)
def test_a_map_without_a_peak_may_be_anywhere(name):
    covariance = decoder(name)(torch.zeros(1, 1, 6, 12)).covariance[0, 0]
    assert covariance.tolist() == [[12, 0], [0, 3]]


@every_decoder
@pytest.mark.parametrize("shape", [(2, 133, 96, 72), (11, 17, 64, 48)])
def test_it_holds_at_most_a_copy_of_its_input(name, shape):
    draws = torch.Generator().manual_seed(1)
    centre = torch.rand(*shape[:2], 2, generator=draws) * 40 + 4
    method = decoder(name)
    for noise in (0.0, 0.05):
        maps = gaussian_maps(centre, shape[2:], noise=noise)
        with torch.inference_mode():
            method(maps)
            assert peak_memory(lambda maps=maps: method(maps)) < maps.nbytes
