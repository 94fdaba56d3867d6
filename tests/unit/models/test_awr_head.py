import pytest
import torch

from kpstudio.decoders.awr import Awr
from kpstudio.models.awr_head import AwrHead
from kpstudio.models.awr_loss import awr_loss
from kpstudio.models.normalised_frame import to_cells

SIZE = (17, 13)


@pytest.mark.parametrize("has_depth", [True, False])
def test_it_learns_a_batch_to_under_a_cell(has_depth):
    torch.manual_seed(0)
    head = AwrHead(32, 3, kernel=1.0)
    features = torch.randn(2, 32, SIZE[1], SIZE[0])
    uvd = 1.6 * torch.rand(2, 3, 3) - 0.8
    depth = torch.rand(2, 1, 2 * SIZE[1], 2 * SIZE[0]) - 0.5 if has_depth else None
    weights = torch.ones(2, 3)
    decode = Awr(**Awr.parameters_for(head.head_training))
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 300)
    for _ in range(300):
        optimizer.zero_grad()
        awr_loss(head(features), uvd, weights, depth=depth, kernel=1.0).backward()
        optimizer.step()
        schedule.step()
    decoded = decode(head(features).detach(), depth=depth)
    assert decode.advice(head.head_training).fit == "fits"
    cells = to_cells(uvd[..., :2], map_size=SIZE)
    assert float((decoded.cells - cells).abs().max()) < 0.5
    if has_depth:
        assert float((decoded.depths - uvd[..., 2]).abs().max()) < 0.1
