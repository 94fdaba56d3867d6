from dataclasses import replace

import pytest
from newts import draw_newts

from kpstudio.core.errors import UserProblem
from kpstudio.formats.subset import Subset


@pytest.fixture
def newts(tmp_path):
    """Of 13 images: 4 val, 3 accepted, 2 at night, 6 by Ada."""
    data = draw_newts(tmp_path)
    images = tuple(
        replace(
            image,
            split="val" if number < 4 else "train",
            review="accepted" if number % 5 == 0 else "",
            tags=("night",) if number in (3, 10) else (),
        )
        for number, image in enumerate(data.images)
    )
    annotations = tuple(
        replace(each, author="ada" if number % 2 else "bob")
        for number, each in enumerate(data.annotations)
    )
    return replace(data, images=images, annotations=annotations)


def names(dataset):
    assert {each.image_id for each in dataset.annotations} <= {i.id for i in dataset.images}
    return [image.path.stem for image in dataset.images]


def test_nothing_asked_for_is_everything(newts):
    assert Subset().of(newts) == newts


@pytest.mark.parametrize(
    ("subset", "expected"),
    [
        (Subset(split="val"), ["newt1", "newt2", "newt3", "newt4"]),
        (Subset(review="accepted"), ["newt1", "newt6", "newt11"]),
        (Subset(tag="night"), ["newt4", "newt11"]),
        (Subset(images="newt1?.png"), ["newt10", "newt11", "newt12", "newt13"]),
        (Subset(author="ada", split="val"), ["newt2", "newt4"]),
        (Subset(tag="night", review="accepted", split="train", images="*/newt11.png"), ["newt11"]),
    ],
)
def test_images_are_chosen_by_what_they_have_in_common(newts, subset, expected):
    chosen = subset.of(newts)
    assert names(chosen) == expected
    assert len(chosen.annotations) == len(expected)


def test_annotations_of_other_authors_are_left_out(newts):
    both = replace(newts.annotations[0], id="b", author="ada")
    data = replace(newts, annotations=(*newts.annotations, both))
    chosen = Subset(author="ada", images="newt1.png").of(data)
    assert [each.id for each in chosen.annotations] == ["b"]


@pytest.mark.parametrize(
    ("subset", "message", "hint"),
    [
        (Subset(split="test"), "in “test”", "train (9), val (4)"),
        (Subset(tag="day"), "with tag “day”", "night (2)"),
        (Subset(review="rejected"), "in review state “rejected”", "accepted (3)"),
        (Subset(author="eve"), "by “eve”", "ada (6), bob (7)"),
        (Subset(images="mouse*"), "named “mouse*”", "image list"),
    ],
)
def test_a_subset_without_images_says_what_there_is(newts, subset, message, hint):
    with pytest.raises(UserProblem) as caught:
        subset.of(newts)
    assert message in caught.value.message
    assert hint in caught.value.hint
