"""Following points from one image to the next."""

from dataclasses import dataclass

import cv2
import numpy as np

from kpstudio.core.shapes import Float, UInt8

# Side of the window that is compared, as a share of the subject's longer side, and its limits.
WINDOW_SHARE, SMALLEST, LARGEST = 0.2, 11, 41
LEVELS = 4


@dataclass(frozen=True)
class Followed:
    """Points of one image in another.

    Args:
        xy: (N, 2) image pixels; NaN where a point was lost.
        errors: (N,) distance from where a point was to where it comes back to when it is followed
            backwards, image pixels; infinite where it was lost.
    """

    xy: Float[np.ndarray, "N 2"]
    errors: Float[np.ndarray, " N"]


def follow(
    old: UInt8[np.ndarray, "H W 3"],
    new: UInt8[np.ndarray, "H W 3"],
    xy: Float[np.ndarray, "N 2"],
) -> Followed:
    """Follow points from an image to another of the same size.

    Args:
        old: RGB.
        new: RGB.
        xy: (N, 2) in the old one, image pixels; NaN stays NaN.

    Raises:
        ValueError: The sizes differ.

    Source: pyramidal Lucas-Kanade; Bouguet, Pyramidal implementation of the affine Lucas Kanade
        feature tracker (2001); the error is that of Kalal et al., Forward-backward error (ICPR
        2010).
    """
    if old.shape != new.shape:
        raise ValueError("images of different sizes")
    is_there = np.isfinite(xy).all(axis=1)
    followed = Followed(np.full_like(xy, np.nan), np.full(len(xy), np.inf))
    if not is_there.any():
        return followed
    points = xy[is_there].astype(np.float32)[:, None]
    extent = float(np.ptp(points[:, 0], axis=0).max())
    side = int(np.clip(WINDOW_SHARE * extent, SMALLEST, LARGEST)) | 1
    window = (side, side)
    first, second = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (old, new))
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        first, second, points, points.copy(), winSize=window, maxLevel=LEVELS
    )
    back, found_back, _ = cv2.calcOpticalFlowPyrLK(
        second, first, there, there.copy(), winSize=window, maxLevel=LEVELS
    )
    is_found = (found[:, 0] == 1) & (found_back[:, 0] == 1)
    errors = np.linalg.norm(back[:, 0] - points[:, 0], axis=1)
    followed.xy[is_there] = np.where(is_found[:, None], there[:, 0], np.nan)
    followed.errors[is_there] = np.where(is_found, errors, np.inf)
    return followed


def likeness(
    old: UInt8[np.ndarray, "H W 3"],
    old_xy: Float[np.ndarray, "N 2"],
    new: UInt8[np.ndarray, "H W 3"],
    new_xy: Float[np.ndarray, "N 2"],
    *,
    side: int,
) -> Float[np.ndarray, " N"]:
    """(N,) correlation of what is around each point in two images, -1 to 1; NaN stays NaN.

    Args:
        old: RGB.
        old_xy: (N, 2) image pixels.
        new: RGB, of any size.
        new_xy: (N, 2) where the same points are there.
        side: Of the square that is compared, image pixels.
    """
    both = np.isfinite(old_xy).all(axis=1) & np.isfinite(new_xy).all(axis=1)
    alike = np.full(len(old_xy), np.nan)
    first, second = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (old, new))
    for index in np.flatnonzero(both):
        a, b = (
            cv2.getRectSubPix(image, (side, side), tuple(xy[index].tolist())).astype(np.float64)
            for image, xy in ((first, old_xy), (second, new_xy))
        )
        a, b = a - a.mean(), b - b.mean()
        power = float(np.sqrt((a**2).sum() * (b**2).sum()))
        alike[index] = float((a * b).sum()) / power if power > 0 else 1.0
    return alike
