"""Verbs about whole subjects, by real keys in the real window, each with its undo."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu
from studio import LEFT, POSE, SKELETON, add_stored_run, make_project

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.store.project import Project

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
BOTH = CTRL | SHIFT
NEAR = POSE + np.array([4.0, 3.0])


def add_annotation(path, image_id, xy, *, track="", visibility=(2, 2, 2)):
    with Project.open(path) as project:
        new = replace(
            Annotation.empty(image_id, SKELETON),
            xy=np.asarray(xy, dtype=float),
            visibility=np.array(visibility),
            track=track,
        )
        project.apply(Edit.change("Add", None, new))
        return new


def name_all(path, track):
    with Project.open(path) as project:
        for image in project.images():
            for each in project.annotations(image.id):
                project.apply(Edit.change("Name", each, replace(each, track=track)))


def labels_of(studio):
    return studio.workspace.labels.annotations


def stored(studio, position):
    image = studio.workspace.images[position]
    with Project.open(studio.workspace.path, read_only=True) as reader:
        return reader.annotations(image.id)


@pytest.mark.parametrize(("key", "visibility"), [("1", 1), ("0", 0), ("2", 2)])
def test_a_number_says_how_visible_the_selected_keypoint_is(studio, project, key, visibility):
    studio.open(project)
    studio.click(*POSE[2])
    studio.key(Qt.Key(ord(key)))
    assert studio.annotation.visibility.tolist() == [2, 2, visibility]
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_a_number_says_how_visible_all_chosen_keypoints_are_as_one_step(studio, project):
    studio.open(project)
    for index in (0, 1):
        QTest.mouseClick(studio.canvas.viewport(), LEFT, SHIFT, studio.at(*POSE[index]))
    studio.key(Qt.Key.Key_1)
    assert studio.annotation.visibility.tolist() == [1, 1, 1]
    studio.undo()
    assert studio.annotation.visibility.tolist() == [2, 2, 1]


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.NoModifier, SHIFT, BOTH])
def test_left_and_right_are_exchanged(studio, project, modifier):
    studio.open(project)
    studio.click(*POSE[1])
    studio.key(Qt.Key.Key_L, modifier)
    np.testing.assert_array_equal(studio.annotation.xy, POSE[[0, 2, 1]])
    assert studio.annotation.visibility.tolist() == [2, 1, 2]
    studio.undo()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_a_keypoint_of_the_middle_has_no_partner_to_be_exchanged_with(studio, project):
    studio.open(project)
    studio.click(*POSE[0])
    studio.key(Qt.Key.Key_L, BOTH)
    assert "no other side" in studio.notice
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_a_duplicate_is_selected_and_lies_beside(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_D, CTRL)
    first, second = labels_of(studio)
    np.testing.assert_allclose(second.xy, first.xy + 12)
    assert studio.workspace.selection.annotation_id == second.id
    studio.undo()
    assert len(labels_of(studio)) == 1


def test_chosen_keypoints_become_a_subject_and_are_merged_again(studio, project):
    studio.open(project)
    viewport = studio.canvas.viewport()
    for index in (1, 2):
        QTest.mouseClick(viewport, LEFT, SHIFT, studio.at(*POSE[index]))
    studio.key(Qt.Key.Key_L, CTRL)
    first, second = labels_of(studio)
    assert first.is_labelled.tolist() == [True, False, False]
    assert second.is_labelled.tolist() == [False, True, True]
    assert second.visibility.tolist() == [0, 2, 1]
    studio.key(Qt.Key.Key_J, CTRL)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
    assert studio.annotation.visibility.tolist() == [2, 2, 1]
    studio.undo()
    studio.undo()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_all_keypoints_cannot_be_split_off(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_L, CTRL)
    assert "but not all" in studio.notice


def test_what_was_copied_is_pasted_on_another_image(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_C, CTRL)
    studio.next_image()
    studio.next_image()
    studio.key(Qt.Key.Key_V, CTRL)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
    assert studio.annotation.source == "copied"
    studio.undo()
    assert labels_of(studio) == ()


def test_what_was_copied_is_pasted_on_many_images_as_one_step(studio, tmp_path):
    path = make_project(tmp_path, images=5, labelled=1)
    studio.open(path)
    studio.key(Qt.Key.Key_C, CTRL)
    studio.next_image()
    studio.key(Qt.Key.Key_V, BOTH)
    dialog = studio.window.findChild(QInputDialog, "paste_count")
    dialog.setIntValue(3)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert [len(stored(studio, position)) for position in range(5)] == [1, 1, 1, 1, 0]
    studio.undo()
    assert [len(stored(studio, position)) for position in range(5)] == [1, 0, 0, 0, 0]


def test_c_copies_from_the_previous_image_what_is_not_here(studio, project):
    studio.open(project)
    studio.next_image()
    studio.key(Qt.Key.Key_C)
    assert "nothing that is not here" in studio.notice
    studio.next_image()
    studio.key(Qt.Key.Key_C)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
    assert studio.annotation.visibility.tolist() == [2, 2, 1]


@pytest.fixture
def film(tmp_path):
    """A project of seven pictures of a patch that moves, of which the first is labelled."""
    generator = np.random.default_rng(3)
    texture = cv2.GaussianBlur(generator.uniform(0, 255, (60, 60, 3)).astype(np.float32), (0, 0), 2)
    texture = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    ways = np.array([(20 + 6 * t, 20 + t * t // 2) for t in range(7)])
    images = []
    for index, (x, y) in enumerate(ways):
        picture = np.full((131, 167, 3), 90, dtype=np.uint8)
        picture[y : y + 60, x : x + 60] = texture
        path = tmp_path / f"frame{index}.png"
        cv2.imwrite(str(path), picture)
        images.append(Image(index + 1, path, 167, 131))
    pose = np.array([[32.0, 34.0], [48.0, 60.0], [66.0, 40.0]])
    label = Annotation("first", 1, pose, np.array([2, 2, 1]))
    path = tmp_path / "film.kps"
    with Project.create(path, SKELETON) as made:
        made.import_dataset(Dataset(SKELETON, tuple(images), (label,)), source="import:test")
    return path, pose, ways - ways[0]


def test_a_subject_is_followed_forward_as_one_step(studio, film):
    path, pose, ways = film
    studio.open(path)
    studio.click(*pose[0])
    studio.key(Qt.Key.Key_F, SHIFT)
    studio.wait(lambda: len(stored(studio, 6)) == 1)
    for position in range(1, 7):
        (found,) = stored(studio, position)
        np.testing.assert_allclose(found.xy, pose + ways[position], atol=0.5)
        assert found.source == "propagated"
        assert found.visibility.tolist() == [2, 2, 1]
    studio.undo()
    assert [len(stored(studio, position)) for position in range(7)] == [1, 0, 0, 0, 0, 0, 0]


def test_following_stops_where_the_subject_is_gone(studio, film):
    path, pose, _ = film
    gone = path.with_name("frame4.png")
    cv2.imwrite(str(gone), np.full((131, 167, 3), 90, dtype=np.uint8))
    studio.open(path)
    studio.click(*pose[0])
    studio.key(Qt.Key.Key_F, SHIFT)
    studio.wait(lambda: len(stored(studio, 3)) == 1)
    assert stored(studio, 4) == ()


@pytest.mark.parametrize("uses_flow", [False, True])
def test_images_between_two_labels_are_filled(studio, film, uses_flow):
    path, pose, ways = film
    add_annotation(path, 7, pose + ways[6], visibility=(2, 1, 1))
    studio.open(path)
    studio.click(*pose[0])
    studio.key(Qt.Key.Key_K, SHIFT if uses_flow else Qt.KeyboardModifier.NoModifier)
    studio.wait(lambda: len(stored(studio, 5)) == 1)
    (middle,) = stored(studio, 3)
    assert middle.source == "interpolated"
    assert middle.visibility.tolist() == [2, 1, 1]
    wanted = pose + (ways[3] if uses_flow else ways[6] / 2)
    np.testing.assert_allclose(middle.xy, wanted, atol=0.5 if uses_flow else 1e-9)
    studio.undo()
    assert stored(studio, 3) == ()


def test_without_a_later_label_there_is_nothing_to_interpolate_to(studio, film):
    studio.open(film[0])
    studio.click(*film[1][0])
    studio.key(Qt.Key.Key_K)
    studio.wait(lambda: "No image after this one" in studio.notice)
    assert [len(stored(studio, position)) for position in range(7)] == [1, 0, 0, 0, 0, 0, 0]


def test_two_identities_are_swapped_from_here_on_as_one_step(studio, tmp_path):
    path = make_project(tmp_path, images=4, labelled=4)
    name_all(path, "Ann")
    for image_id in (1, 2, 4):
        add_annotation(path, image_id, POSE + 30, track="Bob")
    studio.open(path)
    studio.next_image()
    studio.click(*POSE[0])
    studio.key(Qt.Key.Key_T, SHIFT)
    studio.wait(lambda: "Swapped in 3 images" in studio.notice)

    def names():
        return [[each.track for each in stored(studio, position)] for position in range(4)]

    assert names() == [["Ann", "Bob"], ["Bob", "Ann"], ["Bob"], ["Bob", "Ann"]]
    studio.undo()
    assert names() == [["Ann", "Bob"], ["Ann", "Bob"], ["Ann"], ["Ann", "Bob"]]


def test_y_accepts_only_the_selected_keypoint(studio, project):
    add_stored_run(project, {0: NEAR})
    studio.open(project)
    studio.wait(lambda: studio.workspace.inference.subjects)
    studio.click(*POSE[1])
    studio.key(Qt.Key.Key_Y)
    expected = POSE.copy()
    expected[1] = NEAR[1]
    np.testing.assert_allclose(studio.annotation.xy, expected)
    studio.undo()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


@pytest.mark.parametrize(("score", "count"), [(0.5, 3), (0.95, 0)])
def test_shift_y_accepts_what_is_surer_than_the_chosen_score(studio, project, score, count):
    add_stored_run(project, {2: NEAR})
    studio.workspace.preferences.accept_score = score
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.wait(lambda: studio.workspace.inference.subjects)
    studio.key(Qt.Key.Key_Y, SHIFT)
    assert sum(int(each.is_labelled.sum()) for each in labels_of(studio)) == count


def row_at(table, row, column=0):
    return table.visualRect(table.model().index(row, column)).center()


def test_a_row_of_the_subjects_selects_one_and_its_name_is_stored(studio, project):
    add_annotation(project, 1, POSE + 20)
    studio.open(project)
    table = studio.window.keypoints.subjects
    QTest.mouseClick(table.viewport(), LEFT, pos=row_at(table, 1))
    assert studio.workspace.selection.annotation_id == labels_of(studio)[1].id
    table.edit(table.model().index(1, 0))
    QTest.keyClicks(table.findChild(QLineEdit), "Minnie")
    QTest.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Return)
    assert [each.track for each in labels_of(studio)] == ["", "Minnie"]
    studio.canvas.setFocus()
    studio.undo()
    assert [each.track for each in labels_of(studio)] == ["", ""]


def test_two_subjects_of_an_image_cannot_have_the_same_name(studio, project):
    name_all(project, "Ann")
    add_annotation(project, 1, POSE + 20)
    studio.open(project)
    table = studio.window.keypoints.subjects
    table.model().setData(table.model().index(1, 0), "Ann")
    assert "called Ann already" in studio.notice
    assert labels_of(studio)[1].track == ""


def test_the_chosen_rows_are_merged_by_their_menu(studio, project):
    with Project.open(project) as opened:
        (whole,) = opened.annotations(1)
        half = replace(whole, visibility=np.array([2, 0, 0]))
        opened.apply(Edit.change("Half", whole, half))
    add_annotation(project, 1, POSE, visibility=(0, 2, 2))
    studio.open(project)
    table = studio.window.keypoints.subjects
    QTest.mouseClick(table.viewport(), LEFT, pos=row_at(table, 0))
    QTest.mouseClick(table.viewport(), LEFT, CTRL, row_at(table, 1))
    table.customContextMenuRequested.emit(row_at(table, 1))
    (menu,) = (each for each in table.findChildren(QMenu) if each.isVisible())
    QTest.keyClick(menu, Qt.Key.Key_M)
    assert studio.annotation.is_labelled.all()


def test_without_annotations_there_is_no_table_of_subjects(studio, project):
    studio.open(project)
    table = studio.window.keypoints.subjects
    assert table.isVisible()
    studio.next_image()
    studio.next_image()
    assert not table.isVisible()
