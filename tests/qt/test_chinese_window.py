"""What comes from below the window reads in Chinese where the window shows it."""

import json
import re

import pytest
from english import english_of
from newts import NEWT, draw_newts
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel

from kpstudio import formats
from kpstudio.decoders import describe_decoders
from kpstudio.gui.augmentation_dialog import AugmentationDialog
from kpstudio.gui.decoder_panel import DecoderPanel
from kpstudio.gui.export_dialog import ExportDialog
from kpstudio.gui.import_dialog import FindingFrame, ImportDialog
from kpstudio.models import describe_heads, describe_networks
from kpstudio.store.project import Project

CITED = re.compile(r"\b(19|20)\d\d\b")
NAMES = {"DARK", "DARK-UDP", "DSNT", "AWR", "Argmax", "U-Net", "sigma"}


@pytest.fixture
def newts(studio, tmp_path):
    """A project for newts, and labels of some with many faults."""
    (tmp_path / "frames").mkdir()
    dataset = draw_newts(tmp_path / "frames")
    with Project.create(tmp_path / "newts.kps", NEWT):
        pass
    path = tmp_path / "labels.json"
    formats.write(dataset, path)
    file = json.loads(path.read_text())
    annotations = file["annotations"]
    annotations[0]["keypoints"][:2] = 0, 0
    annotations[1]["keypoints"][:2] = 700, 30
    annotations[2]["keypoints"] = [0] * len(annotations[2]["keypoints"])
    annotations.append({**annotations[3], "id": 1009})
    file["images"][4]["width"] = 142
    path.write_text(json.dumps(file))
    dataset.images[5].path.unlink()
    dataset.images[6].path.write_bytes(b"none")
    studio.workspace.open_project(tmp_path / "newts.kps")
    return path


def test_the_import_doctor_speaks_chinese(in_chinese, studio, newts):
    studio.workspace.import_sources([newts])
    studio.wait(lambda: studio.workspace.importing.pending is not None)
    dialog = studio.window.findChild(ImportDialog)
    assert len(dialog.findChildren(FindingFrame)) == 8
    shown = {text for text in english_of(dialog) if "png" not in text}
    assert shown == {"labels.json"}
    dialog.accept_button.click()
    studio.wait(lambda: "已导入 13 张图像" in studio.notice)
    assert "例如：newt3.png" in studio.notice
    assert not re.search("[a-z]{2} [a-z]{2}", studio.notice)


def test_the_receipt_of_an_export_is_chinese(in_chinese, studio, project):
    studio.open(project)
    studio.window.actions_by_name["export"].trigger()
    dialog = studio.window.findChild(ExportDialog)
    studio.wait(lambda: dialog.format.count() > 0)
    dialog.format.setCurrentIndex(dialog.format.findData("csv_wide"))
    dialog.path.setText(str(project.with_name("out.csv")))
    dialog.export()
    receipt = dialog.findChild(QLabel, "receipt")
    studio.wait(lambda: "已核对：重新读取后完全一致" in receipt.text())
    assert "2 张图像，2 个标注，6 个关键点：4 可见，2 遮挡，0 未标注" in receipt.text()
    assert "1 张图像没有标注，已略去。" in receipt.text()
    named = {title for _, title in studio.workspace.exporting.formats()}
    assert [text for text in english_of(dialog) if text not in named] == []
    dialog.close()


def test_what_the_engine_says_of_itself_is_chinese(in_chinese, studio, project):
    studio.open(project)
    inference, training = studio.workspace.inference, studio.window.training
    inference.networks, inference.heads = describe_networks(), describe_heads()
    inference.decoders = describe_decoders()
    inference.described.emit()
    panel = studio.window.findChild(DecoderPanel)
    assert training.head.currentText() == "热图"
    assert training.network.toolTip().startswith("小而快")
    assert training._labelled.text() == "已标注 2 / 3 张图像。 有 10 张以上才是有用的开端。"
    titles = {each.title for each in (*inference.networks, *inference.heads)}
    for row in range(panel.choice.count()):
        panel.choice.activated.emit(row)
        left = [*english_of(panel), *english_of(training)]
        cited = [text for text in left if not CITED.search(text)]
        assert set(cited) <= NAMES | titles
        assert panel._help.text().endswith("。")


def test_the_dialog_of_the_augmentation_is_chinese_and_has_room_for_it(in_chinese, studio):
    dialog = AugmentationDialog(studio.workspace.training.augmentation, studio.window)
    dialog.show()
    assert english_of(dialog) == []
    for label in dialog.findChildren(QLabel):
        if not label.wordWrap():
            assert label.width() >= QFontMetrics(label.font()).horizontalAdvance(label.text())
    dialog.close()
