"""Frame k of the copy of a video is frame k of sequential decoding."""

import shutil
from itertools import pairwise

import av
import numpy as np
import pytest
from video_files import number_of, turn, write_video

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.frame_pixels import frame_pixels
from kpstudio.imaging.open_videos import OpenVideos
from kpstudio.imaging.pixels import read_pixels
from kpstudio.imaging.proxy_writer import write_proxy
from kpstudio.imaging.recent_frames import RecentFrames
from kpstudio.imaging.video import Video
from kpstudio.imaging.video_proxy import VideoProxy

LEAST_DB = 35
KINDS = {
    "b_frames.mp4": {"options": {"g": "12", "bf": "3", "crf": "12"}},
    "one_keyframe.mp4": {"options": {"g": "250", "bf": "2", "crf": "12"}},
    "xvid.avi": {"codec": "mpeg4", "options": {"g": "12", "bf": "2", "q": "2"}},
    "phone.mov": {
        "times": [7 * n + n * n % 5 for n in range(60)],
        "options": {"g": "60", "bf": "2", "crf": "12"},
    },
    "loop.gif": {"codec": "gif", "pixel_format": "rgb8", "options": {"g": "1"}},
    "odd.mkv": {"size": (113, 81), "codec": "ffv1", "pixel_format": "yuv444p"},
}


def nothing(_done, _total):
    pass


def video_of(path):
    return OpenVideos(recent=RecentFrames(0)).video(path)


def sequential(path):
    with av.open(str(path)) as container:
        return [frame_pixels(frame) for frame in container.decode(video=0)]


def decibels(one, other):
    error = np.mean((one.astype(float) - other) ** 2)
    return 10 * np.log10(255**2 / max(error, 1e-9))


def assert_copied(path, expected):
    """All frames, in any order, from the copy."""
    video = video_of(path)
    assert video.proxy is not None
    assert (video.count, video.size) == (len(expected), expected[0].shape[1::-1])
    assert (video.can_jump, video.is_slow) == (True, False)
    for number in np.random.default_rng(0).permutation(len(expected))[:23]:
        pixels = frame_pixels(video.frame(int(number)))
        assert decibels(pixels, expected[number]) > LEAST_DB, number
        assert number_of(pixels) == number_of(expected[number])


@pytest.mark.parametrize("name", KINDS)
def test_frames_of_the_copy_are_those_of_sequential_decoding(tmp_path, name):
    path = write_video(tmp_path / name, **KINDS[name])
    expected = sequential(path)
    assert [number_of(pixels) for pixels in expected] == list(range(60))
    proxy = write_proxy(path, report=nothing)
    assert proxy.path == tmp_path / f"{name}.kpsproxy"
    assert sorted(each.name for each in tmp_path.iterdir()) == [name, f"{name}.kpsproxy"]
    assert_copied(path, expected)


def test_a_file_that_lies_about_its_keyframes_is_copied_by_counting(tmp_path):
    path = write_video(tmp_path / "lies.mp4", codec="mpeg4", options={"g": "250", "q": "2"})
    path.write_bytes(path.read_bytes().replace(b"stss", b"free"))
    assert video_of(path).is_slow
    write_proxy(path, report=nothing)
    assert_copied(path, sequential(path))


@pytest.mark.parametrize(
    "matrix", [(0, 1, -1, 0), (-1, 0, 0, -1), (-1, 0, 0, 1)], ids=["turned", "half", "mirrored"]
)
def test_the_copy_is_upright(tmp_path, matrix):
    path = write_video(tmp_path / "a.mp4", frames=13)
    turn(path, *matrix)
    expected = sequential(path)
    write_proxy(path, report=nothing)
    video = video_of(path)
    pixels = frame_pixels(video.frame(11))
    assert video.size == pixels.shape[1::-1] == expected[11].shape[1::-1]
    assert decibels(pixels, expected[11]) > LEAST_DB


def test_a_frame_that_is_damaged_in_the_video_is_missing_in_its_place(tmp_path):
    path = write_video(tmp_path / "a.mp4", options={"g": "12", "bf": "2", "crf": "12"})
    with av.open(str(path)) as container:
        packets = [each for each in container.demux(video=0) if each.size]
    packet = next(
        each for before, each in pairwise(packets) if each.pts < before.pts and each.pts > 33 * 512
    )
    number, at, size = packet.pts // 512, packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[at : at + size] = b"\xff" * size
    path.write_bytes(data)
    write_proxy(path, report=nothing)
    video = video_of(path)
    assert (video.proxy is not None, video.count) == (True, 60)
    with pytest.raises(UserProblem, match=f"Frame {number} of a.mp4 cannot be read from a.mp4.kps"):
        video.frame(number)
    others = (number - 1, number + 1, 59, 3)
    assert [number_of(frame_pixels(video.frame(n))) for n in others] == list(others)


def test_long_ways_and_broken_indices_are_slow_and_others_are_not(tmp_path):
    usual = write_video(tmp_path / "a.mp4", frames=320, options={"g": "250", "preset": "ultrafast"})
    long = write_video(tmp_path / "b.mp4", frames=320, options={"g": "999", "preset": "ultrafast"})
    assert (video_of(usual).longest_way, video_of(usual).is_slow) == (250, False)
    assert (video_of(long).longest_way, video_of(long).is_slow) == (320, True)


def test_the_copy_of_another_content_is_passed_over(tmp_path):
    path = write_video(tmp_path / "a.mp4", frames=13)
    write_proxy(path, report=nothing)
    write_video(path, frames=20, options={"g": "5"})
    assert (video_of(path).proxy, video_of(path).count) == (None, 20)
    moved = tmp_path / "b.mp4"
    shutil.copy(path, moved)
    shutil.copy(VideoProxy.place(path), VideoProxy.place(moved))
    assert VideoProxy.of(moved) is None
    VideoProxy.place(path).write_bytes(b"nothing")
    assert VideoProxy.of(path) is None


def test_an_open_video_takes_its_copy_as_soon_as_there_is_one(tmp_path):
    path = write_video(tmp_path / "a.mp4", frames=13)
    videos = OpenVideos(recent=RecentFrames(1 << 20))
    assert number_of(frame_pixels(videos.video(path).frame(7))) == 7
    write_proxy(path, report=nothing)
    assert videos.video(path).proxy is not None
    assert number_of(frame_pixels(videos.video(path).frame(7))) == 7
    VideoProxy.place(path).unlink()
    assert videos.video(path).proxy is None
    assert read_pixels(path, 12).shape == (80, 112, 3)


class _Stop(Exception):
    pass


def test_a_copy_that_is_stopped_or_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    path = write_video(tmp_path / "a.mp4", frames=13)
    seen = []

    def stop(done, total):
        seen.append((done, total))
        if done == 4:
            raise _Stop

    with pytest.raises(_Stop):
        write_proxy(path, report=stop)
    assert seen == [(n, 13) for n in range(5)]
    assert [each.name for each in tmp_path.iterdir()] == ["a.mp4"]

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Video, "frames", full)
    with pytest.raises(UserProblem, match=r"a\.mp4\.kpsproxy was not written: No space left"):
        write_proxy(path, report=nothing)
    assert [each.name for each in tmp_path.iterdir()] == ["a.mp4"]


def test_a_video_that_changes_while_it_is_copied_is_said_so(tmp_path):
    path = write_video(tmp_path / "a.mp4", frames=13)

    def grow(done, _total):
        if done == 4:
            with path.open("ab") as file:
                file.write(b"more")

    with pytest.raises(UserProblem, match=r"a\.mp4 changed while it was copied"):
        write_proxy(path, report=grow)
    assert [each.name for each in tmp_path.iterdir()] == ["a.mp4"]


def test_frames_of_a_real_video_are_copied(shared, tmp_path):
    path = tmp_path / "robot.mp4"
    shutil.copy(shared / "data/sleap_samples/videos/small_robot_3_frame.mp4", path)
    write_proxy(path, report=nothing)
    video = video_of(path)
    differences = [
        decibels(frame_pixels(video.frame(number)), pixels)
        for number, pixels in enumerate(sequential(path))
    ]
    assert (len(differences), video.count) == (3, 3)
    assert min(differences) > LEAST_DB
