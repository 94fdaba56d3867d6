import cv2
import h5py
import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

FLY = Skeleton("fly", ("head", "thorax", "tail"), edges=((1, 0), (1, 2)))
TRAINING = "processing/behavior/PoseTraining"


def group(file, name, kind):
    made = file.require_group(name)
    made.attrs["neurodata_type"] = kind
    return made


def series(file, name, files):
    made = group(file, f"{TRAINING}/source_videos/{name}", "ImageSeries")
    made["external_file"] = files
    return made


@pytest.fixture
def nwb(tmp_path):
    """Frames 2 and 10 of a video with one and two flies, and one of two images with one."""
    (tmp_path / "film.mp4").touch()
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((5, 7, 3), np.uint8))
    path = tmp_path / "x.nwb"
    with h5py.File(path, "w") as file:
        skeleton = group(file, "processing/behavior/Skeletons/fly", "Skeleton")
        skeleton["nodes"] = FLY.keypoints
        skeleton["edges"] = np.array(FLY.edges, np.uint8)
        video = series(file, "video_0", ["/elsewhere/film.mp4"])
        stills = series(file, "video_1", ["a.png", "b.png"])
        for number, (source, index, count) in enumerate(
            [(video, 2, 1), (stills, 1, 1), *[(video, 9, 0)] * 8, (video, 10, 2)]
        ):
            frame = group(file, f"{TRAINING}/training_frames/frame_{number}", "TrainingFrame")
            frame.attrs["source_video_frame_index"] = index
            frame["source_video"] = h5py.SoftLink(source.name)
            for each in range(count):
                found = group(
                    file, f"{frame.name}/skeleton_instances/instance_{each}", "SkeletonInstance"
                )
                xy = 10.0 * number + np.arange(6.0).reshape(3, 2) + each / 4
                xy[2] = np.nan
                found["node_locations"] = xy
                found["node_visibility"] = np.array([True, False, False])
                found["skeleton"] = h5py.SoftLink(skeleton.name)
    return path


def edit(path, change):
    with h5py.File(path, "r+") as file:
        change(file)


def test_labelled_poses_are_read(nwb, tmp_path):
    assert formats.detect_format(nwb) == "nwb"
    skeleton = formats.read_skeleton_of(nwb)
    assert skeleton == FLY
    dataset = formats.read(nwb, skeleton)
    assert [(each.path, each.frame, each.width) for each in dataset.images] == [
        (tmp_path / "film.mp4", 2, 0),
        (tmp_path / "b.png", None, 7),
        (tmp_path / "film.mp4", 10, 0),
    ]
    assert [each.image_id for each in dataset.annotations] == [1, 2, 3, 3]
    last = dataset.annotations[-1]
    np.testing.assert_array_equal(last.xy[:2], [[100.25, 101.25], [102.25, 103.25]])
    assert last.visibility.tolist() == [2, 1, 0]
    again = formats.read(nwb, Skeleton("turned", FLY.keypoints[::-1]))
    assert [each.id for each in again.annotations] == [each.id for each in dataset.annotations]
    assert again.annotations[-1].visibility.tolist() == [0, 1, 2]


def without_locations(file):
    del file[f"{TRAINING}/training_frames/frame_1/skeleton_instances/instance_0/node_locations"]


def beyond_the_images(file):
    file[f"{TRAINING}/training_frames/frame_1"].attrs["source_video_frame_index"] = 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_locations, "frame_1 is not built as ndx-pose says"),
        (beyond_the_images, "its image 2 is not among 2"),
    ],
)
def test_a_wrong_frame_is_named(nwb, change, message):
    edit(nwb, change)
    with pytest.raises(UserProblem, match=message) as caught:
        formats.read(nwb, FLY)
    assert caught.value.message.startswith("x.nwb")


def test_estimations_are_not_labels(nwb):
    def estimate(file):
        del file[TRAINING]
        group(file, "processing/behavior/PoseEstimation", "PoseEstimation")

    edit(nwb, estimate)
    assert formats.read_skeleton_of(nwb) == FLY
    with pytest.raises(UserProblem, match="1 estimations of poses by a model, but no poses"):
        formats.read(nwb, FLY)


def test_another_skeleton_or_half_a_file_is_refused(nwb):
    with pytest.raises(UserProblem, match="“head” is not in the skeleton"):
        formats.read(nwb, Skeleton("pair", ("a", "b")))
    nwb.write_bytes(nwb.read_bytes()[:2000])
    with pytest.raises(UserProblem, match="is damaged or cut off"):
        formats.read(nwb, FLY)


def test_it_is_not_written(nwb, tmp_path):
    with pytest.raises(UserProblem, match="can be imported, but not exported"):
        formats.write(formats.read(nwb, FLY), tmp_path / "out.nwb", format="nwb")
