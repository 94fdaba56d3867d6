"""What the doctor says before an import, and how a person acts on it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from newts import NEWT, change_all, draw_newts

from kpstudio import formats
from kpstudio.__main__ import main
from kpstudio.core.skeleton import skeleton_to_json
from kpstudio.store.project import Project


@pytest.fixture
def project(tmp_path, capsys) -> Path:
    (tmp_path / "newt.json").write_bytes(skeleton_to_json(NEWT))
    path = tmp_path / "newts.kps"
    assert main(["new", str(path), "--skeleton", str(tmp_path / "newt.json")]) == 0
    capsys.readouterr()
    return path


@pytest.fixture
def newts(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    return draw_newts(folder)


def stored(project):
    with Project.open(project, read_only=True) as opened:
        return opened.dataset()


def test_a_check_prints_the_report_and_changes_nothing(project, newts, tmp_path, answer, capsys):
    labels = tmp_path / "labels.json"
    formats.write(newts.moved(0, -30), labels)
    before = project.read_bytes()
    assert main(["import", str(project), str(labels), "--check"]) == 0
    said = capsys.readouterr().out
    assert "13 images, 13 of them labelled; 13 annotations" in said
    assert "keypoints: 52 visible, 13 occluded, 0 not labelled" in said
    assert "warning: 39 keypoints lie outside the image" in said
    report = answer("import", project, labels, "--check", "--json")
    assert (report["format"], report["visible"]) == ("coco", 52)
    assert [each["kind"] for each in report["findings"]] == ["outside"]
    assert project.read_bytes() == before


def test_warnings_are_said_and_the_import_goes_on(project, newts, tmp_path, capsys):
    labels = tmp_path / "labels.json"
    formats.write(newts.moved(0, -30), labels)
    assert main(["import", str(project), str(labels)]) == 0
    said = capsys.readouterr()
    assert "warning: 39 keypoints lie outside" in said.err
    assert "Imported 13 images and 13 annotations" in said.out
    found = [e["kind"] for e in json_import(capsys, project, labels)["findings"]]
    assert found == ["outside"]


def json_import(capsys, project, labels):
    capsys.readouterr()
    assert main(["import", str(project), str(labels), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_errors_stop_the_import_until_it_is_wanted_anyway(project, newts, tmp_path, capsys):
    labels = tmp_path / "labels.json"
    formats.write(change_all(newts, lambda xy: xy / (71, 53)), labels)
    assert main(["import", str(project), str(labels), "--check"]) == 1
    capsys.readouterr()
    assert main(["import", str(project), str(labels)]) == 1
    said = capsys.readouterr().err
    assert "Nothing was imported" in said
    assert "shares of the width and height" in said
    assert "--anyway" in said
    assert stored(project).images == ()
    assert main(["import", str(project), str(labels), "--anyway"]) == 0
    assert len(stored(project).annotations) == 13


def test_an_offset_moves_what_is_imported(project, newts, tmp_path, answer):
    labels = tmp_path / "labels.json"
    formats.write(newts, labels)
    assert not answer("import", project, labels, "--offset", "-1,-0.5", "--json")["findings"]
    (first, *_) = stored(project).annotations
    moved = newts.annotations[0].xy - np.array([1, 0.5])
    assert abs(first.xy - moved).max() < 1e-9
    for wrong in ("1", "a,b", "nan,0"):
        assert main(["import", str(project), str(labels), "--offset", wrong]) == 2


def test_the_offset_that_would_mend_it_is_said(project, newts, tmp_path, capsys):
    labels = tmp_path / "labels.json"
    formats.write(change_all(newts, lambda xy: np.floor(xy) + 0.5), labels)
    assert main(["import", str(project), str(labels), "--check"]) == 0
    assert "--offset -0.5,-0.5" in capsys.readouterr().out


def test_a_file_of_which_1_means_labelled_is_imported_as_visible(
    project, newts, tmp_path, answer, capsys
):
    labels = tmp_path / "labels.json"
    ones = tuple(replace(each, visibility=np.ones(5, int)) for each in newts.annotations)
    formats.write(replace(newts, annotations=ones), labels)
    assert main(["import", str(project), str(labels), "--check"]) == 0
    assert "65 labelled keypoints have visibility 1" in (said := capsys.readouterr().out)
    assert "--visibility presence" in said
    words = ("import", project, labels, "--visibility", "presence", "--json")
    assert not answer(*words)["findings"]
    assert {v for each in stored(project).annotations for v in each.visibility} == {2}
    formats.write(newts, labels)
    assert main(["import", str(project), str(labels), "--visibility", "presence"]) == 1
    assert "52 keypoints have 2" in capsys.readouterr().err


def test_damage_behind_the_header_is_found_with_pixels(project, newts, answer):
    path = newts.images[6].path
    path.write_bytes(path.read_bytes()[:3000])
    assert not answer("import", project, path.parent, "--check", "--json")["findings"]
    (finding,) = answer("import", project, path.parent, "--check", "--pixels", "--json")["findings"]
    assert (finding["kind"], finding["examples"]) == ("damaged_images", ["newt7.png"])
