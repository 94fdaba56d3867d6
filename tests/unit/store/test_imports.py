from dataclasses import replace

import numpy as np
import pytest

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

from .conftest import SKELETON


def dataset(project, annotations, skeleton=SKELETON):
    """Two images under ids of its own: one that the project has, one that is new."""
    folder = project.folder / "frames"
    images = (Image(71, folder / "3.png", 31, 17), Image(73, folder / "new.png", 13, 19, "val"))
    return Dataset(skeleton, images, annotations)


def test_known_images_are_reused_and_annotations_follow_them(project, annotation):
    there, new = annotation(71), annotation(73)
    report = project.import_dataset(dataset(project, (there, new)), source="frames")
    assert (report.images, report.known_images) == (1, 1)
    assert (report.annotations, report.known_annotations) == (2, 0)
    assert len(project.images()) == 8
    assert project.annotations(4) == (replace(there, image_id=4),)
    assert project.annotations(8) == (replace(new, image_id=8),)
    assert project.image(8).split == "val"


def test_an_import_is_one_edit_and_undoing_it_keeps_the_images(project, annotation):
    project.import_dataset(dataset(project, (annotation(71), annotation(73))), source="frames")
    assert project.undo_label == "Import frames"
    undone = project.undo()
    assert undone is not None
    assert len(undone.after) == 2
    assert project.dataset().annotations == ()
    assert len(project.images()) == 8
    project.redo()
    assert len(project.dataset().annotations) == 2


def test_importing_the_same_again_changes_nothing(project, annotation):
    first = annotation(71)
    project.import_dataset(dataset(project, (first,)), source="x")
    again = replace(first, id="f" * 32, time=first.time + 1)
    report = project.import_dataset(dataset(project, (again,)), source="x")
    assert (report.images, report.annotations, report.known_annotations) == (0, 0, 1)
    assert len(project.history.entries()) == 1


def test_labels_that_were_corrected_in_the_source_replace_those_that_nobody_touched(
    project, annotation
):
    first = replace(annotation(71), source="import:dlc")
    project.import_dataset(dataset(project, (first,)), source="x")
    corrected = first.with_keypoint(0, (5.0, 6.0), 2)
    report = project.import_dataset(dataset(project, (corrected,)), source="x")
    assert (report.annotations, report.updated_annotations, report.known_annotations) == (0, 1, 0)
    assert project.annotations(4) == (replace(corrected, image_id=4),)
    project.undo()
    assert project.annotations(4) == (replace(first, image_id=4),)


def test_labels_that_were_corrected_here_are_not_replaced_by_another_import(project, annotation):
    first = replace(annotation(71), source="import:dlc")
    project.import_dataset(dataset(project, (first,)), source="x")
    (stored,) = project.annotations(4)
    mine = replace(stored.with_keypoint(0, (5.0, 6.0), 2), source="human")
    project.apply(Edit.change("Move snout", stored, mine))
    report = project.import_dataset(dataset(project, (first,)), source="x")
    assert (report.annotations, report.updated_annotations, report.known_annotations) == (0, 0, 1)
    assert project.annotations(4) == (mine,)


def test_an_id_that_another_image_has_is_replaced(project, annotation):
    first = annotation(71)
    project.import_dataset(dataset(project, (first,)), source="x")
    other = replace(annotation(73), id=first.id)
    project.import_dataset(dataset(project, (other,)), source="x")
    (stored,) = project.annotations(8)
    assert stored.id != first.id
    np.testing.assert_array_equal(stored.xy, other.xy)


def test_keypoints_in_another_order_are_sorted_by_name(project, annotation):
    order = (4, 2, 0, 1, 3)
    skeleton = Skeleton("other", tuple(SKELETON.keypoints[index] for index in order))
    new = annotation(73)
    shuffled = replace(new, xy=new.xy[list(order)], visibility=new.visibility[list(order)])
    project.import_dataset(dataset(project, (shuffled,), skeleton), source="x")
    stored = project.annotations(8)[0]
    np.testing.assert_array_equal(stored.xy, new.xy)
    np.testing.assert_array_equal(stored.visibility, new.visibility)


@pytest.mark.parametrize(
    ("names", "word"),
    [(("snout", "leftear", "rightear", "neck"), "tail"), ((*SKELETON.keypoints, "paw"), "paw")],
)
def test_another_skeleton_is_refused_by_name(project, names, word):
    with pytest.raises(UserProblem, match=f"{word}") as caught:
        project.import_dataset(dataset(project, (), Skeleton("x", names)), source="x")
    assert "snout" in caught.value.hint
    assert len(project.images()) == 7


def test_the_size_of_an_image_is_filled_in_when_it_becomes_known(project):
    path = project.folder / "late.png"
    for width in (0, 23, 29):
        project.import_dataset(Dataset(SKELETON, (Image(1, path, width, width),), ()), source="x")
    assert project.images()[-1].width == 23
