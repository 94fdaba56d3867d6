"""Depth images: from pixels and depth to positions in space.

u and v are image pixels with pixel centres at integers, d is depth along the optical axis in
millimetres; x, y, z are millimetres in the frame of the camera.
"""

from dataclasses import dataclass

import numpy as np

from kpstudio.core.shapes import Float


@dataclass(frozen=True)
class DepthCamera:
    """A pinhole camera.

    Args:
        fx: Focal length in pixels, along rows.
        fy: Focal length in pixels, along columns.
        cx: Principal point in pixels.
        cy: Principal point in pixels.
    """

    fx: float
    fy: float
    cx: float
    cy: float

    def to_space(self, uvd: Float[np.ndarray, "*N 3"]) -> Float[np.ndarray, "*N 3"]:
        """Positions in millimetres, of u and v in pixels and d in millimetres; NaN stays NaN."""
        u, v, d = np.moveaxis(uvd, -1, 0)
        return np.stack([(u - self.cx) * d / self.fx, (v - self.cy) * d / self.fy, d], axis=-1)

    def to_image(self, xyz: Float[np.ndarray, "*N 3"]) -> Float[np.ndarray, "*N 3"]:
        """The inverse of `to_space`."""
        x, y, z = np.moveaxis(xyz, -1, 0)
        return np.stack([x * self.fx / z + self.cx, y * self.fy / z + self.cy, z], axis=-1)
