"""What several tests need."""

import zlib
from typing import TYPE_CHECKING

from beartype import BeartypeConf, beartype

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor, nn

typecheck = beartype(conf=BeartypeConf(is_pep484_tower=True))


def deterministic_weights(network: "nn.Module") -> "dict[str, Tensor]":
    """Weights that depend on nothing but their names and shapes: those of the reference numbers."""
    import numpy as np
    import torch

    weights = {}
    for name, tensor in network.state_dict().items():
        shape = tuple(tensor.shape)
        seed = zlib.crc32(name.encode())
        noise = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
        if name.endswith("num_batches_tracked"):
            value = np.zeros(shape, np.int64)
        elif name.endswith("running_var"):
            value = 1 + 0.1 * np.abs(noise)
        elif name.endswith(("running_mean", "bias")):
            value = 0.1 * noise
        elif len(shape) == 1:
            value = 1 + 0.1 * noise
        else:
            value = noise * np.sqrt(2 / np.prod(shape[1:])).astype(np.float32)
        weights[name] = torch.from_numpy(np.asarray(value))
    return weights


def gaussian_maps(
    truth: "Tensor", size: tuple[int, int], *, sigma: float = 2.0, noise: float = 0.0, seed: int = 0
) -> "Tensor":
    """(B, K, H, W) Gaussians of height 1, reckoned in float64, at (B, K, 2) positions in cells."""
    import torch

    height, width = size
    x, y = torch.arange(width).double(), torch.arange(height).double()
    of_x = torch.exp(-((x - truth[..., :1].double()) ** 2) / (2 * sigma**2))
    of_y = torch.exp(-((y - truth[..., 1:].double()) ** 2) / (2 * sigma**2))
    maps = (of_y[..., :, None] * of_x[..., None, :]).float()
    noises = torch.Generator().manual_seed(seed)
    return maps + noise * torch.randn(maps.shape, generator=noises) if noise else maps


def mean_normalised_error(cells: "Tensor", covariance: "Tensor", truth: "Tensor") -> float:
    """Mean of e^T C^-1 e, which is 2 where the covariance C is that of the errors e."""
    import torch

    error = (cells.double() - truth.double())[..., None]
    return float((error.mT @ torch.linalg.solve(covariance.double(), error)).mean())


def peak_memory(function: "Callable[[], object]") -> int:
    """Bytes that a call holds at most, besides what there was before: by the allocator's log."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as log:
        result = function()
    del result
    events = log.profiler.kineto_results.events()
    changes = [(each.start_ns(), each.nbytes()) for each in events if each.name() == "[memory]"]
    held = peak = 0
    for _, change in sorted(changes, key=lambda each: each[0]):
        held += change
        peak = max(peak, held)
    return peak


def reference_maps(shared: "Path", kind: str) -> "list[dict[str, Tensor]]":
    """Heatmaps with their truth and the answers of the original implementations, in cells."""
    import numpy as np
    import torch

    files = sorted((shared / "reference" / "decoders").glob(f"{kind}_*.npz"))
    assert files, f"no reference maps of kind {kind}"
    return [{key: torch.from_numpy(value) for key, value in np.load(f).items()} for f in files]


def cells_from_border(data: "dict[str, Tensor]") -> "Tensor":
    """(B, K) distance of each map's largest cell from the nearest border, in cells."""
    import torch

    height, width = data["heatmaps"].shape[2:]
    x, y = data["argmax"].unbind(dim=-1)
    return torch.stack([x, width - 1 - x, y, height - 1 - y]).amin(dim=0)
