import json

import pytest
from video_files import number_of, write_video

from kpstudio import formats
from kpstudio.__main__ import main
from kpstudio.core.skeleton import Skeleton
from kpstudio.imaging.pixels import read_pixels
from kpstudio.imaging.video_proxy import VideoProxy
from kpstudio.store.project import Project

PAIR = Skeleton("pair", ("snout", "tail"))


@pytest.fixture
def broken(tmp_path):
    path = write_video(tmp_path / "broken.mp4", codec="mpeg4", options={"g": "250"})
    path.write_bytes(path.read_bytes().replace(b"stss", b"free"))
    return path


@pytest.fixture
def project(tmp_path, broken):
    """With frames of a video that can be jumped in, and of one that cannot."""
    usual = write_video(tmp_path / "usual.mp4", frames=13)
    path = tmp_path / "p.kps"
    with Project.create(path, PAIR) as project:
        for video in (usual, broken):
            project.import_dataset(formats.read(video, PAIR), source=video.name)
    return path


def answers(capsys, *words):
    code = main([str(word) for word in ("proxy", *words, "--json")])
    return code, json.loads(capsys.readouterr().out)


def test_of_a_project_the_slow_videos_are_copied_once(project, broken, tmp_path, capsys):
    code, (usual, slow) = answers(capsys, project, "--check")
    assert (code, usual["state"], slow["state"]) == (0, "not needed", "slow")
    assert (usual["longest_way"], slow["can_jump"]) == (12, False)
    assert VideoProxy.of(broken) is None
    assert main(["proxy", str(project)]) == 0
    said = capsys.readouterr().out
    assert "usual.mp4: needs no copy; a jump decodes at most 12 frames." in said
    assert f"Wrote {broken}.kpsproxy: 60 frames" in said
    assert not VideoProxy.place(tmp_path / "usual.mp4").exists()
    assert number_of(read_pixels(broken, 41)) == 41
    code, (_, slow) = answers(capsys, project)
    assert (code, slow["state"], slow["frames"]) == (0, "there", 60)


def test_a_video_that_needs_none_is_copied_anyway(tmp_path, capsys):
    path = write_video(tmp_path / "usual.mp4", frames=13)
    code, (one,) = answers(capsys, path, "--anyway")
    assert (code, one["state"], one["frames"]) == (0, "made", 13)
    assert one["bytes"] == VideoProxy.place(path).stat().st_size


def test_what_has_no_video_and_what_is_gone_are_told(project, broken, tmp_path, capsys):
    with Project.create(tmp_path / "empty.kps", PAIR):
        pass
    assert main(["proxy", str(tmp_path / "empty.kps")]) == 1
    assert "No frame of a video is in empty.kps" in capsys.readouterr().err
    broken.unlink()
    assert main(["proxy", str(project)]) == 1
    told = capsys.readouterr()
    assert "broken.mp4 cannot be opened: it is not there" in told.err
    assert "usual.mp4: needs no copy" in told.out
