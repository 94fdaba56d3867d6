import json

import cv2
import h5py
import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

FLY = Skeleton("fly", ("head", "wingR", "wingL"), edges=((0, 2), (0, 1)), flip_pairs=((2, 1),))


def subject(image_id, xy, visibility=(2, 2, 2), **more):
    xy = np.array(xy, dtype=float)
    xy[np.array(visibility) == 0] = np.nan
    return Annotation(f"{image_id}{more}", image_id, xy, np.array(visibility), **more)


@pytest.fixture
def labels(tmp_path):
    """Two flies in frames of a video, and one in an image."""
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((11, 19, 3), np.uint8))
    (tmp_path / "film.mp4").touch()
    images = (
        Image(1, tmp_path / "film.mp4", frame=7),
        Image(2, tmp_path / "a.png", 19, 11),
        Image(3, tmp_path / "film.mp4", frame=3),
        Image(4, tmp_path / "film.mp4", frame=4),
    )
    annotations = (
        subject(1, [[1.25, 2], [3, 4], [5, 6]], (2, 1, 0), track="male"),
        subject(1, [[7, 8], [9, 10], [11, 12]], track="female"),
        subject(2, [[1, 1], [2, 2], [3, 3]]),
        subject(3, [[4, 4], [5, 5], [6, 6]], track="female"),
    )
    return Dataset(FLY, images, annotations)


def test_written_labels_are_read_back_equal(labels, tmp_path):
    receipt = formats.write(labels, tmp_path / "out.slp", format="sleap")
    assert (receipt.images, receipt.annotations, receipt.keypoints, receipt.occluded) == (
        *(3, 4, 11, 1),
    )
    assert "1 occluded" in receipt.notes[0]
    assert formats.detect_format(tmp_path / "out.slp") == "sleap"
    assert formats.read_skeleton_of(tmp_path / "out.slp") == FLY
    turned = Skeleton("turned", FLY.keypoints[::-1])
    back = formats.read(tmp_path / "out.slp", turned)
    assert [(each.path, each.frame) for each in back.images] == [
        (each.path, each.frame) for each in labels.images[:3]
    ]
    assert (back.images[1].width, back.images[1].height) == (19, 11)
    for one, other in zip(back.annotations, labels.annotations, strict=True):
        np.testing.assert_array_equal(one.xy[::-1], other.xy)
        np.testing.assert_array_equal(one.visibility[::-1], other.visibility)
        assert (one.track, one.image_id) == (other.track, other.image_id)
        assert one.source == "import:sleap"
    again = formats.read(tmp_path / "out.slp", turned)
    assert [each.id for each in again.annotations] == [each.id for each in back.annotations]
    assert len({each.id for each in again.annotations}) == 4


def test_boxes_that_have_no_place_are_said_to_be_left_out(labels, tmp_path):
    boxed = subject(2, [[1, 1], [2, 2], [3, 3]], box=Box(0, 0, 9, 9))
    receipt = formats.write(
        Dataset(FLY, labels.images, (boxed,)), tmp_path / "out.slp", format="sleap"
    )
    assert receipt.notes == ("Boxes were left out: SLEAP's files have no place for them.",)


def test_predictions_are_written_as_such_and_not_read_as_labels(labels, tmp_path):
    found = Prediction(
        3,
        1,
        np.array([[1, 2], [np.nan, np.nan], [5, 6.5]]),
        np.array([0.5, 0, 0.25]),
        Box(0, 0, 9, 9),
        0.75,
    )
    out = tmp_path / "out.slp"
    receipt = formats.write(labels, out, format="sleap", predictions=[found])
    assert (receipt.annotations, receipt.keypoints) == (1, 2)
    with h5py.File(out) as file:
        assert file["instances"]["score"].tolist() == [0.75]
        assert file["pred_points"]["score"].tolist() == [0.5, 0, 0.25]
    with pytest.raises(UserProblem, match="1 predicted subjects, but none that a person") as caught:
        formats.read(out, FLY)
    assert "sleap_predictions" in caught.value.hint
    taken = formats.read(out, FLY, format="sleap_predictions").annotations[0]
    np.testing.assert_array_equal(taken.visibility, [2, 0, 2])
    assert taken.source == "import:sleap_predictions"


def edit(path, change):
    with h5py.File(path, "r+") as file:
        change(file)


def test_a_prediction_that_was_corrected_is_not_taken_twice(labels, tmp_path):
    out = tmp_path / "out.slp"
    formats.write(labels, out, format="sleap")

    def link(file):
        instances = file["instances"][()]
        instances["instance_type"][1] = 1
        instances["from_predicted"][0] = instances["instance_id"][1]
        instances["point_id_start"][1], instances["point_id_end"][1] = 0, 3
        file["instances"][...] = instances
        del file["pred_points"]
        file["pred_points"] = file["points"][:3]

    edit(out, link)
    taken = formats.read(out, FLY, format="sleap_predictions")
    assert [each.track for each in taken.annotations] == ["male", "", "female"]


def test_positions_of_old_files_count_from_the_corner(labels, tmp_path):
    out = tmp_path / "out.slp"
    formats.write(labels, out, format="sleap")
    edit(out, lambda file: file["metadata"].attrs.modify("format_id", 1.0))
    back = formats.read(out, FLY)
    np.testing.assert_array_equal(back.annotations[1].xy[0], [6.5, 7.5])


def test_suggested_frames_become_images(labels, tmp_path):
    out = tmp_path / "out.slp"
    formats.write(labels, out, format="sleap")

    def suggest(file):
        del file["suggestions_json"]
        file["suggestions_json"] = [json.dumps({"video": "0", "frame_idx": 12, "group": 0})]

    edit(out, suggest)
    assert formats.read(out, FLY).images[-1].frame == 12


def embed(path, labels, *, version, encoded, order=None):
    """Put images 5 x 3 with a red pixel into a file, as .pkg.slp has them."""
    formats.write(labels, path, format="sleap")
    pixels = np.zeros((3, 5, 3), np.uint8)
    pixels[1, 2] = (255, 0, 0)

    def change(file):
        file["metadata"].attrs.modify("format_id", version)
        names = file["videos_json"][()]
        fields = json.loads(names[0])
        fields["backend"] |= {"filename": ".", "dataset": "video0/video", "type": "HDF5Video"}
        names[0] = json.dumps(fields)
        file["videos_json"][...] = names
        if encoded:
            # SLEAP hands RGB to OpenCV, which takes it for BGR.
            data = cv2.imencode(".png", pixels if order != "RGB" else pixels[:, :, ::-1])[1]
            data = data.reshape(-1).view(np.int8)
            kind = h5py.vlen_dtype(np.int8)
            dataset = file.create_dataset("video0/video", (2,), dtype=kind)
            dataset[0] = dataset[1] = data
            dataset.attrs["format"] = "png"
        else:
            dataset = file.create_dataset("video0/video", data=np.stack([pixels, pixels]))
        if order:
            dataset.attrs["channel_order"] = order
        file["video0/frame_numbers"] = [3, 7]

    edit(path, change)


@pytest.mark.parametrize(
    ("version", "encoded", "order"),
    [(1.2, True, None), (1.4, True, "RGB"), (1.4, True, "BGR"), (1.4, False, None)],
)
def test_images_inside_are_saved_once_beside_the_file(labels, tmp_path, version, encoded, order):
    path = tmp_path / "x.pkg.slp"
    embed(path, labels, version=version, encoded=encoded, order=order)
    dataset = formats.read(path, FLY)
    folder = tmp_path / "x.pkg.slp.images"
    first = dataset.images[0]
    assert first.path == folder / "video0/frame000007.png"
    assert (first.width, first.height, first.frame) == (5, 3, None)
    assert cv2.imread(str(first.path))[1, 2].tolist() == [0, 0, 255]
    assert "x.pkg.slp" in (folder / "README.txt").read_text()
    written = first.path.stat().st_mtime_ns
    assert formats.read(path, FLY).images == dataset.images
    assert first.path.stat().st_mtime_ns == written


def test_labels_of_an_image_that_is_not_inside_are_refused(labels, tmp_path):
    path = tmp_path / "x.pkg.slp"
    embed(path, labels, version=1.4, encoded=False)

    def lose(file):
        file["video0/frame_numbers"][...] = [3, 8]

    edit(path, lose)
    with pytest.raises(UserProblem, match="frame 7 of video 0 has labels, but its image is not"):
        formats.read(path, FLY)


def test_a_folder_that_may_not_be_written_is_said(labels, tmp_path):
    path = tmp_path / "x.pkg.slp"
    embed(path, labels, version=1.4, encoded=False)
    (tmp_path / "x.pkg.slp.images").touch()
    with pytest.raises(UserProblem, match="holds its images inside, and they cannot be saved"):
        formats.read(path, FLY)


def without(name):
    def change(file):
        del file[name]

    return change


def shorter(file):
    instances = file["instances"][()]
    instances["point_id_end"][0] = 2
    file["instances"][...] = instances


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("points"), "no dataset “points”"),
        (without("frames"), "no dataset “frames”"),
        (without("metadata"), "no metadata"),
        (shorter, "subject 0 in frame 7 has 2 points, but its skeleton has 3"),
        (lambda file: file["metadata"].attrs.modify("json", np.bytes_(b"{}")), "not built as"),
        (lambda file: file["metadata"].attrs.modify("json", np.bytes_(b"{")), "not built as"),
        (lambda file: file["metadata"].attrs.modify("format_id", 7.5), "layout 7.5"),
    ],
)
def test_a_damaged_file_is_refused(labels, tmp_path, change, message):
    out = tmp_path / "out.slp"
    formats.write(labels, out, format="sleap")
    edit(out, change)
    with pytest.raises(UserProblem, match=message) as caught:
        formats.read(out, FLY)
    assert caught.value.message.startswith("out.slp")
    assert caught.value.hint


def test_a_truncated_file_is_refused(labels, tmp_path):
    out = tmp_path / "out.slp"
    formats.write(labels, out, format="sleap")
    out.write_bytes(out.read_bytes()[:3000])
    with pytest.raises(UserProblem, match="is damaged or cut off"):
        formats.read(out, FLY)


def test_another_skeleton_is_refused(labels, tmp_path):
    formats.write(labels, tmp_path / "out.slp", format="sleap")
    with pytest.raises(UserProblem, match="“head” is not in the skeleton"):
        formats.read(tmp_path / "out.slp", Skeleton("pair", ("snout", "tail")))


@pytest.mark.parametrize(
    ("name", "video", "images", "annotations", "keypoints"),
    [
        ("tracks/clip.slp", "tracks/clip.mp4", 1500, 3000, 39000 - 637),
        ("slp_hdf5/dance.mp4.labels.slp", "videos/dance.mp4", 3, 3, 51),
        ("tracks/clip.2node.slp", "tracks/clip.mp4", 1500, 3000, 6000),
    ],
)
def test_sleaps_own_samples_have_the_counts_of_their_tables(
    shared, name, video, images, annotations, keypoints
):
    path = shared / "data/sleap_samples" / name
    dataset = formats.read(path, formats.read_skeleton_of(path))
    with h5py.File(path) as file:
        is_user = file["instances"]["instance_type"] == 0
        assert len(dataset.annotations) == is_user.sum() == annotations
        points = file["points"][()]
    assert len(dataset.images) == images
    assert {image.path for image in dataset.images} == {shared / "data/sleap_samples" / video}
    visibility = np.stack([each.visibility for each in dataset.annotations])
    assert (visibility > 0).sum() == np.isfinite(points["x"]).sum() == keypoints
    assert (visibility == 1).sum() == (np.isfinite(points["x"]) & ~points["visible"]).sum()


def test_sleaps_sample_of_predictions_says_that_it_has_no_labels(shared):
    path = shared / "data/sleap_samples/hdf5_format_v1/centered_pair_predictions.slp"
    skeleton = formats.read_skeleton_of(path)
    assert (len(skeleton), len(skeleton.edges)) == (24, 23)
    with pytest.raises(UserProblem, match="2274 predicted subjects, but none"):
        formats.read(path, skeleton)
    taken = formats.read(path, skeleton, format="sleap_predictions")
    assert (len(taken.images), len(taken.annotations)) == (1100, 2274)
