import csv
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from kpstudio.models.architectures import FaceHourglass

SIDE = 96


def test_it_is_the_published_network(assert_published):
    assert_published(FaceHourglass(keypoints=15), "face_hourglass_kaggle15")


def test_the_published_weights_find_eyes_and_mouths(shared):
    network = FaceHourglass(keypoints=15).eval()
    file = shared / "weights" / "hourglass_face15" / "kd_epoch_809_model.ckpt"
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    distances = []
    for image, keypoints in read_faces(shared / "data" / "faces68", step=80):
        with torch.inference_mode():
            heatmaps = network(torch.from_numpy(image).float()[None, None] / 255)[0][0]
        y, x = np.unravel_index(heatmaps.flatten(1).argmax(1).numpy(), (SIDE, SIDE))
        found = np.stack([x, y], axis=1)[[0, 1, 11, 12]]
        eyes = [keypoints[42:48].mean(0), keypoints[36:42].mean(0)]
        distances.append(np.linalg.norm(found - [*eyes, keypoints[54], keypoints[48]], axis=1))
    assert len(distances) > 10
    assert np.median(distances) < 3


def read_faces(folder: Path, *, step: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Grey crops of some faces and their 68 keypoints there."""
    with (folder / "keypoints.csv").open() as file:
        rows = list(csv.reader(file))[1::step]
    for name, *numbers in rows:
        xy = np.array(numbers, float).reshape(-1, 2)
        size = 1.3 * np.ptp(xy, axis=0).max()
        # Keypoints end at the brows, and faces do not.
        centre = (xy.min(0) + xy.max(0)) / 2 - [0, 0.08 * size]
        scale = SIDE / size
        matrix = np.column_stack([np.eye(2) * scale, (SIDE - 1) / 2 - scale * centre])
        grey = cv2.imread(str(folder / "images" / name), cv2.IMREAD_GRAYSCALE)
        yield cv2.warpAffine(grey, matrix, (SIDE, SIDE)), xy @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize(("keypoints", "channels"), [(2, 1), (7, 3)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels):
    assert_trainable(FaceHourglass(keypoints=keypoints, channels=channels), maps=keypoints)
