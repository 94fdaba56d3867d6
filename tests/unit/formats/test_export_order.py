import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
from newts import BODY, COUNT, HEIGHT, NEWT, WIDTH, draw_newts
from video_files import write_video

from kpstudio import formats
from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.formats import ExportOrder, Subset
from kpstudio.formats.image_copies import FreeNames
from kpstudio.imaging.pixels import read_pixels
from kpstudio.imaging.read import read_image


@pytest.fixture
def newts(tmp_path):
    """The seventh image lies in another folder under the name of the first."""
    folder = tmp_path / "frames"
    (folder / "more").mkdir(parents=True)
    data = draw_newts(folder)
    images = list(data.images)
    moved = folder / "more" / "NEWT1.png"
    shutil.move(images[6].path, moved)
    images[6] = replace(images[6], path=moved)
    return replace(data, images=tuple(images))


def order(tmp_path, **more):
    return ExportOrder(tmp_path / "labels.json", **more)


@pytest.mark.parametrize("how", ["copy", "link"])
def test_images_lie_beside_the_labels_under_names_of_their_own(newts, tmp_path, how):
    out = tmp_path / "out"
    receipt = formats.export(newts, order(tmp_path, images=how, folder=out))
    assert (receipt.images, receipt.read_back.differences) == (COUNT, ())
    back = formats.read(tmp_path / "labels.json", NEWT)
    assert sorted(path.name for path in out.iterdir()) == sorted(
        image.path.name for image in back.images
    )
    assert {image.path.parent for image in back.images} == {out}
    assert back.images[6].path.name == "NEWT1_2.png"
    for before, after in zip(newts.images, back.images, strict=True):
        assert after.path.read_bytes() == before.path.read_bytes()
        assert after.path.samefile(before.path) == (how == "link")


def test_a_second_export_makes_no_second_copies_and_overwrites_nothing(newts, tmp_path):
    out = tmp_path / "out"
    formats.export(newts, order(tmp_path, images="copy", folder=out))
    (out / "newt3.png").write_bytes(b"mine")
    formats.export(newts, order(tmp_path, images="copy", folder=out))
    assert len(list(out.iterdir())) == COUNT + 1
    assert (out / "newt3.png").read_bytes() == b"mine"
    back = formats.read(tmp_path / "labels.json", NEWT)
    assert back.images[2].path.name == "newt3_2.png"


def test_missing_images_are_left_out_and_told(newts, tmp_path):
    newts.images[3].path.unlink()
    receipt = formats.export(newts, order(tmp_path, images="copy", folder=tmp_path / "out"))
    assert receipt.images == COUNT - 1
    assert "1 image is missing and left out" in receipt.notes[0]
    for image in newts.images:
        image.path.unlink(missing_ok=True)
    with pytest.raises(UserProblem, match="None of the 13 images is there"):
        formats.export(newts, order(tmp_path, images="copy", folder=tmp_path / "out"))


@pytest.mark.parametrize("how", ["copy", "link", "crop"])
def test_frames_of_a_video_become_images(newts, tmp_path, how):
    clip = write_video(tmp_path / "clip.mp4", frames=7, size=(64, 48))
    frames = (Image(1, clip, 64, 48, frame=2), Image(2, clip, 64, 48, frame=5))
    xy = BODY * 0.8
    annotations = tuple(Annotation(str(i.id), i.id, xy, np.full(5, 2)) for i in frames)
    data = replace(newts, images=frames, annotations=annotations)
    formats.export(data, order(tmp_path, images=how, folder=tmp_path / "out"))
    back = formats.read(tmp_path / "labels.json", NEWT)
    end = "_subject1" if how == "crop" else ""
    assert [i.path.name for i in back.images] == [f"clip_00000{n}{end}.png" for n in (2, 5)]
    assert [i.frame for i in back.images] == [None, None]
    for before, after, label in zip(frames, back.images, back.annotations, strict=True):
        x, y = np.round(xy[0] - label.xy[0]).astype(int)
        whole = read_pixels(clip, before.frame)
        part = whole[y : y + after.height, x : x + after.width]
        np.testing.assert_array_equal(read_image(after.path), part)


def test_subjects_are_cut_out_with_their_keypoints_in_place(newts, tmp_path):
    """A bright pixel at the snout is where the cut-out label says it is."""
    for image, annotation in zip(newts.images, newts.annotations, strict=True):
        x, y = np.round(annotation.xy[0]).astype(int)
        pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        pixels[y, x] = 255
        cv2.imwrite(str(image.path), pixels)
    second = Annotation("b", 2, newts.annotations[1].xy - 5, np.full(5, 2), box=Box(1, 2, 60, 40))
    data = replace(newts, annotations=(*newts.annotations, second))
    wanted = order(tmp_path, images="crop", folder=tmp_path / "out", margin=0.1)
    receipt = formats.export(data, wanted)
    assert (receipt.images, receipt.annotations) == (COUNT + 1, COUNT + 1)
    back = formats.read(tmp_path / "labels.json", NEWT)
    assert back.images[1].path.name == "newt2_subject1.png"
    assert back.images[2].path.name == "newt2_subject2.png"
    assert back.annotations[2].box is not None
    for image, annotation in zip(back.images, back.annotations, strict=True):
        pixels = read_image(image.path)
        assert pixels.shape[:2] == (image.height, image.width)
        assert image.width < WIDTH
        if "subject2" not in image.path.name:
            x, y = np.round(annotation.xy[0]).astype(int)
            assert pixels[y, x, 0] == 255
            assert 2.5 <= annotation.xy[:, 1].min() <= 5
    # What is between two keypoints has not changed.
    spans = [np.ptp(each.xy, axis=0) for each in back.annotations if each.box is None]
    np.testing.assert_allclose(spans, [np.ptp(each.xy, axis=0) for each in newts.annotations])


def test_predictions_are_cut_out_and_keep_their_scores(newts, tmp_path):
    xy = newts.annotations[4].xy.copy()
    xy[2] = np.nan
    found = Prediction(5, 1, xy, np.linspace(0.1, 0.9, 5), Box(20, 10, 25, 30), 0.75)
    outside = replace(found, xy=xy + 500, box=Box(500, 500, 9, 9))
    wanted = order(tmp_path, images="crop", folder=tmp_path / "out")
    receipt = formats.export(newts, wanted, predictions=[found, outside])
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (1, 1, 4)
    assert receipt.notes == ("1 subjects lie outside their image, and are left out.",)
    text = (tmp_path / "labels.json").read_text()
    assert '"score":0.75' in text
    assert '"keypoint_scores":[0.1,' in text


def test_a_subset_of_predictions_is_written(newts, tmp_path):
    def at(number):
        return Prediction(number, 1, newts.annotations[0].xy, np.ones(5), Box(0, 0, 9, 9), 0.5)

    wanted = order(tmp_path, subset=Subset(images="newt1?.png"))
    receipt = formats.export(newts, wanted, predictions=[at(2), at(10), at(12)])
    assert (receipt.images, receipt.annotations) == (4, 2)
    with pytest.raises(UserProblem, match="has a prediction"):
        formats.export(newts, wanted, predictions=[at(2)])


def test_images_without_labels_are_refused_before_anything_is_written(newts, tmp_path):
    empty = replace(newts, annotations=newts.annotations[1:])
    out = tmp_path / "out"
    with pytest.raises(UserProblem, match="labelled yet"):
        formats.export(
            empty, order(tmp_path, subset=Subset(images="newt1.png"), images="copy", folder=out)
        )
    with pytest.raises(UserProblem, match="Into which folder"):
        formats.export(newts, order(tmp_path, images="copy"))
    assert not out.exists()
    assert not (tmp_path / "labels.json").exists()


@pytest.mark.parametrize("margin", [-0.1, float("nan"), 11])
def test_a_margin_that_makes_no_sense_is_refused(newts, tmp_path, margin):
    wanted = order(tmp_path, images="crop", folder=tmp_path / "out", margin=margin)
    with pytest.raises(UserProblem, match="margin"):
        formats.export(newts, wanted)


def test_a_folder_that_cannot_be_made_is_told(newts, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserProblem, match="cannot be made"):
        FreeNames(tmp_path / "file" / "out")


def test_what_the_listener_raises_ends_the_export(newts, tmp_path):
    def stop(done, total):
        raise InterruptedError

    for how in ("copy", "crop"):
        with pytest.raises(InterruptedError):
            formats.export(newts, order(tmp_path, images=how, folder=tmp_path), report=stop)
    assert not (tmp_path / "labels.json").exists()


def test_the_card_says_what_the_dataset_is(newts, tmp_path):
    images = tuple(
        replace(image, split="val" if image.id < 4 else "train") for image in newts.images
    )
    annotations = (*newts.annotations[:-1], replace(newts.annotations[-1], author="a|da"))
    wanted = order(tmp_path, card=tmp_path / "card.md", images="copy", folder=tmp_path / "out")
    formats.export(replace(newts, images=images, annotations=annotations), wanted)
    card = (tmp_path / "card.md").read_text().splitlines()
    assert card[0] == "# labels"
    assert "| 2 | left | right | 0.05 | 13 | 0 | 0 |" in card
    assert "| 3 | right | left | 0.05 | 0 | 13 | 0 |" in card
    assert "| val | 3 | 3 | 3 | 12 | 3 | 0 |" in card
    assert "| train | 10 | 10 | 10 | 40 | 10 | 0 |" in card
    assert "- labelled by people: 13 subjects" in card
    assert "- Folders of images: frames (12), more (1)" in card
    assert "- Annotators: unnamed (12), a\\|da (1)" in card
    assert "- Licence of the images: *to be filled in*" in card
    assert any("`labels.json` holds 13 images with 13 labelled subjects" in line for line in card)
