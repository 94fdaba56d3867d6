"""Every head through the whole command line, and a network that left for other software."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from kpstudio.__main__ import main
from kpstudio.core.geometry import Box
from kpstudio.core.messages import DecoderChoice
from kpstudio.core.resources import resource_path
from kpstudio.decoders import make_decoder
from kpstudio.imaging.read import read_image
from kpstudio.inference.predictor import Predictor, decode
from kpstudio.models import load_checkpoint, make_network


@pytest.fixture
def mice(mice, capsys) -> str:
    """Those frames, divided."""
    assert main(["split", mice, "--val", "0.25"]) == 0
    capsys.readouterr()
    return mice


@pytest.mark.parametrize(
    ("head", "loss", "decoders"),
    [
        ("dsnt", "jensen_shannon", 7),
        pytest.param("regression", "wing", 1, marks=pytest.mark.thorough),
        pytest.param("awr", "smooth_l1", 1, marks=pytest.mark.thorough),
        ("heatmap", "ohkm", 7),
    ],
)
def test_a_head_is_trained_shown_and_decoded(mice, answer, capsys, head, loss, decoders):
    words = ["train", mice, "--steps", "3", "--head", head, "--loss", loss]
    assert main(words) == 0
    report = answer("evaluate", mice, "--all-decoders", "--json")["decoders"]
    assert len(report) == decoders
    assert all(np.isfinite(each["median_px"]) for each in report.values())
    assert answer("predict", mice, "--json")["decoder"] in report
    folder = mice.replace(".kps", ".runs")
    facts = answer("checkpoint", "show", f"{folder}/1/model.safetensors", "--json")
    assert facts["head"].startswith(head)
    assert facts["decoder"] in report
    again = ["train", mice, "--steps", "1", "--from", "1"]
    if head == "regression":
        assert main([*again, "--loss", "likelihood"]) == 1
        assert "standard deviations" in capsys.readouterr().err
    if head != "heatmap":
        assert main([*again, "--head", "heatmap"]) == 1
        assert "another head" in capsys.readouterr().err
        assert main(again) == 0
        assert main(["evaluate", mice, "--decoder", "dark"]) == (0 if head == "dsnt" else 1)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_network_leaves_as_a_program_and_comes_back(mice, answer, tmp_path, capsys):
    assert main(["train", mice, "--steps", "3"]) == 0
    model = mice.replace(".kps", ".runs") + "/1/model.safetensors"
    out = tmp_path / "program.pt"
    assert main(["checkpoint", "export", model, str(out)]) == 0
    assert "differs from the network by" in capsys.readouterr().err
    assert main(["checkpoint", "export", model, str(out)]) == 1
    assert "there already" in capsys.readouterr().err
    assert main(["checkpoint", "export", model, str(tmp_path / "model.tflite")]) == 1
    assert ".onnx, .pt, .pt2" in capsys.readouterr().err
    back = tmp_path / "back.safetensors"
    words = ["checkpoint", "import", str(out), "--network", "program", "--out", str(back)]
    assert main(words) == 0
    ours = answer("checkpoint", "show", model, "--json")
    theirs = answer("checkpoint", "show", back, "--json")
    for fact in ("keypoints", "input", "cell_mapping", "head"):
        assert theirs[fact] == ours[fact]
    assert main(["checkpoint", "use", mice, str(back)]) == 0
    # It looks at the labels' boxes now, and is the same network.
    assert answer("evaluate", mice, "--json")["run"] == 2
    assert main(["train", mice, "--steps", "1", "--from", "2"]) == 1
    assert "program cannot be trained" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_coordinates_of_a_program_are_where_the_network_says(mice, tmp_path, shared):
    assert main(["train", mice, "--steps", "3", "--head", "regression"]) == 0
    model = mice.replace(".kps", ".runs") + "/1/model.safetensors"
    out, back = tmp_path / "program.pt", tmp_path / "back.safetensors"
    assert main(["checkpoint", "export", model, str(out)]) == 0
    words = ["checkpoint", "import", str(out), "--network", "program", "--out", str(back)]
    assert main(words) == 0
    theirs, ours = Predictor.load(back), Predictor.load(Path(model))
    image = read_image(next((shared / "data" / "dlc_openfield").rglob("*.png")))
    box = Box(20, 30, 300, 300)
    network, info = ours.network, ours.checkpoint
    alone = Predictor(
        network, msgspec.structs.replace(info, can_find=False, framing=theirs.checkpoint.framing)
    )
    decoder = make_decoder(DecoderChoice("regression"))
    (a,), (b,) = (decode(each.heatmaps(image, known=[box]), decoder) for each in (theirs, alone))
    np.testing.assert_allclose(a.xy, b.xy, atol=1e-2)


def test_published_weights_learn_on_and_learn_to_find(mice, tmp_path, answer, capsys):
    network = make_network("unet_small", {}).build(4, is_pretrained=False, can_find=False)
    torch.save(network.look.state_dict(), tmp_path / "unet.pth")
    skeleton, model = str(resource_path("skeletons", "mouse4.json")), tmp_path / "unet.safetensors"
    words = ["checkpoint", "import", str(tmp_path / "unet.pth"), "--network", "unet_small"]
    assert main([*words, "--keypoints", skeleton, "--out", str(model)]) == 0
    assert main(["checkpoint", "use", mice, str(model)]) == 0
    assert main(["train", mice, "--steps", "2", "--from", "1"]) == 0
    learned = mice.replace(".kps", ".runs") + "/2/model.safetensors"
    facts = answer("checkpoint", "show", learned, "--json")
    assert facts["network"] == "unet_small"
    assert facts["finds_subjects"] == "by itself"
    trained = load_checkpoint(Path(learned))
    name = next(each for each in trained.weights if each.endswith("weight") and "look" in each)
    before = network.state_dict()[name]
    apart = (trained.weights[name] - before).abs().mean() / before.abs().mean()
    assert 0 < float(apart) < 0.1
