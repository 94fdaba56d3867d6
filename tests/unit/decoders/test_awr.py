import numpy as np
import pytest
import torch
from helpers import mean_normalised_error, peak_memory

from kpstudio.decoders.awr import Awr


def mesh(size):
    return 2 * (torch.arange(size) + 0.5) / size - 1


def votes_for(truth, size, *, kernel=0.4):
    """The dense target of (B, K, 2) normalised positions, all at depth 0."""
    height, width = size
    position = torch.stack([mesh(width).expand(size), mesh(height)[:, None].expand(size)])
    apart = torch.cat([truth, 0 * truth[..., :1]], dim=2)[..., None, None] - torch.cat(
        [position, 0 * position[:1]]
    )
    distance = apart.norm(dim=2, keepdim=True)
    closeness = 1 - distance / kernel
    is_near = (closeness >= 0).float()
    unit = apart / distance.clamp(min=1e-9) * is_near
    return torch.cat([unit.flatten(1, 2), (closeness * is_near)[:, :, 0]], dim=1)


def truths(batch, keypoints, *, seed=0):
    return torch.rand(batch, keypoints, 2, generator=torch.Generator().manual_seed(seed)) - 0.5


def in_cells(normalised, size):
    return (normalised + 1) / 2 * torch.tensor([size[1], size[0]]) - 0.5


@pytest.mark.parametrize("field", ["target", "noisy"])
@pytest.mark.parametrize("kernel", ["0.4", "1.0"])
def test_it_equals_the_authors_positions_and_depths(shared, kernel, field):
    data = np.load(shared / "reference" / "decoders" / f"awr_kernel{kernel}.npz")
    field_of, depth = torch.from_numpy(data[field]), torch.from_numpy(data["depth"])
    decoded = Awr(float(kernel))(field_of, depth=depth)
    u = (2 * decoded.cells[..., 0] + 1) / field_of.shape[3] - 1
    v = (2 * decoded.cells[..., 1] + 1) / field_of.shape[2] - 1
    uvd = torch.stack([u, v, decoded.depths], dim=2).numpy()
    assert np.abs(uvd - data[f"decoded_{field}"]).max() < 1e-5


@pytest.mark.parametrize("size", [(31, 23), (23, 31), (64, 64)])
def test_it_is_exact_on_its_own_target_of_any_size(size):
    truth = truths(3, 5)
    decoded = Awr(1.0)(votes_for(truth, size, kernel=1.0))
    assert float((decoded.cells - in_cells(truth, size)).abs().max()) < 1e-4


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.5])
@pytest.mark.parametrize(("kernel", "size"), [(0.4, (31, 23)), (0.4, (64, 64)), (1.0, (31, 23))])
def test_its_covariance_is_calibrated_where_offsets_err_independently(kernel, size, noise):
    truth = truths(89, 11)
    votes = votes_for(truth, size, kernel=kernel)
    errors = torch.randn(89, 33, *size, generator=torch.Generator().manual_seed(1))
    votes[:, :33] += noise * errors
    decoded = Awr(kernel)(votes)
    normalised = mean_normalised_error(decoded.cells, decoded.covariance, in_cells(truth, size))
    assert normalised == pytest.approx(2, rel=0.1)


def test_pixels_without_depth_are_not_listened_to():
    votes = votes_for(truths(2, 3), (23, 31))
    depth = torch.zeros(2, 1, 46, 62)
    clean = Awr()(votes, depth=depth)
    depth[:, :, :10] = 1.0
    votes[:, :, :5] = 5.0
    decoded = Awr()(votes, depth=depth)
    assert torch.allclose(decoded.cells, clean.cells, atol=0.01)


def test_a_depth_that_is_not_finite_is_no_depth():
    votes = votes_for(truths(2, 3), (23, 31))
    depth = torch.zeros(2, 1, 23, 31)
    depth[:, :, :5] = 1.0
    expected = Awr()(votes, depth=depth)
    for bad in (torch.nan, torch.inf, -torch.inf):
        depth[:, :, :5] = bad
        decoded = Awr()(votes, depth=depth)
        assert torch.equal(decoded.cells, expected.cells)
        assert torch.equal(decoded.depths, expected.depths)


def test_without_a_depth_image_depths_are_unknown():
    assert Awr()(votes_for(truths(2, 3), (23, 31))).depths.isnan().all()


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("channel", [3, 4, 5, 16])
def test_a_keypoint_whose_votes_are_not_finite_has_no_answer_and_leaves_the_others_alone(
    channel, bad
):
    votes = votes_for(truths(2, 5), (23, 31))
    expected = Awr()(votes)
    votes[1, channel, 3, 7] = bad
    decoded = Awr()(votes, depth=torch.zeros(2, 1, 23, 31))
    for answer in (decoded.cells, decoded.covariance, decoded.other_peaks):
        assert answer[1, 1].isnan().all()
    assert decoded.scores[1, 1] == 0
    others = [0, 2, 3, 4]
    assert torch.allclose(decoded.cells[1, others], expected.cells[1, others], atol=1e-5)
    assert torch.allclose(decoded.cells[0], expected.cells[0], atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 2), (97, 3), (13, 17)])
@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 60000.0, 1e30])
def test_fields_without_votes_or_saturated_ones_raise_nothing(size, value):
    decoded = Awr()(torch.full((2, 12, *size), value))
    has_answer = decoded.scores > 0
    assert torch.isfinite(decoded.cells[has_answer]).all()
    if value <= 0:
        assert (decoded.scores == 0).all()
    smallest, largest = torch.linalg.eigvalsh(decoded.covariance.double()).unbind(dim=-1)
    # Equal offsets in x and y make it singular, but for rounding errors.
    assert ((smallest > -1e-7 * largest) | smallest.isnan()).all()


def test_one_cell_alone_knows_nothing_of_its_error():
    covariance = Awr()(torch.full((1, 4, 1, 1), 0.5)).covariance[0, 0]
    assert torch.allclose(covariance, torch.eye(2) / 12, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_give_the_same(dtype):
    votes = votes_for(truths(2, 5), (23, 31))
    decoded = Awr()(votes.to(dtype))
    assert decoded.cells.dtype is torch.promote_types(dtype, torch.float32)
    expected = Awr()(votes.to(dtype).to(torch.float64))
    assert torch.allclose(decoded.cells.double(), expected.cells, atol=1e-4)


@pytest.mark.parametrize(("batch", "keypoints"), [(0, 3), (3, 0), (0, 0), (1, 1)])
def test_empty_and_single_batches_are_answered(batch, keypoints):
    decoded = Awr()(torch.rand(batch, 4 * keypoints, 7, 11), depth=torch.zeros(batch, 1, 7, 11))
    assert decoded.cells.shape == (batch, keypoints, 2)
    assert decoded.other_peaks.shape == (batch, keypoints, 5, 3)


def test_the_layout_in_memory_and_the_rest_of_the_batch_do_not_matter():
    votes = votes_for(truths(3, 5), (23, 31))
    expected = Awr()(votes)
    before = votes.clone()
    for same in (
        votes.to(memory_format=torch.channels_last),
        votes.mT.contiguous().mT,
        torch.stack([votes, votes], dim=1).flatten(0, 1)[::2],
    ):
        assert torch.allclose(Awr()(same).cells, expected.cells, atol=1e-5)
    alone = torch.cat([Awr()(each[None]).cells for each in votes])
    assert torch.allclose(alone, expected.cells, atol=1e-5)
    assert torch.equal(votes, before)


def test_it_is_differentiable_with_and_without_depth():
    votes = torch.rand(1, 8, 3, 5, generator=torch.Generator().manual_seed(0)).double()
    depth = torch.zeros(1, 1, 3, 5).double()
    depth[..., 0] = 1.0
    votes.requires_grad_()

    def answers(x):
        decoded = Awr()(x, depth=depth)
        return decoded.cells, decoded.depths

    assert torch.autograd.gradcheck(answers, votes)
    assert torch.autograd.gradcheck(lambda x: Awr()(x).cells, votes)


def test_it_holds_at_most_a_third_more_than_a_copy_of_its_input():
    # The weights, the distances and two offsets of each vote are needed at once.
    votes = torch.rand(11, 52, 64, 61, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        Awr()(votes)
        plain = peak_memory(lambda: Awr()(votes, covariance=False))
        full = peak_memory(lambda: Awr()(votes))
    assert plain < 1.15 * votes.nbytes
    assert full < 1.34 * votes.nbytes
