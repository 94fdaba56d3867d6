import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from kpstudio import formats
from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton

TRIPLE = Skeleton("triple", ("snout", "neck", "tail"), edges=((0, 1), (1, 2)), category="newt")
POSITIONS = st.floats(-1e6, 1e6)
SIDES = st.floats(1e-3, 1e6)


@pytest.fixture
def data(tmp_path):
    """Four images; the annotations of the first show all that there is to show."""
    images = tuple(Image(n, tmp_path / "frames" / f"{n}.png", 31, 17) for n in (3, 5, 7, 11))
    nan = np.nan
    annotations = (
        Annotation("a", 3, np.array([[1.5, 2], [0, 0], [7, 5]]), np.array([2, 1, 2])),
        Annotation("b", 3, np.array([[1, 2], [nan, nan], [8, 9]]), np.array([1, 0, 0])),
        Annotation("c", 5, np.array([[1.0, 2], [4, 2], [3, 2]]), np.array([2, 2, 2])),
        Annotation("d", 7, np.full((3, 2), nan), np.array([0, 0, 0])),
        Annotation("e", 5, np.ones((3, 2)), np.full(3, 2), box=Box(-0.5, 0.5, 11, 13)),
    )
    return Dataset(TRIPLE, images, annotations)


def load(path: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def test_a_file_says_what_coco_asks_for(data, tmp_path):
    receipt = formats.write(data, tmp_path / "out.json")
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 4, 10)
    assert str(receipt) == "2 images, 4 annotations, 10 keypoints"
    file = json.loads((tmp_path / "out.json").read_text())
    assert file["images"] == [
        {"id": 3, "file_name": "frames/3.png", "width": 31, "height": 17},
        {"id": 5, "file_name": "frames/5.png", "width": 31, "height": 17},
    ]
    (category,) = file["categories"]
    assert category["name"] == "newt"
    assert category["keypoints"] == ["snout", "neck", "tail"]
    assert category["skeleton"] == [[1, 2], [2, 3]]
    first, second = file["annotations"][:2]
    assert first["keypoints"] == [1.5, 2, 2, 0, 0, 1, 7, 5, 2]
    assert (first["num_keypoints"], first["iscrowd"], first["image_id"]) == (3, 0, 3)
    assert (first["bbox"], first["area"]) == ([0, 0, 7, 5], 35)
    assert second["keypoints"] == [1, 2, 1, 0, 0, 0, 0, 0, 0]
    assert [each["id"] for each in file["annotations"]] == [1, 2, 3, 4]


def test_boxes_and_areas_are_positive(data, tmp_path):
    formats.write(data, tmp_path / "out.json")
    for each in json.loads((tmp_path / "out.json").read_text())["annotations"]:
        assert min(each["bbox"][2:]) > 0
        assert each["area"] == each["bbox"][2] * each["bbox"][3]


def same(written: Annotation, read: Annotation) -> bool:
    """Up to what COCO cannot say: ids, source, time, and positions of what is not labelled."""
    seen = written.is_labelled
    derived = written.box is None or written.box == replace_box(written).bounds()
    return (
        written.image_id == read.image_id
        and np.array_equal(written.visibility, read.visibility)
        and np.array_equal(written.xy[seen], read.xy[seen])
        and bool(np.isnan(read.xy[~seen]).all())
        and (read.box == written.box or (read.box is None and derived))
    )


def replace_box(annotation: Annotation) -> Annotation:
    return Annotation(
        annotation.id, annotation.image_id, annotation.xy, annotation.visibility, box=None
    )


def without_extra(images: tuple[Image, ...]) -> tuple[Image, ...]:
    return tuple(replace(image, extra="") for image in images)


def test_all_three_visibilities_survive_a_round_trip(data, tmp_path):
    formats.write(data, tmp_path / "out.json")
    back = formats.read(tmp_path / "out.json", TRIPLE)
    labelled = data.labelled()
    assert without_extra(back.images) == labelled.images
    assert len(back.annotations) == 4
    assert all(map(same, labelled.annotations, back.annotations))
    assert back.annotations[0].source == "import:coco"
    again = formats.read(tmp_path / "out.json", TRIPLE)
    assert [each.id for each in again.annotations] == [each.id for each in back.annotations]


# Not a strategy itself: the checks of types in the classes draw random numbers of their own.
def images_and_annotations(
    draw: Callable[..., Any], folder: Path
) -> tuple[tuple[Image, ...], tuple[Annotation, ...]]:
    splits = st.sampled_from((None, "train", "val", "test"))
    sizes = st.integers(1, 9999)
    images = tuple(
        Image(n, folder / "ü ber" / f"{n}.png", draw(sizes), draw(sizes), draw(splits))
        for n in draw(st.lists(st.integers(0, 2**53), min_size=1, max_size=4, unique=True))
    )
    annotations = []
    for number in range(draw(st.integers(0, 7))):
        visibility = np.array([draw(st.sampled_from((0, 1, 2))) for _ in range(3)])
        xy = [[draw(POSITIONS) if v else np.nan for _ in range(2)] for v in visibility]
        box = draw(st.none() | st.builds(Box, POSITIONS, POSITIONS, SIDES, SIDES))
        image = draw(st.sampled_from(images))
        annotations.append(Annotation(str(number), image.id, np.array(xy), visibility, box=box))
    order = {image.id: position for position, image in enumerate(images)}
    return images, tuple(sorted(annotations, key=lambda each: order[each.image_id]))


def test_writing_and_reading_is_the_identity_on_keypoints_and_boxes(tmp_path):
    @settings(
        max_examples=101, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        dataset = Dataset(TRIPLE, *images_and_annotations(data.draw, tmp_path))
        formats.write(dataset, tmp_path / "out.json")
        back = formats.read(tmp_path / "out.json", TRIPLE)
        kept = [each for each in dataset.annotations if each.bounds() is not None]
        shown = {each.image_id for each in kept}
        labelled = tuple(image for image in dataset.images if image.id in shown)
        assert without_extra(back.images) == labelled
        assert len(back.annotations) == len(kept)
        assert all(map(same, kept, back.annotations))
        formats.write(back, tmp_path / "again.json")
        assert (tmp_path / "again.json").read_bytes() == (tmp_path / "out.json").read_bytes()

    check()


def test_keypoints_in_another_order_are_sorted_by_name(data, tmp_path):
    formats.write(data, tmp_path / "out.json")
    turned = Skeleton("x", ("tail", "snout", "neck"))
    back = formats.read(tmp_path / "out.json", turned)
    np.testing.assert_array_equal(back.annotations[0].xy, [[7, 5], [1.5, 2], [0, 0]])
    np.testing.assert_array_equal(back.annotations[0].visibility, [2, 2, 1])


def test_predictions_are_written_with_their_scores(data, tmp_path):
    xy = np.array([[1.5, 2.5], [np.nan, np.nan], [3, 4]])
    predictions = [Prediction(11, 1, xy, np.array([0.5, 0.0, 0.25]), Box(-0.5, -0.5, 19, 23), 0.75)]
    receipt = formats.write(data, tmp_path / "out.json", predictions=predictions)
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (4, 1, 2)
    (found,) = json.loads((tmp_path / "out.json").read_text())["annotations"]
    assert found["keypoints"] == [1.5, 2.5, 2, 0, 0, 0, 3, 4, 2]
    assert (found["score"], found["keypoint_scores"]) == (0.75, [0.5, 0, 0.25])
    assert (found["bbox"], found["image_id"]) == ([-0.5, -0.5, 19, 23], 11)
    load(tmp_path / "out.json")


def test_annotations_with_the_same_number_are_subjects_of_their_own_each_time(data, tmp_path):
    path = tmp_path / "out.json"
    formats.write(data, path)
    first = formats.read(path, data.skeleton)
    file = json.loads(path.read_text())
    file["annotations"] += [file["annotations"][0]] * 2
    path.write_text(json.dumps(file))
    ids = [each.id for each in formats.read(path, data.skeleton).annotations]
    assert ids[:-2] == [each.id for each in first.annotations]
    assert len(set(ids)) == len(ids) == len(first.annotations) + 2
    assert ids == [each.id for each in formats.read(path, data.skeleton).annotations]


def test_a_failed_write_leaves_the_old_file_and_no_other(data, tmp_path, monkeypatch):
    formats.write(data, tmp_path / "out.json")
    before = (tmp_path / "out.json").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserProblem, match="No space left on device"):
        formats.write(data.labelled(), tmp_path / "out.json", predictions=[])
    assert (tmp_path / "out.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
    with pytest.raises(UserProblem, match="not written"):
        formats.write(data, tmp_path / "no" / "out.json")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda file: file.pop("images"), "missing required field `images`"),
        (lambda file: file["annotations"][0].update(keypoints=[1, 2, 3]), "annotation 1 are not 3"),
        (
            lambda file: file["annotations"][0]["keypoints"].__setitem__(2, 3),
            "annotation 1 are not",
        ),
        (lambda file: file["annotations"][0].update(image_id=99), "image 99"),
        (lambda file: file["categories"][0].update(keypoints=["snout", "neck", "paw"]), "“paw”"),
        (lambda file: file["categories"][0].update(keypoints=["snout", "neck"]), "no “tail”"),
        (lambda file: file["images"].append(file["images"][0]), "occur twice, the first is 3"),
        (lambda file: file["annotations"][2].pop("image_id"), "annotation 3 of “annotations”"),
        (
            lambda file: (
                file["categories"][0].update(keypoints=[]),
                file["annotations"][1]["keypoints"].pop(),
            ),
            "annotation 2 are not 3 times",
        ),
    ],
)
def test_a_wrong_file_says_what_is_wrong(data, tmp_path, change, what):
    formats.write(data, tmp_path / "out.json")
    file = json.loads((tmp_path / "out.json").read_text())
    change(file)
    (tmp_path / "out.json").write_text(json.dumps(file))
    with pytest.raises(UserProblem) as caught:
        formats.read(tmp_path / "out.json", TRIPLE)
    assert what in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b'{"images": "\xff"}'])
def test_what_is_not_coco_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UserProblem, match="not a COCO keypoints file"):
        formats.read(tmp_path / "a.json", TRIPLE)


def oks_ap(path: Path, skeleton: Skeleton) -> float:
    """Average precision of the labels of a file as results against themselves."""
    truth = load(path)
    results = [
        {key: each[key] for key in ("image_id", "category_id", "keypoints")} | {"score": 1.0}
        for each in truth.dataset["annotations"]
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(results), "keypoints")
        evaluation.params.kpt_oks_sigmas = np.array(skeleton.oks_sigmas())
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[0])


def test_real_labels_against_themselves_have_an_average_precision_of_one(shared, tmp_path):
    csv = shared / "data" / "lp_mirror_mouse" / "CollectedData.csv"
    names = dict.fromkeys(csv.read_text().splitlines()[1].split(",")[1:])
    for name, skeleton in (
        ("dlc_openfield", read_skeleton(resource_path("skeletons", "mouse4.json"))),
        ("lp_mirror_mouse", Skeleton("mirror mouse", tuple(names))),
    ):
        dataset = formats.read(shared / "data" / name, skeleton)
        out = tmp_path / f"{name}.json"
        receipt = formats.write(dataset, out)
        assert receipt.images == len(dataset.images)
        assert oks_ap(out, skeleton) == pytest.approx(1.0, abs=1e-9)
        back = formats.read(out, skeleton)
        assert without_extra(back.images) == dataset.images
        assert all(map(same, dataset.annotations, back.annotations))


def test_the_official_validation_file_is_read_with_its_images(shared):
    folder = shared / "data" / "coco_mini"
    path = folder / "annotations" / "person_keypoints_val2017.json"
    truth = json.loads(path.read_text())
    names = tuple(truth["categories"][0]["keypoints"])
    dataset = formats.read(path, Skeleton("person", names))
    wanted = [each for each in truth["annotations"] if not each["iscrowd"]]
    labelled = [each for each in dataset.annotations if each.is_labelled.any()]
    assert len(dataset.annotations) == len(wanted)
    assert len(labelled) == sum(each["num_keypoints"] > 0 for each in wanted) < len(wanted)
    assert len(dataset.labelled().annotations) == len(labelled)
    assert any(image.path.is_file() for image in dataset.images)
    assert dataset.annotations[0].box == Box(*wanted[0]["bbox"])
