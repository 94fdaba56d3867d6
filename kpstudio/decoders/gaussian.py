"""Gaussians fitted to heatmaps at their peaks, by least squares, exact also at borders.

Source: Gauss and Newton's method on amplitude, centre, sigma and background. All five are fitted
at once; a Gaussian is the product of its axes, so that sums over a window are products of sums
over its rows and its columns.
"""

import math
from functools import cache
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from kpstudio.decoders.peak import SMALLEST_VARIANCE, Peaks, Windows, cut_windows

_REACH = 2.0  # radius of the window, in sigmas
_ITERATIONS = 3
_SIGMA_RANGE = 3.0  # fitted sigma over the expected one, and its inverse
_LARGEST_STEP = 0.7
_FLOOR = 1e-10

# How well sigma (its logarithm) and the background (over the amplitude) are known beforehand.
_SIGMA_DOUBT, _BACKGROUND_DOUBT = 0.5, 0.1

# A fit has five unknowns; two more, so that the mean of error squared over variance is right.
_UNKNOWNS = 7

# The derivatives by amplitude, x, y, sigma and background are products of one function of x and
# one of y out of g, g u, g u^2 and 1, where u = (position - centre) / sigma. The one by sigma is
# the sum of two of them.
_OF_X = (0, 1, 0, 2, 0, 3)
_OF_Y = (0, 0, 1, 0, 2, 3)
_UNKNOWN = (0, 1, 2, 3, 3, 4)
_AMPLITUDE, _X, _SIGMA, _BACKGROUND = 0, 1, 3, 4


class GaussianFit(NamedTuple):
    """Gaussians at the peaks of N maps.

    Args:
        cells: (N, 2) centres; the peak's cell where no Gaussian fits.
        covariance: (N, 2, 2) of the centres, in cells squared.
        sigmas: (N,) in cells.
        is_good: (N,) whether a Gaussian fits.
    """

    cells: Float[Tensor, "N 2"]
    covariance: Float[Tensor, "N 2 2"]
    sigmas: Float[Tensor, " N"]
    is_good: Bool[Tensor, " N"]


class _State(NamedTuple):
    """Amplitude, centre in the window, log of sigma, background: each (N,) or (N, 2)."""

    amplitude: Tensor
    centre: Tensor
    log_sigma: Tensor
    background: Tensor


class _Axes(NamedTuple):
    """Constants of a window.

    Args:
        positions: (S,) along an axis; S is the longer one's size.
        has_cell: (2, S) 1 where the x and the y axis have that position; None if all do.
        pairs: (2, 36) indices of products in an axis' (4, 4) sums; see `_OF_X`.
        picks: (6,) indices of products in the (4, 4) moments.
        merge: (6, 5) and its square (36, 25): see `_UNKNOWN`.
    """

    positions: Tensor
    has_cell: Tensor | None
    pairs: Tensor
    picks: Tensor
    merge: Tensor
    merge_pairs: Tensor

    @classmethod
    def of(cls, values: Float[Tensor, "N P Q"]) -> "_Axes":
        return _axes(values.shape[1], values.shape[2], values.dtype, values.device)


@cache
def _axes(rows: int, columns: int, dtype: torch.dtype, device: torch.device) -> _Axes:
    # Cached tensors must be usable everywhere, also where gradients are recorded.
    with torch.inference_mode(mode=False):
        positions = torch.arange(max(rows, columns), dtype=dtype, device=device)
        sizes = torch.tensor([[columns], [rows]], device=device)
        pairs = [[4 * a + b for a in axis for b in axis] for axis in (_OF_X, _OF_Y)]
        picks = [4 * b + a for a, b in zip(_OF_X, _OF_Y, strict=True)]
        merge = torch.zeros(len(_UNKNOWN), 5, dtype=dtype, device=device)
        merge[range(len(_UNKNOWN)), _UNKNOWN] = 1
        return _Axes(
            positions,
            None if rows == columns else (positions < sizes).to(dtype),
            torch.tensor(pairs, device=device),
            torch.tensor(picks, device=device),
            merge,
            torch.kron(merge, merge),
        )


def fit_gaussians(maps: Float[Tensor, "N H W"], peaks: Peaks, *, sigma: float) -> GaussianFit:
    """Least-squares Gaussians in windows of two sigmas about the peaks.

    The noise is estimated from what the Gaussian leaves over. Sigma is taken as expected where
    the map does not contradict it, which at borders is worth a third of the error, and is fitted
    where it does.

    Args:
        maps: Contiguous.
        peaks: Their largest cells.
        sigma: Expected, in cells.
    """
    windows = cut_windows(maps, peaks, math.ceil(_REACH * sigma))
    cells = peaks.cells()
    # Fitting in units of the peak makes the answer independent of the map's scale.
    scale = peaks.values.clamp(min=torch.finfo(peaks.values.dtype).tiny)[:, None, None]
    values = windows.values / scale
    axes = _Axes.of(values)
    state, noise = _first_guess(values, cells - windows.origin(), sigma, axes)
    expected = math.log(sigma)
    for iteration in range(_ITERATIONS):
        is_last = iteration == _ITERATIONS - 1
        if is_last:
            noise = _noise(values, state, axes)
        normal, moments = _normal_equations(values, state, axes)
        relative = noise / state.amplitude**2
        apart = expected - state.log_sigma
        # What is known beforehand counts as if it had been observed with that noise.
        normal[:, _BACKGROUND, _BACKGROUND] += relative / _BACKGROUND_DOUBT**2
        normal[:, _SIGMA, _SIGMA] += relative / _SIGMA_DOUBT**2
        moments[:, _SIGMA] += relative / _SIGMA_DOUBT**2 * state.amplitude * apart
        inverse = torch.linalg.inv_ex(normal)[0]
        if is_last:
            hold = relative * _sigma_precision(inverse[:, _SIGMA, _SIGMA] * relative, apart)
            moments[:, _SIGMA] += hold * state.amplitude * apart
            inverse = _with_more(inverse, hold)
        state = _step(state, (inverse @ moments[:, :, None])[:, :, 0], expected)
    factor = noise * (state.log_sigma.exp() / state.amplitude) ** 2
    covariance = inverse[:, _X : _X + 2, _X : _X + 2] * factor[:, None, None]
    return _checked(windows, cells, state, covariance, sigma)


def expected_error(cells: Float[Tensor, "N 2"], fit: GaussianFit) -> Float[Tensor, "N 2 2"]:
    """Expected squared error of answers where the fit tells how likely each position is.

    Args:
        cells: Answers, of any method.
        fit: Of the same maps.
    """
    apart = cells - fit.cells
    return fit.covariance + apart[:, :, None] * apart[:, None, :]


def _first_guess(
    values: Float[Tensor, "N P Q"], peak: Float[Tensor, "N 2"], sigma: float, axes: _Axes
) -> tuple[_State, Tensor]:
    """The better of two guesses from the logs of the three cells at the peak, on each axis.

    A parabola through them is exact without noise, whatever sigma is. The slope between the outer
    two, with the expected sigma, suffers less from noise.
    """
    rows, columns = values.shape[1:]
    one = torch.ones_like(peak[:, 0])
    expected = _State(one, peak, one * math.log(sigma), 0 * one)
    if rows < 3 or columns < 3:
        return expected, _noise(values, expected, axes)
    x, y = peak[:, 0].long(), peak[:, 1].long()
    each = torch.arange(len(values), device=values.device)
    near = torch.arange(-1, 2, device=values.device)
    middle_x, middle_y = x.clamp(1, columns - 2), y.clamp(1, rows - 2)
    across = values[each[:, None], y[:, None], middle_x[:, None] + near]
    down = values[each[:, None], middle_y[:, None] + near, x[:, None]]
    log = torch.stack([across, down], dim=1).clamp(min=_FLOOR).log()
    slope = 0.5 * (log[..., 2] - log[..., 0])
    curvature = (log[..., 0] - 2 * log[..., 1] + log[..., 2]).clamp(max=-1e-3)
    from_peak = torch.stack([middle_x, middle_y], dim=1) - peak

    def guess(offset: Tensor, log_sigma: Tensor) -> _State:
        # Noise may send either far away; the true centre is never far from the peak.
        centre = peak + (from_peak + offset).clamp(-1.5, 1.5)
        top = torch.exp(0.5 * ((centre - peak).square().sum(dim=1) * torch.exp(-2 * log_sigma)))
        return _State(top, centre, log_sigma, 0 * one)

    limit = math.log(_SIGMA_RANGE)
    width = (-curvature).rsqrt().log().mean(dim=1)
    width = width.clamp(math.log(sigma) - limit, math.log(sigma) + limit)
    parabola = guess(-slope / curvature, width)
    expected = guess(slope * sigma**2, one * math.log(sigma))
    noise, noise_expected = _noise(values, parabola, axes), _noise(values, expected, axes)
    is_better = noise < noise_expected
    better = (
        torch.where(is_better if a.ndim == 1 else is_better[:, None], a, b)
        for a, b in zip(parabola, expected, strict=True)
    )
    return _State(*better), torch.minimum(noise, noise_expected)


def _scaled(state: _State, axes: _Axes) -> tuple[Tensor, Tensor]:
    """(N, 2, S) distance from the centre in sigmas, on x and y, and the Gaussian of it."""
    u = (axes.positions - state.centre[:, :, None]) * torch.exp(-state.log_sigma)[:, None, None]
    g = torch.exp(-0.5 * (u * u))
    return u, g if axes.has_cell is None else g * axes.has_cell


def _normal_equations(
    values: Float[Tensor, "N P Q"], state: _State, axes: _Axes
) -> tuple[Float[Tensor, "N 5 5"], Float[Tensor, "N 5"]]:
    """Sums of products of derivatives, and of derivatives and values."""
    u, g = _scaled(state, axes)
    gu = g * u
    one = torch.ones_like(g) if axes.has_cell is None else axes.has_cell.expand_as(g)
    basis = torch.stack([g, gu, gu * u, one], dim=2)
    sums = (basis @ basis.mT).flatten(2)
    products = sums[:, 0].index_select(1, axes.pairs[0])
    products *= sums[:, 1].index_select(1, axes.pairs[1])
    rows, columns = values.shape[1:]
    of_x, of_y = basis[:, 0, :, :columns], basis[:, 1, :, :rows]
    moments = (of_y @ (values @ of_x.mT)).flatten(1).index_select(1, axes.picks)
    return (products @ axes.merge_pairs).view(-1, 5, 5), moments @ axes.merge


def _sigma_precision(
    variance: Float[Tensor, " N"], apart: Float[Tensor, " N"]
) -> Float[Tensor, " N"]:
    """How strongly to hold the expected sigma: hard where the map agrees with it, else not.

    The weights are those of Bayes for "it is the expected one" against "it may be any".

    Args:
        variance: Of log sigma as the map tells it.
        apart: From there to the expected one.
    """
    variance = variance.clamp(min=1e-12)
    any_sigma = 1 / (2 * math.log(_SIGMA_RANGE))
    likelihood = torch.exp(-0.5 * apart**2 / variance) * (2 * math.pi * variance).rsqrt()
    return likelihood / any_sigma / variance


def _with_more(inverse: Float[Tensor, "N 5 5"], more: Float[Tensor, " N"]) -> Tensor:
    """The inverse when the matrix gets more at sigma's place (Sherman and Morrison)."""
    column = inverse[:, :, _SIGMA]
    factor = more / (1 + more * column[:, _SIGMA])
    return inverse - column[:, :, None] * (column * factor[:, None])[:, None, :]


def _step(state: _State, solution: Float[Tensor, "N 5"], expected: float) -> _State:
    amplitude = solution[:, _AMPLITUDE].clamp(min=0.05)
    move = solution[:, _X : _X + 2] * (state.log_sigma.exp() / amplitude)[:, None]
    limit = math.log(_SIGMA_RANGE)
    log_sigma = state.log_sigma + (solution[:, _SIGMA] / amplitude).clamp(-0.5, 0.5)
    return _State(
        amplitude,
        state.centre + move.clamp(-_LARGEST_STEP, _LARGEST_STEP),
        log_sigma.clamp(expected - limit, expected + limit),
        solution[:, _BACKGROUND],
    )


def _noise(values: Float[Tensor, "N P Q"], state: _State, axes: _Axes) -> Float[Tensor, " N"]:
    """Variance of what the Gaussian leaves over."""
    rows, columns = values.shape[1:]
    g = _scaled(state, axes)[1]
    x, y = g[:, 0, None, :columns], g[:, 1, :rows, None]
    rest = values - (state.amplitude[:, None, None] * y) * x - state.background[:, None, None]
    return rest.square().sum(dim=(1, 2)) / max(rows * columns - _UNKNOWNS, 1)


def _checked(
    windows: Windows, peak: Tensor, state: _State, covariance: Tensor, sigma: float
) -> GaussianFit:
    """The fit where it is one; else the peak, known no better than the Gaussian is wide."""
    cells = state.centre + windows.origin()
    sigmas = state.log_sigma.exp()
    is_near = ((cells - peak).abs() <= 1 + sigmas[:, None]).all(dim=1)
    variance = covariance.diagonal(dim1=1, dim2=2)
    is_good = is_near & (variance > 0).all(dim=1) & torch.isfinite(variance).all(dim=1)
    eye = torch.eye(2, device=cells.device, dtype=cells.dtype)
    return GaussianFit(
        torch.where(is_good[:, None], cells, peak),
        torch.where(is_good[:, None, None], covariance + SMALLEST_VARIANCE * eye, sigma**2 * eye),
        sigmas,
        is_good,
    )
