"""What there is to draw on the open image: labels, then ghosts, and the heatmaps over it."""

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.geometry import Affine
from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.workspace.workspace import Workspace

# The same objects as long as nothing has changed: what is drawn is compared with what was.
_KNOWN: WeakKeyDictionary[Workspace, tuple[tuple[object, ...], list[Pose]]] = WeakKeyDictionary()


def current_poses(workspace: Workspace) -> list[Pose]:
    """Every annotation in the order of the labels, then every predicted subject."""
    state = _state(workspace)
    known = _KNOWN.get(workspace)
    if known is not None and all(old is new for old, new in zip(known[0], state, strict=True)):
        return list(known[1])
    poses = _made_poses(workspace)
    _KNOWN[workspace] = state, poses
    return list(poses)


def _state(workspace: Workspace) -> tuple[object, ...]:
    """Everything on which the poses depend: each is replaced when it changes, never changed."""
    selection = workspace.selection
    return (
        workspace.labels.annotations,
        selection.annotation_id,
        selection.keypoint,
        selection.ghost,
        selection.chosen,
        workspace.overlay.has_ghosts,
        workspace.inference.subjects,
    )


def _made_poses(workspace: Workspace) -> list[Pose]:
    selection = workspace.selection
    poses = [
        Pose(
            PoseKind.LABEL,
            annotation.xy,
            annotation.visibility,
            annotation.id == selection.annotation_id,
            selection.keypoint,
            box=annotation.box,
            chosen=selection.chosen,
        )
        for annotation in workspace.labels.annotations
    ]
    if workspace.overlay.has_ghosts:
        keypoint = selection.keypoint
        poses += [
            Pose(
                PoseKind.GHOST,
                subject.xy,
                np.where(np.isfinite(subject.xy).all(axis=1), 2, 0),
                index == selection.ghost,
                keypoint,
                _of_keypoint(subject.covariance, keypoint),
                _of_keypoint(subject.other_peaks, keypoint, columns=2),
            )
            for index, subject in enumerate(workspace.inference.subjects)
        ]
    return poses


def _of_keypoint(
    values: NDArray[np.float64] | None, keypoint: int | None, columns: int | None = None
) -> NDArray[np.float64] | None:
    return None if values is None or keypoint is None else values[keypoint][:, :columns]


def overlaid_heatmaps(workspace: Workspace) -> list[tuple[NDArray[np.floating], Affine]]:
    """The selected keypoint's map of every subject, or the maximum over all keypoints."""
    keypoint = workspace.selection.keypoint
    shows_all = workspace.overlay.shows_all_keypoints or keypoint is None
    return [
        (
            subject.heatmaps.max(axis=0) if shows_all else subject.heatmaps[keypoint],
            subject.cell_to_image,
        )
        for subject in workspace.inference.subjects
        if subject.heatmaps is not None and subject.cell_to_image is not None
    ]
