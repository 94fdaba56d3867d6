"""What a researcher does with a trained run: compare, choose, and tell others."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from kpstudio.__main__ import main
from kpstudio.models import load_checkpoint
from kpstudio.models.checkpoint import mark_best_decoder


@pytest.fixture
def drawn(tmp_path, capsys) -> str:
    """The demo, smaller, with its labelled images all in val but for a few."""
    words = ["demo", "--dir", str(tmp_path / "D"), "--images", "7", "--labelled", "6"]
    assert main([*words, "--no-open"]) == 0
    path = capsys.readouterr().out.strip()
    assert main(["split", path, "--val", "0.5"]) == 0
    capsys.readouterr()
    return path


def model_of(project) -> Path:
    (path,) = Path(project).parent.rglob("model.safetensors")
    return path


def test_the_leaderboard_chooses_the_decoder_of_a_run(drawn, answer):
    model = model_of(drawn)
    weights = load_file(model)
    before = load_checkpoint(model).info
    words = ["evaluate", drawn, "--all-decoders", "--json"]
    train = answer(*words, "--split", "train")
    assert not train["best"]["is_marked"]
    assert not answer(*words, "--no-mark")["best"]["is_marked"]
    assert not answer(*words, "--flip-test")["best"]["is_marked"]
    assert load_checkpoint(model).info == before

    report = answer(*words)
    best = report["best"]["decoder"]
    assert report["best"]["is_marked"]
    assert next(iter(report["decoders"])) == best
    assert set(report["best"]["behind"]) == set(report["decoders"]) - {best}
    assert report["intervals"]["over"] == f"{report['images']} images"
    for figures in report["decoders"].values():
        assert set(figures["pck"]) == {"0.05", "0.1", "0.2"}
        assert {"nme", "auc", "oks_ap", "oks_ar", "p95_px", "p99_px", "rmse_px"} < set(figures)
        assert 0 <= figures["oks_ap"] <= 1
        low, high = figures["intervals"]["median_px"]
        assert low <= figures["median_px"] <= high

    after = load_checkpoint(model)
    assert after.info.best_decoder == best
    assert list(answer("evaluate", drawn, "--json")["decoders"]) == [best]
    assert all(np.array_equal(weights[name], each) for name, each in after.weights.items())
    assert [each.name for each in model.parent.iterdir()] == [model.name]


def test_a_checkpoint_that_cannot_be_written_does_not_cost_the_figures(drawn, capsys, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    def run(*options):
        assert main(["evaluate", drawn, "--all-decoders", *options]) == 0
        return capsys.readouterr()

    winner = (
        next(line for line in run("--no-mark").out.splitlines() if line.startswith("Best: "))
        .split()[1]
        .rstrip(".")
    )
    mark_best_decoder(model_of(drawn), "argmax" if winner != "argmax" else "dark")
    before = model_of(drawn).read_bytes()
    monkeypatch.setattr("kpstudio.core.atomic_file.os.fsync", full)
    said = run()
    assert "No space left" in said.err
    assert "median px" in said.out
    assert model_of(drawn).read_bytes() == before


def test_tables_fit_into_a_terminal_and_say_what_they_are(drawn, capsys):
    assert main(["evaluate", drawn, "--all-decoders", "--crop-jitter", "2"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 110
    first = next(line for line in text.splitlines() if line.startswith("decoder"))
    for column in ("median px", "mean", "p90", "p95", "PCK@0.1", "NME", "OKS AP", "jitter px"):
        assert column in first
    assert "bootstrap over" in text
    assert "The run's decoder is" in text
    assert main(["evaluate", drawn, "--reference", "neck,tail_base", "--average-crops"]) == 1
    assert "--crop-jitter" in capsys.readouterr().err
    assert main(["evaluate", drawn, "--reference", "neck,tail_base"]) == 0
    text = capsys.readouterr().out
    assert "neck to tail_base" in " ".join(text.split())
    assert text.index("decoder") < text.index("keypoint  ")


def test_a_reference_that_is_not_there_names_those_that_are(drawn, capsys):
    assert main(["evaluate", drawn, "--reference", "neck,tail"]) == 1
    said = capsys.readouterr().err
    assert "no keypoint “tail”" in said
    assert "tail_base" in said


CAMERA = ["--camera", "588.03,587.07,320,240"]


def test_published_hands_have_their_published_error(shared, answer, capsys):
    folder = shared / "data" / "nyu_awr_results"
    words = ["evaluate-3d", str(folder / "nyu_test_label.txt"), str(folder / "resnet_18.txt")]
    report = answer(*words, *CAMERA, "--json")
    assert report["mean_mm"] == pytest.approx(7.754, abs=5e-4)
    assert len(report["per_keypoint_mm"]) == 14
    assert main([*words, *CAMERA]) == 0
    assert "Mean error 7.754 mm" in capsys.readouterr().out


def test_files_that_do_not_fit_are_refused(tmp_path, capsys):
    labels, others, words = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt"))
    labels.write_text("1 2 3 4 5 6\n1,2,3,4,5,nan\n")
    others.write_text("1 2 3\n")
    words.write_text("1 2 three\n")

    def complaint(predictions, camera=CAMERA):
        assert main(["evaluate-3d", str(labels), str(predictions), *camera]) == 1
        return capsys.readouterr().err

    assert "2 frames of 2 keypoints" in complaint(others)
    assert "three" in complaint(words)
    assert "cannot be read" in complaint(tmp_path / "none.txt")
    assert "not a camera" in complaint(labels, ["--camera", "1,2,3"])
    assert "focal" in complaint(labels, ["--camera", "0,1,2,3"])
    words.write_text("1 2 3 4\n")
    assert "three numbers" in complaint(words)
    assert main(["evaluate-3d", str(labels), str(labels), *CAMERA]) == 0
    assert "3 keypoints of 2 frames, 0 missed" in capsys.readouterr().out
