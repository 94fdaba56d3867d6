import json

import pytest
from video_files import write_video

from kpstudio.__main__ import main
from kpstudio.core.resources import resource_path
from kpstudio.store.project import Project


@pytest.fixture
def project(tmp_path, capsys):
    path = tmp_path / "p.kps"
    assert main(["new", str(path), "--skeleton", str(resource_path("skeletons/mouse4.json"))]) == 0
    capsys.readouterr()
    return path


@pytest.fixture
def clip(tmp_path):
    return write_video(tmp_path / "clip.mp4", frames=31)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], list(range(31))),
        (["--every", "10"], [0, 10, 20, 30]),
        (["--frames", "3"], [0, 15, 30]),
    ],
)
def test_a_video_is_imported_whole_or_in_part(project, clip, capsys, words, expected):
    assert main(["import", str(project), str(clip), *words, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["format"], report["images"]) == ("video", len(expected))
    with Project.open(project, read_only=True) as opened:
        assert [image.frame for image in opened.images()] == expected
        assert {(image.path, image.width) for image in opened.images()} == {(clip, 112)}


def test_what_is_no_choice_of_frames_changes_nothing(project, clip, tmp_path, capsys):
    assert main(["import", str(project), str(clip), "--every", "0"]) == 1
    assert "cannot be 0" in capsys.readouterr().err
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    assert main(["import", str(project), str(tmp_path / "broken.mp4")]) == 1
    assert "broken.mp4 is not a readable video" in capsys.readouterr().err
    with Project.open(project, read_only=True) as opened:
        assert opened.images() == ()
