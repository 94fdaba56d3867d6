"""From a dropped folder to a labelled first image."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPushButton
from video_files import number_of, write_video

from kpstudio.core.errors import UserProblem
from kpstudio.gui.new_project_dialog import NewProjectDialog
from kpstudio.gui.skeleton_dialog import SkeletonDialog
from kpstudio.workspace.first_picture import first_picture
from kpstudio.workspace.skeleton_source import supplied_pose, supplied_skeletons

LEFT = Qt.MouseButton.LeftButton
SIZE = 160, 120


@pytest.fixture
def folder(tmp_path):
    """Images of which the second by name is the first by number."""
    made = tmp_path / "owls"
    made.mkdir()
    generator = np.random.default_rng(3)
    for number in (10, 2, 31):
        pixels = generator.integers(0, 255, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
        cv2.imwrite(str(made / f"owl{number}.png"), pixels)
    return made


def drop(studio, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    plain = data, LEFT, Qt.KeyboardModifier.NoModifier
    place, copy = QPointF(200, 200), Qt.DropAction.CopyAction
    QApplication.sendEvent(studio.window, QDragEnterEvent(place.toPoint(), copy, *plain))
    QApplication.sendEvent(studio.window, QDropEvent(place, copy, *plain))
    dialog = studio.window.findChild(NewProjectDialog)
    studio.wait(dialog.isActiveWindow)
    return dialog


def in_front(studio):
    """Without a screen nobody gives the window behind a dialog the keyboard."""
    studio.window.activateWindow()
    studio.wait(studio.window.isActiveWindow)


def press(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, name), LEFT)


def test_a_dropped_folder_and_enter_are_a_project_with_its_images(studio, folder):
    dialog = drop(studio, folder)
    assert dialog.findChild(QLabel, "images").text() == str(folder)
    assert dialog.project == folder / "owls.kps"
    QTest.keyClick(dialog.choices, Qt.Key.Key_Down)
    wanted = dialog.skeleton
    QTest.keyClick(dialog.choices, Qt.Key.Key_Return)
    studio.wait_for_image()
    assert studio.workspace.path == folder / "owls.kps"
    assert studio.workspace.current_image.name == "owl2.png"
    assert len(studio.workspace.images) == 3
    assert studio.workspace.labels.skeleton == wanted
    assert studio.workspace.placing.next_keypoint == 0


def test_keypoints_are_clicked_on_the_first_image_and_are_its_first_labels(studio, folder):
    dialog = drop(studio, folder)
    press(dialog, "by_clicks")
    editor = dialog.findChild(SkeletonDialog)
    studio.wait(editor.isActiveWindow)
    preview = editor.preview
    places = {"beak": (80.0, 30.0), "left_wing": (40.0, 70.0), "right_wing": (121.0, 72.0)}
    for name, (x, y) in places.items():
        QTest.mouseClick(preview, LEFT, pos=preview.screen_position(x, y).toPoint())
        field = QApplication.focusWidget()
        assert isinstance(field, QLineEdit)
        field.selectAll()
        QTest.keyClicks(field, name)
        QTest.keyClick(field, Qt.Key.Key_Return)
        studio.wait(lambda: editor.table.viewport().findChild(QLineEdit) is None)
    # A click outside the image adds nothing, and two clicks on points join them.
    QTest.mouseClick(preview, LEFT, pos=QPoint(2, 3))
    for name in ("beak", "left_wing"):
        QTest.mouseClick(preview, LEFT, pos=preview.screen_position(*places[name]).toPoint())
    assert editor.draft.edges == ((0, 1),)
    QTest.mouseClick(editor.ok, LEFT)
    assert dialog.skeleton.keypoints == tuple(places)
    assert dialog.skeleton.flip_pairs == ((1, 2),)
    QTest.keyClick(dialog.choices, Qt.Key.Key_Return)
    studio.wait(lambda: studio.workspace.labels.annotations)
    assert studio.workspace.current_image.name == "owl2.png"
    # A click is exact to half a pixel of the screen, on which the image is enlarged.
    np.testing.assert_allclose(studio.annotation.xy, list(places.values()), atol=0.5)
    assert studio.annotation.visibility.tolist() == [2, 2, 2]
    in_front(studio)
    studio.undo()
    assert studio.workspace.labels.annotations == ()


def test_labels_among_the_files_name_the_keypoints(studio, frames):
    dialog = drop(studio, frames)
    assert dialog.skeleton.keypoints == ("snout", "leftear", "rightear", "tailbase")
    assert dialog.choices.currentRow() == len(supplied_skeletons())
    dialog.reject()


def test_a_project_that_is_there_is_never_written_over(studio, folder):
    (folder / "owls.kps").write_text("mine")
    dialog = drop(studio, folder)
    assert dialog.project == folder / "owls-2.kps"
    dialog.place.setText(str(folder / "owls"))
    QTest.mouseClick(dialog.create_button, LEFT)
    assert dialog.isVisible()
    assert "owls.kps is there already" in dialog.message.text()
    assert (folder / "owls.kps").read_text() == "mine"
    dialog.reject()


def test_images_are_chosen_in_the_dialog_too_and_a_wrong_choice_is_told(
    studio, folder, tmp_path, monkeypatch
):
    studio.window.actions_by_name["new"].trigger()
    dialog = studio.window.findChild(NewProjectDialog)
    assert not dialog.findChild(QPushButton, "by_clicks").isEnabled()
    assert dialog.project is None
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(empty))
    press(dialog, "folder")
    assert "empty has neither labels nor images" in dialog.message.text()
    damaged = tmp_path / "cut.mp4"
    damaged.write_bytes(bytes(4001))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(damaged), ""))
    press(dialog, "video")
    assert "cut.mp4 is not a readable video" in dialog.message.text()
    assert dialog.sources == ()
    assert not dialog.findChild(QPushButton, "by_clicks").isEnabled()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    press(dialog, "folder")
    assert dialog.sources == (folder,)
    assert dialog.message.text() == ""
    dialog.reject()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nowhere/deep/owls", "nowhere/deep does not exist"),
        ("a" * 300, "cannot be"),
        ("plain/owls", "plain does not exist"),
    ],
)
def test_where_no_project_can_be_the_keypoints_that_were_typed_are_kept(
    studio, folder, tmp_path, place, words
):
    (tmp_path / "plain").write_text("a file")
    dialog = drop(studio, folder)
    press(dialog, "empty")
    editor = dialog.findChild(SkeletonDialog)
    QTest.keyClick(editor.table, Qt.Key.Key_Insert)
    QTest.keyClicks(editor.table.viewport().findChild(QLineEdit), "beak")
    QTest.mouseClick(editor.ok, LEFT)
    dialog.place.setText(str(tmp_path / place))
    QTest.mouseClick(dialog.create_button, LEFT)
    assert dialog.isVisible()
    assert words in dialog.message.text()
    assert dialog.skeleton.keypoints == ("beak",)
    assert studio.workspace.path is None
    dialog.place.setText(str(tmp_path / "owls"))
    QTest.mouseClick(dialog.create_button, LEFT)
    studio.wait_for_image()
    assert studio.workspace.path == tmp_path / "owls.kps"
    in_front(studio)
    assert studio.canvas.hasFocus()


def test_who_gives_no_place_after_all_is_still_in_the_dialog(studio, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    studio.window.actions_by_name["new"].trigger()
    dialog = studio.window.findChild(NewProjectDialog)
    QTest.mouseClick(dialog.create_button, LEFT)
    assert dialog.isVisible()
    assert studio.workspace.path is None
    dialog.reject()


def test_the_first_picture_is_the_one_that_an_import_puts_first(folder, tmp_path):
    found = first_picture([folder])
    assert found.path == folder / "owl2.png"
    assert found.pixels.shape == (SIZE[1], SIZE[0], 3)
    clip = write_video(tmp_path / "clip.mp4", frames=3)
    assert number_of(first_picture([clip]).pixels) == 0
    (tmp_path / "bare").mkdir()
    with pytest.raises(UserProblem, match="no image in bare"):
        first_picture([tmp_path / "bare"])


@pytest.mark.parametrize("skeleton", supplied_skeletons(), ids=lambda each: each.name)
def test_every_supplied_skeleton_has_a_shape_whose_sides_mirror_each_other(skeleton):
    pose = supplied_pose(skeleton)
    assert pose.shape == (len(skeleton), 2)
    assert np.abs(pose).max() < 0.52
    left, right = (list(side) for side in zip(*skeleton.flip_pairs, strict=True))
    np.testing.assert_allclose(pose[left], pose[right] * (-1, 1), atol=0.002)
    # No two keypoints lie on each other, so that each is seen.
    distances = np.linalg.norm(pose[:, None] - pose[None], axis=-1)
    assert distances[np.triu_indices(len(pose), 1)].min() > 0.0002
