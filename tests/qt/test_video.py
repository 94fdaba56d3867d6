"""Videos in the window: dropped on it, looked through, labelled."""

import pytest
from held_work import HeldWork
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog
from studio import LEFT, SKELETON
from video_files import number_of, write_video

from kpstudio import formats
from kpstudio.imaging.video_proxy import VideoProxy
from kpstudio.store.project import Project
from kpstudio.workspace import proxies


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


@pytest.fixture
def slow(studio, tmp_path):
    """A project of 60 frames of a video in which no jump is right."""
    path = write_video(tmp_path / "slow.mp4", codec="mpeg4", options={"g": "250"})
    path.write_bytes(path.read_bytes().replace(b"stss", b"free"))
    with Project.create(tmp_path / "p.kps", SKELETON) as project:
        project.import_dataset(formats.read(path, SKELETON), source="slow")
    studio.open(tmp_path / "p.kps")
    studio.wait(studio.window.proxy_bar.isVisible)
    return studio


def test_a_copy_of_a_slow_video_is_offered_and_made(slow, tmp_path, qtbot):
    bar, workspace = slow.window.proxy_bar, slow.workspace
    assert "slow.mp4 is slow to look through" in bar.text
    qtbot.mouseClick(bar.make_button, LEFT)
    slow.wait(lambda: "slow.mp4 has a copy that is quick to look through" in slow.notice)
    assert bar.isHidden()
    assert VideoProxy.of(tmp_path / "slow.mp4") is not None
    workspace.open_image_at(41)
    slow.wait_for_image()
    assert number_of(workspace.pixels.cached(workspace.selection.image_id)) == 41
    assert workspace.current_image.path == tmp_path / "slow.mp4"


def test_a_copy_that_is_declined_is_not_offered_again(slow, tmp_path, qtbot):
    qtbot.mouseClick(slow.window.proxy_bar.decline_button, LEFT)
    assert slow.window.proxy_bar.isHidden()
    for _ in range(2):
        slow.next_image()
    assert slow.window.proxy_bar.isHidden()
    assert not VideoProxy.place(tmp_path / "slow.mp4").exists()


def test_a_copy_that_takes_long_is_stopped(slow, qtbot, monkeypatch):
    held = HeldWork()
    monkeypatch.setattr(proxies, "write_proxy", lambda _path, report: held.run(report))
    bar = slow.window.proxy_bar
    qtbot.mouseClick(bar.make_button, LEFT)
    slow.wait(held.has_begun)
    assert "Copying slow.mp4" in bar.text
    assert (bar.make_button.isVisible(), bar.decline_button.text()) == (False, "Stop")
    qtbot.mouseClick(bar.decline_button, LEFT)
    assert bar.isHidden()
    held.let_go()
    slow.wait(lambda: held.ended)
    assert held.ended == ["_Stopped"]


def test_no_copy_is_offered_of_a_quick_video(filled):
    filled.workspace.proxies._looks.wait()
    QApplication.processEvents()
    assert filled.workspace.proxies._seen
    assert filled.window.proxy_bar.isHidden()


def test_a_video_that_is_gone_is_said_so_once(filled, clip):
    path = filled.workspace.path
    filled.workspace.close_project()
    clip.rename(clip.with_name("elsewhere.mp4"))
    assert filled.workspace.open_project(path)
    filled.wait(lambda: "40 of 40 images" in filled.notice)
