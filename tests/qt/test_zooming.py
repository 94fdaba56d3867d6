"""Zooming to a subject that is followed from image to image, in the real window."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from studio import POSE, SIZE, add_stored_run, make_project

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.store.project import Project

SMALL = (POSE - POSE.mean(axis=0)) / 5


def small(x, y, size=1.0):
    return np.add(SMALL * size, (x, y))


def visible(studio):
    """Where the middle of the canvas is in the image, and its scale."""
    area = studio.canvas.viewport().rect()
    middle = studio.canvas.image_position(area.center().toPointF())
    return np.array([middle.x(), middle.y()]), studio.canvas.transform().m11()


def middle_of(xy):
    return (xy.min(axis=0) + xy.max(axis=0)) / 2


def looks_at(studio, xy):
    at, scale = visible(studio)
    area = studio.canvas.viewport().rect()
    spans = np.ptp(xy, axis=0) * scale / (area.width(), area.height())
    return np.allclose(at, middle_of(xy), atol=1.5) and spans.max() == pytest.approx(0.6, abs=0.01)


def add(project, name, image_id, xy, **fields):
    made = Annotation(name, image_id, xy, np.array([2, 2, 2]))
    project.apply(Edit.change("Add", None, replace(made, **fields)))


@pytest.fixture
def moving(tmp_path):
    """A subject that wanders, an unlabelled image, a tracked one far away among others."""
    path = make_project(tmp_path, images=5, labelled=0)
    with Project.open(path) as project:
        add(project, "one", 1, small(40, 40), track="red")
        add(project, "other", 1, small(120, 80), track="blue")
        add(project, "near", 2, small(45, 44), track="blue")
        add(project, "far", 2, small(110, 90, 1.3), track="red")
        add(project, "nameless", 4, small(30, 90))
        add(project, "second nameless", 4, small(105, 88))
    add_stored_run(path, {2: small(70, 60)})
    return path


def test_z_zooms_to_the_selected_subject_and_stays_with_it(studio, moving):
    studio.open(moving)
    studio.click(*small(40, 40)[1])
    studio.key(Qt.Key.Key_Z)
    assert looks_at(studio, small(40, 40))
    studio.next_image()
    assert looks_at(studio, small(110, 90, 1.3)), "the same individual, not the nearest"
    studio.next_image()
    studio.wait(lambda: looks_at(studio, small(70, 60)))
    studio.next_image()
    assert looks_at(studio, small(105, 88)), "the nearest to where the model saw it"
    studio.next_image()
    assert looks_at(studio, small(105, 88)), "nothing is known: the same place"


def test_f_shows_the_whole_image_and_ends_it(studio, moving):
    studio.open(moving)
    whole = visible(studio)
    studio.key(Qt.Key.Key_Z)
    assert visible(studio)[1] > 2 * whole[1]
    studio.key(Qt.Key.Key_F)
    studio.next_image()
    assert visible(studio)[1] == whole[1]
    assert not studio.workspace.zooming.is_on


def test_z_again_ends_it_where_it_is(studio, moving):
    studio.open(moving)
    studio.key(Qt.Key.Key_Z)
    zoomed = visible(studio)[1]
    studio.key(Qt.Key.Key_Z)
    studio.next_image()
    _, scale = visible(studio)
    assert scale == zoomed
    assert not looks_at(studio, small(110, 90, 1.3))


def test_tab_takes_the_view_along(studio, moving):
    studio.open(moving)
    studio.key(Qt.Key.Key_Tab)
    before = visible(studio)[1]
    studio.key(Qt.Key.Key_Z)
    assert visible(studio)[1] > before
    studio.key(Qt.Key.Key_Tab)
    assert looks_at(studio, small(120, 80))


def test_who_has_moved_the_view_keeps_it_when_the_model_answers(studio, moving):
    studio.open(moving)
    studio.key(Qt.Key.Key_Z)
    studio.workspace.open_image_at(4)
    studio.wait_for_image()
    studio.wheel(studio.canvas.viewport().rect().center(), 2)
    before = visible(studio)
    studio.workspace.inference.predictions_changed.emit()
    assert visible(studio)[1] == before[1]


def test_a_subject_of_one_keypoint_is_not_blown_up(studio, tmp_path):
    path = make_project(tmp_path, images=2, labelled=0)
    with Project.open(path) as project:
        one = Annotation("one", 1, POSE, np.array([0, 2, 0]))
        project.apply(Edit.change("Add", None, one))
    studio.open(path)
    studio.key(Qt.Key.Key_Z)
    at, scale = visible(studio)
    np.testing.assert_allclose(at, POSE[1], atol=1)
    assert scale * SIZE[0] / 10 < 0.7 * studio.canvas.viewport().width()


def test_the_canvas_says_that_it_follows(studio, moving):
    studio.open(moving)
    studio.key(Qt.Key.Key_Z)
    studio.key(Qt.Key.Key_W)
    view = studio.canvas.viewport()
    corner = view.rect().topLeft()
    with_note = view.grab().toImage().pixelColor(corner.x() + 14, corner.y() + 14)
    studio.key(Qt.Key.Key_Z)
    without = view.grab().toImage().pixelColor(corner.x() + 14, corner.y() + 14)
    assert with_note != without
