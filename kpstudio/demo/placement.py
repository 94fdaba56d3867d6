"""How many animals, how large, and where they stand."""

import numpy as np

from kpstudio.demo.pose import Pose, draw_pose

_TRIES = 14


def place_animals(rng: np.random.Generator, size: tuple[int, int]) -> tuple[Pose, ...]:
    """One to three animals, the later ones on top where they touch.

    Args:
        rng: What everything is drawn from.
        size: (width, height) of the image in pixels.
    """
    count = int(rng.choice([1, 2, 3], p=(0.38, 0.40, 0.22)))
    extent = np.array(size, dtype=np.float64)
    scale = np.sqrt(extent[0] * extent[1]) * (0.41, 0.365, 0.32)[count - 1]
    scale *= rng.uniform(0.82, 1.12)
    wanted_gap = rng.choice([0.48, 0.8, 1.05], p=(0.22, 0.4, 0.38))
    poses: list[Pose] = []
    for _ in range(count):
        length = float(scale * rng.uniform(0.9, 1.1))
        margin = 0.04 if rng.random() < 0.15 else 0.25
        best, best_gap = extent / 2, -1.0
        for _ in range(_TRIES):
            centre = extent * rng.uniform(margin, 1 - margin, 2)
            gaps = [np.hypot(*(centre - other.spine.at(other.length / 2))) for other in poses]
            gap = float(min(gaps, default=np.inf)) / length
            if gap > best_gap:
                best, best_gap = centre, gap
            if gap > wanted_gap:
                break
        poses.append(draw_pose(rng, best, _heading(rng, best, extent), length))
    return tuple(poses)


def _heading(rng: np.random.Generator, centre: np.ndarray, extent: np.ndarray) -> float:
    """Any direction, but mostly not straight out of the picture."""
    inward = extent / 2 - centre
    angle = rng.uniform(-np.pi, np.pi)
    if np.hypot(*(inward / extent)) > 0.2:
        angle = float(np.arctan2(inward[1], inward[0])) + rng.normal(0, 1.3)
    return float(angle)
