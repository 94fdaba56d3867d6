"""The whole loop on the command line, on real frames, and what it says about bad input."""

import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from kpstudio.__main__ import main
from kpstudio.cli.arguments import run_command
from kpstudio.cli.window_request import WindowRequest
from kpstudio.core.messages import TrainingEnded
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton
from kpstudio.models import NETWORKS, CheckpointInfo, Framing, save_checkpoint
from kpstudio.store.project import Project

MOUSE = resource_path("skeletons", "mouse4.json")
FRAMES = 20


@pytest.fixture
def empty(tmp_path, capsys) -> str:
    path = str(tmp_path / "empty.kps")
    assert main(["new", path, "--skeleton", str(MOUSE)]) == 0
    capsys.readouterr()
    return path


@pytest.fixture
def complaint(capsys):
    """What a command that fails says to a person."""

    def run(*words, code=1):
        capsys.readouterr()
        assert main(list(map(str, words))) == code
        said = capsys.readouterr()
        assert said.out == ""
        return said.err

    return run


def test_from_a_folder_of_frames_to_coco_files(frames, tmp_path, answer, capsys):
    project = tmp_path / "mice.kps"
    assert main(["new", str(project), "--skeleton", str(MOUSE)]) == 0
    imported = answer("import", project, frames, "--json")
    assert (imported["format"], imported["images"], imported["annotations"]) == ("dlc", 20, 20)
    assert answer("import", project, frames, "--json")["images"] == 0, "not twice"
    counts = answer("split", project, "--val", 0.25, "--json")
    assert counts["val"] == {"images": 5, "labelled": 5}

    assert main(["train", str(project), "--steps", "3", "--max-labels", "7", "--events"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[0]["type"] == "TrainingStarted"
    assert (events[0]["train_images"], events[0]["val_images"]) == (7, 5)
    assert (events[-1]["type"], events[-1]["how"]) == ("TrainingEnded", "finished")

    predicted = answer("predict", project, "--decoder", "argmax", "--json")
    assert (predicted["run"], predicted["images"], predicted["skipped"]) == (1, 20, [])
    report = answer("evaluate", project, "--all-decoders", "--json")
    assert set(report) >= {"run", "split", "images", "decoders", "best", "human"}
    assert (report["run"], report["split"], report["images"]) == (1, "val", 5)
    assert set(report["decoders"]) >= {"argmax", "quarter_offset", "dark", "dsnt"}
    for figures in report["decoders"].values():
        assert {"median_px", "mean_px", "p90_px"} < set(figures)
        assert list(figures["per_keypoint"]) == ["snout", "leftear", "rightear", "tailbase"]
    assert len(answer("evaluate", project, "--split", "all", "--json")["decoders"]) == 1

    labels, predictions = tmp_path / "labels.json", tmp_path / "predictions.json"
    assert main(["export", str(project), str(labels), "--format", "coco"]) == 0
    written = answer(
        "export", project, predictions, "--format", "coco", "--what", "predictions", "--json"
    )
    assert written["annotations"] == predicted["subjects"] > 0
    assert_equal_to_itself(labels)
    assert len(COCO(str(predictions)).anns) == predicted["subjects"]


def assert_equal_to_itself(path: Path) -> None:
    """The official evaluation of the labels against themselves."""
    truth = COCO(str(path))
    assert len(truth.imgs) == len(truth.anns) == FRAMES
    category = truth.loadCats(truth.getCatIds())[0]
    assert category["keypoints"] == list(read_skeleton(MOUSE).keypoints)
    found = truth.loadRes([{**each, "score": 1.0} for each in truth.anns.values()])
    evaluation = COCOeval(truth, found, "keypoints")
    evaluation.params.kpt_oks_sigmas = np.full(4, 0.05)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == 1.0


def test_an_interrupted_training_keeps_the_best_and_records_it(mice, answer):
    """Without a split before: it divides the images itself and says so."""
    command = [sys.executable, "-m", "kpstudio", "train", mice, "--minutes", "5", "--events"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        for line in process.stdout:
            if json.loads(line)["type"] == "TrainingStep":
                break
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=60)
    assert process.returncode == 0, said.decode()
    assert "16 train, 4 val" in said.decode()
    assert "the best so far is kept" in said.decode()
    last = json.loads(rest.splitlines()[-1])
    assert (last["type"], last["how"]) == ("TrainingEnded", "stopped")
    with Project.open(Path(mice), read_only=True) as project:
        assert project.runs.newest().state == "stopped"
    assert answer("evaluate", mice, "--json")["images"] == 4


def test_a_training_that_is_interrupted_before_it_began_says_so(mice, monkeypatch):
    def fit(*args, should_stop, sequence, **kwargs):
        os.kill(os.getpid(), signal.SIGINT)
        assert should_stop()
        return TrainingEnded(sequence, "stopped", None, 0, None, 0.5)

    monkeypatch.setattr(importlib.import_module("kpstudio.training.fit"), "fit", fit)
    assert main(["train", mice]) == 130


def test_images_that_cannot_be_read_are_named_and_skipped(mice, frames, answer, capsys):
    add_untrained_run(Path(mice), read_skeleton(MOUSE))
    pictures = sorted(frames.rglob("*.png"))
    pictures[0].unlink()
    pictures[1].write_bytes(pictures[1].read_bytes()[:5000])
    skipped = answer("predict", mice, "--json")["skipped"]
    assert [Path(each["image"]).name for each in skipped] == [each.name for each in pictures[:2]]
    assert "not there" in skipped[0]["message"]
    assert "cut off" in skipped[1]["message"]


def test_a_checkpoint_for_another_skeleton_is_refused(mice, complaint):
    add_untrained_run(Path(mice), Skeleton("fly", ("head", "left wing", "right wing")))
    said = complaint("predict", mice)
    assert "other keypoints" in said
    assert "left wing" in said


def add_untrained_run(path: Path, skeleton: Skeleton) -> None:
    framing = Framing(
        find_size=(96, 64),
        look_size=(64, 64),
        subject_size=150.0,
        find_subject_size=30.0,
        margin=1.5,
        is_upright=False,
        is_fixed_size=True,
    )
    network = NETWORKS["efficientnet_lite0"]().build(len(skeleton), is_pretrained=False)
    info = CheckpointInfo(network="efficientnet_lite0", skeleton=skeleton, framing=framing)
    with Project.open(path) as project:
        run = project.runs.start("efficientnet_lite0", {})
        save_checkpoint(run.checkpoint, network, info)
        project.runs.finish(run.id, state="finished")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("snout", "nose", "nose"),
        ("33.819", "left", "left"),
    ],
)
def test_a_csv_with_mistakes_is_refused_and_says_where(
    empty, frames, complaint, before, after, expected
):
    csv = next(frames.rglob("*.csv"))
    text = csv.read_text()
    assert before in text
    csv.write_text(text.replace(before, after))
    assert expected in complaint("import", empty, frames)
    with Project.open(Path(empty)) as project:
        assert project.images() == ()


def test_a_csv_with_a_missing_column_is_refused(empty, frames, complaint):
    csv = next(frames.rglob("*.csv"))
    rows = [line.split(",") for line in csv.read_text().splitlines()]
    csv.write_text("\n".join(",".join(row[:-2]) for row in rows))
    assert "tailbase" in complaint("import", empty, frames)


def test_a_project_that_is_open_elsewhere_can_be_read_but_not_written(mice, complaint, answer):
    with Project.open(Path(mice)):
        assert "already open" in complaint("split", mice, "--val", "0.2")
        out = Path(mice).with_name("out.json")
        assert answer("export", mice, out, "--format", "coco", "--json")["images"] == FRAMES


def test_what_cannot_be_done_is_said_with_what_to_do(empty, tmp_path, complaint):
    other = tmp_path / "other.kps"
    other.write_text("not a project")
    out = tmp_path / "out.json"
    assert "not a kpstudio project" in complaint("train", other)
    assert "There is no project at" in complaint("predict", tmp_path / "none.kps")
    assert "kpstudio new" in complaint(tmp_path / "none.kps")
    assert "exists already" in complaint("new", empty, "--skeleton", MOUSE)
    assert "cannot be read" in complaint("new", tmp_path / "a.kps", "--skeleton", "none.json")
    assert "There is nothing at" in complaint("import", empty, tmp_path / "none")
    assert "no format called" in complaint("import", empty, tmp_path, "--format", "dcl")
    assert "labelled" in complaint("train", empty)
    assert "labelled" in complaint("evaluate", empty)
    assert "kpstudio train" in complaint("predict", empty)
    assert "labelled" in complaint("export", empty, out, "--format", "coco")
    assert "kpstudio predict" in complaint(
        "export", empty, out, "--format", "coco", "--what", "predictions"
    )
    assert not out.exists()


def test_settings_that_make_no_sense_are_refused_before_a_run_is_started(mice, complaint):
    assert "0 leaves nothing" in complaint("train", mice, "--steps", "0")
    assert "efficientnet_lite0" in complaint("train", mice, "--network", "efficientnet_lite")
    assert "run" in complaint("train", mice, "--from", "7").lower()
    assert "possible" in complaint("split", mice, "--val", "1.5")
    with Project.open(Path(mice), read_only=True) as project:
        assert project.runs.all() == ()


def test_the_frames_of_a_group_stay_in_one_part(mice, answer, complaint, capsys):
    """Four tens of frames; then by another rule, which the split of before does not fit."""
    rule = r"name:img(\d+)\d\.png"
    tens = answer("split", mice, "--val", 0.25, "--test", 0.2, "--group-by", rule, "--json")
    assert (tens["group_by"], tens["torn_groups"], tens["without_group"]) == (rule, [], 0)
    assert sum(tens[part]["labelled"] for part in ("train", "val", "test")) == FRAMES
    assert tens["val"]["labelled"] == pytest.approx(5, abs=1)
    assert tens["test"]["labelled"] == pytest.approx(4, abs=1)

    last_digit = r"name:(\d)\.png"
    torn = answer("split", mice, "--val", 0.5, "--group-by", last_digit, "--json")
    assert {part: torn[part] for part in ("train", "val", "test")} == {
        part: tens[part] for part in ("train", "val", "test")
    }
    assert (torn["torn_groups"], torn["groups"]) == (["0", "5"], 2)
    assert main(["split", mice, "--val", "0.5"]) == 0
    said = capsys.readouterr()
    assert "keeps it" in said.err
    assert "--again" in said.err
    assert "% of the labelled" in said.out

    anew = answer("split", mice, "--val", 0.5, "--group-by", "image", "--again", "--json")
    assert (anew["train"]["labelled"], anew["val"]["labelled"]) == (10, 10)
    assert "one group" in complaint("split", mice, "--val", "0.2", "--group-by", "folder")
    assert "name:(.+)" in complaint("split", mice, "--val", "0.2", "--group-by", "name:img")


def test_near_duplicates_across_the_split_are_named(mice, frames, answer, complaint, capsys):
    assert "--val 0.2" in complaint("split", mice, "--check")
    assert "only looks" in complaint("split", mice, "--check", "--again")
    near = answer("split", mice, "--val", 0.25, "--json")["near_duplicates"]
    assert (near["compared"], near["unreadable"], near["pairs"]) == (FRAMES, 0, [])

    with Project.open(Path(mice), read_only=True) as project:
        images = project.images()
    of = {part: [i.path for i in images if i.split == part] for part in ("train", "val")}
    of["val"][0].write_bytes(of["train"][3].read_bytes())
    of["train"][0].unlink()
    before = Path(mice).read_bytes()
    checked = answer("split", mice, "--check", "--json")
    assert Path(mice).read_bytes() == before
    near = checked["near_duplicates"]
    assert (near["compared"], near["unreadable"]) == (FRAMES - 1, 1)
    (pair,) = near["pairs"]
    assert (pair["part"], pair["other_part"], pair["difference"]) == ("val", "train", 0)
    assert [Path(pair[key]).name for key in ("image", "other")] == [
        of["val"][0].name,
        of["train"][3].name,
    ]
    assert main(["split", mice, "--check"]) == 0
    said = capsys.readouterr()
    assert f"m4s1/{of['val'][0].name} is like train m4s1/{of['train'][3].name}" in said.out
    assert "--group-by" in said.err
    assert "not compared: 1." in said.err


def test_many_images_are_compared_only_when_asked_for(mice, answer, monkeypatch, capsys):
    monkeypatch.setattr(importlib.import_module("kpstudio.cli.split"), "MOST_TO_COMPARE", 19)
    assert answer("split", mice, "--val", 0.25, "--json")["near_duplicates"] is None
    assert main(["split", mice, "--val", "0.25"]) == 0
    assert f"kpstudio split {mice} --check" in capsys.readouterr().err
    assert answer("split", mice, "--check", "--json")["near_duplicates"]["compared"] == FRAMES


def test_the_demo_is_drawn_once_and_then_opened(tmp_path, capsys):
    words = ["demo", "--dir", str(tmp_path / "D"), "--images", "5", "--labelled", "2"]
    assert main([*words, "--no-open"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == tmp_path / "D" / "demo.kps"
    with Project.open(path) as project:
        assert len(project.images()) == 5
        assert len(project.labelled_image_ids()) == 2
    assert run_command(words) == WindowRequest(path)


def test_a_mistyped_command_gets_the_nearest_one(complaint):
    assert "kpstudio train" in complaint("trian", "mice.kps", code=2)


@pytest.mark.parametrize("words", [["split", "mice.kps"], ["train"], ["new", "mice.kps"]])
def test_a_missing_word_is_a_usage_error(complaint, words):
    assert "required" in complaint(*words, code=2)


def test_doctor_finds_this_machine_well(answer, monkeypatch, tmp_path):
    monkeypatch.setenv("KPSTUDIO_HOME", str(tmp_path / "home"))
    for name in ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"):
        monkeypatch.delenv(name, raising=False)
    report = answer("doctor", "--json")
    assert report["is_healthy"]
    subjects = {finding["subject"] for finding in report["findings"]}
    assert {"torch", "PySide6-Essentials", "engine", "graphics card", "disk"} <= subjects


def test_the_command_line_answers_before_torch_is_imported(empty):
    program = (
        "import sys; from kpstudio.__main__ import main; code = main(sys.argv[1:]);"
        "sys.exit(code or any(name in sys.modules for name in ('torch', 'PySide6')))"
    )
    path = str(Path(empty).with_name("new.kps"))
    words = ["new", path, "--skeleton", str(MOUSE)]
    assert subprocess.run([sys.executable, "-c", program, *words], check=False).returncode == 0
