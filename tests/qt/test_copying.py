"""Bulk verbs, while other things change and whatever the list shows."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from studio import POSE, SKELETON

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.image_filter import ImageFilter
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
FEWER = Skeleton(
    name="two", keypoints=("right_ear", "nose"), edges=((0, 1),), flip_pairs=(), category="mouse"
)
VISIBLE = np.array([2, 2, 2])


def make(folder: Path, *, ends: tuple[Annotation, ...]) -> Path:
    """A project of five pictures in a folder, some of which are labelled."""
    images = []
    for index in range(5):
        path = folder / f"{'even' if index % 2 == 0 else 'odd'}{index}.png"
        cv2.imwrite(str(path), np.full((53, 67, 3), 40 * index, dtype=np.uint8))
        images.append(Image(index + 1, path, 67, 53))
    path = folder / "five.kps"
    with Project.create(path, SKELETON) as project:
        project.import_dataset(Dataset(SKELETON, tuple(images), ends), source="import:test")
    return path


@pytest.fixture
def five(studio, tmp_path):
    """Ann is labelled in the first and in the last of five images."""
    first = Annotation("first", 1, POSE, VISIBLE, track="Ann")
    last = Annotation("last", 5, np.add(POSE, (8, 4)), VISIBLE, track="Ann")
    studio.open(make(tmp_path, ends=(first, last)))
    studio.key(Qt.Key.Key_Tab)
    return studio


def labelled(studio):
    with Project.open(studio.workspace.path, read_only=True) as reader:
        return [[each.id for each in reader.annotations(n)] for n in range(1, 6)]


def end_of(studio):
    work = studio.workspace.copying.work
    studio.wait(lambda: not work.is_running)


def test_a_subject_that_is_deleted_meanwhile_is_not_followed(five):
    five.key(Qt.Key.Key_K)
    five.key(Qt.Key.Key_Delete)
    end_of(five)
    assert labelled(five) == [[], [], [], [], ["last"]]
    assert "changed while it was followed" in five.notice


def test_an_image_that_is_labelled_meanwhile_gets_no_second_one(five):
    labels = five.workspace.labels
    five.key(Qt.Key.Key_K)
    # All has been read, but nothing is stored yet.
    five.workspace.copying.work.wait()
    mine = replace(labels.selected, id="mine", image_id=3)
    assert labels.apply(Edit.change("add", None, mine))
    end_of(five)
    assert [len(each) for each in labelled(five)] == [1, 1, 1, 1, 1]
    assert labelled(five)[2] == ["mine"]


def test_other_keypoints_stop_what_follows_the_old_ones(five):
    five.key(Qt.Key.Key_K)
    five.workspace.labels.change_skeleton(FEWER)
    end_of(five)
    assert labelled(five) == [["first"], [], [], [], ["last"]]
    assert "keypoints have changed" in five.notice


def test_what_was_copied_follows_its_keypoints(five):
    five.key(Qt.Key.Key_C, CTRL)
    five.workspace.labels.change_skeleton(FEWER)
    five.next_image()
    five.key(Qt.Key.Key_V, CTRL)
    np.testing.assert_array_equal(five.annotation.xy, POSE[[2, 0]])


def test_images_that_the_list_does_not_show_are_interpolated_as_well(five):
    workspace = five.workspace
    workspace.show_images(ImageFilter(words=("odd",)))
    five.wait(lambda: len(workspace.images) == 2)
    workspace.selection.open_image(1)
    five.wait_for_image()
    five.key(Qt.Key.Key_Tab)
    five.key(Qt.Key.Key_K)
    end_of(five)
    assert [len(each) for each in labelled(five)] == [1, 1, 1, 1, 1]


def test_an_image_that_the_list_does_not_show_has_no_neighbour_to_copy_from(five):
    workspace = five.workspace
    workspace.show_images(ImageFilter(words=("odd",)))
    five.wait(lambda: len(workspace.images) == 2)
    workspace.selection.open_image(5)
    five.wait_for_image()
    five.key(Qt.Key.Key_C)
    assert "does not show the open image" in five.notice


def test_identities_are_swapped_also_in_images_that_the_list_does_not_show(studio, tmp_path):
    poses = np.add(POSE, (0, 0)), np.add(POSE, (5, 9))
    both = tuple(
        Annotation(f"{name}{image}", image, poses[index], VISIBLE, track=name)
        for image in range(1, 6)
        for index, name in enumerate(("Ann", "Bob"))
    )
    studio.open(make(tmp_path, ends=both))
    studio.workspace.show_images(ImageFilter(words=("even",)))
    studio.wait(lambda: len(studio.workspace.images) == 3)
    studio.key(Qt.Key.Key_Tab)
    studio.key(Qt.Key.Key_T, SHIFT)
    end_of(studio)
    with Project.open(studio.workspace.path, read_only=True) as reader:
        names = [reader.annotations(image)[0].track for image in range(1, 6)]
    assert names == ["Bob"] * 5
    studio.undo()
    with Project.open(studio.workspace.path, read_only=True) as reader:
        assert reader.annotations(4)[0].track == "Ann"


def test_frames_that_lie_unevenly_are_interpolated_by_their_numbers(studio, tmp_path):
    video = tmp_path / "film.mp4"
    video.write_bytes(b"nobody looks at the pixels")
    # As added, and not in the order of the film.
    numbers = (10, 2, 0, 3)
    images = tuple(Image(n + 1, video, 67, 53, frame=each) for n, each in enumerate(numbers))
    start = Annotation("start", 3, POSE, VISIBLE)
    end = Annotation("end", 1, np.add(POSE, (20, -10)), VISIBLE)
    path = tmp_path / "film.kps"
    with Project.create(path, SKELETON) as project:
        project.import_dataset(Dataset(SKELETON, images, (start, end)), source="import:test")
    workspace = studio.workspace
    assert workspace.open_project(path)
    first = next(each.id for each in workspace.images if each.frame == 0)
    workspace.selection.open_image(first)
    workspace.selection.select_annotation(workspace.labels.annotations[0].id)
    workspace.copying.interpolate()
    end_of(studio)
    with Project.open(path, read_only=True) as reader:
        found = {each.frame: reader.annotations(each.id)[0].xy for each in reader.images()}
    np.testing.assert_allclose(found[2], np.add(POSE, (4, -2)))
    np.testing.assert_allclose(found[3], np.add(POSE, (6, -3)))


def test_undo_of_what_is_in_other_images_only_says_what_it_has_done(five):
    workspace = five.workspace
    five.key(Qt.Key.Key_C, CTRL)
    workspace.copying.paste_to([2, 3])
    assert labelled(five)[2] != []
    five.key(Qt.Key.Key_Z, CTRL)
    assert labelled(five) == [["first"], [], [], [], ["last"]]
    assert "Undone in 2 images: Paste" in five.notice
    assert workspace.selection.image_id == 1
