"""Damaged files of every format: each is read, or refused in words, quickly and with little memory.

The reading is done in processes of their own: a crash, a hang and a lack of memory fail the test.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from damage import damage
from labelled_data import TRIPLE, draw_dataset
from specimens import make_specimens

from kpstudio import formats
from kpstudio.__main__ import main
from kpstudio.core.errors import UserProblem
from kpstudio.imaging.read import read_image
from kpstudio.imaging.size import read_size
from kpstudio.store.project import Project

TESTS = Path(__file__).parents[2]
SLOWEST_S = 10.0


def read_damaged(folder: Path, shared: str, first: int, last: int) -> dict:
    command = [sys.executable, str(TESTS / "reading_process.py")]
    paths = [str(TESTS.parent), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [*command, str(folder), shared, str(first), str(last)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=220,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)},
    )
    current = folder / "current"
    where = current.read_text() if current.exists() else "no case"
    assert done.returncode == 0, f"the process ended at case {where}:\n{done.stderr[-5000:]}"
    return json.loads(done.stdout)


def check(answer: dict, count: int) -> None:
    assert not answer["failures"], "\n\n".join(answer["failures"][:7])
    assert set(answer["counts"]) == {name for name, _ in formats.FORMATS.items()}
    assert sum(sum(each.values()) for each in answer["counts"].values()) == count
    assert answer["slowest_s"] < SLOWEST_S


def test_some_hundred_damaged_files_are_read_or_refused_in_words(tmp_path):
    answer = read_damaged(tmp_path, "-", 0, 300)
    check(answer, 300)
    outcomes = [
        sum(each.get(what, 0) for each in answer["counts"].values()) for what in ("read", "refused")
    ]
    assert min(outcomes) > 30


@pytest.mark.thorough
@pytest.mark.parametrize("part", range(20))
def test_twenty_thousand_damaged_files_are_read_or_refused_in_words(
    tmp_path, shared, record_property, part
):
    answer = read_damaged(tmp_path, str(shared), part * 1000, part * 1000 + 1000)
    for name, value in answer.items():
        record_property(name, json.dumps(value))
    check(answer, 1000)


def import_damaged(folder: Path, numbers: range) -> dict[int, int]:
    """The exit codes of `kpstudio import`, and how often each came."""
    codes = {0: 0, 1: 0}
    specimens = [each for of_format in make_specimens(folder, None).values() for each in of_format]
    for number in numbers:
        draw = random.Random(f"import {number}")
        specimen = specimens[number % len(specimens)]
        project = folder / f"{number}.kps"
        Project.create(project, specimen.skeleton).close()
        before = project.read_bytes()
        part = draw.choice(specimen.parts())
        whole = part.read_bytes()
        part.write_bytes(damage(whole, draw))
        code = main(["import", str(project), str(specimen.path), "--format", specimen.format])
        part.write_bytes(whole)
        codes[code] += 1
        assert code == 0 or project.read_bytes() == before, f"import {number} left something"
        assert not list(folder.glob("*.lock")), number
        with Project.open(project) as again:
            assert code == 0 or not again.images()
            assert code == 0 or not again.history.entries()
        project.unlink()
    return codes


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("count", [20, pytest.param(800, marks=pytest.mark.thorough)])
def test_an_import_that_fails_leaves_the_project_as_it_was(tmp_path, count):
    codes = import_damaged(tmp_path, range(count))
    assert min(codes.values()) > count // 10


ODD = {
    "labels.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in b"bcdefghijk")
    + b"]><annotations><meta>&k;</meta></annotations>",
    "data.yaml": b"kpt_shape: [3, 3]\na: &a [x, x]\n"
    + b"".join(b"%c: &%c [*%c, *%c]\n" % (n, n, n - 1, n - 1) for n in range(ord("b"), ord("z")))
    + b"train: 2001-99-99\n",
}


@pytest.mark.parametrize("name", ODD)
def test_files_that_unfold_without_end_are_refused_in_words(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(ODD[name])
    with pytest.raises(UserProblem) as caught:
        formats.read(path, TRIPLE)
    assert caught.value.hint


def test_a_name_longer_than_any_system_allows_is_a_missing_image(tmp_path):
    path = tmp_path / "labels.csv"
    dataset = draw_dataset(tmp_path)
    formats.write(dataset, path, format="coco")
    path = path.rename(tmp_path / "labels.json")
    path.write_bytes(path.read_bytes().replace(b"a.png", b"a" * 5000 + b".png"))
    found = formats.read(path, TRIPLE)
    assert len(found.annotations) == 3
    with Project.create(tmp_path / "a.kps", TRIPLE) as project:
        project.import_dataset(found, source="labels.json")
        assert [len(image.path.name) for image in project.files.missing()] == [5004]


def test_a_quotation_as_long_as_the_file_is_shortened(tmp_path):
    path = tmp_path / "labels.csv"
    dataset = draw_dataset(tmp_path)
    formats.write(dataset, path, format="csv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, "x" * 99_991]))
    with pytest.raises(UserProblem) as caught:
        formats.read(path, TRIPLE, format="csv")
    assert len(caught.value.message) < 2000


@pytest.mark.parametrize("open_image", [read_image, read_size])
def test_a_name_that_no_file_can_have_is_said(open_image):
    with pytest.raises(UserProblem, match="no file has such a name"):
        open_image(Path("a\x00b.png"))


@pytest.mark.parametrize("format", ["cvat", "label_studio"])
def test_an_image_that_is_in_a_file_twice_has_subjects_of_its_own_each_time(tmp_path, format):
    path = tmp_path / {"cvat": "labels.xml", "label_studio": "labels.json"}[format]
    formats.write(draw_dataset(tmp_path), path, format=format)
    first = formats.read(path, TRIPLE, format=format)
    text = path.read_text()
    if format == "cvat":
        start, end = text.index("<image "), text.rindex("</image>") + len("</image>")
        path.write_text(text[:end] + text[start:end] + text[end:])
    else:
        path.write_text(json.dumps(json.loads(text) * 2))
    twice = formats.read(path, TRIPLE, format=format)
    ids = [each.id for each in twice.annotations]
    assert ids[:3] == [each.id for each in first.annotations]
    assert len(set(ids)) == 6


@pytest.mark.parametrize(
    ("format", "name", "old", "new"),
    [
        ("coco", "labels.json", b'"keypoints":[1.25', b'"keypoints":["\xef"'),
        ("cvat", "labels.xml", b"utf-8", b"utf2x"),
    ],
)
def test_text_in_no_known_encoding_is_refused_in_words(tmp_path, format, name, old, new):
    path = tmp_path / name
    formats.write(draw_dataset(tmp_path), path, format=format)
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    with pytest.raises(UserProblem):
        formats.read(path, TRIPLE, format=format)
