"""Videos in the window: dropped on it, looked through, labelled."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog
from studio import SKELETON
from video_files import number_of, write_video

from kpstudio.store.project import Project


def drop(studio, *paths):
    """Whether the window took the files."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPointF(9, 9).toPoint(), action, data, button, none)
    entering.ignore()
    QApplication.sendEvent(studio.window, entering)
    if not entering.isAccepted():
        return False
    QApplication.sendEvent(studio.window, QDropEvent(QPointF(9, 9), action, data, button, none))
    return True


@pytest.fixture
def clip(tmp_path):
    return write_video(tmp_path / "clip.mp4", frames=40, size=(320, 240))


@pytest.fixture
def wanted(monkeypatch):
    """How many frames the person asks for; None closes the question."""
    answers = []

    def answer(*_, **__):
        count = answers.pop(0)
        return count or 0, count is not None

    monkeypatch.setattr(QInputDialog, "getInt", answer)
    return answers


@pytest.fixture
def filled(studio, tmp_path, clip, wanted):
    """A project into which a video was dropped."""
    wanted.append(0)
    with Project.create(tmp_path / "p.kps", SKELETON):
        pass
    assert drop(studio, tmp_path / "p.kps")
    studio.wait(lambda: studio.workspace.path == tmp_path / "p.kps")
    assert drop(studio, clip)
    studio.wait_for_image()
    return studio


def test_a_dropped_video_becomes_images_that_are_stepped_through(filled):
    workspace = filled.workspace
    assert len(workspace.images) == 40
    for number in range(1, 6):
        filled.next_image()
        pixels = workspace.pixels.cached(workspace.selection.image_id)
        assert pixels.shape == (240, 320, 3)
        assert number_of(pixels) == workspace.current_image.frame == number
    workspace.open_image_at(33)
    filled.wait_for_image()
    assert number_of(workspace.pixels.cached(workspace.selection.image_id)) == 33


def test_of_a_video_from_the_menu_some_frames_are_taken_or_none(
    studio, tmp_path, clip, wanted, monkeypatch
):
    with Project.create(tmp_path / "p.kps", SKELETON):
        pass
    assert studio.workspace.open_project(tmp_path / "p.kps")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(clip), ""))
    wanted.extend([None, 4])
    studio.window.actions_by_name["import_file"].trigger()
    assert wanted == [4]
    studio.window.actions_by_name["import_file"].trigger()
    studio.wait_for_image()
    assert [image.frame for image in studio.workspace.images] == [0, 13, 26, 39]


def test_the_list_names_frames_and_shows_them(filled):
    model = filled.window.images.view.model()
    assert model.data(model.index(17)) == "clip.mp4 #17"
    assert model.data(model.index(17), Qt.ItemDataRole.AccessibleTextRole) == (
        "clip.mp4 #17, not labelled"
    )
    pixels = filled.workspace.pixels
    filled.wait(lambda: pixels.thumbnail(filled.workspace.images[17]) is not None)
    assert pixels.thumbnail(filled.workspace.images[17]).shape == (72, 96, 3)


def test_labels_belong_to_their_frame(filled):
    filled.workspace.open_image_at(12)
    filled.wait_for_image()
    for x, y in ((60, 90), (120, 110), (200, 180)):
        filled.click(x, y)
    assert len(filled.workspace.labels.annotations) == 1
    filled.next_image()
    assert filled.workspace.labels.annotations == ()
    with Project.open(filled.workspace.path, read_only=True) as project:
        (label,) = project.dataset().annotations
        assert project.image(label.image_id).frame == 12


def test_a_video_that_is_gone_is_said_so_once(filled, clip):
    path = filled.workspace.path
    filled.workspace.close_project()
    clip.rename(clip.with_name("elsewhere.mp4"))
    assert filled.workspace.open_project(path)
    filled.wait(lambda: "40 of 40 images" in filled.notice)
