import math
import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from kpstudio.core.annotation import Annotation
from kpstudio.core.augmentation import AugmentationChoice
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    TrainingEnded,
    TrainingNote,
    TrainingSettings,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.core.skeleton import Skeleton
from kpstudio.decoders import DECODERS, HeadTraining, decoders_for
from kpstudio.imaging.read import read_image
from kpstudio.inference import Predictor, decode
from kpstudio.models.checkpoint import load_checkpoint
from kpstudio.training import evaluate, fit
from kpstudio.training.batches import Batches
from kpstudio.training.fit import choose_labels
from kpstudio.training.samples import read_samples

SKELETON = Skeleton("dots", ("red", "blue"), edges=((0, 1),))
WIDTH, HEIGHT = 131, 97

HEATMAP_DECODERS = decoders_for(HeadTraining())


def draw(path, random, subjects=1):
    """Pairs of a red and a blue dot on uneven grey ground; their positions."""
    ground = cv2.resize(random.uniform(60, 140, (5, 7)).astype(np.float32), (WIDTH, HEIGHT))
    pixels = np.repeat(ground[..., None], 3, axis=2) + random.normal(0, 5, (HEIGHT, WIDTH, 3))
    placed = []
    for index in range(subjects):
        middle = np.array([33 + 66 * index, random.uniform(33, HEIGHT - 33)])
        angle = random.uniform(0, 2 * np.pi)
        reach = 9 * np.array([np.cos(angle), np.sin(angle)])
        xy = np.array([middle + reach, middle - reach])
        ys, xs = np.mgrid[:HEIGHT, :WIDTH]
        for (x, y), colour in zip(xy, ((250, 30, 30), (30, 60, 250)), strict=True):
            spot = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * 2.5**2))[..., None]
            pixels = pixels * (1 - spot) + np.array(colour) * spot
        placed.append(xy)
    image = np.clip(pixels, 0, 255).astype(np.uint8)
    assert cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return placed


def dots(folder, *, train=7, val=5, subjects=1):
    random = np.random.default_rng(19)
    images, annotations = [], []
    for index in range(train + val):
        path = folder / f"{index}.png"
        for xy in draw(path, random, subjects):
            annotations.append(Annotation(f"{len(annotations)}", index, xy, np.array([2, 1])))
        split = "train" if index < train else "val"
        images.append(Image(index, path, WIDTH, HEIGHT, split))
    return Dataset(SKELETON, tuple(images), tuple(annotations))


def run(dataset, folder, *, stop_after=None, is_resumed=False, **settings):
    events = []
    steps = threading.Semaphore(stop_after or 0)

    def should_stop():
        return stop_after is not None and not steps.acquire(blocking=False)

    ended = fit(
        dataset,
        TrainingSettings(**settings),
        checkpoint=folder / "run" / "model.safetensors",
        report=events.append,
        should_stop=should_stop,
        sequence=43,
        is_resumed=is_resumed,
    )
    return ended, events


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dots")
    dataset = dots(folder)
    ended, events = run(dataset, folder, steps=45, seed=3)
    return dataset, ended, events, folder / "run" / "model.safetensors"


def test_it_learns_bright_dots_to_a_pixel_and_a_half(trained):
    dataset, ended, _, checkpoint = trained
    assert ended.how == "finished", ended.message
    labelled = dataset.labelled("val")
    reports = evaluate(Predictor.load(checkpoint), labelled, HEATMAP_DECODERS).decoders
    assert reports["dark"].median_px < 1.5
    assert reports["dark"].missed == 0
    assert reports["dark"].keypoints == 10
    assert set(reports["dark"].per_keypoint) == {"red", "blue"}


def test_events_tell_the_whole_story_in_order(trained):
    _, ended, events, checkpoint = trained
    kinds = [type(event) for event in events]
    assert kinds[0] is TrainingStarted
    assert kinds[-1] is TrainingEnded
    assert kinds.count(TrainingStarted) == kinds.count(TrainingEnded) == 1
    assert events[-1] == ended
    assert {event.sequence for event in events} == {43}
    assert (events[0].train_images, events[0].val_images, events[0].steps) == (7, 5, 45)
    assert (ended.steps, ended.checkpoint) == (45, str(checkpoint))
    losses = [event.loss for event in events if type(event) is TrainingStep]
    assert losses[-1] < losses[0]
    fractions = [event.fraction for event in events if type(event) is TrainingStep]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_the_best_validation_is_what_is_kept(trained):
    _, ended, events, checkpoint = trained
    medians = [event.median_px for event in events if type(event) is TrainingValidated]
    assert 2 <= len(medians) <= 6
    assert ended.median_px == min(medians)
    info = load_checkpoint(checkpoint).info
    assert info.metrics["median_px"] == ended.median_px
    assert info.skeleton == SKELETON
    assert info.best_decoder in HEATMAP_DECODERS
    assert set(info.calibrations) == set(HEATMAP_DECODERS)
    assert info.calibrations["dark"].errors == 10


def test_the_reliability_of_the_calibrated_covariance_is_told(trained):
    dataset, _, _, checkpoint = trained
    predictor = Predictor.load(checkpoint)
    report = evaluate(predictor, dataset.labelled("val"), ["dark"]).decoders["dark"]
    observed = dict(zip(report.reliability.expected, report.reliability.observed, strict=True))
    # Ten errors were calibrated on, and are the ones that are counted here.
    assert observed[0.1] <= 0.5 <= observed[0.9]


def test_decoding_again_does_not_run_the_network(trained):
    dataset, _, _, checkpoint = trained
    predictor = Predictor.load(checkpoint, "cpu")
    subjects = predictor.heatmaps(read_image(dataset.images[-1].path))
    passes = predictor.network_passes
    answers = {name: decode(subjects, DECODERS[name]())[0].xy for name in HEATMAP_DECODERS}
    assert predictor.network_passes == passes
    cell = subjects[0].cell_to_image.scale()
    assert np.abs(answers["dark"] - answers["argmax"]).max() < 2 * cell
    assert not np.array_equal(answers["dsnt"], answers["argmax"])


def test_heatmaps_lie_where_their_keypoints_are(trained):
    dataset, _, _, checkpoint = trained
    (subject,) = Predictor.load(checkpoint).heatmaps(read_image(dataset.images[-1].path))
    keypoints, height, width = subject.heatmaps.shape
    assert keypoints == 2
    corners = subject.cell_to_image.apply([[-0.5, -0.5], [width - 0.5, height - 0.5]])
    box = subject.box
    assert corners[0] == pytest.approx([box.x, box.y])
    assert corners[1] == pytest.approx([box.x + box.width, box.y + box.height])
    assert 0 < subject.score <= 1


def test_a_checkpoint_of_other_keypoints_is_refused(trained):
    _, _, _, checkpoint = trained
    with pytest.raises(UserProblem, match="other keypoints"):
        Predictor.load(checkpoint, skeleton=Skeleton("one", ("nose",)))
    with pytest.raises(UserProblem, match="no device"):
        Predictor.load(checkpoint, "cuda:77")


def test_a_training_goes_on_from_a_checkpoint(trained, tmp_path):
    dataset, before, _, checkpoint = trained
    ended, _ = run(dataset, tmp_path, steps=2, warm_start=str(checkpoint))
    assert ended.how == "finished"
    assert ended.median_px < 2 * before.median_px + 1
    foreign = Dataset(Skeleton("x", ("a", "b")), dataset.images, dataset.annotations)
    with pytest.raises(UserProblem, match="none of this project's keypoints"):
        run(foreign, tmp_path, steps=2, warm_start=str(checkpoint))


@pytest.mark.thorough
def test_two_subjects_are_both_found(tmp_path):
    dataset = dots(tmp_path, subjects=2)
    ended, _ = run(dataset, tmp_path, steps=45, seed=1)
    predictor = Predictor.load(tmp_path / "run" / "model.safetensors")
    assert ended.how == "finished", ended.message
    report = evaluate(predictor, dataset.labelled("val"), ["dark"]).decoders["dark"]
    assert (report.keypoints, report.missed) == (20, 0)
    assert report.median_px < 2.5


def test_the_same_seed_and_steps_give_the_same_weights(tmp_path):
    dataset = dots(tmp_path, train=3, val=1)
    weights = []
    for name in ("a", "b"):
        run(dataset, tmp_path / name, steps=3, seed=5)
        weights.append(load_checkpoint(tmp_path / name / "run" / "model.safetensors").weights)
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_stopping_keeps_what_there_is(tmp_path):
    dataset = dots(tmp_path, train=3, val=1)
    ended, events = run(dataset, tmp_path, steps=1000, stop_after=9)
    assert ended.how == "stopped"
    assert 0 < ended.steps < 10
    assert ended.checkpoint is not None
    assert Predictor.load(tmp_path / "run" / "model.safetensors")
    assert events[-1] == ended


def test_stopping_before_the_first_step_leaves_no_checkpoint(tmp_path):
    dataset = dots(tmp_path, train=2, val=0)
    ended, _ = run(dataset, tmp_path, steps=1000, stop_after=1)
    assert (ended.how, ended.steps, ended.checkpoint) == ("stopped", 0, None)
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_without_validation_images_the_last_weights_are_kept(tmp_path):
    ended, events = run(dots(tmp_path, train=3, val=0), tmp_path, steps=4)
    validated = [event for event in events if type(event) is TrainingValidated]
    assert ended.median_px is None
    assert all(event.median_px is None and event.is_best for event in validated)
    assert validated[-1].step == 4


def test_a_short_time_is_a_short_training(tmp_path):
    ended, _ = run(dots(tmp_path, train=3, val=2), tmp_path, minutes=0.03)
    assert ended.how == "finished"
    assert ended.steps >= 1
    assert ended.checkpoint is not None


def test_labels_are_chosen_by_the_seed_and_more_include_fewer(tmp_path):
    train = dots(tmp_path, train=11, val=0).labelled("train")

    def ids(count, seed):
        chosen = choose_labels(train, TrainingSettings(max_labels=count, seed=seed))
        return {image.id for image in chosen.images}

    assert len(ids(5, 0)) == 5
    assert ids(5, 0) < ids(8, 0)
    assert ids(5, 0) != ids(5, 1)
    assert len(ids(99, 0)) == 11


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"minutes": 0.0}, "time"),
        ({"steps": 0}, "step"),
        ({"steps": 1, "max_labels": 0}, "label"),
        ({"steps": 1, "network": "alexnet"}, "alexnet"),
        ({"steps": 1, "warm_start": "/nowhere.safetensors"}, "no checkpoint"),
        ({"steps": 1, "batch": 0}, "batch"),
        ({"steps": 1, "patience": 0}, "patience"),
        ({"steps": 1, "input_size": 1}, "input"),
        ({"steps": 1, "input_size": 99999}, "input"),
        ({"steps": 1, "seed": -1}, "seed"),
        ({"steps": 1, "occluded_weight": -5.0}, "occluded"),
        ({"steps": 1, "occluded_weight": math.nan}, "occluded"),
        ({"steps": 1, "memory_gb": math.inf}, "memory"),
        ({"steps": 1, "learning_rate": 0.0}, "rate"),
        ({"steps": 1, "precision": "float8"}, "float8"),
        ({"steps": 1, "precision": "float16"}, "processor"),
        ({"steps": 1, "augmentation": AugmentationChoice("cat")}, "cat"),
        ({"steps": 1, "augmentation": AugmentationChoice("face", {"rotation": 999.0})}, "range"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_once(tmp_path, settings, complaint):
    with pytest.raises(UserProblem, match=complaint):
        run(dots(tmp_path, train=2, val=0), tmp_path, **settings)


def test_nothing_labelled_is_refused_at_once(tmp_path):
    dataset = dots(tmp_path, train=0, val=2)
    with pytest.raises(UserProblem, match="not one labelled image"):
        run(dataset, tmp_path, steps=1)


def test_a_damaged_image_is_left_out(tmp_path):
    dataset = dots(tmp_path, train=3, val=1)
    dataset.images[1].path.write_bytes(b"damaged")
    dataset.images[3].path.write_bytes(b"damaged")
    ended, _ = run(dataset, tmp_path, steps=1)
    assert ended.how == "finished"
    assert len(read_samples(dataset.labelled("train")).look.pieces) == 2


def test_only_damaged_images_end_the_training_with_the_reason(tmp_path):
    dataset = dots(tmp_path, train=1, val=0)
    dataset.images[0].path.write_bytes(b"damaged")
    ended, events = run(dataset, tmp_path, steps=1)
    assert ended.how == "failed"
    assert "damaged" in ended.message
    assert events[-1] == ended


def test_a_full_disk_ends_the_training_with_the_reason(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kpstudio.core.atomic_file.os.fsync", full)
    ended, _ = run(dots(tmp_path, train=2, val=0), tmp_path, steps=1)
    assert (ended.how, ended.checkpoint) == ("failed", None)
    assert "No space left" in ended.message


def losses(events):
    return [event.loss for event in events if type(event) is TrainingStep]


@pytest.fixture
def every_step(monkeypatch):
    """Every step is reported, and kept."""
    for name in ("_REPORT_EVERY_S", "_SAVE_EVERY_S", "_SAVING_SHARE"):
        monkeypatch.setattr(f"kpstudio.training.course.{name}", 0.0)


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path, every_step):
    dataset = dots(tmp_path, train=5, val=2)
    _, whole = run(dataset, tmp_path / "a", steps=8, seed=2)
    stopped, first = run(dataset, tmp_path / "b", steps=8, seed=2, stop_after=8)
    assert (stopped.how, stopped.steps) == ("stopped", 4)
    ended, second = run(dataset, tmp_path / "b", steps=8, seed=2, is_resumed=True)
    assert (ended.how, ended.steps) == ("finished", 8)
    assert losses(first) + losses(second) == losses(whole)
    weights = [
        load_checkpoint(tmp_path / name / "run" / "last.safetensors").weights for name in "ab"
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_training_that_was_killed_goes_on_from_its_last_state(tmp_path, every_step):
    dataset = dots(tmp_path, train=5, val=2)
    _, whole = run(dataset, tmp_path / "a", steps=6, seed=2)

    class Killed(BaseException):
        pass

    events = []

    def report(event):
        events.append(event)
        if type(event) is TrainingStep and event.step == 4:
            raise Killed

    with pytest.raises(Killed):
        fit(
            dataset,
            TrainingSettings(steps=6, seed=2),
            checkpoint=tmp_path / "b" / "run" / "model.safetensors",
            report=report,
            should_stop=lambda: False,
        )
    # The fourth step was reported, and not yet kept.
    _, second = run(dataset, tmp_path / "b", steps=6, seed=2, is_resumed=True)
    assert losses(events)[:3] + losses(second) == losses(whole)


def test_labels_that_changed_meanwhile_are_told(tmp_path):
    dataset = dots(tmp_path, train=3, val=1)
    run(dataset, tmp_path, steps=4, stop_after=3)
    fewer = Dataset(SKELETON, dataset.images[1:], dataset.annotations[1:])
    ended, events = run(fewer, tmp_path, steps=4, is_resumed=True)
    assert ended.how == "finished"
    assert any(type(event) is TrainingNote and "changed" in event.text for event in events)


def test_a_training_does_not_go_on_with_another_number_of_keypoints(tmp_path):
    dataset = dots(tmp_path, train=2, val=0)
    run(dataset, tmp_path, steps=4, stop_after=2)
    skeleton = Skeleton("more", (*SKELETON.keypoints, "green"))
    more = [
        replace(
            each, xy=np.append(each.xy, [[np.nan] * 2], 0), visibility=np.append(each.visibility, 0)
        )
        for each in dataset.annotations
    ]
    with pytest.raises(UserProblem, match="keypoints have changed"):
        run(Dataset(skeleton, dataset.images, tuple(more)), tmp_path, steps=4, is_resumed=True)


def test_there_must_be_something_to_go_on_with(tmp_path):
    dataset = dots(tmp_path, train=2, val=0)
    with pytest.raises(UserProblem, match="left nothing"):
        run(dataset, tmp_path, steps=2, is_resumed=True)
    run(dataset, tmp_path, steps=1)
    with pytest.raises(UserProblem, match="has finished"):
        run(dataset, tmp_path, steps=2, is_resumed=True)
    (tmp_path / "run" / "last.safetensors").write_bytes(b"damaged")
    with pytest.raises(UserProblem, match="damaged"):
        run(dataset, tmp_path, steps=2, is_resumed=True)


def test_a_state_that_cannot_be_kept_does_not_end_a_training(tmp_path, every_step, monkeypatch):
    def full(*_):
        raise UserProblem("last.safetensors was not written: full.", "Free some space.")

    monkeypatch.setattr("kpstudio.training.course.save_progress", full)
    ended, events = run(dots(tmp_path, train=2, val=0), tmp_path, steps=2)
    assert ended.how == "finished"
    notes = [event.text for event in events if type(event) is TrainingNote]
    assert "goes on" in notes[0]


def test_the_last_state_is_a_checkpoint_too(tmp_path):
    dataset = dots(tmp_path, train=3, val=1)
    run(dataset, tmp_path, steps=9, stop_after=3)
    predictor = Predictor.load(tmp_path / "run" / "last.safetensors", skeleton=SKELETON)
    assert predictor.checkpoint.framing.look_size == (96, 96)


def test_patience_ends_a_training_that_gets_no_better(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "kpstudio.training.pacing._VALIDATE_AT", tuple(i / 20 for i in range(1, 20))
    )
    dataset = dots(tmp_path, train=3, val=2)
    # At this rate nothing is learned, so hardly any validation is the best.
    ended, events = run(dataset, tmp_path, steps=40, patience=2, learning_rate=1e-9)
    steps = [event.step for event in events if type(event) is TrainingValidated]
    assert ended.how == "finished"
    # The first one is the best there is, and two more are not better.
    assert steps[:3] == [2, 4, 6]
    assert ended.steps == 6


def test_keypoints_of_the_same_name_are_taken_over(trained, tmp_path):
    dataset, before, _, checkpoint = trained
    skeleton = Skeleton("more", ("blue", "green", "red"))
    annotations = [
        Annotation(
            each.id,
            each.image_id,
            np.array([each.xy[1], each.xy.mean(axis=0), each.xy[0]]),
            np.array([2, 2, 2]),
        )
        for each in dataset.annotations
    ]
    other = Dataset(skeleton, dataset.images, tuple(annotations))
    ended, _ = run(other, tmp_path, steps=2, learning_rate=1e-6, warm_start=str(checkpoint))
    assert ended.how == "finished", ended.message
    predictor = Predictor.load(tmp_path / "run" / "model.safetensors")
    report = evaluate(predictor, other.labelled("val"), ["dark"]).decoders["dark"]
    for name in ("red", "blue"):
        assert report.per_keypoint[name].median_px < 2 * before.median_px + 1


def test_whole_images_can_be_looked_at(tmp_path):
    dataset = dots(tmp_path, train=5, val=3)
    ended, _ = run(dataset, tmp_path, steps=30, view="image", input_size=64)
    info = load_checkpoint(tmp_path / "run" / "model.safetensors").info
    assert ended.how == "finished", ended.message
    assert info.framing.is_whole_image
    assert info.framing.look_size == (64, 48)
    assert not info.can_find
    predictor = Predictor.load(tmp_path / "run" / "model.safetensors")
    (subject,) = predictor.heatmaps(read_image(dataset.images[0].path))
    assert (subject.box.width, subject.box.x) == (131, -0.5)


def test_half_precision_learns_too(tmp_path):
    dataset = dots(tmp_path, train=3, val=1)
    ended, _ = run(dataset, tmp_path, steps=2, precision="bfloat16")
    assert ended.how == "finished", ended.message
    weights = load_checkpoint(tmp_path / "run" / "model.safetensors").weights
    assert {each.dtype for each in weights.values() if each.is_floating_point()} == {torch.float32}


def test_a_loss_that_is_no_number_for_a_while_is_survived_and_told(tmp_path, monkeypatch):
    draw = Batches.look

    def spoilt(self, step):
        batch = draw(self, step)
        return replace(batch, images=batch.images * torch.nan) if 2 <= step < 7 else batch

    monkeypatch.setattr(Batches, "look", spoilt)
    ended, events = run(dots(tmp_path, train=3, val=1), tmp_path, steps=9)
    assert (ended.how, ended.steps) == ("finished", 9)
    (note,) = [event for event in events if type(event) is TrainingNote]
    assert "not a number" in note.text
    assert note.step == 7


def test_statistics_survive_one_step_that_was_no_number(tmp_path, monkeypatch):
    draw = Batches.look

    def spoilt(self, step):
        batch = draw(self, step)
        return replace(batch, images=batch.images * torch.inf) if step == 1 else batch

    monkeypatch.setattr(Batches, "look", spoilt)
    dataset = dots(tmp_path, train=3, val=1)
    ended, _ = run(dataset, tmp_path, steps=3, network="unet_small")
    assert ended.how == "finished", ended.message
    weights = load_checkpoint(tmp_path / "run" / "last.safetensors").weights
    assert any(name.endswith("running_var") for name in weights)
    assert all(each.isfinite().all() for each in weights.values())


def test_what_is_known_survives_a_continuation_that_cannot_begin(tmp_path):
    dataset = dots(tmp_path, train=3, val=2)
    stopped, _ = run(dataset, tmp_path, steps=9, stop_after=6)
    for image in dataset.images[:3]:
        image.path.unlink()
    ended, _ = run(dataset, tmp_path, steps=9, is_resumed=True)
    assert (ended.how, ended.steps) == ("failed", stopped.steps)
    assert ended.checkpoint == stopped.checkpoint


def test_a_continuation_does_not_need_what_the_run_began_with(trained, tmp_path):
    dataset, _, _, checkpoint = trained
    start = tmp_path / "start.safetensors"
    start.write_bytes(checkpoint.read_bytes())
    run(dataset, tmp_path, steps=9, stop_after=9, warm_start=str(start))
    start.unlink()
    ended, _ = run(dataset, tmp_path, steps=9, is_resumed=True, warm_start=str(start))
    assert (ended.how, ended.steps) == ("finished", 9)
