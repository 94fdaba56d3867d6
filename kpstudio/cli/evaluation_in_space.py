"""The evaluate-3d command: text files of keypoints from depth images."""

import argparse
from pathlib import Path

import numpy as np

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result, table
from kpstudio.core.depth_camera import DepthCamera
from kpstudio.core.errors import UserProblem
from kpstudio.core.errors_in_space import SpaceErrors, space_errors

_SHOWN_MM = (5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 80.0)


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "labels", metavar="LABELS", help="text: a frame a line, u v d of each keypoint (px, mm)"
    )
    command.add_argument("predictions", metavar="PREDICTIONS", help="text of the same form")
    command.add_argument(
        "--camera", required=True, metavar="FX,FY,CX,CY", help="focal lengths and centre in pixels"
    )


def evaluate(arguments: argparse.Namespace) -> int:
    """Mean error in millimetres, of each keypoint, and the success curve."""
    camera = _read_camera(arguments.camera)
    labels = _read_rows(Path(arguments.labels))
    predictions = _read_rows(Path(arguments.predictions))
    if labels.shape != predictions.shape:
        raise UserProblem(
            f"The labels have {_extent(labels)}, and the predictions {_extent(predictions)}.",
            "Give two files of the same frames and keypoints, in the same order.",
        )
    errors = space_errors(camera.to_space(labels), camera.to_space(predictions))
    if arguments.json:
        print_json(errors)
    else:
        print_result(_text(errors))
    return 0


def _read_camera(text: str) -> DepthCamera:
    try:
        fx, fy, cx, cy = map(float, text.split(","))
    except ValueError as error:
        raise UserProblem(
            f"“{text}” is not a camera.", "Give four numbers in pixels, as 588.03,587.07,320,240."
        ) from error
    if not (np.isfinite([fx, fy, cx, cy]).all() and fx and fy):
        raise UserProblem(
            "A camera needs focal lengths other than 0.", "Give FX,FY,CX,CY in pixels."
        )
    return DepthCamera(fx, fy, cx, cy)


def _read_rows(path: Path) -> np.ndarray:
    """(N, K, 3) u, v, d; commas and spaces between the numbers."""
    try:
        lines = [line.replace(",", " ").split() for line in path.read_text().splitlines()]
        rows = [[float(word) for word in line] for line in lines if line]
    except OSError as error:
        raise UserProblem(
            f"{path} cannot be read ({error.strerror}).", "Check its path."
        ) from error
    except ValueError as error:
        raise UserProblem(
            f"{path.name} holds something that is not a number: {error}.",
            "Each line is a frame: u, v and d of its keypoints; nan where one is not known.",
        ) from error
    widths = {len(row) for row in rows}
    if len(widths) != 1 or min(widths) % 3:
        raise UserProblem(
            f"{path.name} does not have three numbers for each keypoint in every line.",
            "Each line is a frame: u, v (pixels) and d (millimetres) of its keypoints.",
        )
    return np.array(rows).reshape(len(rows), -1, 3)


def _extent(rows: np.ndarray) -> str:
    return f"{rows.shape[0]} frames of {rows.shape[1]} keypoints"


def _text(errors: SpaceErrors) -> str:
    curve = dict(zip(errors.success.thresholds_mm, errors.success.shares, strict=True))
    keypoints = [[str(k), _mm(value)] for k, value in enumerate(errors.per_keypoint_mm, 1)]
    shares = [[f"{each:g}", f"{100 * curve[each]:.1f}"] for each in _SHOWN_MM]
    return "\n\n".join(
        [
            f"Mean error {_mm(errors.mean_mm)} mm, median {_mm(errors.median_mm)} mm; "
            f"{errors.keypoints} keypoints of {errors.frames} frames, {errors.missed} missed.",
            table(["keypoint", "mean mm"], keypoints),
            table(["all keypoints within mm", "% of frames"], shares),
        ]
    )


def _mm(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


EVALUATE_3D = Command(
    "evaluate-3d",
    "compare files of predictions and labels from depth images, in millimetres",
    evaluate,
    _add_arguments,
    has_json=True,
)
