"""A published model on somebody's own images: imported, put to use, seen and measured."""

import csv
import json
import shutil

import numpy as np
import pytest

from kpstudio.__main__ import main
from kpstudio.store.project import Project

NAMES = (
    "left_eye",
    "right_eye",
    "left_eye_inner",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye_outer",
    "left_brow_inner",
    "left_brow_outer",
    "right_brow_inner",
    "right_brow_outer",
    "nose",
    "mouth_left",
    "mouth_right",
    "mouth_top",
    "mouth_bottom",
)
# Where both sets of keypoints mean the same, by index in the 68 points.
SAME = {2: 42, 3: 45, 4: 39, 5: 36, 10: 30, 11: 54, 12: 48}


@pytest.fixture
def faces(shared, tmp_path):
    """A COCO file of faces of eight people, with their boxes and seven of fifteen keypoints."""
    source = shared / "data" / "faces68"
    with (source / "keypoints.csv").open() as file:
        rows = list(csv.reader(file))[1::120]
    images, annotations = [], []
    for index, (name, *numbers) in enumerate(rows, 1):
        xy = np.array(numbers, float).reshape(-1, 2)
        shutil.copyfile(source / "images" / name, tmp_path / name)
        keypoints = np.zeros((15, 3))
        for ours, theirs in SAME.items():
            keypoints[ours] = [*xy[theirs], 2]
        # The published crops show the whole face, in squares.
        crop = 1.3 * np.ptp(xy, axis=0).max()
        side = crop / 1.25
        x, y = (xy.min(0) + xy.max(0)) / 2 - [side / 2, side / 2 + 0.08 * crop]
        images.append({"id": index, "file_name": name, "width": 0, "height": 0})
        annotations.append(
            {
                "id": index,
                "image_id": index,
                "category_id": 1,
                "keypoints": keypoints.flatten().tolist(),
                "num_keypoints": 7,
                "bbox": [x, y, side, side],
                "area": side * side,
                "iscrowd": 0,
            }
        )
    category = {"id": 1, "name": "face", "keypoints": NAMES, "skeleton": []}
    path = tmp_path / "faces.json"
    path.write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": [category]})
    )
    return path


def test_published_weights_find_the_faces_keypoints(shared, faces, tmp_path, capsys):
    skeleton = tmp_path / "face15.json"
    skeleton.write_text(json.dumps({"name": "face15", "category": "face", "keypoints": NAMES}))
    weights = shared / "weights" / "hourglass_face15" / "kd_epoch_809_model.ckpt"
    model, project = tmp_path / "face.safetensors", tmp_path / "faces.kps"
    how = ["--network", "face_hourglass", "--keypoints", skeleton]
    for words in (
        ["checkpoint", "import", weights, "--out", model, *how],
        ["new", project, "--skeleton", skeleton],
        ["import", project, faces],
        ["checkpoint", "use", project, model],
        ["predict", project],
    ):
        assert main([str(word) for word in words]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(project), "--split", "all", "--all-decoders", "--json"]) == 0
    decoders = json.loads(capsys.readouterr().out)["decoders"]
    with Project.open(project, read_only=True) as opened:
        sizes = [each.box.width for each in opened.dataset().annotations]
        assert opened.runs.newest().name == "face"
    in_crop = 96 / (1.25 * np.median(sizes))
    assert decoders["gaussian_fit"]["median_px"] * in_crop < 3.0
    assert decoders["dark"]["missed"] == 0
    assert main(["checkpoint", "show", str(model)]) == 0
    assert "face_hourglass, 712,621 parameters" in capsys.readouterr().out


@pytest.mark.thorough
def test_what_cannot_be_imported_is_said(shared, tmp_path, capsys):
    weights = shared / "weights" / "hourglass_face15" / "kd_epoch_809_model.ckpt"
    for words, reason in (
        (["import", weights, "--network", "hrnet_w32"], "face_hourglass fits best"),
        (["import", weights, "--network", "program"], "--description"),
        (["import", tmp_path / "no.pth", "--network", "hrnet_w32"], "no file"),
        (["show", weights], "not a checkpoint"),
        (["use", tmp_path / "no.kps", weights], "no.kps"),
    ):
        out = ["--out", str(tmp_path / "out.safetensors")] if words[0] == "import" else []
        assert main(["checkpoint", *map(str, words), *out]) == 1
        assert reason in capsys.readouterr().err
    assert not (tmp_path / "out.safetensors").exists()


def test_the_networks_are_listed_with_their_size(capsys):
    names = ["--network", "unet_small", "--network", "hrnet_w32"]
    assert main(["networks", "--json", *names]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["networks"]}
    assert rows["hrnet_w32"]["parameters"] == 28_536_113
    assert rows["hrnet_w32"]["gflops"] == pytest.approx(7.1, rel=0.1)
    assert rows["unet_small"]["ms_of_one"] is None
    assert main(["networks", "--times", "--network", "unet_small"]) == 0
    assert "unet_small" in capsys.readouterr().out
