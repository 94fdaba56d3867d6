import io

import numpy as np
import pytest
import scipy.io

from kpstudio.formats.mat_file import DamagedMatFile, NewerMatFile, read_variable

CONTENT = {
    "text": "Ärger",
    "number": 2.5,
    "small": np.uint8(7),
    "table": np.arange(6, dtype=np.int16).reshape(2, 3),
    "none": np.zeros((0, 0)),
    "structures": np.array([{"x": 1, "name": "a"}, {"x": 2, "name": "b"}]),
    "cells": np.array(["one", 3.0, {"y": -1.5}], dtype=object),
}


def saved(*, compressed=False):
    file = io.BytesIO()
    scipy.io.savemat(file, {"other": 3, "wanted": CONTENT}, do_compression=compressed)
    return file.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
def test_all_that_scipy_writes_is_read(compressed):
    found = read_variable(saved(compressed=compressed), "wanted")
    assert list(found) == list(CONTENT)
    assert (found["text"], found["number"], found["small"]) == ("Ärger", 2.5, 7)
    np.testing.assert_array_equal(found["table"], CONTENT["table"])
    assert found["none"].size == 0
    assert found["structures"] == [{"x": 1, "name": "a"}, {"x": 2, "name": "b"}]
    assert found["cells"] == ["one", 3.0, {"y": -1.5}]


def test_a_variable_that_is_not_there_is_none():
    assert read_variable(saved(), "missing") is None


def test_real_files_are_read_as_scipy_reads_them(shared):
    for name in ("campus", "shelf"):
        path = shared / f"data/mmpose_tests/{name}/actorsGT.mat"
        expected = scipy.io.loadmat(path)["actor3D"]
        found = read_variable(path.read_bytes(), "actor3D")
        assert len(found) == expected.size > 0


def test_a_file_cut_anywhere_is_damaged():
    whole = saved()
    # The other variable before it may be whole.
    for cut in (*range(0, 128, 31), *np.linspace(233, len(whole) - 1, 61).astype(int)):
        with pytest.raises(DamagedMatFile):
            read_variable(whole[:cut], "wanted")


def test_layout_7_3_is_told_apart():
    header = bytearray(saved()[:128])
    header[124:126] = b"\x00\x02"
    with pytest.raises(NewerMatFile):
        read_variable(bytes(header), "wanted")
