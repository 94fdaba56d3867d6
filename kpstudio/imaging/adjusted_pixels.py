"""Pixels as an adjustment shows them."""

import cv2
import numpy as np

from kpstudio.core.adjustment import Adjustment
from kpstudio.core.shapes import UInt8

_TILES = (8, 8)
_CHANNELS = {"red": 0, "green": 1, "blue": 2}


def adjusted_pixels(
    pixels: UInt8[np.ndarray, "H W 3"], adjustment: Adjustment
) -> UInt8[np.ndarray, "H W 3"]:
    """A copy in other colours; the same array where nothing is adjusted.

    Source: the local contrast is CLAHE, Zuiderveld 1994 (Graphics Gems IV), of the brightness
        alone, so that colours stay.

    Args:
        pixels: RGB.
        adjustment: What is done to them.
    """
    if adjustment.is_nothing:
        return pixels
    shown = pixels
    if adjustment.channel != "colour":
        shown = _one_channel(pixels, adjustment)
    elif adjustment.local_contrast:
        parts = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
        cv2.insertChannel(_clahe(adjustment).apply(cv2.extractChannel(parts, 0)), parts, 0)
        shown = np.asarray(cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB), dtype=np.uint8)
    table = adjustment.table()
    if not np.array_equal(table, np.arange(256)):
        shown = np.asarray(cv2.LUT(shown, table), dtype=np.uint8)
    if shown.ndim == 2:
        shown = np.asarray(cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    return shown


def _one_channel(
    pixels: UInt8[np.ndarray, "H W 3"], adjustment: Adjustment
) -> UInt8[np.ndarray, "H W"]:
    if adjustment.channel == "grey":
        chosen = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    else:
        chosen = cv2.extractChannel(pixels, _CHANNELS[adjustment.channel])
    if adjustment.local_contrast:
        chosen = _clahe(adjustment).apply(chosen)
    return np.asarray(chosen, dtype=np.uint8)


def _clahe(adjustment: Adjustment) -> cv2.CLAHE:
    return cv2.createCLAHE(clipLimit=adjustment.local_contrast, tileGridSize=_TILES)
