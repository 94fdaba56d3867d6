"""Checking and repairing a project on the command line."""

import os
import sqlite3
import time
from pathlib import Path

from kpstudio.__main__ import main
from kpstudio.store.project import Project


def test_a_damaged_project_is_repaired_or_its_backup_put_back(mice, capsys, answer):
    assert main(["check", mice]) == 0
    assert "is whole" in capsys.readouterr().out
    moment = time.time() - 2 * 86400
    os.utime(mice, (moment, moment))
    answer("import", mice, Path(mice).parent / "frames", "--json")
    connection = sqlite3.connect(mice)
    connection.execute("UPDATE annotations SET image_id = 999 WHERE image_id < 4")
    connection.commit()
    connection.close()
    assert main(["check", mice]) == 1
    told = capsys.readouterr()
    assert "3 rows of annotations belong to nothing." in told.out
    backup = time.strftime("%Y-%m-%d", time.localtime(moment))
    assert f"--restore {backup}" in told.err
    assert main(["check", mice, "--repair"]) == 0
    assert "3 rows of annotations are lost." in capsys.readouterr().err
    assert main(["check", mice, "--restore", "yesterday"]) == 1
    assert f"There are: {backup}" in capsys.readouterr().err
    assert main(["check", mice, "--restore", backup]) == 0
    with Project.open(Path(mice), read_only=True) as project:
        assert len(project.labelled_image_ids()) == 20
