import torch
from torch import nn

from kpstudio.models.architectures.hourglass import Hourglass


def test_what_is_kept_at_each_size_is_added_once():
    """With blocks that change nothing a flat image is added at four sizes to the smallest."""
    hourglass = Hourglass(lambda _level, _place: nn.Identity())
    assert torch.equal(hourglass(torch.ones(1, 2, 16, 48)), torch.full((1, 2, 16, 48), 5.0))


def test_each_level_asks_for_its_blocks():
    asked = []
    Hourglass(lambda level, place: (asked.append((level, place)), nn.Identity())[1])
    assert asked[:4] == [(0, "skip"), (0, "down"), (0, "up"), (0, "centre")]
    assert asked[4:] == [(level, each) for level in (1, 2, 3) for each in ("skip", "down", "up")]
