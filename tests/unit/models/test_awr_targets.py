import numpy as np
import pytest
import torch

from kpstudio.decoders.awr import Awr
from kpstudio.decoders.normalised_frame import to_cells
from kpstudio.models.awr_targets import awr_targets


def positions(batch, keypoints, *, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return 1.6 * torch.rand(batch, keypoints, 3, generator=generator) - 0.8


def slow_targets(uvd, depth, map_size, kernel):
    """One cell after the other; depth is as large as the map."""
    (width, height), (batch, keypoints) = map_size, uvd.shape[:2]
    maps = np.zeros((batch, 4 * keypoints, height, width))
    for b, k, y, x in np.ndindex(batch, keypoints, height, width):
        cell = np.array([2 * (x + 0.5) / width - 1, 2 * (y + 0.5) / height - 1, depth[b, 0, y, x]])
        apart = uvd[b, k] - cell
        distance = np.sqrt((apart**2).sum() + 1e-8)
        if distance <= kernel and cell[2] < 0.99:
            maps[b, 3 * k : 3 * k + 3, y, x] = apart / distance
            maps[b, 3 * keypoints + k, y, x] = 1 - distance / kernel
    return maps


@pytest.mark.parametrize("kernel", ["0.4", "1.0"])
def test_they_equal_the_authors(shared, kernel):
    data = np.load(shared / "reference" / "decoders" / f"awr_kernel{kernel}.npz")
    uvd, depth = torch.from_numpy(data["joints_uvd"]), torch.from_numpy(data["depth"])
    height, width = data["target"].shape[2:]
    maps = awr_targets(uvd, depth, map_size=(width, height), kernel=float(kernel))
    assert np.abs(maps.numpy() - data["target"]).max() < 1e-5


@pytest.mark.parametrize("kernel", [0.4, 1.0])
@pytest.mark.parametrize("map_size", [(7, 13), (13, 7), (1, 5)])
def test_they_equal_a_loop_over_cells(map_size, kernel):
    width, height = map_size
    uvd = positions(2, 3).double()
    depth = 2 * torch.rand(2, 1, height, width, generator=torch.Generator().manual_seed(1)) - 1
    depth[1, 0, :2] = 1.0
    maps = awr_targets(uvd, depth.double(), map_size=map_size, kernel=kernel)
    expected = slow_targets(uvd.numpy(), depth.double().numpy(), map_size, kernel)
    assert np.abs(maps.numpy() - expected).max() < 1e-12


def test_many_samples_are_drawn_as_each_alone():
    uvd, depth = positions(89, 2), torch.zeros(89, 1, 64, 48)
    together = awr_targets(uvd, depth, map_size=(48, 64))
    alone = [
        awr_targets(u[None], d[None], map_size=(48, 64)) for u, d in zip(uvd, depth, strict=True)
    ]
    assert torch.equal(together, torch.cat(alone))


@pytest.mark.parametrize("map_size", [(31, 23), (48, 64)])
@pytest.mark.parametrize("kernel", [0.4, 1.0])
def test_the_decoder_gives_back_what_was_drawn(map_size, kernel):
    uvd = positions(3, 5)
    # A plane through all depths that the positions have; each is in the plane.
    width, height = map_size
    row = 2 * (torch.arange(width) + 0.5) / width - 1
    depth = row.expand(3, 1, height, width)
    uvd[..., 2] = uvd[..., 0]
    votes = awr_targets(uvd, depth, map_size=map_size, kernel=kernel)
    decoded = Awr(kernel)(votes, depth=depth)
    cells = to_cells(uvd[..., :2], map_size=map_size)
    if kernel == 1.0:
        assert float((decoded.cells - cells).abs().max()) < 1e-4
        assert float((decoded.depths - uvd[..., 2]).abs().max()) < 1e-5
    # Pixels beyond the kernel point nowhere, and keep a very little weight.
    assert float((decoded.cells - cells).abs().max()) < 0.01
    assert float((decoded.depths - uvd[..., 2]).abs().max()) < 0.001


def test_without_a_depth_image_all_is_in_one_plane():
    uvd = positions(2, 3)
    flat = torch.cat([uvd[..., :2], torch.zeros(2, 3, 1)], dim=2)
    expected = awr_targets(flat, torch.zeros(2, 1, 13, 7), map_size=(7, 13))
    uvd[..., 2] = torch.nan
    assert torch.equal(awr_targets(uvd, None, map_size=(7, 13)), expected)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_position_that_is_not_finite_has_empty_maps(axis, bad):
    uvd, depth = positions(2, 3), torch.zeros(2, 1, 13, 7)
    expected = awr_targets(uvd, depth, map_size=(7, 13), kernel=1.0)
    uvd[1, 2, axis] = bad
    maps = awr_targets(uvd, depth, map_size=(7, 13), kernel=1.0)
    empty = [6, 7, 8, 11]
    assert maps[1, empty].abs().max() == 0
    others = [c for c in range(12) if c not in empty]
    assert torch.equal(maps[1, others], expected[1, others])
    assert torch.equal(maps[0], expected[0])


@pytest.mark.parametrize("bad", [0.99, 1.0, torch.nan, torch.inf, -torch.inf])
def test_pixels_without_depth_are_empty(bad):
    depth = torch.zeros(2, 1, 26, 14)
    depth[1, 0, :6] = bad
    maps = awr_targets(positions(2, 3), depth, map_size=(7, 13), kernel=4.0)
    assert maps[1, :, :3].abs().max() == 0
    assert maps[1, 9:, 3:].min() > 0
    assert maps[0, 9:].min() > 0
