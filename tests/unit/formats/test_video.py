from pathlib import Path

import numpy as np
import pytest
from video_files import write_video

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats import FrameChoice
from kpstudio.store.project import Project

PAIR = Skeleton("pair", ("snout", "tail"))


def frames(images):
    return [(image.path.name, image.frame) for image in images]


def test_every_frame_of_a_video_is_an_image(tmp_path):
    path = write_video(tmp_path / "CLIP.MP4", frames=13)
    assert formats.detect_format(path) == "video"
    dataset = formats.read(path, PAIR)
    assert frames(dataset.images) == [("CLIP.MP4", n) for n in range(13)]
    assert {(image.width, image.height) for image in dataset.images} == {(112, 80)}
    assert [image.id for image in dataset.images] == list(range(1, 14))
    assert (dataset.annotations, dataset.folders) == ((), ())


def test_a_folder_of_videos_is_read_in_natural_order(tmp_path):
    for name in ("day10.mp4", "day2.mkv", "a/x.avi", ".hidden.mp4"):
        (tmp_path / "a").mkdir(exist_ok=True)
        codec = "mpeg4" if name.endswith("avi") else "libx264"
        write_video(tmp_path / name, frames=2, codec=codec)
    assert formats.detect_format(tmp_path) == "video"
    images = formats.read(tmp_path, PAIR).images
    names = ["x.avi", "day2.mkv", "day10.mp4"]
    assert frames(images) == [(name, n) for name in names for n in (0, 1)]
    assert len({image.id for image in images}) == 6


def test_a_folder_without_a_video_says_so(tmp_path):
    with pytest.raises(UserProblem, match="There is no video in") as caught:
        formats.read(tmp_path, PAIR, format="video")
    assert ".mp4" in caught.value.hint


@pytest.mark.parametrize("count", [1, 3])
def test_an_animation_is_read_as_a_video_and_a_still_as_an_image(tmp_path, count):
    path = write_video(
        tmp_path / "a.gif", frames=count, codec="gif", pixel_format="rgb8", options={"g": "1"}
    )
    assert formats.detect_format(path) == ("images" if count == 1 else "video")
    assert len(formats.read(path, PAIR).images) == count


def dataset_of(*counts, labelled=()):
    images = [
        Image(100 * video + n, Path(f"{video}.mp4"), frame=n)
        for video, count in enumerate(counts)
        for n in range(count)
    ]
    labels = [Annotation(str(each), each, np.zeros((2, 2)), np.array([2, 2])) for each in labelled]
    return Dataset(PAIR, tuple(images), tuple(labels))


def test_every_fifth_frame_is_taken_of_each_video():
    chosen = FrameChoice(every=5).of(dataset_of(11, 4))
    assert frames_of(chosen) == [[0, 5, 10], [0]]


def frames_of(dataset):
    return [
        [image.frame for image in dataset.images if image.id // 100 == video] for video in range(2)
    ]


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, [[0], [0]]), (3, [[0, 5, 10], [0, 2, 3]]), (99, [[*range(11)], [*range(4)]])],
)
def test_frames_are_spread_from_the_first_to_the_last(count, expected):
    assert frames_of(FrameChoice(count=count).of(dataset_of(11, 4))) == expected


def test_frames_with_labels_stay_and_without_a_choice_all_do():
    dataset = dataset_of(11, 4, labelled=[7])
    assert frames_of(FrameChoice(every=10).of(dataset)) == [[0, 7, 10], [0]]
    assert FrameChoice().of(dataset) is dataset


def test_a_choice_that_cannot_be_is_refused(tmp_path):
    for choice in ({"every": 0}, {"count": -3}, {"every": 2, "count": 2}):
        with pytest.raises(UserProblem):
            FrameChoice(**choice)
    still = Dataset(PAIR, (Image(1, tmp_path / "a.png"),), ())
    with pytest.raises(UserProblem, match="no frames of a video"):
        FrameChoice(every=2).of(still)


def test_a_second_import_adds_only_the_frames_that_are_not_there(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=13)
    dataset = formats.read(path, PAIR)
    with Project.create(tmp_path / "p.kps", PAIR) as project:
        report = project.import_dataset(FrameChoice(every=4).of(dataset), source="clip")
        assert report.images == 4
        report = project.import_dataset(dataset, source="clip")
        assert (report.images, report.known_images) == (9, 4)
        assert [image.name for image in project.images()[:2]] == ["clip.mp4 #0", "clip.mp4 #4"]


def test_labels_of_frames_survive_a_coco_round_trip(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=5)
    images = formats.read(path, PAIR).images
    labels = tuple(
        Annotation(str(image.id), image.id, np.full((2, 2), image.frame + 3.0), np.array([2, 1]))
        for image in images[1:4]
    )
    formats.write(Dataset(PAIR, images, labels), tmp_path / "labels.json")
    again = formats.read(tmp_path / "labels.json", PAIR)
    assert [(image.path, image.frame) for image in again.images] == [(path, n) for n in (1, 2, 3)]
    of = {image.id: image.frame for image in again.images}
    assert {of[each.image_id]: each.xy[0, 0] for each in again.annotations} == {1: 4, 2: 5, 3: 6}
