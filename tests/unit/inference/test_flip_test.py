"""A mirrored image gets the mirrored answer, to the last digit that matters."""

import numpy as np
import pytest
import torch
from dot_network import LOOK, STRIDE, DotNetwork, dot_predictor
from torch import nn

from kpstudio.core.geometry import Box
from kpstudio.core.messages import DecoderChoice
from kpstudio.core.skeleton import Skeleton
from kpstudio.decoders import HeadTraining, fitting_decoder, make_decoder
from kpstudio.inference import decode
from kpstudio.inference.flip_test import FlipTestPredictor
from kpstudio.inference.predictor import Predictor

EARS = Skeleton("head", ("nose", "left", "right"), flip_pairs=((1, 2),))
WIDTH, HEIGHT = 97, 71
CELLS = (LOOK[0] // STRIDE, LOOK[1] // STRIDE)


class NoiseNetwork(DotNetwork):
    """Has learned nothing, and least of all that left and right are alike."""

    def __init__(self, maps, coordinates=0, mapping="half_pixel"):
        super().__init__()
        self.cell_mapping = mapping
        torch.manual_seed(5)
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 5, padding=2), nn.GELU(), nn.Conv2d(8, maps, 4, stride=4)
        )
        self.coordinates = coordinates
        if coordinates:
            self.last = nn.Linear(maps * CELLS[0] * CELLS[1], 3 * coordinates)

    def stages(self, images, task="look"):
        maps = self.layers(images)
        if not self.coordinates:
            return (maps,)
        values = self.last(maps.flatten(1)).view(-1, 3, self.coordinates)
        return (torch.cat([8 + 4 * values[..., :2], 1 + values[..., 2:].abs()], dim=2),)


def answers(image, box, network, head_training, kind=FlipTestPredictor):
    known = {"head_training": head_training, "cell_mapping": network.cell_mapping}
    predictor = dot_predictor(kind, network=network, skeleton=EARS, **known)
    with torch.inference_mode():
        subjects = predictor.look(image, [(box, 1.0)])
    decoder = make_decoder(DecoderChoice(fitting_decoder(head_training)), head_training)
    return decode(subjects, decoder)[0]


HEADS = {
    "heatmap": (HeadTraining(), 3, 0),
    "dsnt": (HeadTraining(loss="dsnt"), 3, 0),
    "awr": (HeadTraining(loss="awr"), 12, 0),
    "regression": (HeadTraining(loss="regression"), 2, 4),
    "regression without spread": (HeadTraining(loss="regression", has_spread=False), 2, 2),
}


@pytest.mark.parametrize(
    ("head", "mapping"),
    # Maps of the mapping “multiply” are moved by a whole cell, which is not exact.
    [(head, mapping) for head in HEADS for mapping in ("half_pixel", "corner")]
    + [("regression", "multiply")],
)
def test_a_mirrored_image_gets_the_mirrored_answer(head, mapping):
    head_training, maps, coordinates = HEADS[head]
    network = NoiseNetwork(maps, coordinates, mapping)
    image = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    # As large as the input, so that no pixel is interpolated: only the network has sides.
    box = Box(7.5, 3.5, *LOOK)
    mirrored_box = Box(WIDTH - 1 - (box.x + box.width), box.y, *LOOK)
    straight = answers(image, box, network, head_training)
    mirrored = answers(np.ascontiguousarray(image[:, ::-1]), mirrored_box, network, head_training)
    back = mirrored.xy[list(EARS.flip_order())] * [-1, 1] + [WIDTH - 1, 0]
    np.testing.assert_allclose(back, straight.xy, atol=2e-3)
    scores = mirrored.scores[list(EARS.flip_order())]
    np.testing.assert_allclose(scores, straight.scores, atol=1e-4)
    # Without the flip test this network does prefer a side.
    alone = answers(image, box, network, head_training, kind=Predictor)
    assert np.abs(alone.xy - straight.xy).max() > 0.01


def test_it_looks_twice():
    network = NoiseNetwork(3)
    predictor = dot_predictor(FlipTestPredictor, network=network, skeleton=EARS)
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    with torch.inference_mode():
        predictor.heatmaps(image, known=[Box(5, 5, 40, 40)])
        predictor.heatmaps(image, known=[])
    assert predictor.network_passes == 4
