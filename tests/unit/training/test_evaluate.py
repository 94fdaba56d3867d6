"""Whole evaluations, with a network that is right about dots."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from dot_network import DOTS, dot_predictor, draw_dots

from kpstudio.cli.evaluation_tables import evaluation_text
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.reference_length import ReferenceLength
from kpstudio.core.skeleton import Skeleton
from kpstudio.inference.crop_jitter import CropJitter
from kpstudio.inference.flip_test import FlipTestPredictor
from kpstudio.training import EvaluationOptions, evaluate

WIDTH, HEIGHT = 151, 67
NAMES = ("argmax", "gaussian_fit", "dark")


def pose(x, y):
    return np.array([[x, y], [x + 18.0, y + 17.0]])


def label(image, xy, *, name="", author="", visibility=(2, 2)):
    x, y = xy[0]
    box = Box(x - 20, y - 16, 60, 48)
    return Annotation(f"{image}{name}", image, xy, np.array(visibility), author=author, box=box)


@pytest.fixture
def dataset(tmp_path) -> Dataset:
    """Seven images with two subjects each; in the last one the second was never drawn."""
    random = np.random.default_rng(0)
    images, annotations = [], []
    for number in range(1, 8):
        places = [pose(*random.uniform((22, 17), (35, 30)))]
        places.append(pose(*random.uniform((88, 17), (105, 30))))
        path = tmp_path / f"{number}.png"
        drawn = places[:1] if number == 7 else places
        cv2.imwrite(str(path), draw_dots((WIDTH, HEIGHT), drawn)[..., ::-1])
        images.append(Image(number, path, WIDTH, HEIGHT, "val"))
        second = (1, 2) if number < 6 else (0, 2)
        annotations += [
            label(number, places[0], name="a"),
            label(number, places[1], name="b", visibility=second),
        ]
    return Dataset(DOTS, tuple(images), tuple(annotations))


def test_the_finest_decoder_leads_and_everything_is_told(dataset):
    result = evaluate(dot_predictor(), dataset, NAMES)
    assert list(result.decoders)[-1] == "argmax"
    board = result.leaderboard
    assert board.best in ("dark", "gaussian_fit")
    assert board.behind["argmax"].is_clear
    assert board.behind["argmax"].interval.low > 0
    report = result.decoders[board.best]
    assert (report.keypoints, result.subjects, result.clustering) == (26, 14, "7 images")
    assert report.median_px < 0.3
    assert report.rmse_px >= report.mean_px
    assert report.pck["0.2"] >= 24 / 26
    assert 0.8 < report.oks_ap <= 1
    assert {name: each.keypoints for name, each in report.per_visibility.items()} == {
        "1": 5,
        "2": 21,
    }
    assert report.per_group == report.per_tag == {}
    low, high = report.intervals["median_px"]
    assert low <= report.median_px <= high
    assert {"mean_px", "p90_px", "nme", "auc", "pck_0.05"} < set(report.intervals)
    assert set(report.per_keypoint["red"].intervals) == {"median_px"}
    assert set(board.per_keypoint.values()) <= set(NAMES)
    assert result.human is None


def test_groups_are_what_errs_alike(dataset):
    images = tuple(
        replace(image, group="" if image.id == 7 else f"video {image.id % 2}")
        for image in dataset.images
    )
    result = evaluate(dot_predictor(), replace(dataset, images=images), ["dark"])
    assert result.clustering == "2 groups and 1 image"
    groups = result.decoders["dark"].per_group
    assert {name: each.keypoints for name, each in groups.items()} == {
        "": 3,
        "video 0": 11,
        "video 1": 12,
    }
    one_group = tuple(replace(image, group="video") for image in dataset.images)
    result = evaluate(dot_predictor(), replace(dataset, images=one_group), ["dark"])
    assert result.clustering == "7 images of one group"


def test_a_subject_counts_for_every_tag_of_its_image(dataset):
    tags = {1: ("dark", "wet"), 2: ("wet",)}
    images = tuple(replace(image, tags=tags.get(image.id, ())) for image in dataset.images)
    report = evaluate(dot_predictor(), replace(dataset, images=images), ["dark"]).decoders["dark"]
    of_image = [
        sum(int(each.is_labelled.sum()) for each in dataset.annotations if each.image_id == number)
        for number in (1, 2)
    ]
    assert {name: each.keypoints for name, each in report.per_tag.items()} == {
        "": 26 - sum(of_image),
        "dark": of_image[0],
        "wet": sum(of_image),
    }


def test_images_that_cannot_be_read_are_left_out_and_named(dataset):
    dataset.images[2].path.write_bytes(b"no image")
    result = evaluate(dot_predictor(), dataset, ["dark"])
    assert list(result.skipped) == [dataset.images[2].name]
    of_it = [each for each in dataset.annotations if each.image_id == dataset.images[2].id]
    assert result.subjects == 14 - len(of_it)
    for image in dataset.images:
        image.path.unlink(missing_ok=True)
    with pytest.raises(UserProblem, match="cannot be opened"):
        evaluate(dot_predictor(), dataset, ["dark"])


def test_one_image_has_figures_and_no_intervals(dataset):
    alone = replace(dataset, images=dataset.images[:1], annotations=dataset.annotations[:2])
    result = evaluate(dot_predictor(), alone, NAMES)
    report = result.decoders[result.leaderboard.best]
    assert (result.clustering, report.intervals) == ("", {})
    assert report.median_px < 0.5
    assert not result.leaderboard.behind["argmax"].is_clear


def test_a_reference_that_is_not_labelled_leaves_a_subject_out_of_what_is_relative(dataset):
    options = EvaluationOptions(ReferenceLength((0, 1)))
    result = evaluate(dot_predictor(), dataset, ["dark"], options=options)
    assert result.unrelated == 2
    report = result.decoders["dark"]
    assert report.keypoints == 26
    length = np.hypot(18, 17)
    first = report.per_keypoint["red"]
    assert first.nme == pytest.approx(first.mean_px / length)


def test_answers_that_are_not_numbers_are_missed(dataset):
    class Silent(type(dot_predictor().network)):
        def stages(self, images, task="look"):
            (maps,) = super().stages(images, task)
            maps[:, 0] = np.nan
            return (maps,)

    result = evaluate(dot_predictor(network=Silent()), dataset, NAMES)
    report = result.decoders["dark"]
    assert report.missed == report.per_keypoint["red"].missed == 12
    assert report.per_keypoint["red"].median_px is None
    assert report.per_keypoint["red"].pck["0.2"] == 0
    assert result.leaderboard.per_keypoint["red"] is None
    assert report.intervals["p90_px"] == (None, None)
    assert report.oks_ap < 0.5


def test_the_second_label_of_a_subject_is_no_subject_that_was_missed(dataset):
    again = [
        label(
            number, np.add(dataset.annotations[2 * number - 2].xy, (3, 4)), name="c", author="Ben"
        )
        for number in (1, 2, 3)
    ]
    first = [replace(each, author="Ann") for each in dataset.annotations]
    doubled = replace(dataset, annotations=(*first, *again))
    result = evaluate(dot_predictor(), doubled, ["dark"])
    plain = evaluate(dot_predictor(), dataset, ["dark"])
    assert result.human.subjects == 3
    assert result.human.total.median_px == pytest.approx(5)
    assert result.decoders["dark"].median_px == plain.decoders["dark"].median_px
    assert result.decoders["dark"].oks_ap == plain.decoders["dark"].oks_ap


def test_flip_test_and_jitter_go_together(dataset):
    options = EvaluationOptions(jitter=CropJitter(3), is_averaged=True)
    predictor = dot_predictor(FlipTestPredictor)
    report = evaluate(predictor, dataset, ["dark"], options=options).decoders["dark"]
    assert report.crop_jitter.crops == 3
    assert 0 < report.crop_jitter.median_px < report.crop_jitter.p90_px
    assert report.median_px < 0.3


def test_a_subject_without_an_answer_is_missed_by_all(dataset):
    class Blind(type(dot_predictor())):
        def find(self, image, *, known=()):
            return super().find(image, known=known)[:1]

    report = evaluate(dot_predictor(Blind), dataset, ["dark"]).decoders["dark"]
    assert report.missed == 12
    assert report.oks_ar == pytest.approx(0.5, abs=0.05)


def test_one_keypoint_without_a_box_has_pixels_and_nothing_relative(dataset):
    class RedNetwork(type(dot_predictor().network)):
        def stages(self, images, task="look"):
            (maps,) = super().stages(images, task)
            return (maps[:, :1],)

    skeleton = Skeleton("dot", ("red",))
    annotation = Annotation("a", 1, dataset.annotations[0].xy[:1], np.array([2]))
    single = Dataset(skeleton, dataset.images[:1], (annotation,))
    predictor = dot_predictor(network=RedNetwork(), skeleton=skeleton)
    result = evaluate(predictor, single, ["argmax", "dark"])
    report = result.decoders[result.leaderboard.best]
    # The whole image is looked at, and either of its red dots is an answer.
    assert (report.keypoints, report.missed) == (1, 0)
    assert (report.oks_ap, report.nme, report.auc) == (None, None, None)
    assert report.pck == {"0.05": None, "0.1": None, "0.2": None}
    assert result.unrelated == 1
    assert "dark" in evaluation_text(result, "box")


def test_a_head_gives_pckh(dataset):
    body = replace(dataset, skeleton=Skeleton("body", ("head_top", "neck")))
    result = evaluate(dot_predictor(), body, ["dark"])
    report = result.decoders["dark"]
    # Of the subjects that are not there only the neck is labelled, so that their head is unknown.
    assert report.pckh == 1
    assert report.pck["0.2"] < 1
    assert "PCKh" in evaluation_text(result, "box")


@pytest.mark.parametrize("jitter", [None, CropJitter(2)])
def test_answers_are_found_whatever_the_order_and_number_of_the_keypoints(dataset, jitter):
    """The project has them in another order now, or only one of them."""
    options = EvaluationOptions(jitter=jitter)
    straight = evaluate(dot_predictor(), dataset, ("argmax",), options=options)
    turned = evaluate(
        dot_predictor(),
        dataset.part((1, 0)),
        ("argmax",),
        options=replace(options, keypoints=(1, 0)),
    )
    blue = evaluate(
        dot_predictor(), dataset.part((1,)), ("argmax",), options=replace(options, keypoints=(1,))
    )
    whole = straight.decoders["argmax"].per_keypoint
    assert dict(turned.decoders["argmax"].per_keypoint) == whole
    assert list(turned.decoders["argmax"].per_keypoint) == ["blue", "red"]
    assert blue.decoders["argmax"].per_keypoint == {"blue": whole["blue"]}
    assert blue.decoders["argmax"].keypoints == whole["blue"].keypoints
    if jitter is not None:
        assert turned.decoders["argmax"].crop_jitter == straight.decoders["argmax"].crop_jitter
