"""Commands that only look, on a project whose tables are older than this kpstudio."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from kpstudio.cli.arguments import run_command

OLD = Path(__file__).parents[1] / "store" / "old" / "0001.kps"


@pytest.fixture
def old(tmp_path) -> Path:
    (tmp_path / "photos").mkdir()
    cv2.imwrite(str(tmp_path / "photos" / "1.png"), np.zeros((7, 5), np.uint8))
    return Path(shutil.copy(OLD, tmp_path / "old.kps"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["augmentation"], "Presets:"),
        (["history"], "Add"),
        (["issue"], "No issue is open."),
        (["review"], "unreviewed  7 images"),
        (["runs"], "finished"),
        (["skeleton"], "left ear"),
        (["check"], "checkpoint of run 1"),
        (["import", "{folder}/photos", "--check"], "1 images, 0 of them labelled"),
        (["export", "{folder}/out.json", "--format", "coco"], "out.json"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)
def test_an_old_project_is_looked_at_without_a_change(old, capsys, words, told):
    before = old.read_bytes()
    name, *others = (each.format(folder=old.parent) for each in words)
    run_command([name, str(old), *others])
    out, err = capsys.readouterr()
    assert told in out
    assert "old.kps was made by an older kpstudio" in err
    assert old.read_bytes() == before
