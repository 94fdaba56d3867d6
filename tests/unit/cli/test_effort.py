"""What labelling has cost, on the command line."""

import csv
import json
from pathlib import Path

import pytest

from kpstudio.__main__ import main
from kpstudio.core.effort import EffortLog, SubjectEffort, effort_path, keep_effort
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project


@pytest.fixture
def project(tmp_path) -> Path:
    path = tmp_path / "newts.kps"
    with Project.create(path, Skeleton("newt", ("snout", "tail")), author="Ann"):
        pass
    return path


@pytest.fixture
def worked_on(project) -> Path:
    """Three annotations, two of which began as predictions."""
    keep_effort(
        project,
        EffortLog(
            {
                "a": SubjectEffort(7.25, 2, 1, 1, is_accepted=True),
                "b": SubjectEffort(11.0, 5, 0, 3, True, {"tail": 1, "snout": 2}),
                "c": SubjectEffort(41.75, 8, 2, 4, False, {"snout": 3}),
            }
        ),
    )
    return project


def test_the_effort_is_told_in_the_words_of_the_panel(worked_on, capsys):
    assert main(["effort", str(worked_on)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "annotations  3",
        "time         1.0 min; 11.0 s each (median)",
        "each         5.0 clicks, 1.0 keys",
        "accepted     2, 50 % without a change",
        "corrected",
        "  snout  5",
        "  tail   1",
    ]


def test_a_program_gets_the_summary_and_every_annotation(worked_on, capsys):
    assert main(["effort", str(worked_on), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["summary"]["accepted_unchanged"] == 0.5
    assert told["summary"]["corrections"] == {"snout": 5, "tail": 1}
    assert told["annotations"]["b"]["clicks"] == 5
    EffortLog({"c": SubjectEffort(1.5)}).write(worked_on.with_name("own.json"))
    exported = json.loads(worked_on.with_name("own.json").read_text())
    assert exported.keys() == told.keys(), "the window exports the same"


def test_a_table_is_written_whatever_the_file_is_called(worked_on, tmp_path, capsys):
    out = tmp_path / "effort.txt"
    assert main(["effort", str(worked_on), "--csv", str(out)]) == 0
    assert capsys.readouterr().out == f"Wrote {out}: 3 annotations.\n"
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["annotation"] for row in rows] == ["a", "b", "c"]
    assert (rows[1]["seconds"], rows[1]["accepted"], rows[1]["corrections"]) == ("11.00", "1", "3")


def test_without_a_record_it_says_who_counts(project, capsys):
    assert main(["effort", str(project)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "Nothing is known of it on this machine" in said.err
    assert main(["effort", str(project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["accepted_unchanged"] is None


def test_what_cannot_be_read_or_written_is_said_in_words(worked_on, tmp_path, capsys):
    assert main(["effort", str(tmp_path / "gone.kps")]) == 1
    assert "gone.kps" in capsys.readouterr().err
    assert main(["effort", str(worked_on), "--csv", str(tmp_path / "no" / "out.csv")]) == 1
    assert "out.csv was not written" in capsys.readouterr().err
    assert main(["effort", str(worked_on), "--csv", "x.csv", "--json"]) == 2
    assert "not allowed with" in capsys.readouterr().err
    effort_path(worked_on).write_bytes(b"{broken")
    assert main(["effort", str(worked_on)]) == 1
    assert "cannot be read" in capsys.readouterr().err
