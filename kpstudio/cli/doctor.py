"""The doctor command: what this machine has, what is wrong with it, and how to mend it."""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.util import find_spec
from pathlib import Path

import msgspec

from kpstudio import __version__
from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result
from kpstudio.core.messages import FrameReader, Hello, Reply
from kpstudio.core.places import config_folder

PACKAGES = ("numpy", "opencv-python-headless", "PySide6-Essentials", "torch")
FREE_BYTES = 1 << 30
QT_TIMEOUT_S = 60
ENGINE_TIMEOUT_S = 180

# PySide6 6.12.0 on Python 3.11 loses references to None until the interpreter aborts; 6.11.0 and
# 6.11.1 break the layout of docks.
GOOD_QT = "PySide6-Essentials>=6.10.3,<6.12,!=6.11.0,!=6.11.1"
DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
}


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; with a cure it is something wrong."""

    subject: str
    text: str
    cure: str = ""


def doctor(arguments: argparse.Namespace) -> int:
    """Say what this machine has and what is wrong; exit code 0 where nothing is."""
    findings = [
        *_versions(),
        *_opencv_variants(),
        *_qt(),
        *_environment(),
        *_engine(),
        *_places(),
    ]
    wrong = [finding for finding in findings if finding.cure]
    if arguments.json:
        print_json({"is_healthy": not wrong, "findings": findings})
        return 1 if wrong else 0
    for finding in findings:
        print_result(f"{'WRONG' if finding.cure else 'ok':5}  {finding.subject}: {finding.text}")
        if finding.cure:
            print_result(f"       {finding.cure}")
    print_result(f"\n{_verdict(len(wrong))}")
    return 1 if wrong else 0


def _verdict(count: int) -> str:
    if not count:
        return "Nothing is wrong."
    return (
        "One thing is wrong; see above." if count == 1 else f"{count} things are wrong; see above."
    )


def _versions() -> list[Finding]:
    system = f"{platform.system()} {platform.release()}, {os.cpu_count()} cores"
    findings = [
        Finding("kpstudio", f"{__version__}, Python {platform.python_version()}, {system}.")
    ]
    for package in PACKAGES:
        try:
            findings.append(_version_finding(package, version(package)))
        except PackageNotFoundError:
            cure = f'python -m pip install "{GOOD_QT if "PySide6" in package else package}"'
            findings.append(Finding(package, "It is not installed.", cure))
    return findings


def _version_finding(package: str, found: str) -> Finding:
    cure = f'python -m pip install "{GOOD_QT}"'
    if package == "PySide6-Essentials" and found == "6.12.0" and sys.version_info < (3, 12):
        return Finding(package, f"{found} crashes on Python 3.11 after a while.", cure)
    if package == "PySide6-Essentials" and found in ("6.11.0", "6.11.1"):
        return Finding(package, f"{found} breaks the layout of the panels.", cure)
    return Finding(package, f"{found}.")


def _opencv_variants() -> list[Finding]:
    """Packages that overwrite each other's files, and bring a Qt of their own."""
    names = {(each.metadata["Name"] or "").lower() for each in distributions()}
    others = sorted(names & {"opencv-python", "opencv-contrib-python"})
    if not others:
        return []
    return [
        Finding(
            "OpenCV",
            f"{' and '.join(others)} overwrites files of opencv-python-headless, and its Qt"
            " clashes with the window's.",
            f"python -m pip uninstall {' '.join(others)}, then"
            " python -m pip install --force-reinstall --no-deps opencv-python-headless",
        )
    ]


def _qt() -> list[Finding]:
    if find_spec("PySide6") is None:
        return []  # Said among the versions.
    display = _display()
    if sys.platform == "linux" and display is None:
        findings = [
            Finding(
                "display",
                "There is none here, so the window cannot open; the command line and --screenshot"
                " with QT_QPA_PLATFORM=offscreen work.",
            )
        ]
    else:
        findings = [Finding("display", f"{display}."), _qt_start("window", None)]
    return [*findings, _qt_start("window without a display", "offscreen")]


def _display() -> str | None:
    if sys.platform in ("win32", "darwin"):
        return "The system's own"
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(name):
            return f"{name}={os.environ[name]}"
    return None


def _qt_start(subject: str, qt_platform: str | None) -> Finding:
    """Start Qt in a process of its own: where it cannot start, it aborts."""
    environment = dict(os.environ)
    if qt_platform is not None:
        environment["QT_QPA_PLATFORM"] = qt_platform
    program = (
        "from PySide6.QtWidgets import QApplication\n"
        "print(QApplication([]).platformName(), flush=True)\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            timeout=QT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(subject, "Qt did not start within a minute.", "Check the display.")
    name = done.stdout.strip()
    if done.returncode == 0 and name:
        return Finding(subject, f"Qt starts (platform “{name}”).")
    missing = missing_libraries(qt_platform or "xcb")
    if missing:
        packages = sorted({DEBIAN_PACKAGES.get(each, each) for each in missing})
        cure = f"On Debian and Ubuntu: sudo apt install {' '.join(packages)}"
        return Finding(subject, f"Qt needs system libraries: {', '.join(missing)}.", cure)
    reason = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
    if "could not connect to display" in reason:
        cure = "Log in where there is a display (ssh -X), or set QT_QPA_PLATFORM=offscreen."
    else:
        cure = f'python -m pip install --force-reinstall "{GOOD_QT}"'
    return Finding(subject, f"Qt does not start: {reason}.", cure)


def missing_libraries(plugin: str) -> list[str]:
    """System libraries that Qt and one of its platform plugins look for in vain (Linux)."""
    spec = find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations or shutil.which("ldd") is None:
        return []
    folder = Path(spec.submodule_search_locations[0])
    wanted = [
        *folder.glob("QtWidgets*.so"),
        folder / "Qt" / "plugins" / "platforms" / f"libq{plugin}.so",
    ]
    missing = set()
    for library in filter(Path.is_file, wanted):
        listing = subprocess.run(
            ["ldd", str(library)], capture_output=True, text=True, timeout=30, check=False
        )
        missing |= {
            line.split("=>")[0].strip()
            for line in listing.stdout.splitlines()
            if "not found" in line
        }
    return sorted(missing)


def _environment() -> list[Finding]:
    names = sorted(name for name in os.environ if name.startswith(("QT_", "OPENCV_", "CUDA_")))
    findings = [Finding("environment", f"{name}={os.environ[name]}") for name in names]
    for name in ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"):
        if name in os.environ:
            text = f"{name} makes the window load the plugins of another Qt."
            findings.append(Finding("environment", text, f"Unset it: unset {name}"))
    return findings


def _engine() -> list[Finding]:
    """Start a real engine and hear what it says of itself."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "kpstudio.engine"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ENGINE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        text = "The engine did not start within three minutes."
        return [Finding("engine", text, "Try again; a slow disk may need it once.")]
    reader: FrameReader[Reply] = FrameReader(Reply)
    hello = next(iter(reader.feed(done.stdout)), None)
    if not isinstance(hello, Hello):
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit code {done.returncode}"
        cure = "python -m pip install --force-reinstall torch"
        return [Finding("engine", f"The engine does not start: {reason}", cure)]
    decoders = ", ".join(decoder.name for decoder in hello.decoders)
    return [Finding("engine", f"It starts; decoders: {decoders}."), _graphics_card(hello.device)]


def _graphics_card(device: str) -> Finding:
    if device != "cpu":
        return Finding("graphics card", f"The engine uses {device}.")
    if shutil.which("nvidia-smi") is None:
        text = "No NVIDIA card here; training and prediction run on the processor."
        return Finding("graphics card", text)
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return Finding("graphics card", "CUDA_VISIBLE_DEVICES hides it; the processor is used.")
    if version("torch").endswith("+cpu"):
        cure = "python -m pip install --force-reinstall torch from https://pytorch.org (CUDA)"
        return Finding("graphics card", "torch is the build without CUDA, so it is not used.", cure)
    return Finding(
        "graphics card",
        "nvidia-smi is here, but torch finds no card that it can use.",
        "Run nvidia-smi; if it lists the card, update its driver for this version of torch.",
    )


def _places() -> list[Finding]:
    free = shutil.disk_usage(Path.cwd()).free
    text = f"{free / 1e9:.1f} GB are free in {Path.cwd()}."
    cure = "Free some space: runs and their checkpoints lie beside the project."
    folder = config_folder()
    return [
        Finding("disk", text, cure if free < FREE_BYTES else ""),
        _writable(folder),
    ]


def _writable(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        text = f"{folder} cannot be written ({error.strerror})."
        cure = "Change who may write it, or set KPSTUDIO_HOME to another folder."
        return Finding("preferences", text, cure)
    return Finding("preferences", f"{folder} can be written.")


DOCTOR = Command(
    "doctor", "say what is wrong with this machine, and the cure", doctor, has_json=True
)
