import numpy as np
import pytest

from kpstudio.demo.animal import paint_animal
from kpstudio.demo.coat import draw_coat
from kpstudio.demo.picture import Light, Picture
from kpstudio.demo.pose import Pose, draw_pose, mouse_skeleton
from kpstudio.demo.visibility import keypoint_visibility

SKELETON = mouse_skeleton()
LIGHT = Light(np.array([0.36, -0.48, 0.8]), np.ones(3, np.float32))
LENGTH = 151.0


class Drawn:
    def __init__(self, seed: int, centre: tuple[float, float] = (173.37, 139.81)) -> None:
        rng = np.random.default_rng(seed)
        self.picture = Picture(np.full((281, 347, 3), 0.5, np.float32), LIGHT, 1.0)
        heading = rng.uniform(-np.pi, np.pi)
        self.pose: Pose = draw_pose(rng, np.array(centre), heading, LENGTH)
        self.tail, self.body = paint_animal(rng, self.picture, self.pose, draw_coat(rng))

    def cover(self, low: np.ndarray, high: np.ndarray) -> None:
        """Lay a rectangle over the pixels from low to high, both included."""
        width, height = (high - low + 1).astype(int)
        colour, alpha = np.zeros((height, width, 3), np.float32), np.ones((height, width))
        origin = (int(low[0]), int(low[1]))
        thing = self.picture.next_thing()
        self.picture.paint(origin, colour, alpha.astype(np.float32), thing=thing)

    def visibility(self) -> dict[str, int]:
        states = keypoint_visibility(self.picture, self.pose, tail=self.tail, body=self.body)
        return dict(zip(SKELETON.keypoints, states.tolist(), strict=True))

    def position(self, keypoint: str) -> np.ndarray:
        return self.pose.keypoints()[SKELETON.index(keypoint)]


@pytest.mark.parametrize("seed", [2, 3, 5, 7, 11])
def test_nothing_of_the_body_of_an_uncovered_animal_is_hidden(seed):
    states = Drawn(seed).visibility()
    assert {state for name, state in states.items() if name not in ("tail_mid", "tail_tip")} == {2}


@pytest.mark.parametrize("keypoint", ["nose", "left_ear", "right_hip", "spine_mid"])
def test_what_is_painted_over_is_occluded_and_nothing_else(keypoint):
    drawn = Drawn(13)
    before = drawn.visibility()
    middle = np.round(drawn.position(keypoint))
    drawn.cover(middle - 3, middle + 3)
    assert drawn.visibility() == {**before, keypoint: 1}


def test_what_lies_deep_under_cover_is_not_labelled():
    drawn = Drawn(17)
    drawn.cover(np.zeros(2), np.array([346, 280]))
    assert set(drawn.visibility().values()) == {0}


def test_what_is_outside_the_image_is_not_labelled():
    states = Drawn(19, centre=(0.0, 139.0)).visibility()
    assert 0 in states.values()
    assert 2 in states.values()


@pytest.mark.parametrize("seed", [23, 29, 31, 37])
def test_the_nose_is_the_foremost_pixel_of_the_body(seed):
    drawn = Drawn(seed)
    ys, xs = np.nonzero(drawn.picture.order == drawn.body)
    pixels = np.column_stack([xs, ys])
    nose, forward = drawn.position("nose"), -drawn.pose.spine.direction(0.0)
    near = pixels[np.linalg.norm(pixels - nose, axis=1) < 0.1 * LENGTH]
    # The keypoint lies 0.012 body lengths behind the tip, and hairs may stand out by a pixel.
    ahead = float(((near - nose) @ forward).max())
    assert ahead == pytest.approx(0.012 * LENGTH, abs=1.5)


@pytest.mark.parametrize("seed", [41, 59, 67])
def test_the_tip_of_the_tail_is_where_its_last_pixels_are(seed):
    drawn = Drawn(seed)
    ys, xs = np.nonzero(drawn.picture.order == drawn.tail)
    distances = np.linalg.norm(np.column_stack([xs, ys]) - drawn.position("tail_tip"), axis=1)
    assert drawn.visibility()["tail_tip"] == 2
    assert distances.min() < 1.0
