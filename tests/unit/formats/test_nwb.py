from dataclasses import replace

import cv2
import h5py
import msgspec
import numpy as np
import pytest
from labelled_data import TRIPLE, assert_same_labels, draw_dataset
from video_files import write_video

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Image
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


@pytest.fixture
def labels(tmp_path):
    """Two newts in an image, one in an image of another size, and one in each of two frames."""
    dataset = draw_dataset(tmp_path / "frames")
    film = write_video(tmp_path / "film.mp4", frames=13)
    frames = tuple(Image(20 + n, film, 112, 80, frame=n) for n in (11, 2))
    annotations = tuple(
        Annotation(f"f{image.id}", image.id, np.full((3, 2), image.id + 0.25), np.array(seen))
        for image, seen in zip(frames, ([2, 0, 1], [2, 2, 2]), strict=True)
    )
    return replace(
        dataset,
        images=(*dataset.images, *frames),
        annotations=(*dataset.annotations, *annotations),
    )


def test_what_is_written_is_read_back_with_what_is_occluded(labels, tmp_path):
    path = tmp_path / "out.nwb"
    first, *others = labels.annotations
    others[-1] = replace(others[-1], author="ada")
    labels = replace(labels, annotations=(replace(first, author="bob", track="7"), *others))
    receipt = formats.write(labels, path, format="nwb")
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (4, 5, 13)
    assert (receipt.occluded, receipt.unlabelled) == (3, 1)
    assert str(receipt.read_back) == "read back equal"
    began, *lost = receipt.notes
    assert "When the session began is not known" in began
    assert [note.split(" are ")[0].split(" is ")[0] for note in lost] == [
        "3 occluded keypoints",
        "1 images were labelled by several people, who",
        "Which keypoints",
        "1 boxes",
        "1 tracks",
    ]
    assert formats.detect_format(path) == "nwb"
    assert formats.read_skeleton_of(path) == msgspec.structs.replace(
        TRIPLE, flip_pairs=(), category="subject"
    )
    back = formats.read(path, TRIPLE)
    assert_same_labels(labels, back, boxes=False)
    assert [(each.path, each.frame) for each in back.images] == [
        (each.path, each.frame) for each in labels.images if each.id != 7
    ]
    assert [each.author for each in back.annotations] == ["", "", "", "", "ada"]


def test_what_others_need_of_a_file_is_in_it(labels, tmp_path):
    """The names, types and links by which pynwb and SLEAP find what they read."""
    path = tmp_path / "out.nwb"
    formats.write(labels, path, format="nwb")
    with h5py.File(path) as file:
        assert file.attrs["neurodata_type"] == "NWBFile"
        assert file["session_start_time"].asstr()[()].endswith("+00:00")
        frame = file[f"{TRAINING}/training_frames/frame_2"]
        assert frame.attrs["source_video_frame_index"] == 11
        film = frame["source_video"]
        assert film["external_file"].asstr()[0] == (tmp_path / "film.mp4").as_posix()
        assert film["dimension"][()].tolist() == [112, 80]
        assert (film["num_samples"][()], film["starting_time"].attrs["rate"]) == (13, 25)
        (subject,) = frame["skeleton_instances"].values()
        assert subject["node_visibility"][()].tolist() == [True, False, False]
        assert subject.get("triple", getlink=True).path == "/processing/behavior/Skeletons/triple"
        kinds = []
        file.visititems(lambda _, each: kinds.append(each.attrs.get("object_id")))
        identifiers = [each for each in kinds if each]
        assert len(set(identifiers)) == len(identifiers) > 15


def test_a_video_that_is_gone_and_a_name_with_a_slash_are_written(labels, tmp_path):
    (tmp_path / "film.mp4").unlink()
    renamed = replace(labels, skeleton=msgspec.structs.replace(TRIPLE, name="newt/side:left"))
    receipt = formats.write(renamed, tmp_path / "out.nwb", format="nwb")
    assert str(receipt.read_back) == "read back equal"
    with h5py.File(tmp_path / "out.nwb") as file:
        assert list(file["processing/behavior/Skeletons"]) == ["newt_side_left"]
        assert file[f"{TRAINING}/source_videos/video_2/num_samples"][()] == 12


def test_predictions_are_refused(labels, tmp_path):
    with pytest.raises(UserProblem, match="hold labels, not predictions"):
        formats.write(labels, tmp_path / "out.nwb", format="nwb", predictions=[])
    assert not (tmp_path / "out.nwb").exists()
