"""The edges of a skeleton, drawn in a few calls however many there are.

They are drawn on a transparent picture in composition mode Source: Qt blends a half-transparent
line about ten times slower than it writes one. A coloured line lies wholly within its dark halo,
so that writing "colour over halo" gives what blending the one over the other would give.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED
from kpstudio.gui.canvas.markers import HALO, RIM

HALO_WIDTH, WIDTH, GHOST_WIDTH = 3.5, 1.8, 1.2


@dataclass(frozen=True)
class Limbs:
    """The lines of one pose, in image pixels.

    Args:
        all: Every line.
        groups: Those that look alike: (colour, whether dashed, lines).
    """

    all: "_Lines"
    groups: list[tuple[QColor, bool, "_Lines"]]

    @classmethod
    def of(
        cls,
        edges: NDArray[np.intp],
        colours: Sequence[QColor],
        xy: NDArray[np.float64],
        visibility: NDArray[np.integer],
        *,
        is_dashed: bool,
    ) -> "Limbs":
        """Join what is labelled.

        Args:
            edges: (E, 2) pairs of keypoint indices.
            colours: One per keypoint: that of its end is the one of an edge.
            xy: (K, 2) image pixels.
            visibility: (K,) 0, 1 or 2.
            is_dashed: All of them; else only those of an occluded keypoint.
        """
        seen = np.where(np.isfinite(xy).all(axis=1), visibility, NOT_LABELLED)[edges]
        there = (seen != NOT_LABELLED).all(axis=1)
        dashed = (seen[there] == OCCLUDED).any(axis=1) | is_dashed
        kept = edges[there]
        lengths = np.hypot(*(xy[kept[:, 0]] - xy[kept[:, 1]]).T)
        # The markers of occluded keypoints and of ghosts are hollow, and hide nothing.
        lengths[dashed] = np.inf
        order = np.argsort(-lengths, kind="stable")
        kept, dashed, lengths = kept[order], dashed[order], lengths[order]
        every = _Lines([], [])
        groups: dict[tuple[int, bool], _Lines] = {}
        for ends, last, is_broken, length in zip(
            xy[kept].reshape(-1, 4).tolist(),
            kept[:, 1].tolist(),
            dashed.tolist(),
            lengths.tolist(),
            strict=True,
        ):
            key = colours[last].rgba(), is_broken
            line = QLineF(*ends)
            for lines in (every, groups.setdefault(key, _Lines([], []))):
                lines.lines.append(line)
                lines.shortness.append(-length)
        return cls(
            every,
            [
                (QColor.fromRgba(rgba), is_broken, some)
                for (rgba, is_broken), some in groups.items()
            ],
        )

    def paint(
        self,
        painter: QPainter,
        *,
        alpha: float,
        opacity: float,
        ratio: float,
        is_ghost: bool,
        has_halo: bool,
        hidden: float = 0.0,
    ) -> None:
        """Write the lines on a transparent picture.

        Args:
            painter: Maps image pixels to device pixels; antialiased.
            alpha: Of the colours, 0 to 1.
            opacity: Of everything, 0 to 1.
            ratio: Device pixels per logical pixel.
            is_ghost: Thinner.
            has_halo: With a dark rim on both sides.
            hidden: Lines up to this length, in image pixels, lie below the markers at their ends.
        """
        if not self.all.lines:
            return
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        halo = HALO.alphaF() if has_halo else 0.0
        if halo:
            painter.setPen(_pen(QColor.fromRgbF(0, 0, 0, halo), HALO_WIDTH * ratio))
            painter.drawLines(self.all.longer_than(hidden))
        width = (GHOST_WIDTH if is_ghost else WIDTH) * ratio
        for colour, is_dashed, group in self.groups:
            lines = group.longer_than(hidden)
            if not lines:
                continue
            style = Qt.PenStyle.DashLine if is_dashed else Qt.PenStyle.SolidLine
            painter.setPen(_pen(_over_black(colour, alpha * opacity, halo), width, style))
            painter.drawLines(lines)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)


@dataclass(frozen=True)
class _Lines:
    """Lines, the longest first, with their lengths below zero."""

    lines: list[QLineF]
    shortness: list[float]

    def longer_than(self, length: float) -> list[QLineF]:
        return self.lines[: bisect_left(self.shortness, -length)] if length else self.lines


def hidden_length(radius: float) -> float:
    """How long a line may be that two discs at its ends cover whole, with its halo.

    Args:
        radius: Of the discs without their rim, in the unit of the result: logical pixels.
    """
    reach = radius + RIM / 2
    half_width = HALO_WIDTH / 2
    return 2 * math.sqrt(reach**2 - half_width**2) if reach > half_width else 0.0


def _over_black(colour: QColor, alpha: float, black: float) -> QColor:
    """A colour of that alpha over black of another one, as one colour."""
    both = alpha + black * (1 - alpha)
    share = alpha / both
    return QColor.fromRgbF(
        colour.redF() * share, colour.greenF() * share, colour.blueF() * share, both
    )


def _pen(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(colour, width, style)
    pen.setCosmetic(True)
    return pen
