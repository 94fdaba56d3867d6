from dataclasses import replace

import numpy as np
from newts import COUNT, found


def doubled(newts, **fields):
    first = newts.annotations[3]
    return replace(newts, annotations=(*newts.annotations, replace(first, id="b", **fields)))


def test_an_annotation_that_is_there_twice_is_named(newts):
    finding = found(doubled(newts))["identical_annotations"]
    assert (finding.severity, finding.count) == ("warning", 1)
    assert finding.examples == ("newt4.png",)


def test_subjects_with_nearly_the_same_keypoints_are_named(newts):
    xy = newts.annotations[3].xy
    assert list(found(doubled(newts, xy=xy + 0.25))) == ["nearly_identical_annotations"]
    seen = np.array([2, 2, 2, 2, 0])
    assert list(found(doubled(newts, visibility=seen))) == ["nearly_identical_annotations"]
    assert not found(doubled(newts, xy=xy + 2.5))


def test_what_two_people_have_labelled_may_be_alike(newts):
    assert not found(doubled(newts, author="ada"))


def test_the_entries_of_an_image_that_is_listed_twice_are_compared(newts):
    twice = replace(newts.images[3], id=99)
    data = replace(doubled(newts, image_id=99), images=(*newts.images, twice))
    assert set(found(data)) == {"image_listed_twice", "identical_annotations"}
    assert len(data.annotations) == COUNT + 1
