from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kpstudio.demo.generator import Sample, draw_sample
from kpstudio.demo.pose import mouse_skeleton

SIZE = (223, 167)
SKELETON = mouse_skeleton()


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [draw_sample(seed, size=SIZE) for seed in range(61)]


def is_left_of(point: np.ndarray, start: np.ndarray, end: np.ndarray) -> bool:
    """Whether a walker from start to end has a point on the left, in an image with y down."""
    (fx, fy), (px, py) = end - start, point - start
    return fx * py - fy * px < 0


def test_the_same_seed_draws_the_same_image_also_in_threads(samples):
    with ThreadPoolExecutor(3) as pool:
        again = list(pool.map(lambda seed: draw_sample(seed, size=SIZE), range(7)))
    for first, second in zip(samples, again, strict=False):
        np.testing.assert_array_equal(first.image, second.image)
        assert first.annotations == second.annotations


def test_other_seeds_draw_other_images(samples):
    assert len({sample.image.tobytes() for sample in samples}) == len(samples)
    names = [each.id for sample in samples for each in sample.annotations]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("size", [(640, 480), (32, 32), (53, 97), (1103, 211)])
def test_an_image_has_the_size_asked_for(size):
    image = draw_sample(3, size=size).image
    assert image.shape == (size[1], size[0], 3)
    assert image.dtype == np.uint8
    assert image.std() > 5


def test_an_image_too_small_to_draw_on_is_refused():
    with pytest.raises(ValueError, match="31 x 480"):
        draw_sample(0, size=(31, 480))


def test_one_to_three_animals_are_in_an_image(samples):
    assert {len(sample.annotations) for sample in samples} >= {1, 2, 3}
    assert all(len(sample.annotations) <= 3 for sample in samples)


def test_labelled_keypoints_lie_in_the_image_and_the_others_have_no_position(samples):
    for annotation in (each for sample in samples for each in sample.annotations):
        xy = annotation.xy[annotation.is_labelled]
        assert np.all(xy >= -0.5)
        assert np.all(xy < np.array(SIZE) - 0.5)
        assert np.isnan(annotation.xy[~annotation.is_labelled]).all()
        assert len(annotation.xy) == len(SKELETON)


def test_all_three_visibilities_occur_and_most_keypoints_are_visible(samples):
    all_states = [each.visibility for sample in samples for each in sample.annotations]
    share = np.bincount(np.concatenate(all_states), minlength=3) / (len(all_states) * len(SKELETON))
    assert share[0] > 0.03
    assert share[1] > 0.02
    assert share[2] > 0.7


def test_left_and_right_are_those_of_an_animal_seen_from_above(samples):
    checked = 0
    for annotation in (each for sample in samples for each in sample.annotations):
        at = {name: annotation.xy[SKELETON.index(name)] for name in SKELETON.keypoints}
        for part, back, front in (("ear", "neck", "nose"), ("hip", "tail_base", "spine_mid")):
            points = np.array([at[f"left_{part}"], at[f"right_{part}"], at[back], at[front]])
            if np.isfinite(points).all():
                left, right, start, end = points
                assert is_left_of(left, start, end)
                assert not is_left_of(right, start, end)
                checked += 1
    assert checked > 100


def test_the_walker_who_goes_up_an_image_has_the_left_at_its_left():
    assert is_left_of(np.array([-3.0, 5.0]), np.array([0.0, 11.0]), np.array([0.0, -7.0]))


def test_the_ground_is_lit_unevenly_and_has_texture(samples):
    corners = [
        sample.image[:40, :40].mean() - sample.image[-40:, -40:].mean() for sample in samples
    ]
    assert np.std(corners) > 3
