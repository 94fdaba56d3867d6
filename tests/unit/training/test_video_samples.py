"""A training on frames of a video sees the same as one on the same frames as files."""

import cv2
import numpy as np
import torch
from video_files import SIZE, write_video

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.messages import DatasetMessage
from kpstudio.core.skeleton import Skeleton
from kpstudio.imaging.pixels import read_pixels
from kpstudio.training.samples import read_samples
from kpstudio.training.validation import Validator

SKELETON = Skeleton("s", ("a", "b", "c"))
FRAMES = (41, 3, 17, 29, 5)


def labels():
    pose = np.array([[30.0, 30.0], [60.0, 40.0], [45.0, 60.0]])
    return tuple(
        Annotation(str(n), n, pose + n / 10, np.array([2, 2, 1])) for n in range(len(FRAMES))
    )


def test_frames_and_files_give_the_same_samples(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=50)
    frames, files = [], []
    for n, frame in enumerate(FRAMES):
        still = tmp_path / f"{frame}.png"
        cv2.imwrite(str(still), cv2.cvtColor(read_pixels(path, frame), cv2.COLOR_RGB2BGR))
        frames.append(Image(n, path, *SIZE, "train", frame=frame))
        files.append(Image(n, still, *SIZE, "train"))
    of_frames, of_files = (
        read_samples(Dataset(SKELETON, tuple(images), labels()), budget=budget)
        for images, budget in ((frames, 0), (files, 1 << 20))
    )
    assert of_frames.crops.kept == 0
    assert len(of_frames.crops) == len(of_files.crops) >= len(FRAMES)
    for number in range(len(of_files.crops)):
        assert torch.equal(of_frames.crops[number], of_files.crops[number])
    of_frames.crops.close()


def test_frames_travel_to_the_engine_and_validate_there(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=50)
    images = tuple(Image(n, path, *SIZE, "val", frame=f) for n, f in enumerate(FRAMES))
    dataset = DatasetMessage.of(Dataset(SKELETON, images, labels())).dataset()
    assert [image.frame for image in dataset.images] == list(FRAMES)
    assert len(Validator(dataset, seed=0)) == len(FRAMES)
