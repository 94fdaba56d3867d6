"""The grid of thumbnails with skeletons, with real keys and clicks in the real window."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from studio import LEFT, POSE, SIZE, SKELETON, add_stored_run, make_project

from kpstudio.core.dataset import Dataset, Image
from kpstudio.gui.image_grid import CELL, MARGIN, THUMBNAIL
from kpstudio.store.project import Project

SHIFT = Qt.KeyboardModifier.ShiftModifier


def position(studio):
    return studio.workspace.position(studio.workspace.selection.image_id)


@pytest.fixture
def grid(studio, tmp_path):
    """Eleven images in a grid of two columns; the first three are labelled, 5 is predicted."""
    path = make_project(tmp_path, images=11, labelled=3)
    for file in tmp_path.glob("*.png"):
        cv2.imwrite(str(file), np.full((SIZE[1], SIZE[0], 3), 128, np.uint8))
    add_stored_run(path, {5: POSE})
    studio.open(path)
    studio.key(Qt.Key.Key_G, SHIFT)
    grid = studio.window.images.grid
    studio.wait(lambda: grid.isVisible() and grid.columns == 2)
    grid.viewport().grab()
    studio.wait(studio.workspace.pixels.has_all_thumbnails)
    grid.setFocus()
    return grid


def corner(grid, place):
    """Of the thumbnail of an image of the list."""
    row, column = divmod(place, grid.columns)
    cell = grid.visualRect(grid.model().index(row, column))
    return cell.topLeft() + QPoint(MARGIN, MARGIN)


def colours(grid, place, xy, reach=3):
    """The colours around a place of the image in its thumbnail."""
    picture = grid.viewport().grab().toImage()
    at = corner(grid, place) + QPoint(
        round((xy[0] + 0.5) * THUMBNAIL.width() / SIZE[0]),
        round((xy[1] + 0.5) * THUMBNAIL.height() / SIZE[1]),
    )
    return {
        picture.pixelColor(at.x() + dx, at.y() + dy).name()
        for dx in range(-reach, reach + 1)
        for dy in range(-reach, reach + 1)
    }


def test_labels_and_else_predictions_are_drawn_on_the_thumbnails(studio, grid):
    assert len(colours(grid, 1, POSE[1])) > 3
    assert len(colours(grid, 5, POSE[2])) > 3
    assert colours(grid, 4, POSE[1]) == {"#808080"}
    assert len(colours(grid, 0, POSE[1])) > 3
    studio.workspace.selection.select_annotation(studio.annotation.id)
    studio.canvas.setFocus()
    studio.key(Qt.Key.Key_Delete)
    assert colours(grid, 0, POSE[1]) == {"#808080"}, "what is deleted is not drawn any more"


def test_arrows_go_through_the_grid_and_open_the_images(studio, grid):
    visited = []
    for key in ("Right", "Right", "Down", "Left", "Up", "End", "Down", "Home"):
        QTest.keyClick(grid, getattr(Qt.Key, f"Key_{key}"))
        visited.append(position(studio))
    assert visited == [1, 2, 4, 3, 1, 10, 10, 0]


def test_enter_leads_to_the_canvas_and_accepts_nothing(studio, grid):
    studio.workspace.open_image_at(5)
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert studio.canvas.hasFocus()
    assert studio.workspace.labels.annotations == ()


def test_a_click_opens_an_image_and_the_empty_end_opens_none(studio, grid):
    grid.scrollToTop()
    QTest.mouseClick(grid.viewport(), LEFT, pos=corner(grid, 3) + QPoint(20, 20))
    assert position(studio) == 3
    studio.workspace.open_image_at(10)
    QTest.mouseClick(grid.viewport(), LEFT, pos=corner(grid, 11) + QPoint(20, 20))
    assert position(studio) == 10


def test_the_grid_follows_the_image_that_is_open_and_the_width(studio, grid):
    studio.workspace.open_image_at(9)
    at = grid.currentIndex()
    assert (at.row(), at.column()) == (4, 1)
    studio.window.resizeDocks(
        [grid.parent().parent().parent()], [4 * CELL.width()], Qt.Orientation.Horizontal
    )
    studio.wait(lambda: grid.columns == 3)
    at = grid.currentIndex()
    assert (at.row(), at.column()) == (3, 0)
    assert position(studio) == 9


def test_the_list_comes_back_with_the_same_image(studio, grid):
    studio.workspace.open_image_at(7)
    studio.key(Qt.Key.Key_G, SHIFT)
    view = studio.window.images.view
    assert view.isVisible()
    assert view.currentIndex().row() == 7
    assert not studio.workspace.preferences.has_grid


def test_of_very_many_images_only_those_in_sight_are_read(studio, tmp_path):
    count = 3000
    path = tmp_path / "many.kps"
    images = tuple(Image(n, tmp_path / f"{n}.png", *SIZE) for n in range(1, count + 1))
    with Project.create(path, SKELETON) as project:
        project.import_dataset(Dataset(SKELETON, images, ()), source="many")
    assert studio.workspace.open_project(path)
    studio.key(Qt.Key.Key_G, SHIFT)
    grid = studio.window.images.grid
    QApplication.processEvents()
    grid.viewport().grab()
    assert 0 < len(studio.workspace.pixels._thumbnails_requested) < 60
