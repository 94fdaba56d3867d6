"""Shapes and types are checked in every test run; data beside the repository is found."""

import os
import shutil
import sys
import threading
from pathlib import Path

import hypothesis
import pytest
from jaxtyping import install_import_hook

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Checks at every call, and threads that sleep at every step, would be what a benchmark measures.
if not any("benchmarks" in word for word in sys.argv):
    # As in the program itself: threads that spin while they wait are slow on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    install_import_hook(
        [
            f"kpstudio.{name}"
            for name in ("core", "imaging", "decoders", "models", "inference", "training")
        ],
        "helpers.typecheck",
    )

# The same examples in every run: what fails for one person fails for all.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.load_profile("repeatable")

SHARED = (Path(__file__).resolve().parents[2] / "shared").resolve()


@pytest.fixture
def shared() -> Path:
    """Real data and reference numbers, where they lie beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return SHARED


@pytest.fixture
def frames(shared, tmp_path) -> Path:
    """A DeepLabCut project of 20 real frames."""
    source = shared / "data" / "dlc_openfield"
    folder = tmp_path / "frames" / "labeled-data" / "m4s1"
    folder.mkdir(parents=True)
    lines = (source / "labeled-data/m4s1/CollectedData_Pranav.csv").read_text().splitlines()
    kept = [*lines[:3], *lines[3::5][:20]]
    (folder / "CollectedData_Pranav.csv").write_text("\n".join(kept) + "\n")
    for line in kept[3:]:
        name = Path(line.split(",")[0])
        shutil.copyfile(source / name, tmp_path / "frames" / name)
    shutil.copyfile(source / "config.yaml", tmp_path / "frames" / "config.yaml")
    return tmp_path / "frames"


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch) -> Path:
    """No test reads or writes the settings of the person who runs it."""
    home = tmp_path / "home"
    monkeypatch.setenv("KPSTUDIO_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def nothing_leaks():
    """A test leaves no thread and no engine behind."""
    threads = set(threading.enumerate())
    children = child_engines()
    yield
    left = [t for t in threading.enumerate() if t not in threads and t.is_alive() and not t.daemon]
    assert not left, f"threads left behind: {left}"
    assert child_engines() <= children, "an engine process was left behind"


def child_engines() -> set[int]:
    """Processes of this one that run an engine (where /proc can tell)."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            continue
        if parent == os.getpid() and b"kpstudio.engine" in command:
            found.add(int(folder.name))
    return found
