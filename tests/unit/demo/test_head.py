import numpy as np
import pytest

from kpstudio.demo.coat import draw_coat
from kpstudio.demo.head import paint_ears
from kpstudio.demo.picture import Light, Picture
from kpstudio.demo.pose import draw_pose, mouse_skeleton

SKELETON = mouse_skeleton()


@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.5, 0.25), (0.37, 0.83)])
def test_ears_are_centred_on_their_keypoints_to_a_fraction_of_a_pixel(offset):
    rng = np.random.default_rng(53)
    light = Light(np.array([0.0, 0.0, 1.0]), np.ones(3, np.float32))
    picture = Picture(np.zeros((307, 401, 3), np.float32), light, 1.0)
    pose = draw_pose(rng, np.array([197.0, 151.0]) + offset, 0.71, 263.0)
    paint_ears(picture, pose, draw_coat(rng), thing=1)
    ys, xs = np.nonzero(picture.order)
    pixels, xy = np.column_stack([xs, ys]), pose.keypoints()
    for name in ("left_ear", "right_ear"):
        centre = xy[SKELETON.index(name)]
        ear = pixels[np.linalg.norm(pixels - centre, axis=1) < 0.09 * pose.length]
        np.testing.assert_allclose(ear.mean(axis=0), centre, atol=0.12)
