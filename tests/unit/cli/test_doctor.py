import subprocess

import pytest

from kpstudio.cli import doctor
from kpstudio.cli.doctor import missing_libraries


@pytest.mark.parametrize("version", ["6.11.0", "6.11.1"])
def test_a_qt_that_breaks_the_panels_is_found(version):
    finding = doctor._version_finding("PySide6-Essentials", version)
    assert "breaks" in finding.text
    assert "pip install" in finding.cure


def test_a_good_version_needs_no_cure():
    assert doctor._version_finding("PySide6-Essentials", "6.11.3").cure == ""


def test_a_qt_that_crashes_python_3_11_is_found(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 11, 7))
    assert "crashes" in doctor._version_finding("PySide6-Essentials", "6.12.0").text
    monkeypatch.setattr(doctor.sys, "version_info", (3, 12, 1))
    assert doctor._version_finding("PySide6-Essentials", "6.12.0").cure == ""


def test_libraries_that_are_missing_are_named_with_their_packages(monkeypatch):
    def run(command, **options):
        lines = "\tlibxcb-cursor.so.0 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x0)\n"
        if command[0] == "ldd":
            return subprocess.CompletedProcess(command, 0, lines, "")
        return subprocess.CompletedProcess(command, -6, "", "could not load the plugin")

    monkeypatch.setattr(doctor.subprocess, "run", run)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert missing_libraries("xcb") == ["libxcb-cursor.so.0"]
    finding = doctor._qt_start("window", None)
    assert "libxcb-cursor.so.0" in finding.text
    assert finding.cure.endswith("sudo apt install libxcb-cursor0")


def test_a_variable_that_leads_to_another_qt_is_wrong(monkeypatch):
    monkeypatch.setenv("QT_PLUGIN_PATH", "/somewhere")
    cures = [finding.cure for finding in doctor._environment() if finding.cure]
    assert cures == ["Unset it: unset QT_PLUGIN_PATH"]


def test_a_card_that_torch_cannot_use_is_wrong(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(doctor, "version", lambda name: "2.9.0+cpu")
    assert "without CUDA" in doctor._graphics_card("cpu").text
    monkeypatch.setattr(doctor, "version", lambda name: "2.9.0")
    assert "driver" in doctor._graphics_card("cpu").cure
    assert doctor._graphics_card("cuda:0 NVIDIA H100").cure == ""


def test_a_folder_that_cannot_be_written_is_wrong(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    finding = doctor._writable(file / "folder")
    assert "cannot be written" in finding.text
    assert "KPSTUDIO_HOME" in finding.cure
