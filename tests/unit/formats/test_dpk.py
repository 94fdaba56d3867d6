import shutil

import cv2
import h5py
import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

FLY = Skeleton("fly", ("wingR", "wingL", "head"), edges=((2, 0), (2, 1)), flip_pairs=((1, 0),))


@pytest.fixture
def labels(tmp_path):
    """Two images of 7 x 5 pixels; in the second one keypoint is not labelled, one occluded."""
    for number in range(2):
        pixels = np.full((5, 7, 3), 40 * number, np.uint8)
        pixels[1, 2] = (255, 0, 10)
        cv2.imwrite(str(tmp_path / f"{number}.png"), pixels)
    images = tuple(Image(number + 1, tmp_path / f"{number}.png", 7, 5) for number in range(2))
    xy = np.array([[1.5, 2], [3, 4], [5, 0.25]])
    partly = np.array([[1, 1], [np.nan, np.nan], [2, 3]])
    annotations = (
        Annotation("a", 1, xy, np.array([2, 2, 2])),
        Annotation("b", 2, partly, np.array([1, 0, 2])),
    )
    return Dataset(FLY, images, annotations)


def test_written_labels_are_read_back_equal(labels, tmp_path):
    out = tmp_path / "set.h5"
    receipt = formats.write(labels, out, format="deepposekit")
    assert (receipt.images, receipt.annotations, receipt.keypoints, receipt.occluded) == (
        *(2, 2, 5, 1),
    )
    assert formats.detect_format(out) == "deepposekit"
    assert formats.read_skeleton_of(out) == Skeleton(
        "set", FLY.keypoints, edges=FLY.edges, flip_pairs=FLY.flip_pairs
    )
    turned = Skeleton("turned", FLY.keypoints[::-1])
    back = formats.read(out, turned)
    for one, other in zip(back.annotations, labels.annotations, strict=True):
        np.testing.assert_array_equal(one.xy[::-1], other.xy)
        np.testing.assert_array_equal(one.visibility[::-1] > 0, other.visibility > 0)
    first = back.images[0]
    assert first.path == tmp_path / "set.h5.images/image000000.png"
    assert (first.width, first.height, first.tags) == (7, 5, ())
    np.testing.assert_array_equal(
        cv2.imread(str(first.path)), cv2.imread(str(labels.images[0].path))
    )
    assert "set.h5" in (first.path.parent / "README.txt").read_text()


def edit(path, **arrays):
    with h5py.File(path, "r+") as file:
        for name, array in arrays.items():
            del file[name]
            if array is not None:
                file[name] = array


def test_where_nothing_is_marked_all_positions_are_labels_and_the_images_say_so(labels, tmp_path):
    out = tmp_path / "set.h5"
    formats.write(labels, out, format="deepposekit")
    edit(out, annotated=np.zeros((2, 3), bool))
    dataset = formats.read(out, FLY)
    assert [each.visibility.tolist() for each in dataset.annotations] == [[2, 2, 2], [2, 0, 2]]
    assert {image.tags for image in dataset.images} == {("not marked as annotated",)}
    again = tmp_path / "again.h5"
    formats.write(dataset, again, format="deepposekit")
    with h5py.File(again) as file:
        assert not file["annotated"][()].any()


def test_what_is_not_marked_in_a_file_with_marks_is_not_labelled(labels, tmp_path):
    out = tmp_path / "set.h5"
    formats.write(labels, out, format="deepposekit")
    edit(out, annotated=np.array([[True, False, True], [False, False, False]]))
    dataset = formats.read(out, FLY)
    assert [each.visibility.tolist() for each in dataset.annotations] == [[2, 0, 2]]
    np.testing.assert_array_equal(dataset.annotations[0].xy[1], [3, 4])
    assert len(dataset.images) == 2


def test_a_skeleton_of_another_set_is_not_overwritten(labels, tmp_path):
    (tmp_path / "skeleton.csv").write_text("name,parent,swap\nnose,,\n")
    receipt = formats.write(labels, tmp_path / "set.h5", format="deepposekit")
    assert (tmp_path / "skeleton.csv").read_text() == "name,parent,swap\nnose,,\n"
    assert "set_skeleton.csv" in receipt.notes[0]
    assert formats.read_skeleton_of(tmp_path / "set.h5").keypoints == FLY.keypoints


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"annotations": np.zeros((2, 4, 2))}, r"“annotations” has the shape \(2, 4, 2\)"),
        ({"annotated": np.zeros((1, 3))}, r"“annotated” has the shape \(1, 3\)"),
        ({"images": np.zeros((2, 5, 7), np.uint8)}, r"“images” has the shape \(2, 5, 7\)"),
        ({"images": None}, "no dataset “images”"),
        ({"annotations": np.full((2, 3, 2), b"x")}, "are not both numbers"),
        ({"images": np.zeros((2, 5, 7, 4, 1), np.uint8)}, "“images” has the shape"),
        ({"skeleton": np.zeros((4, 2), np.int32)}, "does not fit 2 images and 4 keypoints"),
    ],
)
def test_a_wrong_file_is_refused(labels, tmp_path, arrays, message):
    out = tmp_path / "set.h5"
    formats.write(labels, out, format="deepposekit")
    edit(out, **arrays)
    with pytest.raises(UserProblem, match=message) as caught:
        formats.read(out, FLY, format="deepposekit")
    assert caught.value.hint


def test_a_truncated_file_is_refused_and_recognised_as_nothing(labels, tmp_path):
    out = tmp_path / "set.h5"
    formats.write(labels, out, format="deepposekit")
    out.write_bytes(out.read_bytes()[:1000])
    with pytest.raises(UserProblem, match="is damaged or cut off"):
        formats.read(out, FLY, format="deepposekit")
    with pytest.raises(UserProblem, match="in no format"):
        formats.detect_format(out)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "set.h5 does not name its keypoints"),
        ("name,parent,swap\na,,\n", "names 1 keypoints, but set.h5 has 3"),
        ("name,parent,swap\na,,\nb,x,\nc,,\n", "line 3: the parent “x” is not among"),
        ("title\na\nb\nc\n", "no column “name”"),
    ],
)
def test_names_that_are_missing_or_wrong_are_said(labels, tmp_path, text, message):
    out = tmp_path / "set.h5"
    formats.write(labels, out, format="deepposekit")
    (tmp_path / "skeleton.csv").unlink()
    if text is not None:
        (tmp_path / "skeleton.csv").write_text(text)
    with pytest.raises(UserProblem, match=message) as caught:
        formats.read(out, FLY)
    assert caught.value.hint


def test_what_has_no_place_is_refused(labels, tmp_path):
    out = tmp_path / "set.h5"
    one, _ = labels.annotations
    twice = Dataset(FLY, labels.images, (one, Annotation("c", 1, one.xy, one.visibility)))
    with pytest.raises(UserProblem, match=r"0\.png has 2 subjects"):
        formats.write(twice, out, format="deepposekit")
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((6, 7, 3), np.uint8))
    with pytest.raises(UserProblem, match=r"1\.png has 7 x 6 pixels, but 0\.png has 7 x 5"):
        formats.write(labels, out, format="deepposekit")
    frame = Dataset(FLY, (Image(1, tmp_path / "film.mp4", frame=3),), (one,))
    with pytest.raises(UserProblem, match="is a frame of a video"):
        formats.write(frame, out, format="deepposekit")
    assert not out.exists()
    assert not list(tmp_path.glob(".set*"))


def test_the_flies_of_deepposekit(shared, tmp_path):
    for name in ("example_annotation_set.h5", "skeleton.csv"):
        shutil.copyfile(shared / "data/dpk_fly" / name, tmp_path / name)
    path = tmp_path / "example_annotation_set.h5"
    skeleton = formats.read_skeleton_of(path)
    assert (len(skeleton), skeleton.keypoints[0], len(skeleton.flip_pairs)) == (32, "head", 14)
    left, right = skeleton.flip_pairs[0]
    assert (skeleton.keypoints[left], skeleton.keypoints[right]) == ("eyeL", "eyeR")
    assert sorted(skeleton.flip_order()) == list(range(32))
    dataset = formats.read(path, skeleton)
    assert len(dataset.images) == len(dataset.annotations) == 100
    with h5py.File(path) as file:
        np.testing.assert_array_equal(
            [each.xy for each in dataset.annotations], file["annotations"]
        )
        pixels = cv2.imread(str(dataset.images[37].path), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(pixels, file["images"][37, :, :, 0])
        out = tmp_path / "out.h5"
        formats.write(dataset, out, format="deepposekit")
        with h5py.File(out) as written:
            for name in ("images", "annotations", "annotated"):
                np.testing.assert_array_equal(written[name], file[name], err_msg=name)
            parents, swaps = file["skeleton"][()].T
            np.testing.assert_array_equal(written["skeleton"][:, 0], parents)
            # The file says that midlegL2 mirrors midlegR3, and nothing of midlegL3.
            assert (written["skeleton"][:, 1] != swaps).nonzero()[0].tolist() == [23, 24]
