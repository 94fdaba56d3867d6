"""Fur colours."""

from dataclasses import dataclass

import numpy as np

from kpstudio.core.shapes import Float

Colour = Float[np.ndarray, " 3"]


@dataclass(frozen=True, eq=False)
class Coat:
    """The colours of one animal, RGB, 0 to 1.

    Args:
        back: Along the spine.
        flank: At the sides.
        ear: Inside the ears.
        skin: Tail, nose and feet.
        eye: Dark beads, or red ones.
        grizzle: How much single hairs differ in brightness.
        sheen: How much it shines.
        spotted: Share of the coat that is white, 0 to 1.
    """

    back: Colour
    flank: Colour
    ear: Colour
    skin: Colour
    eye: Colour
    grizzle: float
    sheen: float
    spotted: float = 0.0


_PINK = (0.80, 0.58, 0.53)
_BLACK_EYE = (0.035, 0.03, 0.03)
_COATS = (
    # weight, back, flank, ear, skin, grizzle
    (0.22, (0.35, 0.265, 0.19), (0.50, 0.40, 0.29), (0.60, 0.45, 0.40), (0.62, 0.47, 0.42), 0.17),
    (0.17, (0.085, 0.08, 0.08), (0.12, 0.11, 0.105), (0.30, 0.23, 0.22), (0.36, 0.29, 0.28), 0.15),
    (0.16, (0.86, 0.84, 0.80), (0.82, 0.79, 0.74), (0.90, 0.68, 0.63), (0.88, 0.68, 0.64), 0.06),
    (0.15, (0.37, 0.38, 0.40), (0.47, 0.48, 0.50), (0.58, 0.47, 0.47), (0.66, 0.53, 0.51), 0.12),
    (0.14, (0.60, 0.40, 0.22), (0.74, 0.56, 0.36), (0.74, 0.54, 0.47), (0.76, 0.56, 0.50), 0.11),
    (0.16, (0.24, 0.165, 0.12), (0.33, 0.235, 0.17), (0.46, 0.34, 0.31), (0.54, 0.41, 0.38), 0.14),
)


def draw_coat(rng: np.random.Generator) -> Coat:
    """One of the usual coats, a little different each time; some are spotted."""
    weights = np.array([entry[0] for entry in _COATS])
    _, back, flank, ear, skin, grizzle = _COATS[rng.choice(len(_COATS), p=weights / weights.sum())]
    gain = rng.normal(1.0, 0.07) * (1 + rng.normal(0, 0.025, 3))
    is_white = back[0] > 0.8
    is_spotted = not is_white and rng.random() < 0.2
    has_red_eyes = is_white and rng.random() < 0.7
    return Coat(
        back=np.clip(np.array(back) * gain, 0, 0.92),
        flank=np.clip(np.array(flank) * gain, 0, 0.92),
        ear=np.array(ear) * rng.normal(1.0, 0.05),
        skin=np.array(_PINK if is_spotted else skin) * rng.normal(1.0, 0.05),
        eye=np.array((0.45, 0.06, 0.08) if has_red_eyes else _BLACK_EYE),
        grizzle=grizzle * rng.uniform(0.9, 1.25),
        sheen=rng.uniform(0.08, 0.16) if is_white else rng.uniform(0.14, 0.26),
        spotted=rng.uniform(0.3, 0.6) if is_spotted else 0.0,
    )
