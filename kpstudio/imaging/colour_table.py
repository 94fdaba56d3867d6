"""Colours of strengths, weak to strong."""

import cv2
import numpy as np

from kpstudio.core.shapes import UInt8

_MAPS = {
    "inferno": cv2.COLORMAP_INFERNO,
    "viridis": cv2.COLORMAP_VIRIDIS,
    "turbo": cv2.COLORMAP_TURBO,
    "cividis": cv2.COLORMAP_CIVIDIS,
}


def colour_table(name: str) -> UInt8[np.ndarray, "256 3"]:
    """The colours of a colour map.

    Args:
        name: Of the colour map: "inferno", "viridis", "turbo" or "cividis".

    Returns:
        (256, 3) RGB, the weakest first.
    """
    strengths = np.arange(256, dtype=np.uint8).reshape(256, 1)
    blue_first = cv2.applyColorMap(strengths, _MAPS[name])
    return np.ascontiguousarray(blue_first[:, 0, ::-1])
