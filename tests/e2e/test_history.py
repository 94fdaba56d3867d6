"""The history and tags on the command line."""

import pytest

from kpstudio.__main__ import main
from kpstudio.store.project import Project


@pytest.fixture
def project(tmp_path, frames, capsys):
    path = tmp_path / "mice.kps"
    assert main(["new", str(path), "--labels", str(frames)]) == 0
    assert main(["import", str(path), str(frames)]) == 0
    capsys.readouterr()
    return path


def test_labels_go_back_to_a_moment_and_forward_again(project, answer, capsys):
    (entry,) = answer("history", project, "--json")
    assert entry["label"] == "Import frames"
    assert answer("history", project, "--restore", 0, "--json")["annotations"] == 20
    with Project.open(project) as opened:
        assert opened.labelled_image_ids() == frozenset()
        image = opened.images()[3]
    words = ("--restore", entry["id"], "--image", image.name)
    assert answer("history", project, *words, "--json") == {"annotations": 1, "images": [image.id]}
    assert main(["history", str(project), "--last", "2"]) == 0
    told = capsys.readouterr().out
    assert "1 older ones" in told
    assert "Restore image to “Import frames”" in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--restore", "77"), "no entry 77"),
        (("--restore", "1", "--image", "nothing.png"), "No image is called"),
        (("--image", "a.png"), "--image says what"),
    ],
)
def test_what_cannot_be_restored_is_said(project, capsys, words, message):
    assert main(["history", str(project), *words]) == 1
    assert message in capsys.readouterr().err


def test_tags_are_put_on_images_by_pattern_and_listed(project, answer, capsys):
    tags = answer("tag", project, "night", "img*1*.png", "--json")
    assert 0 < tags["night"] < 20
    assert main(["tag", str(project)]) == 0
    assert capsys.readouterr().out == f"night  {tags['night']} images\n"
    assert answer("tag", project, "night", "*", "--remove", "--json") == {}
    assert main(["tag", str(project), "night", "x*.tif"]) == 1
    assert "No image fits" in capsys.readouterr().err
