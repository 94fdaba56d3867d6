import math

import numpy as np
import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.training.subjects import (
    FramingChoice,
    choose_framing,
    halves,
    rotation_range,
    subject_centre,
    subject_size,
)

SHAPE = np.array([[0.0, 0.0], [40.0, 0.0], [11.0, 23.0], [7.0, -17.0]])


def turned(angle, scale=1.0, at=(100.0, 80.0)):
    cos, sin = math.cos(angle), math.sin(angle)
    return scale * SHAPE @ np.array([[cos, sin], [-sin, cos]]) + at


def test_subjects_that_turn_are_learned_in_every_direction():
    subjects = [turned(angle) for angle in np.linspace(0, 2 * math.pi, 11)]
    assert rotation_range(subjects) == math.pi


def test_subjects_that_stay_upright_are_turned_a_little_only():
    subjects = [turned(angle) for angle in np.linspace(-0.1, 0.1, 11)]
    assert rotation_range(subjects) < 1


def test_few_subjects_prove_nothing_about_direction():
    assert rotation_range([turned(0.0), turned(0.01)]) == math.pi


def test_the_size_of_what_turns_hardly_changes_with_its_direction():
    sizes = [subject_size(turned(a), is_upright=False) for a in np.linspace(0, math.pi, 17)]
    assert max(sizes) < 1.3 * min(sizes)


def test_unlabelled_keypoints_have_no_part_in_centre_and_size():
    xy = np.vstack([SHAPE, [[np.nan, np.nan]]])
    assert subject_centre(xy) == (20.0, 3.0)
    assert subject_size(xy, is_upright=True) == 40.0


def test_a_usual_subject_is_looked_at_near_its_own_resolution():
    subjects = [[turned(a, scale=2.5)] for a in np.linspace(0, 6, 11)]
    framing = choose_framing(subjects, [(640, 480)] * 11, is_upright=False, choice=FramingChoice())
    assert framing.look_size == (192, 192)
    side = framing.look_box((0, 0), framing.subject_size).width
    assert 0.7 < 192 / side < 2
    assert framing.is_fixed_size
    assert framing.find_size[0] % 16 == framing.find_size[1] % 16 == 0


def test_small_subjects_are_not_enlarged_more_than_needed():
    subjects = [[turned(a, scale=0.7)] for a in np.linspace(0, 6, 11)]
    framing = choose_framing(subjects, [(640, 480)] * 11, is_upright=False, choice=FramingChoice())
    side = framing.look_box((0, 0), framing.subject_size).width
    assert framing.look_size[0] / side < 2.5


def test_subjects_of_different_sizes_are_looked_at_with_their_own():
    subjects = [[turned(0.0, scale=s)] for s in (0.5, 1, 2, 3, 4, 5, 6)]
    framing = choose_framing(subjects, [(640, 480)] * 7, is_upright=False, choice=FramingChoice())
    assert not framing.is_fixed_size
    assert framing.look_box((0, 0), 100.0).width == pytest.approx(framing.margin * 100)


def test_a_subject_of_one_keypoint_has_a_part_of_the_image_as_its_size():
    framing = choose_framing(
        [[np.array([[5.0, 7.0]])]] * 3, [(64, 48)] * 3, is_upright=False, choice=FramingChoice()
    )
    assert framing.subject_size == 8.0


def test_the_number_of_subjects_is_that_of_the_labels():
    one, two = [turned(0.0)], [turned(0.0), turned(1.0)]
    always_two = choose_framing(
        [two] * 3, [(640, 480)] * 3, is_upright=False, choice=FramingChoice()
    )
    assert (always_two.fewest_subjects, always_two.most_subjects) == (2, 2)
    mixed = choose_framing([one, two], [(640, 480)] * 2, is_upright=False, choice=FramingChoice())
    assert (mixed.fewest_subjects, mixed.most_subjects) == (1, 4)


def test_a_long_subject_is_divided_across_its_length():
    random = np.random.default_rng(1)
    xy = np.column_stack([random.uniform(0, 10, 8), np.linspace(0, 100, 8)])
    first, second = sorted(halves(xy, smallest=1.0), key=lambda box: box.y)
    assert first.centre[1] < 35 < 65 < second.centre[1]
    assert 0.5 * 100 < first.height < 0.8 * 100


def test_few_keypoints_have_no_halves():
    xy = np.full((9, 2), np.nan)
    xy[:5] = np.random.default_rng(1).uniform(0, 10, (5, 2))
    assert halves(xy, smallest=1.0) == ()


def test_whole_images_are_looked_at_as_they_are():
    subjects = [[turned(0.1)]] * 5
    choice = FramingChoice(is_whole_image=True, input_side=96)
    framing = choose_framing(subjects, [(96, 64)] * 5, is_upright=True, choice=choice)
    assert framing.is_whole_image
    assert framing.look_size == (96, 64)


def test_several_subjects_are_not_looked_at_at_once():
    subjects = [[turned(0.1), turned(0.2)]] * 5
    choice = FramingChoice(is_whole_image=True)
    with pytest.raises(UserProblem, match="several subjects"):
        choose_framing(subjects, [(96, 64)] * 5, is_upright=True, choice=choice)
