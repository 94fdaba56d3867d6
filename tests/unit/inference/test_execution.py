import time

import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.inference import execution as module
from kpstudio.inference.execution import (
    Execution,
    Runner,
    available_executions,
    choose_execution,
)
from kpstudio.models.networks import make_network


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    return make_network("efficientnet_lite0", {}).build(3, is_pretrained=True).eval()


@pytest.fixture
def images():
    return torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1)) * 2 - 1


def answers_take(monkeypatch, seconds):
    """Let each way take a given time, and each half precision be off by a share."""

    def call(self, images, task):
        way = self.execution
        wait, share = seconds[(way.precision, way.is_channels_last)]
        time.sleep(wait)
        return torch.ones(1, 3, 4, 4) * (1 + share)

    monkeypatch.setattr(Runner, "__call__", call)
    monkeypatch.setattr(module, "_cpu_has_bfloat16", lambda: True)


@pytest.mark.parametrize(
    ("bfloat16", "contiguous", "expected"),
    [
        ((0.004, 0.001), (0.012, 0.0), ("bfloat16", True)),
        ((0.004, 0.200), (0.012, 0.0), ("float32", True)),
        ((0.012, 0.001), (0.004, 0.0), ("float32", False)),
        ((0.011, 0.001), (0.011, 0.0), ("float32", True)),
    ],
)
def test_the_fastest_way_that_answers_alike_is_kept(
    network, images, monkeypatch, bfloat16, contiguous, expected
):
    answers_take(
        monkeypatch,
        {
            ("float32", True): (0.012, 0.0),
            ("bfloat16", True): bfloat16,
            ("float32", False): contiguous,
        },
    )
    chosen = choose_execution(network, images, device="cpu").execution
    assert (chosen.precision, chosen.is_channels_last) == expected
    assert chosen.ms > 3
    assert not chosen.is_compiled


def test_a_slow_network_is_not_measured_for_long(network, images, monkeypatch):
    monkeypatch.setattr(module, "_BUDGET_S", 0.0)
    answers_take(monkeypatch, {("float32", True): (0.001, 0.0)})
    assert choose_execution(network, images, device="cpu").execution.precision == "float32"


@pytest.mark.parametrize("wanted", ["auto", "float32"])
def test_all_ways_give_the_answers_of_the_network(network, images, wanted):
    with torch.inference_mode():
        expected = network(images, "look")
    runner = choose_execution(network, images, device="cpu", wanted=wanted)
    assert runner(images, "look").dtype is torch.float32
    tolerance = 1e-4 if runner.execution.precision == "float32" else 0.03
    assert torch.allclose(
        runner(images, "look"), expected, atol=tolerance * float(expected.abs().max())
    )


def test_a_processor_without_half_precision_does_not_offer_it(network, images, monkeypatch):
    monkeypatch.setattr(module, "_cpu_has_bfloat16", lambda: False)
    assert available_executions("cpu") == ("float32", "compiled")
    with pytest.raises(UserProblem) as caught:
        choose_execution(network, images, device="cpu", wanted="bfloat16")
    assert "auto, float32, compiled" in caught.value.hint


def test_half_precision_is_near_where_the_processor_has_it(network, images):
    if "bfloat16" not in available_executions("cpu"):
        pytest.skip("this processor has no bfloat16 instructions")
    with torch.inference_mode():
        expected = network(images, "look")
    runner = choose_execution(network, images, device="cpu", wanted="bfloat16")
    apart = (runner(images, "look") - expected).abs().max() / expected.abs().max()
    assert 0 < float(apart) < 0.1


def test_without_a_compiler_compiling_is_refused_with_what_to_do(network, images, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("no C++ compiler found")

    monkeypatch.setattr(torch, "compile", broken)
    with pytest.raises(UserProblem, match="cannot be compiled here"):
        choose_execution(network, images, device="cpu", wanted="compiled")


def test_each_size_is_compiled_for_itself(network, images, monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "compile", lambda given, **how: asked.append(how) or given)
    runner = choose_execution(network, images, device="cpu", wanted="compiled")
    assert asked == [{"dynamic": False}]
    assert runner.execution.is_compiled


def test_a_way_describes_itself():
    assert str(Execution(ms=12.34)) == "float32, channels last, 12 ms an image"
    assert str(Execution("bfloat16", is_channels_last=False, is_compiled=True)) == (
        "bfloat16, compiled"
    )
