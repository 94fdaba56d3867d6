import shutil
import zlib
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import av
import numpy as np
import pytest
from video_files import number_of, numbered, turn, write_sound, write_video

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.frame_pixels import frame_pixels
from kpstudio.imaging.open_videos import OpenVideos
from kpstudio.imaging.pixels import read_pixels
from kpstudio.imaging.recent_frames import RecentFrames
from kpstudio.imaging.thumbnail import read_thumbnail
from kpstudio.imaging.video import Video


def video_of(path, *, budget=0):
    """Without frames that are kept, so that every one is decoded."""
    return Video(path, "key", RecentFrames(budget))


def sequential(path):
    """A digest of each frame as they come when the whole file is decoded."""
    with av.open(str(path)) as container:
        return [zlib.crc32(frame_pixels(frame)) for frame in container.decode(video=0)]


def random_order(count, *, most, seed=0):
    return [int(each) for each in np.random.default_rng(seed).permutation(count)[:most]]


KINDS = {
    "b_frames.mp4": {"options": {"g": "12", "bf": "3"}},
    "one_keyframe.mp4": {"options": {"g": "250", "bf": "2"}},
    "open_groups.mkv": {"options": {"g": "12", "bf": "3", "x264-params": "open-gop=1"}},
    "hevc.mp4": {"codec": "libx265", "options": {"x265-params": "log-level=none:keyint=12"}},
    "stream.ts": {"options": {"g": "12", "bf": "3"}},
    "xvid.avi": {"codec": "mpeg4", "options": {"g": "12", "bf": "2"}},
    "xvid_without_b.avi": {"codec": "mpeg4", "options": {"g": "12"}},
    "stills.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p", "options": {"q": "3"}},
    "lossless.mkv": {"codec": "ffv1", "options": {"g": "1"}},
    "small.webm": {"codec": "libvpx-vp9", "options": {"g": "12", "deadline": "realtime"}},
    "old.mpg": {"codec": "mpeg2video", "options": {"g": "12", "bf": "2"}},
    "windows.wmv": {"codec": "wmv2", "options": {"g": "12"}},
    "phone.mov": {
        "times": [7 * n + n * n % 5 for n in range(60)],
        "options": {"g": "12", "bf": "2"},
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_a_frame_is_the_same_in_any_order(tmp_path, name):
    path = write_video(tmp_path / name, **KINDS[name])
    expected = sequential(path)
    video = video_of(path)
    assert video.count == len(expected) == 60
    assert video.size == (112, 80)
    for number in random_order(60, most=30):
        assert zlib.crc32(frame_pixels(video.frame(number))) == expected[number], number
        assert number_of(frame_pixels(video.frame(number))) == number


@pytest.mark.parametrize("name", ["b_frames.mp4", "hevc.mp4", "small.webm", "stills.avi"])
def test_the_usual_kinds_are_jumped_in(tmp_path, name):
    assert video_of(write_video(tmp_path / name, **KINDS[name])).can_jump


def test_a_file_that_lies_about_its_keyframes_is_counted_from_the_beginning(tmp_path):
    path = write_video(tmp_path / "lies.mp4", codec="mpeg4", options={"g": "250"})
    # Without its table of keyframes every frame passes for one.
    path.write_bytes(path.read_bytes().replace(b"stss", b"free"))
    expected = sequential(path)
    video = video_of(path)
    assert len(video.index.keyframes) == 60
    assert not video.can_jump
    assert video.count == 60
    for number in random_order(60, most=12):
        assert zlib.crc32(frame_pixels(video.frame(number))) == expected[number]


def test_frames_at_the_same_time_are_told_apart(tmp_path):
    path = write_video(tmp_path / "a.mp4", frames=20)
    video = video_of(path)
    index = video.index
    video.__dict__["index"] = type(index)(index.times // 5000, index.keyframes)
    assert not video.index.is_distinct
    assert [number_of(frame_pixels(video.frame(n))) for n in (13, 4, 19)] == [13, 4, 19]


TURNS = {
    "not at all": ((1, 0, 0, 1), lambda p: p),
    "clockwise": ((0, 1, -1, 0), lambda p: np.rot90(p, -1)),
    "upside down": ((-1, 0, 0, -1), lambda p: p[::-1, ::-1]),
    "anticlockwise": ((0, -1, 1, 0), lambda p: np.rot90(p, 1)),
    "mirrored": ((-1, 0, 0, 1), lambda p: p[:, ::-1]),
    "mirrored upside down": ((1, 0, 0, -1), lambda p: p[::-1]),
    "transposed": ((0, 1, 1, 0), lambda p: p.transpose(1, 0, 2)),
}


@pytest.mark.parametrize("kind", TURNS)
def test_videos_are_upright_whatever_their_display_matrix(tmp_path, kind):
    values, upright = TURNS[kind]
    path = write_video(tmp_path / "a.mp4", frames=20)
    stored = read_pixels(path, 7)
    assert np.abs(stored[20:].astype(int) - numbered(7)[20:]).mean() < 6
    shutil.copy(path, tmp_path / "turned.mp4")
    turn(tmp_path / "turned.mp4", *values)
    shown = read_pixels(tmp_path / "turned.mp4", 7)
    assert np.array_equal(shown, upright(stored))
    assert video_of(tmp_path / "turned.mp4").size == (shown.shape[1], shown.shape[0])


@pytest.mark.parametrize("range_", ["tv", "pc"])
def test_colours_are_right_in_both_ranges(tmp_path, range_):
    pixel_format = {"tv": "yuv420p", "pc": "yuvj420p"}[range_]
    path = write_video(tmp_path / "a.mp4", frames=3, pixel_format=pixel_format)
    pixels = read_pixels(path, 1).astype(int)
    assert np.abs(pixels[30:70, 8:48] - (230, 130, 20)).max() < 8
    assert np.abs(pixels[30:70, 64:104] - (20, 60, 220)).max() < 8


def test_a_cut_off_video_gives_the_frames_that_it_has(tmp_path):
    path = write_video(tmp_path / "a.mkv", frames=60, options={"g": "12", "bf": "0"})
    whole = sequential(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    video = video_of(path)
    assert 25 < video.count < 60
    for number in random_order(video.count - 1, most=10):
        assert zlib.crc32(frame_pixels(video.frame(number))) == whole[number]
    with pytest.raises(UserProblem, match=rf"no frame 59: its last one is {video.count - 1}"):
        video.frame(59)


def test_of_a_piece_of_a_stream_the_frames_that_can_be_decoded_are_counted(tmp_path):
    whole = write_video(tmp_path / "a.ts").read_bytes()
    path = tmp_path / "piece.ts"
    path.write_bytes(whole[188 * (len(whole) // 188 // 3) :])
    expected = sequential(path)
    video = video_of(path)
    assert 20 < video.count == len(expected) < 50
    assert video.can_jump
    for number in random_order(video.count, most=10):
        assert zlib.crc32(frame_pixels(video.frame(number))) == expected[number]
    assert number_of(frame_pixels(video.frame(video.count - 1))) == 59


def test_frames_that_an_edit_list_cuts_off_are_not_counted(tmp_path):
    source, path = write_video(tmp_path / "a.mp4"), tmp_path / "cut.mp4"
    options = {"avoid_negative_ts": "disabled"}
    with av.open(str(source)) as read, av.open(str(path), "w", options=options) as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.dts is not None:
                packet.pts, packet.dts, packet.stream = (
                    packet.pts - 7 * 512,
                    packet.dts - 7 * 512,
                    stream,
                )
                written.mux(packet)
    video = video_of(path)
    assert (video.count, video.can_jump) == (53, True)
    numbers = [number_of(frame_pixels(video.frame(n))) for n in (40, 0, 13, 52)]
    assert numbers == [47, 7, 20, 59]


def test_only_the_damaged_frame_of_a_video_is_lost(tmp_path):
    path = write_video(tmp_path / "a.mp4", options={"g": "12", "bf": "2"})
    whole = sequential(path)
    with av.open(str(path)) as container:
        packets = [each for each in container.demux(video=0) if each.size]
    # One that is stored after one that is shown later: no other frame needs it.
    packet = next(
        each for before, each in pairwise(packets) if each.pts < before.pts and each.pts > 33 * 512
    )
    number, at, size = packet.pts // 512, packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[at : at + size] = b"\xff" * size
    path.write_bytes(data)
    video = video_of(path)
    assert (video.count, video.can_jump) == (60, True)
    with pytest.raises(UserProblem, match=f"Frame {number} of a.mp4 cannot be decoded"):
        video.frame(number)
    for other in (number - 1, number + 1, 59, 3):
        assert zlib.crc32(frame_pixels(video.frame(other))) == whole[other]


@pytest.mark.parametrize("kept", [0, 40, 4000])
def test_what_is_no_video_says_so(tmp_path, kept):
    path = write_video(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserProblem, match=r"a\.mp4 is not a readable video") as caught:
        read_pixels(path, 0)
    assert "whole copy" in caught.value.hint


def test_sound_alone_and_a_missing_file_are_told_apart(tmp_path):
    with pytest.raises(UserProblem, match="no pictures in sound"):
        read_pixels(write_sound(tmp_path / "sound.m4a"), 0)
    with pytest.raises(UserProblem, match=r"not there.*relocate"):
        read_pixels(tmp_path / "gone.mp4", 0)


def test_a_number_beyond_the_end_is_refused(tmp_path):
    path = write_video(tmp_path / "a.mp4", frames=20)
    for number in (20, -1):
        with pytest.raises(UserProblem, match=f"no frame {number}: its last one is 19"):
            read_pixels(path, number)


def test_another_video_under_the_same_name_is_read_anew(tmp_path):
    path = write_video(tmp_path / "a.mp4", frames=20)
    assert number_of(read_pixels(path, 3)) == 3
    write_video(path, frames=20, size=(128, 96))
    assert read_pixels(path, 3).shape == (96, 128, 3)


def test_many_threads_get_their_own_frames(tmp_path):
    path = write_video(tmp_path / "a.mp4", frames=100)
    video = video_of(path, budget=112 * 80 * 2 * 5)
    wanted = [n for seed in range(4) for n in random_order(100, most=40, seed=seed)]
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda n: number_of(frame_pixels(video.frame(n))), wanted))
    assert got == wanted


def test_no_more_frames_and_videos_are_kept_than_allowed(tmp_path):
    paths = [write_video(tmp_path / f"{n}.mp4", frames=8) for n in range(4)]
    recent = RecentFrames(budget=5 * 112 * 80 * 3)
    videos = OpenVideos(most=2, recent=recent)
    first = videos.video(paths[0])
    assert videos.video(paths[0]) is first
    for path in paths:
        for number in range(8):
            videos.video(path).frame(number)
    assert 1 <= len(recent) <= 10
    assert videos.video(paths[0]) is not first


def test_a_video_that_was_away_for_a_while_is_read_on(tmp_path):
    path = write_video(tmp_path / "a.mp4", options={"g": "250"})
    video = video_of(path)
    assert number_of(frame_pixels(video.frame(20))) == 20
    path.rename(tmp_path / "away.mp4")
    with pytest.raises(UserProblem, match="not there"):
        video.frame(7)
    (tmp_path / "away.mp4").rename(path)
    assert [number_of(frame_pixels(video.frame(n))) for n in (0, 7, 21)] == [0, 7, 21]


def test_stepping_back_decodes_nothing_again(tmp_path, monkeypatch):
    video = video_of(write_video(tmp_path / "a.mp4"), budget=1 << 26)
    video.frame(40)
    video.frame(45)
    monkeypatch.setattr(video, "_take", None)
    assert number_of(frame_pixels(video.frame(43))) == 43


def test_a_thumbnail_of_a_frame_is_small_and_of_that_frame(tmp_path):
    path = write_video(tmp_path / "a.mp4", size=(1120, 800), frames=6)
    thumbnail = read_thumbnail(path, (96, 72), 5)
    assert thumbnail.shape == (69, 96, 3)
    whole = read_pixels(path, 5)
    assert np.abs(thumbnail[40, 20].astype(int) - whole[400, 200]).max() < 8


long = pytest.mark.thorough


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("dlc_openfield/videos/m3v1mp4.mp4", marks=long),
        pytest.param("lp_mirror_mouse/videos/test_vid.mp4", marks=long),
        pytest.param("sleap_samples/videos/centered_pair_small.mp4", marks=long),
        pytest.param("sleap_samples/videos/dance.mp4", marks=long),
        "sleap_samples/videos/small_robot.mp4",
        "sleap_samples/videos/small_robot_3_frame.mp4",
    ],
)
def test_frames_of_real_videos_are_those_of_sequential_decoding(shared, name):
    path = shared / "data" / name
    expected = sequential(path)
    video = video_of(path)
    assert video.count == len(expected)
    for number in random_order(len(expected), most=60):
        assert zlib.crc32(frame_pixels(video.frame(number))) == expected[number], number


def test_the_first_jump_in_a_real_video_is_right(shared):
    path = shared / "data" / "dlc_openfield/videos/m3v1mp4.mp4"
    video = video_of(path)
    assert (video.count, video.size, video.can_jump) == (2330, (640, 480), True)
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == 190:
                expected = frame_pixels(frame)
                break
    assert np.array_equal(frame_pixels(video.frame(190)), expected)
