"""The panels: what they show, and what a click in them does."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from studio import POSE, add_stored_run, make_project

from kpstudio.core.geometry import Affine, Box
from kpstudio.core.messages import DecoderChoice
from kpstudio.gui.theme import DARK, LIGHT, SIDE_COLOURS
from kpstudio.models import describe_heads, describe_networks
from kpstudio.store.project import Project
from kpstudio.workspace.predicted_subject import PredictedSubject
from kpstudio.workspace.preferences import read_preferences, write_preferences


def row_centre(view, row):
    return view.visualRect(view.model().index(row, 0)).center()


def test_thumbnails_are_read_in_the_background(studio, project):
    studio.open(project)
    view = studio.window.images.view
    studio.wait(studio.workspace.pixels.has_all_thumbnails)
    pictures = [
        view.model().data(view.model().index(row, 0), Qt.ItemDataRole.DecorationRole)
        for row in range(3)
    ]
    assert all(picture is not None and picture.width() <= 96 for picture in pictures)


def test_choosing_a_row_opens_its_image(studio, project):
    studio.open(project)
    view = studio.window.images.view
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=row_centre(view, 2))
    studio.wait_for_image()
    assert studio.workspace.position(studio.workspace.selection.image_id) == 2
    assert studio.workspace.labels.annotations == ()


def test_a_double_click_in_the_keypoint_table_cycles_visibility(studio, project):
    studio.open(project)
    table = studio.window.keypoints.table
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=row_centre(table, 1))
    assert studio.workspace.selection.keypoint == 1
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=row_centre(table, 1))
    assert studio.annotation.visibility.tolist() == [2, 1, 1]
    assert table.model().data(table.model().index(1, 1)) == "occluded"


def test_without_labels_training_cannot_be_started_and_the_panel_says_what_to_do(studio, tmp_path):
    studio.open(make_project(tmp_path, labelled=0))
    assert not studio.window.training.button.isEnabled()
    assert "0 of 3 images are labelled" in studio.window.training._labelled.text()


def test_the_training_panel_says_how_the_labelled_images_are_divided(studio, tmp_path):
    path = make_project(tmp_path, labelled=2)
    studio.open(path)
    assert studio.window.training._labelled.text().startswith("2 of 3 images are labelled. ")
    studio.workspace.close_project()
    with Project.open(path) as project:
        project.splits.divide(0.5)
    studio.open(path)
    text = studio.window.training._labelled.text()
    assert text.startswith("2 of 3 images are labelled: 1 to learn from, 1 for validation. ")


def test_network_and_head_are_chosen_with_the_keyboard_kept_and_trained(
    studio, project, monkeypatch
):
    studio.open(project)
    panel, inference = studio.window.training, studio.workspace.inference
    inference.networks, inference.heads = describe_networks(), describe_heads()
    inference.described.emit()
    assert panel.network.currentText() == "EfficientNet-Lite0"
    assert panel.head.currentText() == "Heatmap"
    panel.network.setFocus()
    QTest.keyClick(panel.network, Qt.Key.Key_Down)
    assert panel.network.currentText() == "EfficientNet-Lite1"
    assert "ICML 2019" in panel.network.toolTip()
    QTest.keyClick(panel.head, Qt.Key.Key_Down)
    assert panel.head.currentText() == "DSNT"
    asked = []
    monkeypatch.setattr(studio.workspace, "train", asked.append)
    QTest.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    assert (asked[0].network, asked[0].head, asked[0].loss) == ("efficientnet_lite1", "dsnt", "")
    # Another engine describes itself again: the choice stays.
    inference.described.emit()
    assert panel.network.currentText() == "EfficientNet-Lite1"
    write_preferences(studio.workspace.preferences)
    assert (read_preferences().network, read_preferences().head) == ("efficientnet_lite1", "dsnt")
    studio.workspace.preferences.network = "of another version"
    inference.described.emit()
    assert panel.network.currentText() == "EfficientNet-Lite0"


def test_the_way_to_run_the_model_is_chosen_in_the_menu(studio, project, monkeypatch):
    add_stored_run(project, {0: POSE})
    studio.open(project)
    window, inference = studio.window, studio.workspace.inference
    inference.executions, inference.execution = ("float32", "bfloat16"), "float32, 12 ms an image"
    loads = []
    monkeypatch.setattr(inference, "load_newest_run", lambda: loads.append(1))
    menu = window._execution_menu
    # Without a screen a popup cannot take the keyboard, so it is filled without being shown.
    menu.aboutToShow.emit()
    texts = [each.text() for each in menu.actions() if each.text()]
    assert len(texts) == 4
    assert texts[-1] == "float32, 12 ms an image"
    assert [each.isChecked() for each in menu.actions()][:3] == [True, False, False]
    menu.actions()[2].trigger()
    assert inference.wanted_execution == "bfloat16"
    assert loads == [1]


@pytest.fixture
def heatmaps(studio, project):
    """A prediction with heatmaps, as an engine would have sent it."""
    add_stored_run(project, {0: POSE})
    studio.open(project)
    maps = np.zeros((3, 20, 30), dtype=np.float16)
    for index, (row, column) in enumerate([(3, 5), (10, 12), (7, 25)]):
        maps[index, row, column] = 1
    subject = PredictedSubject(
        POSE.copy(),
        np.array([0.9, 0.8, 0.1]),
        Box(0, 0, 60, 40),
        1.0,
        covariance=np.stack([np.diag([0.25, 0.25]), np.diag([9.0, 4.0]), np.full((2, 2), np.nan)]),
        other_peaks=np.array([[[30.0, 20.0, 0.8]], [[np.nan] * 3], [[5.0, 5.0, 0.02]]]),
        heatmaps=maps,
        cell_to_image=Affine.scaling(4, 4, tx=1.5, ty=1.5),
    )
    inference = studio.workspace.inference
    inference.subjects = (subject,)
    inference.subjects_decoder = DecoderChoice("dark")
    inference.predictions_changed.emit()
    return subject


def overlay_colour(studio, x, y):
    """How much the canvas differs from itself without the overlay, at image pixels."""
    spot = studio.at(x, y)
    overlay = studio.workspace.overlay
    overlay.show_heatmaps(True)
    shown = studio.canvas.viewport().grab().toImage().pixelColor(spot)
    overlay.show_heatmaps(False)
    bare = studio.canvas.viewport().grab().toImage().pixelColor(spot)
    overlay.show_heatmaps(True)
    return sum(abs(a - b) for a, b in zip(shown.getRgb(), bare.getRgb(), strict=True))


def test_the_heatmap_of_the_selected_keypoint_lies_where_it_belongs(studio, heatmaps):
    studio.workspace.overlay.show_ghosts(False)
    peak_of_ear = 4 * 12 + 1.5, 4 * 10 + 1.5
    peak_of_nose = 4 * 5 + 1.5, 4 * 3 + 1.5
    studio.workspace.selection.select_keypoint(1)
    assert overlay_colour(studio, *peak_of_ear) > 30
    assert overlay_colour(studio, *peak_of_nose) == 0
    studio.key(Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert overlay_colour(studio, *peak_of_nose) > 30


def test_opacity_and_colour_map_change_the_overlay(studio, heatmaps):
    panel = studio.window.heatmaps
    studio.workspace.selection.select_keypoint(1)
    peak = 49.5, 41.5
    strong = overlay_colour(studio, *peak)
    panel.opacity.setValue(10)
    weak = overlay_colour(studio, *peak)
    assert 0 < weak < strong
    panel.colour_map.setCurrentText("viridis")
    assert overlay_colour(studio, *peak) != weak


def test_a_click_on_a_tile_selects_its_keypoint(studio, heatmaps):
    studio.window._docks[2].raise_()
    grid = studio.window.heatmaps.grid
    studio.wait(grid.isVisible)
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.tile(2).center())
    assert studio.workspace.selection.keypoint == 2


def test_the_decoder_table_shows_the_difference_to_the_previous_decoder(studio, heatmaps):
    inference = studio.workspace.inference
    moved = PredictedSubject(
        POSE + np.array([3.0, 4.0]),
        heatmaps.scores,
        heatmaps.box,
        1.0,
        covariance=heatmaps.covariance,
        other_peaks=heatmaps.other_peaks,
    )
    inference.previous, inference.previous_decoder = (heatmaps,), DecoderChoice("dark")
    inference.subjects = (moved,)
    inference.predictions_changed.emit()
    model = studio.window.decoder.table.model()
    assert [model.data(model.index(0, column)) for column in range(5)] == [
        "nose",
        "43.25, 34.50",
        "0.90 ≟",
        "0.5",
        "5.00",
    ]
    tip = model.data(model.index(0, 2), Qt.ItemDataRole.ToolTipRole)
    assert "89% as high" in tip
    assert [model.data(model.index(row, 3)) for row in range(3)] == ["0.5", "2.5", ""]
    assert "5.00 px on average" in studio.window.decoder._summary.text()


def test_the_canvas_draws_where_the_selected_keypoint_may_be(studio, heatmaps):
    studio.workspace.overlay.show_heatmaps(False)
    x, y = POSE[1]
    # Nine of ten true positions are within 2.15 deviations, here of 3 px.
    on_ellipse, on_rival = (x + 2.146 * 3, y), (30, 20)

    def is_drawn(keypoint, spot):
        around = studio.at(*spot) - QPoint(4, 4)
        pictures = []
        for chosen in (keypoint, None):
            studio.workspace.selection.select_keypoint(chosen)
            shown = studio.canvas.viewport().grab().toImage()
            pictures.append(shown.copy(QRect(around, QSize(9, 9))))
        return pictures[0] != pictures[1]

    assert is_drawn(1, on_ellipse)
    assert is_drawn(0, on_rival)
    assert not is_drawn(2, on_ellipse)
    assert not is_drawn(2, on_rival)


def test_light_and_dark_can_be_chosen_and_are_remembered(studio, open_studio):
    studio.window.choose_theme("light")
    assert studio.window.themes.theme is LIGHT
    studio.window.choose_theme("dark")
    assert studio.window.themes.theme is DARK
    studio.window.close()
    assert open_studio().workspace.preferences.theme == "dark"


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_text_is_readable_in_both_themes(theme):
    for background in (theme.window, theme.surface, theme.raised):
        assert contrast(theme.text, background) > 7
        assert contrast(theme.muted, background) > 4.5
    for colour in (theme.good, theme.warning, theme.danger):
        assert contrast(colour, theme.surface) > 4.5
    assert contrast(theme.on_accent, theme.accent) > 4.5


def test_sides_differ_in_lightness_and_not_only_in_hue():
    lightness = sorted(luminance(colour) for colour in SIDE_COLOURS.values())
    assert all(b / a > 1.5 for a, b in pairwise(lightness))
