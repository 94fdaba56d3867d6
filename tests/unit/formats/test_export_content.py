"""Images that nobody has labelled are not even read where a format leaves them out."""

from dataclasses import replace

import pytest
from newts import COUNT, NEWT, draw_newts

from kpstudio import formats
from kpstudio.core.dataset import Image
from kpstudio.core.errors import UserProblem
from kpstudio.formats import ExportContent, ExportOrder, Subset
from kpstudio.store.project import Project

PLAIN = ("coco", "cvat", "label_studio", "csv", "csv_wide", "sleap")
FOLDERS = ("yolo", "labelme", "pts")


@pytest.fixture
def project(tmp_path):
    """Labelled images, five without labels, of which some are in val, and a box alone."""
    data = draw_newts(tmp_path)
    path = data.images[0].path
    others = []
    for number in range(5):
        copy = path.with_name(f"empty{number}.png")
        copy.write_bytes(path.read_bytes() + bytes([number]))
        split, tags = ("val" if number < 2 else None), (("night",) if number == 4 else ())
        others.append(Image(COUNT + number + 1, copy, split=split, tags=tags))
    first = replace(data.images[0], split="val")
    whole = replace(data, images=(first, *data.images[1:], *others))
    with Project.create(tmp_path / "newts.kps", NEWT) as project:
        project.import_dataset(whole, source="test")
        yield project


def exported(content, order):
    receipt = formats.export(content.dataset, order, unlabelled=content.unlabelled)
    written = [order.path] if order.path.is_file() else sorted(order.path.rglob("*"))
    return receipt, {each.name: each.read_bytes() for each in written if each.is_file()}


@pytest.mark.parametrize("name", [*PLAIN, *FOLDERS])
@pytest.mark.parametrize("subset", [Subset(), Subset(split="val")])
def test_files_and_receipts_are_those_of_the_whole_project(project, tmp_path, name, subset):
    suffix = {"sleap": ".slp", "cvat": ".xml"}.get(name, ".json")
    order = ExportOrder(tmp_path / f"out{suffix}", name, subset)
    if name in FOLDERS:
        order = replace(order, path=tmp_path / "out")
    content = ExportContent.of_labels(project, order)
    assert len(content.dataset.images) == COUNT
    assert content.unlabelled == (2 if subset.split else 5)
    few = exported(content, order)
    whole = exported(ExportContent(project.dataset()), order)
    if name == "sleap":
        # HDF5 files have times in them.
        assert few[0] == whole[0]
    else:
        assert few == whole
    assert few[0].unlabelled >= content.unlabelled


@pytest.mark.parametrize("name", ["dlc", *FOLDERS])
def test_all_images_are_read_where_they_matter(project, tmp_path, name):
    (tmp_path / "out").mkdir()
    order = ExportOrder(tmp_path / "out", name)
    content = ExportContent.of_labels(project, order)
    assert (len(content.dataset.images), content.unlabelled) == (COUNT + 5, 0)


def test_a_folder_with_an_image_that_is_not_labelled_is_not_replaced(project, tmp_path):
    order = ExportOrder(tmp_path / "out", "yolo")
    exported(ExportContent.of_labels(project, order), order)
    (inside, *_) = (tmp_path / "out").rglob("*.png")
    project.add_images([Image(99, inside)])
    with pytest.raises(UserProblem, match=f"{inside.name} is in it"):
        exported(ExportContent.of_labels(project, order), order)


@pytest.mark.parametrize(
    "subset",
    [
        Subset(tag="night"),
        Subset(images="empty*"),
        Subset(images="*1*"),
        Subset(author="Nobody"),
        Subset(split="test"),
    ],
)
def test_complaints_and_counts_are_those_of_the_whole_project(project, tmp_path, subset):
    order = ExportOrder(tmp_path / "out.json", "coco", subset)

    def outcome(content):
        try:
            return exported(content, order)
        except UserProblem as problem:
            return problem.message, problem.hint

    expected = outcome(ExportContent(project.dataset()))
    assert outcome(ExportContent.of_labels(project, order)) == expected


def test_images_that_are_copied_are_counted_as_before(project, tmp_path):
    order = ExportOrder(tmp_path / "out.json", images="copy", folder=tmp_path / "copies")
    receipt, _ = exported(ExportContent.of_labels(project, order), order)
    assert (receipt.images, receipt.unlabelled) == (COUNT, 0)
