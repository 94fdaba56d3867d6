"""What cannot learn four real images by heart has a mistake somewhere between pixels and cells."""

import pytest
import torch

from kpstudio import formats
from kpstudio.core.geometry import cells_to_input
from kpstudio.core.messages import DecoderChoice
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import read_skeleton
from kpstudio.decoders import fitting_decoder, make_decoder
from kpstudio.models.heads import HEADS
from kpstudio.models.networks import make_network
from kpstudio.training.samples import read_samples
from kpstudio.training.views import move_points, warp

SIDE, USUAL_STEPS, MORE_STEPS = 64, 75, {"regression": 110}


@pytest.fixture
def batch(frames):
    """Four crops of real images, and the cells of their labels."""
    skeleton = read_skeleton(resource_path("skeletons", "mouse4.json"))
    dataset = formats.read(frames, skeleton)
    samples = read_samples(dataset)
    look = samples.look
    scales = look.scales[:4] * SIDE / samples.framing.look_size[0]
    linear = scales[:, None, None] * torch.eye(2).double()
    offset = (SIDE - 1) / 2 - scales[:, None] * look.centres[:4]
    views = torch.cat([linear, offset[:, :, None]], dim=2)
    images = warp([samples.crops[number] for number in look.pieces[:4]], views, (SIDE, SIDE))
    return images, move_points(look.xy[:4], views)


QUICK = {("heatmap", "mse"), ("dsnt", "jensen_shannon")}


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        pytest.param(name, loss, marks=[] if (name, loss) in QUICK else pytest.mark.thorough)
        for name, entry in HEADS.items()
        for loss in entry.losses
    ],
)
def test_four_real_images_are_learned_by_heart(name, loss, batch):
    images, xy = batch
    head = HEADS[name](loss)
    torch.manual_seed(0)
    network = make_network("efficientnet_lite0", {}).build(4, head=head, is_pretrained=True)
    network.learning_parts()
    network.train()
    training, map_size = head.training(4), (SIDE // 4, SIDE // 4)
    inverse = torch.tensor(cells_to_input("half_pixel", map_size, (SIDE, SIDE)).inverse().matrix)
    cells = (xy.double() @ inverse[:, :2].T + inverse[:, 2]).float()
    assert ((cells > 0) & (cells < SIDE // 4 - 1)).all()
    criterion = head.criterion(cells, torch.ones(4, 4), map_size=map_size, training=training)
    parameters = [each for each in network.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1.5e-3)
    steps = MORE_STEPS.get(name, USUAL_STEPS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.5e-3, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        criterion(network(images)).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
    decoder = make_decoder(DecoderChoice(fitting_decoder(training)), training)
    with torch.inference_mode():
        decoded = decoder(network.eval()(images))
    assert float((decoded.cells - cells).norm(dim=2).max()) < 1.0
