import numpy as np
from newts import COUNT, change, draw_newts

from kpstudio.core.geometry import Box


def test_keypoints_and_boxes_are_moved_together_and_back(tmp_path):
    data = change(draw_newts(tmp_path), 3, box=Box(20, 10, 25, 38))
    moved = data.moved(-1, 0.5)
    assert moved.annotations[3].box == Box(19, 10.5, 25, 38)
    assert moved.annotations[2].box is None
    for before, after in zip(data.annotations, moved.annotations, strict=True):
        np.testing.assert_array_equal(after.xy, before.xy + (np.array([-1, 0.5])))
    back = moved.moved(1, -0.5)
    np.testing.assert_allclose(
        np.array([each.xy for each in back.annotations]),
        np.array([each.xy for each in data.annotations]),
    )
    assert (len(moved.images), moved.skeleton) == (COUNT, data.skeleton)
