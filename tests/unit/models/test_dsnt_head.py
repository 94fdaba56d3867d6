import pytest
import torch

from kpstudio.decoders.dsnt import Dsnt
from kpstudio.models.dsnt_head import DsntHead
from kpstudio.models.dsnt_loss import dsnt_loss

SIZE = (17, 13)


@pytest.mark.parametrize("temperature", [1.0, 5.0])
def test_it_learns_a_batch_to_under_a_cell(temperature):
    torch.manual_seed(0)
    head = DsntHead(32, 3, temperature=temperature)
    features = torch.randn(2, 32, SIZE[1], SIZE[0])
    cells = torch.rand(2, 3, 2) * torch.tensor([16.0, 12.0])
    weights = torch.ones(2, 3)
    decode = Dsnt(**Dsnt.parameters_for(head.head_training))
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 300)
    for _ in range(300):
        optimizer.zero_grad()
        dsnt_loss(head(features), cells, weights, temperature=temperature).backward()
        optimizer.step()
        schedule.step()
    assert decode.advice(head.head_training).fit == "fits"
    assert float((decode(head(features).detach()).cells - cells).abs().max()) < 0.5
