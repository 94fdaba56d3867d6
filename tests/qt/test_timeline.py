"""The strip of a video under the canvas, with real keys and clicks in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from studio import LEFT, POSE, SKELETON, make_project
from video_files import number_of, write_video

from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.geometry import Box
from kpstudio.store.project import Project

ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
FRAMES = (0, 1, 2, 3, 13, 20, 31, 44)


@pytest.fixture
def filmed(tmp_path):
    """Eight frames of a video of 60; 2, 20 and 31 are labelled; a photo is there too."""
    path = make_project(tmp_path, images=1)
    clip = write_video(tmp_path / "clip.mp4", frames=60)
    images = tuple(Image(n, clip, 112, 80, frame=n) for n in FRAMES)
    labels = tuple(Annotation(f"of{n}", n, POSE / 2, np.array([2, 2, 2])) for n in (2, 20, 31))
    with Project.open(path) as project:
        project.import_dataset(Dataset(SKELETON, images, labels), source="clip")
        run = project.runs.start("any", {})
        for n in range(2, 10):
            answer = Prediction(n, run.id, POSE / 2, np.ones(3), Box(0, 0, 9, 9), n / 10)
            project.predictions.put(run.id, n, "dark", [answer])
    return path


@pytest.fixture
def strip(studio, filmed):
    studio.open(filmed)
    strip = studio.window.timeline
    assert not strip.isVisible(), "a photo has no strip"
    studio.workspace.open_image_at(1)
    studio.wait_for_image()
    studio.wait(lambda: strip.isVisible() and studio.workspace.timeline.strip.length == 60)
    return strip


def frame(studio):
    return studio.workspace.current_image.frame


def test_keys_go_by_frames_and_to_labelled_ones(studio, strip):
    visited = []
    for key, modifiers in (
        (Qt.Key.Key_Right, ALT),
        (Qt.Key.Key_Right, ALT | SHIFT),
        (Qt.Key.Key_Right, ALT | SHIFT),
        (Qt.Key.Key_Left, ALT),
        (Qt.Key.Key_Left, ALT | SHIFT),
        (Qt.Key.Key_Down, ALT),
        (Qt.Key.Key_Down, ALT),
        (Qt.Key.Key_Up, ALT),
        (Qt.Key.Key_Up, ALT),
    ):
        studio.key(key, modifiers)
        visited.append(frame(studio))
    assert visited == [1, 13, 31, 20, 3, 20, 31, 20, 2]
    studio.key(Qt.Key.Key_Up, ALT)
    assert (frame(studio), studio.notice) == (2, "No earlier frame has labels.")


def test_a_click_goes_to_the_nearest_frame_that_there_is(studio, strip):
    for wanted, there in ((25.2, 20), (59, 44), (31, 31)):
        QTest.mouseClick(strip, LEFT, pos=QPoint(round(strip.x_of(wanted)), 30))
        studio.wait_for_image()
        assert frame(studio) == there
        assert (
            number_of(studio.workspace.pixels.cached(studio.workspace.selection.image_id)) == there
        )


def test_dragging_ends_where_the_mouse_is_and_skips_what_it_cannot_show(studio, strip):
    opened = []
    studio.canvas.image_shown.connect(opened.append)
    QTest.mousePress(strip, LEFT, pos=QPoint(round(strip.x_of(1)), 30))
    for at in range(2, 45):
        QTest.mouseMove(strip, QPoint(round(strip.x_of(at)), 30))
    QTest.mouseRelease(strip, LEFT, pos=QPoint(round(strip.x_of(44)), 30))
    studio.wait(lambda: frame(studio) == 44)
    studio.wait_for_image()
    assert opened[-1] == studio.workspace.selection.image_id
    assert len(opened) < len(FRAMES)


def test_the_strip_marks_labels_scores_and_the_open_frame(studio, strip):
    def green():
        picture = strip.grab().toImage()
        y = strip.height() - 7
        colour = studio.window.themes.theme.good.lower()
        return [n for n in FRAMES if picture.pixelColor(round(strip.x_of(n)), y).name() == colour]

    assert green() == [2, 20, 31]
    assert strip.words(studio.workspace.timeline.strip, 5) == "frame 20, labelled, score 0.70"
    studio.key(Qt.Key.Key_Down, ALT)
    studio.wait_for_image()
    studio.workspace.selection.select_annotation(studio.annotation.id)
    studio.key(Qt.Key.Key_Delete)
    studio.wait(lambda: not studio.workspace.timeline.strip.is_labelled[2])
    studio.key(Qt.Key.Key_Left, ALT)
    assert green() == [20, 31]


def test_the_strip_goes_with_the_video(studio, strip):
    studio.workspace.open_image_at(0)
    studio.wait(lambda: not strip.isVisible())
    studio.key(Qt.Key.Key_Right, ALT)
    assert studio.workspace.current_image.name == "image0.png"


def test_a_video_that_is_gone_still_has_its_known_frames(studio, filmed):
    (filmed.parent / "clip.mp4").unlink()
    studio.open(filmed)
    studio.workspace.open_image_at(3)
    studio.wait(lambda: studio.window.timeline.isVisible())
    assert studio.workspace.timeline.strip.length == 45
    studio.key(Qt.Key.Key_Down, ALT)
    assert frame(studio) == 20
