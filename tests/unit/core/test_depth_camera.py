import numpy as np

from kpstudio.core.depth_camera import DepthCamera

CAMERA = DepthCamera(588.03, 587.07, 320.0, 240.0)


def test_the_principal_point_looks_straight_ahead():
    np.testing.assert_allclose(CAMERA.to_space(np.array([320.0, 240.0, 800.0])), [0, 0, 800])
    right = CAMERA.to_space(np.array([320 + 588.03, 240.0, 800.0]))
    np.testing.assert_allclose(right, [800, 0, 800])


def test_there_and_back_is_the_same_place():
    uvd = np.random.default_rng(0).uniform(1, 900, (7, 3, 3))
    np.testing.assert_allclose(CAMERA.to_image(CAMERA.to_space(uvd)), uvd)
