from dataclasses import replace

import numpy as np
import pytest

from kpstudio.core.annotation import Prediction
from kpstudio.core.dataset import Image
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box


@pytest.fixture
def filmed(project, folder, annotation):
    """Frames 30, 10, 40 and 20 of one video as images 8 to 11, and one of another."""
    new = [Image(n, folder / "a.mp4", 31, 17, frame=n) for n in (30, 10, 40, 20)]
    project.add_images([*new, Image(1, folder / "b.mp4", 31, 17, frame=7)])
    for image_id in (9, 11, 2):
        project.apply(Edit.change("Add", None, annotation(image_id)))
    run = project.runs.start("any", {})
    for image_id, scores in ((8, (0.6,)), (11, (0.9, 0.2)), (12, (0.4,))):
        project.predictions.put(
            run.id,
            image_id,
            "dark",
            [
                Prediction(image_id, run.id, np.zeros((5, 2)), np.ones(5), Box(0, 0, 1, 1), score)
                for score in scores
            ],
        )
    return project


def test_the_frames_of_one_video_come_in_order_with_what_is_known_of_them(filmed):
    strip = filmed.video_strip(10)
    assert strip.frames.tolist() == [10, 20, 30, 40]
    assert strip.image_ids.tolist() == [9, 11, 8, 10]
    assert strip.is_labelled.tolist() == [True, True, False, False]
    np.testing.assert_array_equal(strip.scores, [np.nan, 0.2, 0.6, np.nan])
    assert strip.length == 41


def test_an_image_that_is_no_frame_has_no_strip(filmed):
    assert filmed.video_strip(2) is None
    assert filmed.video_strip(99) is None
    assert filmed.video_strip(12).frames.tolist() == [7]


def test_steps_go_by_numbers_of_frames_and_end_at_the_ends(filmed):
    strip = replace(filmed.video_strip(10), frames=np.array([10, 11, 30, 40]))
    assert [strip.stepped(0, step) for step in (1, 2, 10, 20, 21, 99)] == [1, 2, 2, 2, 3, 3]
    assert [strip.stepped(3, step) for step in (-1, -10, -11, -99)] == [2, 2, 1, 0]
    assert [strip.nearest(frame) for frame in (-5, 10.4, 20, 21, 34, 36, 90)] == [
        0,
        0,
        1,
        2,
        2,
        3,
        3,
    ]


def test_labelled_frames_are_found_on_both_sides(filmed):
    strip = filmed.video_strip(10)
    assert [strip.labelled_from(at, 1) for at in range(4)] == [1, None, None, None]
    assert [strip.labelled_from(at, -1) for at in range(4)] == [None, 0, 1, 1]
    assert [strip.position(each) for each in (8, 5, None)] == [2, None, None]
