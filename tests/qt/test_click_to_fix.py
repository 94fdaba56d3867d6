"""One keypoint of a prediction is moved; better places for the others can be taken by a key."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from studio import add_stored_run

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project

SKELETON = Skeleton(
    "fish",
    ("mouth", "left_fin", "right_fin", "belly", "tail"),
    edges=((0, 3), (3, 4), (3, 1), (3, 2)),
    flip_pairs=((1, 2),),
)
WIDTH, HEIGHT = 240, 170
FISH = np.array([[40.0, 60], [80, 25], [80, 95], [100, 60], [160, 60]])
MOUTH, LEFT, RIGHT, BELLY, TAIL = range(5)
LABELLED = 9
# The fins are exchanged, and the tail is far off.
PREDICTED = FISH[[0, 2, 1, 3, 4]] + 20.0
PREDICTED[TAIL] += [15, 75]
TRUE = FISH + 20.0


@pytest.fixture
def fish(studio, tmp_path):
    """Labelled fish that swim upright, and one that is predicted, in the open window."""
    random = np.random.default_rng(8)
    images, labels = [], []
    for index in range(LABELLED + 2):
        path = tmp_path / f"{index:02}.png"
        cv2.imwrite(str(path), np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8))
        images.append(Image(index + 1, path, WIDTH, HEIGHT))
        if index < LABELLED:
            xy = FISH + random.normal(0, 1, FISH.shape) + random.uniform(0, 50, 2)
            labels.append(Annotation(f"fish{index}", index + 1, xy, np.full(5, 2)))
    path = tmp_path / "fish.kps"
    with Project.create(path, SKELETON) as project:
        project.import_dataset(Dataset(SKELETON, tuple(images), tuple(labels)), source="test")
    add_stored_run(path, {LABELLED: PREDICTED})
    studio.open(path)
    studio.key(Qt.Key.Key_U)
    studio.wait_for_image()
    return studio


def suggestions(studio):
    return studio.workspace.click_to_fix.suggestions


def fix_left_fin(studio):
    """Drag the left fin, which is where the right one should be, to where it is."""
    studio.drag(tuple(PREDICTED[LEFT]), tuple(TRUE[LEFT]))
    studio.wait(lambda: suggestions(studio) is not None)


def test_one_moved_keypoint_and_one_key_mend_the_others(fish):
    fix_left_fin(fish)
    assert suggestions(fish).keypoints == [RIGHT, TAIL]
    moved = fish.annotation
    np.testing.assert_array_equal(moved.xy[[MOUTH, RIGHT]], PREDICTED[[MOUTH, RIGHT]])
    fish.key(Qt.Key.Key_T)
    np.testing.assert_allclose(fish.annotation.xy, TRUE, atol=8)
    np.testing.assert_array_equal(fish.annotation.xy[LEFT], moved.xy[LEFT])
    np.testing.assert_array_equal(fish.annotation.xy[[MOUTH, BELLY]], moved.xy[[MOUTH, BELLY]])
    assert suggestions(fish) is None


def test_taking_suggestions_is_one_change_that_can_be_undone(fish):
    fix_left_fin(fish)
    before = fish.annotation
    fish.key(Qt.Key.Key_T)
    fish.undo()
    assert fish.annotation == before
    assert suggestions(fish).keypoints == [RIGHT, TAIL]
    fish.redo()
    np.testing.assert_allclose(fish.annotation.xy, TRUE, atol=8)
    fish.undo()
    fish.undo()
    assert fish.workspace.labels.annotations == ()
    assert suggestions(fish) is None


def test_a_keypoint_that_a_person_has_put_is_not_moved_again(fish):
    fix_left_fin(fish)
    fish.drag(tuple(PREDICTED[TAIL]), (200, 150))
    assert suggestions(fish) is None or TAIL not in suggestions(fish).keypoints
    fish.key(Qt.Key.Key_T)
    assert fish.annotation.xy[TAIL] == pytest.approx([200, 150], abs=0.5)


def test_only_what_a_person_moved_counts_as_fixed_and_not_what_was_taken(fish):
    fix_left_fin(fish)
    fish.key(Qt.Key.Key_T)
    start = fish.annotation.xy[MOUTH]
    fish.drag(tuple(start), tuple(start - [6, 0]))
    is_fixed = fish.workspace.click_to_fix.is_fixed(fish.annotation)
    assert np.flatnonzero(is_fixed).tolist() == [MOUTH, LEFT]
    fish.undo()
    is_fixed = fish.workspace.click_to_fix.is_fixed(fish.annotation)
    assert np.flatnonzero(is_fixed).tolist() == [LEFT]


def test_what_was_taken_is_no_persons_after_a_restart_either(fish, open_studio):
    fix_left_fin(fish)
    fish.key(Qt.Key.Key_T)
    taken, path = fish.annotation, fish.workspace.path
    fish.window.close()
    again = open_studio()
    again.open(path)
    again.workspace.selection.open_image(taken.image_id)
    again.wait(lambda: again.workspace.inference.subjects)
    assert again.annotation == taken
    is_fixed = again.workspace.click_to_fix.is_fixed(again.annotation)
    assert np.flatnonzero(is_fixed).tolist() == [LEFT]
    again.undo()
    again.redo()
    is_fixed = again.workspace.click_to_fix.is_fixed(again.annotation)
    assert np.flatnonzero(is_fixed).tolist() == [LEFT]
    again.workspace.labels.move_keypoint(taken.id, TAIL, (200.0, 150.0))
    is_fixed = again.workspace.click_to_fix.is_fixed(again.annotation)
    assert np.flatnonzero(is_fixed).tolist() == [LEFT, TAIL]


def test_escape_drops_the_suggestions_and_changes_nothing(fish):
    fix_left_fin(fish)
    before = fish.annotation
    fish.key(Qt.Key.Key_Escape)
    assert suggestions(fish) is None
    assert fish.annotation == before
    fish.key(Qt.Key.Key_T)
    assert fish.annotation == before
    assert "no suggestion" in fish.notice


def test_an_accepted_prediction_alone_brings_no_suggestions(fish):
    fish.key(Qt.Key.Key_Return)
    np.testing.assert_array_equal(fish.annotation.xy, PREDICTED)
    fish.workspace.click_to_fix._background.wait()
    assert suggestions(fish) is None


def test_suggestions_are_for_the_image_on_which_they_were_made(fish):
    fix_left_fin(fish)
    fish.next_image()
    assert suggestions(fish) is None


def test_suggestions_are_drawn_as_rings_and_gone_when_dropped(fish):
    def ring_pixels() -> bytes:
        fish.canvas._cursor_at = None
        image = fish.canvas.viewport().grab().toImage()
        centre = fish.at(*suggested)
        return image.copy(centre.x() - 12, centre.y() - 12, 24, 24).constBits().tobytes()

    fix_left_fin(fish)
    suggested = suggestions(fish).xy[TAIL]
    drawn = ring_pixels()
    fish.key(Qt.Key.Key_Escape)
    assert ring_pixels() != drawn


def test_without_other_labels_nothing_is_offered_and_nothing_fails(studio, tmp_path):
    path = tmp_path / "0.png"
    cv2.imwrite(str(path), np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8))
    with Project.create(tmp_path / "new.kps", SKELETON) as project:
        project.import_dataset(
            Dataset(SKELETON, (Image(1, path, WIDTH, HEIGHT),), ()), source="test"
        )
    add_stored_run(tmp_path / "new.kps", {0: PREDICTED})
    studio.open(tmp_path / "new.kps")
    studio.drag(tuple(PREDICTED[LEFT]), tuple(TRUE[LEFT]))
    fix = studio.workspace.click_to_fix
    fix._background.wait()
    studio.wait(lambda: not fix._is_learning)
    assert suggestions(studio) is None
    assert studio.annotation.xy[LEFT] == pytest.approx(TRUE[LEFT], abs=0.5)
