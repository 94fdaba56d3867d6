"""Writing and reading is the identity on what a format can hold."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from labelled_data import TRIPLE, assert_same_labels, draw

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.geometry import Box

WIDTH, HEIGHT = 31, 17
TOLERANCES_PX = {
    "coco": 0.0,
    "csv": 0.0,
    "csv_wide": 0.0,
    "cvat": 1e-12,
    "labelme": 1e-12,
    "pts": 1e-12,
    "yolo": 1e-9,
    "label_studio": 1e-9,
}
HOLD_NO_BOXES = {"csv", "csv_wide", "pts"}


def subjects(draw_: Any, *, whole: bool) -> tuple[Annotation, ...]:
    """No strategy itself: checks of types in the classes draw random numbers of their own."""
    xs, ys = st.floats(-0.5, WIDTH - 0.5), st.floats(-0.5, HEIGHT - 0.5)
    found = []
    for number in range(draw_(st.integers(1, 3))):
        visibility = np.array(
            [draw_(st.sampled_from((1, 2) if whole else (0, 1, 2))) for _ in "xyz"]
        )
        if not visibility.any():
            visibility[number] = 2
        xy = np.array([[draw_(xs), draw_(ys)] if v else [np.nan, np.nan] for v in visibility])
        # No format tells two keypoints apart that are less than a billionth of a pixel apart.
        xy = xy.round(9)
        box = None
        if draw_(st.booleans()):
            (x, y), (right, bottom) = (-0.5, -0.5), (WIDTH - 0.5, HEIGHT - 0.5)
            x, y = draw_(st.floats(x, right - 5)), draw_(st.floats(y, bottom - 5))
            box = Box(x, y, draw_(st.floats(3, right - x)), draw_(st.floats(3, bottom - y)))
        found.append(Annotation(str(number), 3, xy, visibility, box=box))
    return tuple(found)


@pytest.mark.parametrize("format", TOLERANCES_PX)
def test_labels_survive_a_round_trip(tmp_path: Path, format: str) -> None:
    draw(tmp_path / "frames" / "a.png", WIDTH, HEIGHT)
    image = Image(3, tmp_path / "frames" / "a.png", WIDTH, HEIGHT)

    @settings(
        max_examples=23, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        dataset = Dataset(TRIPLE, (image,), subjects(data.draw, whole=format == "pts"))
        out = tmp_path / "out"
        suffix = {"cvat": ".xml", "csv": ".csv", "csv_wide": ".csv"}.get(format, ".json")
        path = out / f"labels{suffix}"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        formats.write(dataset, path, format=format)
        back = formats.read(path, TRIPLE)
        tolerance = TOLERANCES_PX[format]
        assert_same_labels(
            dataset,
            back,
            tolerance_px=tolerance,
            occluded=format != "pts",
            boxes=format not in HOLD_NO_BOXES,
        )

    check()
