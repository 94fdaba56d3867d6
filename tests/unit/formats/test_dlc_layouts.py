"""DeepLabCut's other layouts: several animals, HDF5, config.yaml; and writing."""

import csv
import pickle

import cv2
import h5py
import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

TRIPLE = Skeleton("triple", ("snout", "tail", "box"))
PAIR = Skeleton("pair", ("snout", "tail"))

SEVERAL = """scorer,Ann,Ann,Ann,Ann,Ann,Ann,Ann,Ann,Ann,Ann
individuals,m2,m2,m2,m2,m1,m1,m1,m1,single,single
bodyparts,snout,snout,tail,tail,snout,snout,tail,tail,box,box
coords,x,y,x,y,x,y,x,y,x,y
labeled-data/v1/img0.png,1.5,2.0,,,3.0,4.0,5.0,6.0,7.0,8.0
labeled-data/v1/img1.png,,,,,3.5,4.0,,,,
"""
CONFIG = """scorer: Ann
bodyparts: MULTI!
multianimalbodyparts:
- snout
- tail
uniquebodyparts: [box]
individuals: [m2, m1]
skeleton:
- [tail, snout]
- [bodypart1, bodypart2]
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project" / "labeled-data" / "v1"
    folder.mkdir(parents=True)
    for number in range(2):
        cv2.imwrite(str(folder / f"img{number}.png"), np.zeros((11, 19, 3), np.uint8))
    return tmp_path / "project"


def write_fixed(path, columns, rows, values):
    """A table in the layout that pandas' to_hdf has by default."""
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = np.bytes_("frame")
        group.attrs["nblocks"] = 1
        for axis, labels in (("axis0", columns), ("axis1", rows), ("block0_items", columns)):
            group.attrs[f"{axis}_variety"] = np.bytes_("multi")
            group.attrs[f"{axis}_nlevels"] = len(labels[0])
            for level, of_level in enumerate(zip(*labels, strict=True)):
                known = sorted(set(of_level))
                group[f"{axis}_level{level}"] = np.array(known, dtype="S")
                codes = [known.index(label) for label in of_level]
                group[f"{axis}_label{level}"] = np.array(codes, dtype=np.int8)
        group["block0_values"] = values


def write_table(path, columns, rows, values, *, kind=None):
    """A table in pandas' “table” layout."""
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = np.bytes_("frame_table")
        kept = np.dtype([("index", "S30"), ("values_block_0", "<f8", (len(columns),))])
        data = np.zeros(len(rows), kept)
        data["index"], data["values_block_0"] = rows, values
        group["table"] = data
        kind = pickle.dumps(columns, protocol=0) if kind is None else kind
        group["table"].attrs["values_block_0_kind"] = np.bytes_(kind)


def columns_of(text):
    header = [line.split(",")[1:] for line in text.splitlines()[:4]]
    return list(zip(*header, strict=True))


SINGLE_COLUMNS = [("Ann", name, coord) for name in ("tail", "snout") for coord in "xy"]


def test_each_animal_is_a_track_and_unique_keypoints_are_single(project):
    (project / "labeled-data/v1/CollectedData_Ann.csv").write_text(SEVERAL)
    dataset = formats.read(project, TRIPLE)
    found = {(each.image_id, each.track): each for each in dataset.annotations}
    assert list(found) == [(1, "m2"), (1, "m1"), (1, "single"), (2, "m1")]
    np.testing.assert_array_equal(found[1, "m2"].visibility, [2, 0, 0])
    np.testing.assert_array_equal(found[1, "m1"].xy[:2], [[3, 4], [5, 6]])
    np.testing.assert_array_equal(found[1, "single"].xy[2], [7, 8])
    assert len({each.id for each in dataset.annotations}) == 4


@pytest.mark.parametrize("is_file", [True, False])
def test_several_animals_are_written_as_they_were_read(project, tmp_path, is_file):
    (project / "config.yaml").write_text(CONFIG)
    file = project / "labeled-data/v1/CollectedData_Ann.csv"
    file.write_text(SEVERAL)
    dataset = formats.read(project, TRIPLE)
    if is_file:
        out = target = project / "CollectedData_Ann.csv"
    else:
        target = tmp_path / "new"
        target.mkdir()
        (target / "config.yaml").write_text(CONFIG)
        out = target / "labeled-data/v1/CollectedData_Ann.csv"
    receipt = formats.write(dataset, target, format="dlc")
    assert out.read_text() == SEVERAL
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 4, 5)
    if not is_file:
        assert (out.parent / "img1.png").read_bytes() == (file.parent / "img1.png").read_bytes()
        assert [image.path for image in formats.read(target, TRIPLE).images] == [
            out.parent / "img0.png",
            out.parent / "img1.png",
        ]


def test_the_configuration_names_animals_keypoints_and_edges(project):
    (project / "config.yaml").write_text(CONFIG)
    skeleton = formats.read_skeleton_of(project)
    assert skeleton.keypoints == ("snout", "tail", "box")
    assert skeleton.edges == ((1, 0),)
    assert formats.read_skeleton_of(project / "config.yaml").keypoints == skeleton.keypoints
    (project / "labeled-data/v1/CollectedData_Ann.csv").write_text(SEVERAL)
    assert formats.read_skeleton_of(project).edges == ((1, 0),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bodyparts: [a", "not YAML"),
        ("- bodyparts: 1", "not the configuration"),
        ("bodyparts: MULTI!", "does not name its keypoints"),
    ],
)
def test_a_configuration_without_keypoints_is_refused(project, text, message):
    (project / "config.yaml").write_text(text)
    with pytest.raises(UserProblem, match=message):
        formats.read_skeleton_of(project)


def test_hdf5_in_the_fixed_layout_is_read(project):
    values = [
        [float(cell or "nan") for cell in line.split(",")[1:]] for line in SEVERAL.splitlines()[4:]
    ]
    rows = [("labeled-data", "v1", f"img{number}.png") for number in range(2)]
    file = project / "labeled-data/v1/CollectedData_Ann.h5"
    write_fixed(file, columns_of(SEVERAL), rows, np.array(values))
    assert formats.detect_format(file) == formats.detect_format(project) == "dlc"
    from_hdf5 = formats.read(project, TRIPLE)
    file.with_suffix(".csv").write_text(SEVERAL)
    from_csv = formats.read(project, TRIPLE)
    assert [image.path for image in from_hdf5.images] == [image.path for image in from_csv.images]
    for one, other in zip(from_hdf5.annotations, from_csv.annotations, strict=True):
        assert (one.id, one.track, one.author) == (other.id, other.track, other.author)
        np.testing.assert_array_equal(one.xy, other.xy)


def test_hdf5_in_the_table_layout_is_read(project):
    file = project / "labeled-data/v1/CollectedData_Ann.h5"
    rows = [b"labeled-data\\v1\\img1.png"]
    write_table(file, SINGLE_COLUMNS, rows, [[1, 2, np.nan, np.nan]])
    dataset = formats.read(file, PAIR)
    assert dataset.images[0].path == file.parent / "img1.png"
    np.testing.assert_array_equal(dataset.annotations[0].visibility, [0, 2])
    np.testing.assert_array_equal(dataset.annotations[0].xy[1], [1, 2])


def test_a_header_that_could_run_code_is_not_run(project, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "trapped"), "w"))

    file = project / "labeled-data/v1/CollectedData_Ann.h5"
    write_table(file, SINGLE_COLUMNS, [b"a.png"], [[1, 2, 3, 4]], kind=pickle.dumps(Trap(), 0))
    with pytest.raises(UserProblem, match="header refers to") as caught:
        formats.read(file, PAIR)
    assert "csv" in caught.value.hint
    assert not (tmp_path / "trapped").exists()


def test_a_truncated_hdf5_file_is_refused(project):
    file = project / "labeled-data/v1/CollectedData_Ann.h5"
    write_table(file, SINGLE_COLUMNS, [b"a.png"], [[1, 2, 3, 4]])
    file.write_bytes(file.read_bytes()[:1500])
    with pytest.raises(UserProblem, match="is damaged or cut off"):
        formats.read(file, PAIR)
    file.write_text("hello")
    with pytest.raises(UserProblem, match="not an HDF5 file"):
        formats.read(file, PAIR, format="dlc")


def test_an_hdf5_file_without_a_table_is_refused(project):
    file = project / "CollectedData_Ann.h5"
    with h5py.File(file, "w") as empty:
        empty["x"] = np.zeros(3)
    with pytest.raises(UserProblem, match="holds no table"):
        formats.read(file, PAIR)


VISIBLE = """scorer,A,A,A,A,A,A
bodyparts,snout,snout,snout,tail,tail,tail
coords,x,y,visible,x,y,visible
labeled-data/v1/img0.png,1.0,2.0,1,3.0,4.0,2
labeled-data/v1/img1.png,,,0,,,0
"""


def test_visibility_columns_are_read_and_written_again(project, tmp_path):
    file = project / "labeled-data/v1/CollectedData.csv"
    file.write_text(VISIBLE)
    dataset = formats.read(file, PAIR)
    np.testing.assert_array_equal(dataset.annotations[0].visibility, [1, 2])
    assert len(dataset.annotations) == 1
    receipt = formats.write(dataset, tmp_path / "CollectedData_A.csv", format="dlc")
    assert (tmp_path / "CollectedData_A.csv").read_text() == VISIBLE
    assert (receipt.occluded, receipt.notes) == (1, ())


def test_a_wrong_visibility_is_refused_and_an_occluded_keypoint_needs_no_position(project):
    file = project / "labeled-data/v1/CollectedData.csv"
    file.write_text(VISIBLE.replace("1.0,2.0,1", ",,1"))
    assert formats.read(file, PAIR).annotations[0].visibility.tolist() == [0, 2]
    file.write_text(VISIBLE.replace("4.0,2", "4.0,3"))
    with pytest.raises(UserProblem, match="line 4, column 7: “3” is not a visibility"):
        formats.read(file, PAIR)


def labelled(image_id, xy, visibility=(2, 2), *, track="", author=""):
    return Annotation(
        f"{image_id}{track}{xy}",
        image_id,
        np.array(xy, dtype=float),
        np.array(visibility),
        track=track,
        author=author,
    )


def test_subjects_without_tracks_get_free_names(tmp_path):
    images = (Image(1, tmp_path / "v1/a.png"), Image(2, tmp_path / "v1/b.png"))
    annotations = (
        labelled(1, [[1, 2], [3, 4]]),
        labelled(1, [[5, 6], [7, 8]], track="individual1"),
        labelled(2, [[1, 2], [3, 4]]),
        labelled(2, [[9, 9], [9, 8]]),
    )
    receipt = formats.write(Dataset(PAIR, images, annotations), tmp_path / "out.csv", format="dlc")
    rows = list(csv.reader(lines(tmp_path / "out.csv")))
    assert rows[1][1::4] == ["individual1", "individual2", "individual3"]
    assert rows[4] == [
        "labeled-data/v1/a.png",
        *["5.0", "6.0", "7.0", "8.0", "1.0", "2.0", "3.0", "4.0"],
        *[""] * 4,
    ]
    assert receipt.annotations == 4
    twice = (*annotations, labelled(1, [[1, 1], [1, 1]], track="individual1"))
    with pytest.raises(UserProblem, match=r"a\.png: two subjects have the track “individual1”"):
        formats.write(Dataset(PAIR, images, twice), tmp_path / "out.csv", format="dlc")


def test_what_cannot_be_written_is_said(tmp_path):
    images = (
        Image(1, tmp_path / "a/x.png"),
        Image(2, tmp_path / "b/a/x.png"),
        Image(3, tmp_path / "film.mp4", frame=7),
        Image(4, tmp_path / "a/unlabelled.png"),
    )
    annotations = (
        labelled(1, [[1, 2], [3, 4]], (1, 2), author="Ann"),
        labelled(2, [[1, 2], [3, 4]], author="Bob"),
        labelled(3, [[1, 2], [3, 4]]),
    )
    receipt = formats.write(Dataset(PAIR, images, annotations), tmp_path / "out", format="dlc")
    files = sorted(file.parent.name for file in (tmp_path / "out").rglob("*_kpstudio.csv"))
    assert files == ["a", "a-2", "film"]
    text = (tmp_path / "out/labeled-data/film/CollectedData_kpstudio.csv").read_text()
    assert "labeled-data/film/img0007.png,1.0,2.0" in text
    assert (receipt.images, receipt.occluded) == (3, 1)
    said = " ".join(receipt.notes)
    for what in ("2 images were not copied", "1 frames of videos", "1 occluded", "Ann, Bob"):
        assert what in said


def test_predictions_are_not_written_as_labels(tmp_path):
    with pytest.raises(UserProblem, match="not predictions"):
        formats.write(Dataset(PAIR, (), ()), tmp_path, format="dlc", predictions=())


def test_a_folder_that_may_not_be_written_is_a_problem_of_the_user(tmp_path):
    (tmp_path / "out").write_text("a file")
    dataset = Dataset(PAIR, (Image(1, tmp_path / "a.png"),), (labelled(1, [[1, 2], [3, 4]]),))
    with pytest.raises(UserProblem, match="was not written"):
        formats.write(dataset, tmp_path / "out", format="dlc")


def lines(file):
    return file.read_text().splitlines()


def test_the_openfield_labels_are_written_digit_by_digit_as_they_were(shared, tmp_path):
    source = shared / "data/dlc_openfield/labeled-data/m4s1/CollectedData_Pranav.csv"
    skeleton = formats.read_skeleton_of(source)
    out = tmp_path / "CollectedData_Pranav.csv"
    formats.write(formats.read(source, skeleton), out, format="dlc")
    assert out.read_text() == source.read_text()
    from_hdf5 = formats.read(source.with_suffix(".h5"), skeleton)
    formats.write(from_hdf5, out, format="dlc")
    assert out.read_text() == source.read_text()


def test_the_mirror_mouse_is_written_number_by_number_as_it_was(shared, tmp_path):
    source = shared / "data/lp_mirror_mouse/CollectedData.csv"
    out = tmp_path / "CollectedData_rick.csv"
    formats.write(formats.read(source, formats.read_skeleton_of(source)), out, format="dlc")
    numbers, written = (
        [[float(cell or "nan") for cell in line.split(",")[1:]] for line in lines(file)[3:]]
        for file in (source, out)
    )
    np.testing.assert_array_equal(numbers, written)
    assert lines(source)[:3] == lines(out)[:3]
    assert [line.split(",")[0] for line in lines(source)] == [
        line.split(",")[0] for line in lines(out)
    ]


def test_paths_in_three_columns_and_empty_rows_stay_so(project):
    text = (
        "scorer,,,Ann,Ann,Ann,Ann\nbodyparts,,,tail,tail,snout,snout\ncoords,,,x,y,x,y\n"
        "labeled-data,v1,img0.png,,,,\nlabeled-data,v1,img1.png,1.0,2.0,,\n"
    )
    file = project / "labeled-data/v1/CollectedData_Ann.csv"
    file.write_text(text)
    dataset = formats.read(file, formats.read_skeleton_of(file))
    receipt = formats.write(dataset, project, format="dlc")
    assert file.read_text() == text
    assert (receipt.images, receipt.annotations) == (2, 1)
