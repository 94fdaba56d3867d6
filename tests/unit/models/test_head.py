import torch

from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import make_decoder
from kpstudio.models.head import HeatmapHead
from kpstudio.models.losses import ohkm, weighted_mse
from kpstudio.models.targets import gaussian_targets

SIZE = (17, 13)


def test_it_learns_a_batch_to_under_a_cell():
    torch.manual_seed(0)
    head = HeatmapHead(32, 3)
    features = torch.randn(2, 32, SIZE[1], SIZE[0])
    cells = torch.rand(2, 3, 2) * torch.tensor([16.0, 12.0])
    targets = gaussian_targets(cells, map_size=SIZE, sigma=1.5)
    weights = torch.ones(2, 3)
    decode = make_decoder(DecoderChoice("gaussian_fit", {"sigma": 1.5}))
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-2)
    for step in range(300):
        optimizer.zero_grad()
        loss = weighted_mse if step < 200 else ohkm
        loss(head(features), targets, weights).backward()
        optimizer.step()
    assert float((decode(head(features).detach()).cells - cells).abs().max()) < 1
