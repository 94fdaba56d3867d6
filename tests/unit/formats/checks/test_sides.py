from dataclasses import replace

import numpy as np
from newts import BODY, COUNT, change, change_all, found

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton

FACE = Skeleton(
    "face",
    ("eye_l", "eye_r", "ear_l", "ear_r", "lip_l", "lip_r"),
    flip_pairs=((0, 1), (2, 3), (4, 5)),
)
POSE = np.array([[41.0, 20], [29, 21], [51, 24], [19, 25], [38, 39], [33, 41]])


def swapped(xy, a=1, b=2):
    order = list(range(len(xy)))
    order[a], order[b] = b, a
    return xy[order]


def faces(tmp_path, count=11) -> Dataset:
    random = np.random.default_rng(5)
    path = tmp_path / "newt1.png"
    images = tuple(Image(n, path, 71, 53, frame=n) for n in range(count))
    annotations = tuple(
        Annotation(str(n), n, POSE + random.uniform(-1, 1, POSE.shape), np.full(6, 2))
        for n in range(count)
    )
    return Dataset(FACE, images, annotations)


def test_a_pair_that_points_against_the_others_of_its_subject_is_suspected(newts, tmp_path):
    data = faces(tmp_path)
    assert not found(data)
    finding = found(change_all(data, lambda xy: swapped(xy, 4, 5)))["swapped_sides"]
    assert finding.severity == "warning"
    assert finding.count == 11
    assert "lip_l and lip_r may be swapped: in 100% of 11 subjects" in finding.message


def test_sides_that_differ_from_the_labels_of_the_project_are_suspected(newts):
    assert not found(newts, known=newts.annotations)
    other = change_all(newts, swapped)
    assert not found(other)
    finding = found(other, known=newts.annotations)["swapped_sides"]
    assert finding.count == COUNT
    assert "left and right may be swapped" in finding.message
    assert "of the 13 that the project has" in finding.message


def test_newts_that_crawl_in_all_directions_are_compared_too(newts):
    """What is turned is not mirrored: left stays left."""

    def turned(xy):
        angle = xy[0, 0] * 50
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return (xy - (35, 26)) @ matrix.T * 0.6 + (35, 26)

    crawling = change_all(newts, turned)
    assert not found(crawling, known=newts.annotations)
    other = change_all(crawling, swapped)
    assert "swapped_sides" in found(other, known=newts.annotations)


def test_the_few_that_differ_from_nearly_all_others_are_noted(newts):
    many = [
        replace(each, id=f"{each.id}.{turn}", xy=each.xy + np.array([turn, 0]), author=str(turn))
        for turn in range(4)
        for each in newts.annotations
    ]
    data = replace(newts, annotations=tuple(many))
    assert not found(data)
    finding = found(change(data, 9, xy=swapped(BODY)))["odd_sides"]
    assert (finding.severity, finding.count, finding.examples) == ("note", 1, ("newt10.png",))
