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


def test_a_part_of_the_keypoints_keeps_sizes_pairs_and_order(tmp_path):
    data = draw_newts(tmp_path)
    names = data.skeleton.keypoints
    order = (4, 2, 0)
    part = data.part(order)
    assert part.skeleton.keypoints == tuple(names[index] for index in order)
    for pairs, whole in (
        (part.skeleton.edges, data.skeleton.edges),
        (part.skeleton.flip_pairs, data.skeleton.flip_pairs),
    ):
        found = {(order[a], order[b]) for a, b in pairs}
        assert found == {pair for pair in whole if set(pair) <= set(order)}
    for before, after in zip(data.annotations, part.annotations, strict=True):
        np.testing.assert_array_equal(after.xy, before.xy[[4, 2, 0]])
        assert after.visibility.tolist() == [before.visibility[index] for index in order]
        assert after.bounds() == before.bounds()
