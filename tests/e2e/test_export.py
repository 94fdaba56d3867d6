"""Parts of a project go out, with images, a card and a receipt."""

import json
from dataclasses import replace

import numpy as np
import pytest
from newts import NEWT, draw_newts

from kpstudio import formats
from kpstudio.__main__ import main
from kpstudio.core.annotation import Prediction
from kpstudio.core.geometry import Box
from kpstudio.store.project import Project


@pytest.fixture
def newts(tmp_path):
    """A project of 13 images, of which three are val, one is at night, and five are accepted."""
    folder = tmp_path / "frames"
    folder.mkdir()
    data = draw_newts(folder)
    images = tuple(replace(i, split="val" if i.id < 4 else "train") for i in data.images)
    path = tmp_path / "newts.kps"
    with Project.create(path, NEWT) as project:
        project.import_dataset(replace(data, images=images), source="newts")
        project.marks.set_review([1, 2, 3, 4, 5], "accepted")
        project.marks.change_tags([2], add=["night"])
        run = project.runs.start("efficientnet_lite0", {})
        run.checkpoint.write_bytes(b"weights")
        project.runs.finish(run.id, state="finished")
        xy = data.annotations[0].xy
        found = Prediction(2, run.id, xy, np.linspace(0.1, 0.5, 5), Box(0, 0, 50, 50), 0.25)
        project.predictions.put(run.id, 2, "dark", [found])
    return str(path)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ((), 13),
        (("--split", "val"), 3),
        (("--review", "accepted"), 5),
        (("--review", "accepted", "--split", "train"), 2),
        (("--tag", "night"), 1),
        (("--images", "newt1*"), 5),
    ],
)
def test_a_part_of_the_labels_is_written_and_checked(newts, tmp_path, answer, words, count):
    out = tmp_path / "out.json"
    receipt = answer("export", newts, out, "--format", "coco", "--json", *words)
    assert (receipt["images"], receipt["annotations"]) == (count, count)
    assert receipt["read_back"]["visible"] == 4 * count
    assert receipt["read_back"]["occluded"] == count
    assert receipt["read_back"]["differences"] == []
    assert len(json.loads(out.read_text())["images"]) == count


def test_a_receipt_is_printed_with_its_check(newts, tmp_path, capsys):
    assert main(["export", newts, str(tmp_path / "out.json"), "--format", "coco"]) == 0
    said = capsys.readouterr().out
    assert "13 images, 13 annotations, 65 keypoints: 52 visible, 13 occluded" in said
    assert "checked: read back equal" in said


def test_images_a_card_and_cut_out_subjects_go_along(newts, tmp_path, answer):
    words = ("export", newts, tmp_path / "out.json", "--format", "coco", "--json")
    answer(*words, "--link-images", tmp_path / "all", "--card")
    assert len(list((tmp_path / "all").iterdir())) == 13
    assert (tmp_path / "out.md").read_text().startswith("# out\n")
    cut = answer(
        *words, "--tag", "night", "--crop", "0.5", "--copy-images", tmp_path / "cut",
        "--card", tmp_path / "README.md",
    )  # fmt: skip
    assert cut["images"] == 1
    assert [path.name for path in (tmp_path / "cut").iterdir()] == ["newt2_subject1.png"]
    (image,) = formats.read(tmp_path / "out.json", NEWT).images
    assert image.path == tmp_path / "cut" / "newt2_subject1.png"
    assert "“subject”" in (tmp_path / "README.md").read_text()


def test_predictions_of_a_part_are_written_with_their_scores(newts, tmp_path, answer):
    out = tmp_path / "out.json"
    words = ("export", newts, out, "--format", "coco", "--what", "predictions", "--json")
    assert answer(*words, "--split", "val")["annotations"] == 1
    (found,) = json.loads(out.read_text())["annotations"]
    assert found["score"] == 0.25
    assert found["keypoint_scores"] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tag", "day"), "There are: night (1)"),
        (("--split", "test"), "train (10), val (3)"),
        (("--author", "eve"), "by “eve”"),
        (("--images", "mouse*"), "mouse*"),
        (("--crop",), "--copy-images FOLDER"),
        (("--what", "predictions", "--split", "train"), "has a prediction"),
    ],
)
def test_what_cannot_be_exported_is_said_and_nothing_is_written(
    newts, tmp_path, capsys, words, said
):
    out = tmp_path / "out.json"
    assert main(["export", newts, str(out), "--format", "coco", *words]) == 1
    assert said in capsys.readouterr().err
    assert not out.exists()
