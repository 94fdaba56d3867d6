import torch

from kpstudio.decoders.normalised_frame import mesh, normalise_cells, to_cells


def test_the_outer_edges_of_a_map_are_minus_1_and_1():
    edges = torch.tensor([[-0.5, -0.5], [30.5, 22.5], [15.0, 11.0]])
    expected = [[-1, -1], [1, 1], [0, 0]]
    assert torch.allclose(normalise_cells(edges, map_size=(31, 23)), torch.tensor(expected).float())


def test_the_mesh_is_where_the_cells_are():
    cells = torch.stack([torch.arange(7.0), torch.zeros(7)], dim=1)
    assert torch.allclose(normalise_cells(cells, map_size=(7, 5))[:, 0], mesh(7, cells))


def test_cells_survive_the_round_trip():
    cells = 31 * torch.rand(5, 3, 2, generator=torch.Generator().manual_seed(0)).double()
    there = normalise_cells(cells, map_size=(31, 23))
    assert torch.allclose(to_cells(there, map_size=(31, 23)), cells, atol=1e-12)
