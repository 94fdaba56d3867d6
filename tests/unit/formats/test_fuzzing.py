"""Damaged files of every format: each is read, or refused in words, quickly and with little memory.

The reading is done in processes of their own: a crash, a hang and a lack of memory fail the test.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kpstudio import formats

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
def test_twenty_thousand_damaged_files_are_read_or_refused_in_words(tmp_path, shared, part):
    check(read_damaged(tmp_path, str(shared), part * 1000, part * 1000 + 1000), 1000)
