"""What must hold of every architecture."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import deterministic_weights

from kpstudio.models.architectures import Architecture


def shapes_of(network: Architecture) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in network.state_dict().items()}


@pytest.fixture
def published_shapes(shared: Path) -> Callable[[str], dict[str, list[int]]]:
    """The names and shapes in a published state dict."""

    def read(name: str) -> dict[str, list[int]]:
        text = (shared / "reference" / "networks" / f"{name}.json").read_text()
        return json.loads(text)["state_dict"]

    return read


@pytest.fixture
def assert_published(shared: Path) -> Callable[[Architecture, str], None]:
    """The network has the published names and shapes, and gives the published numbers."""

    def check(network: Architecture, name: str) -> None:
        folder = shared / "reference" / "networks"
        facts = json.loads((folder / f"{name}.json").read_text())
        assert shapes_of(network) == facts["state_dict"]
        assert sum(each.numel() for each in network.parameters()) == facts["parameters"]
        network.load_state_dict(deterministic_weights(network))
        images = np.random.default_rng(0).standard_normal(facts["input_shape"])
        with torch.inference_mode():
            stages = network.eval()(torch.from_numpy(images.astype(np.float32)))
        assert len(stages) == facts["outputs"]
        assert list(stages[-1].shape) == facts["output_shape"]
        assert stages[-1].double().std().item() == pytest.approx(facts["output_std"], rel=1e-4)
        if (folder / f"{name}.npz").exists():
            expected = np.load(folder / f"{name}.npz")["output"]
            error = np.linalg.norm(stages[-1].numpy()[:, : expected.shape[1]] - expected)
            assert error < 1e-4 * np.linalg.norm(expected)

    return check


@pytest.fixture
def assert_trainable() -> Callable[..., None]:
    """Maps have the size that the strides say, and every trained parameter has a gradient."""

    def check(network: Architecture, *, maps: int, stages: int = 1) -> None:
        torch.manual_seed(0)
        height, width = network.size_multiple, 3 * network.size_multiple
        found = network.eval()(torch.randn(2, network.channels, height, width))
        shape = (2, maps, height // network.stride, width // network.stride)
        assert [tuple(each.shape) for each in found] == [shape] * stages
        sum((each * torch.randn(shape)).sum() for each in found).backward()
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                assert parameter.grad is not None, name
                assert parameter.grad.isfinite().all(), name
                assert parameter.grad.any(), name

    return check
