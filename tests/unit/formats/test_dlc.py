from pathlib import Path

import cv2
import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton

PAIR = Skeleton("pair", ("snout", "tail"))

HEADER = """scorer,Ann,Ann,Ann,Ann
bodyparts,tail,tail,snout,snout
coords,x,y,x,y
"""
SPLIT_HEADER = """scorer,,,Ann,Ann,Ann,Ann
bodyparts,,,tail,tail,snout,snout
coords,,,x,y,x,y
"""


@pytest.fixture
def dlc(tmp_path):
    """A DeepLabCut project with two images of 19 x 11 pixels, and a writer of its csv."""
    folder = tmp_path / "project" / "labeled-data" / "v1"
    folder.mkdir(parents=True)
    for number in range(2):
        cv2.imwrite(str(folder / f"img{number}.png"), np.zeros((11, 19, 3), np.uint8))

    def write(text: str | bytes, name: str = "CollectedData_Ann.csv") -> Path:
        data = text if isinstance(text, bytes) else text.encode()
        (folder / name).write_bytes(data)
        return folder / name

    return write


def read(path: Path, skeleton: Skeleton = PAIR):
    return formats.read(path, skeleton)


@pytest.mark.parametrize("up", [0, 1, 2, 3])
def test_project_folder_and_file_give_the_same(dlc, up):
    file = dlc(HEADER + "labeled-data/v1/img0.png,1.5,2,3,4\nlabeled-data/v1/img1.png,,,5,6\n")
    path = (file, *file.parents)[up]
    dataset = read(path)
    assert formats.detect_format(path) == "dlc"
    assert [image.path for image in dataset.images] == [
        file.parent / "img0.png",
        file.parent / "img1.png",
    ]
    assert {(image.width, image.height) for image in dataset.images} == {(19, 11)}
    first, second = dataset.annotations
    np.testing.assert_array_equal(first.xy, [[3, 4], [1.5, 2]])
    np.testing.assert_array_equal(first.visibility, [2, 2])
    np.testing.assert_array_equal(second.xy, [[5, 6], [np.nan, np.nan]])
    np.testing.assert_array_equal(second.visibility, [2, 0])
    assert (first.source, first.author, first.image_id) == ("import:dlc", "Ann", 1)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\n\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_path_may_be_spread_over_three_columns(dlc, end, mark):
    text = SPLIT_HEADER + "labeled-data,v1,img1.png,1,2,3,4\n"
    file = dlc(mark + text.replace("\n", end).encode())
    dataset = read(file)
    assert dataset.images[0].path == file.parent / "img1.png"
    np.testing.assert_array_equal(dataset.annotations[0].xy, [[3, 4], [1, 2]])


def test_paths_written_on_windows_are_found(dlc):
    file = dlc(HEADER + "labeled-data\\v1\\img1.png,1,2,3,4\n")
    assert read(file).images[0].path.is_file()


def test_subjects_have_the_same_ids_at_each_reading(dlc):
    file = dlc(HEADER + "labeled-data/v1/img0.png,1,2,3,4\nlabeled-data/v1/img1.png,1,2,3,4\n")
    first, again = ([each.id for each in read(path).annotations] for path in (file, file.parent))
    assert first == again
    assert len(set(first)) == 2


def test_an_image_without_any_label_is_kept_without_an_annotation(dlc):
    dataset = read(
        dlc(HEADER + "labeled-data/v1/img0.png,,,,\nlabeled-data/v1/img1.png,1,2,nan,NaN\n")
    )
    assert len(dataset.images) == 2
    assert [each.image_id for each in dataset.annotations] == [2]


def test_missing_images_are_kept_where_they_should_be(dlc):
    file = dlc(HEADER + "labeled-data/v1/img0.png,1,2,3,4\nlabeled-data/v1/gone.png,1,2,3,5\n")
    gone = read(file).images[1]
    assert gone.path == file.parent / "gone.png"
    assert (gone.width, gone.height) == (0, 0)


def test_a_damaged_image_does_not_stop_the_import(dlc):
    file = dlc(HEADER + "labeled-data/v1/img0.png,1,2,3,4\n")
    (file.parent / "img0.png").write_bytes(b"x")
    assert len(read(file).annotations) == 1


def test_of_several_people_the_scorer_of_the_project_is_taken(dlc):
    file = dlc(HEADER + "labeled-data/v1/img0.png,1,2,3,4\n")
    dlc(
        HEADER.replace("Ann", "Bob") + "labeled-data/v1/img0.png,5,6,7,8\n", "CollectedData_Bob.csv"
    )
    project = file.parents[2]
    with pytest.raises(UserProblem, match="several people"):
        read(project)
    (project / "config.yaml").write_text("Task: x\nscorer: Bob  # me\ndate: y\n")
    assert read(project).annotations[0].author == "Bob"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (HEADER + "a.png,1,x2,3,4\n", "line 4, column 3", "“x2” is not a number"),
        (HEADER + "a.png,1,2,3,4\n\nb.png,1,2,3,inf\n", "line 6, column 5", "“inf”"),
        (HEADER + "a.png,1,2,1_0,4\n", "line 4, column 4", "“1_0”"),
        (HEADER + "a.png,1,,3,4\n", "line 4, column 2", "the other is empty"),
        (HEADER + "a.png,1,2,3\n", "line 4", "4 columns, but the header has 5"),
        (HEADER + "a.png,1,2,3,4,5\n", "line 4", "6 columns, but the header has 5"),
        (HEADER + ",1,2,3,4\n", "line 4, column 1", "the name of the image is missing"),
        (HEADER + "a.png,1,2,3,4\na.png,1,2,3,4\n", "line 5", "labelled before, in line 4"),
        (HEADER.replace("tail", "tial"), "line 2, column 2", "“tial” is not in the skeleton"),
        (HEADER.replace("tail,tail", "snout,snout"), "line 3, column 4", "second column x"),
        (HEADER.replace("x,y\n", "x\n"), "line 1", "5 columns, but the line “coords” has 4"),
        (HEADER.replace("x,y\n", "x,z\n"), "line 3, column 5", "“x” or “y” is expected"),
        (HEADER.replace(",y\n", ",likelihood\n"), "line 3, column 5", "predictions of a network"),
        ("scorer;Ann\nbodyparts;tail\ncoords;x\n", "line 1, column 1", "“scorer” is expected"),
        ("scorer,Ann\n", "line 2, column 1", "“bodyparts” is expected, but there is nothing"),
        ("scorer\nbodyparts\ncoords\n", "line 3", "no columns of positions"),
        (HEADER + 'a.png,"1,2,3,4\n', "line 4", "not a table"),
        ((HEADER + "a.png,1,2,é,4\n").encode("latin-1"), "line 4, column 4", "not UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(dlc, text, where, what):
    file = dlc(text)
    with pytest.raises(UserProblem) as caught:
        read(file)
    assert caught.value.message.startswith(f"CollectedData_Ann.csv, {where}")
    assert what in caught.value.message
    assert caught.value.hint


def test_a_missing_column_is_named(dlc):
    file = dlc("scorer,Ann,Ann\nbodyparts,tail,tail\ncoords,x,y\na.png,1,2\n")
    with pytest.raises(UserProblem, match="no column for “snout”") as caught:
        read(file)
    assert "tail" in caught.value.hint


def test_a_column_x_without_y_is_refused(dlc):
    file = dlc("scorer,Ann,Ann,Ann\nbodyparts,tail,tail,snout\ncoords,x,y,x\na.png,1,2,3\n")
    with pytest.raises(UserProblem, match="“snout” has a column x only"):
        read(file)


def test_an_empty_file_is_refused(dlc):
    with pytest.raises(UserProblem, match="“scorer” is expected, but there is nothing"):
        formats.read(dlc(""), PAIR, format="dlc")


def test_a_file_that_may_not_be_read_is_a_problem_of_the_user(dlc, monkeypatch):
    file = dlc(HEADER)

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UserProblem, match="Permission denied"):
        read(file)


def test_the_openfield_project(shared):
    skeleton = read_skeleton(resource_path("skeletons", "mouse4.json"))
    dataset = read(shared / "data" / "dlc_openfield", skeleton)
    assert (len(dataset.images), len(dataset.annotations)) == (116, 116)
    assert all(image.path.is_file() for image in dataset.images)
    assert {(image.width, image.height) for image in dataset.images} == {(640, 480)}
    first = dataset.annotations[0]
    np.testing.assert_array_equal(first.xy[0], [21.521, 265.428])
    np.testing.assert_array_equal(first.xy[3], [87.11, 152.69799999999998])
    assert first.author == "Pranav"


def test_the_mirror_mouse_with_its_hidden_keypoints(shared):
    folder = shared / "data" / "lp_mirror_mouse"
    lines = (folder / "CollectedData.csv").read_text().splitlines()
    names = tuple(dict.fromkeys(lines[1].split(",")[1:]))
    dataset = read(folder, Skeleton("mirror mouse", names))
    cells = [line.split(",")[1:] for line in lines[3:]]
    assert len(dataset.images) == len(cells) == 90
    assert all(image.path.is_file() and image.width == 396 for image in dataset.images)
    labelled = sum(int(each.is_labelled.sum()) for each in dataset.annotations)
    assert labelled == sum(bool(cell) for row in cells for cell in row) / 2
    hidden = dataset.annotations[0].visibility[names.index("tailBase_top")]
    assert hidden == 0
