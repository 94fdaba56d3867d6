"""What a start imports, and what is imported while the window goes on."""

import json
import subprocess
import sys
import threading

import pytest

from kpstudio import app
from kpstudio.workspace.imports import Imports

# Each takes long, and nothing of it is seen before a project is open or a dialog is asked for.
NOT_AT_THE_START = {
    "asyncio",
    "av",
    "h5py",
    "jaxtyping",
    "kpstudio.cli.commands",
    "kpstudio.demo.project",
    "kpstudio.formats",
    "kpstudio.gui.export_dialog",
    "kpstudio.gui.new_project_dialog",
    "kpstudio.gui.skeleton_dialog",
    "kpstudio.store.project",
    "pyqtgraph",
    "sqlalchemy",
    "torch",
    "unittest.mock",
    "yaml",
}
START = """
import json, sys
import kpstudio.__main__
assert kpstudio.__main__.run_command([]).project is None
from kpstudio import app
from kpstudio.gui.main_window import MainWindow
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace
application = app.make_application()
window = MainWindow(Workspace(), ThemeSwitch("dark"))
window.show()
application.processEvents()
print(json.dumps([window.isVisible(), *sys.modules]))
window.close()
"""


def test_the_window_is_up_without_what_is_wanted_later():
    ended = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    is_visible, *modules = json.loads(ended.stdout)
    assert is_visible
    assert not NOT_AT_THE_START & set(modules)


def test_what_a_thread_imports_ahead_knows_nothing_of_qt():
    code = f"import sys\nfor name in {app.AHEAD!r}: __import__(name)\nprint(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = ended.stdout.split()
    assert set(app.AHEAD) <= set(modules)
    assert not [name for name in modules if name.startswith(("PySide6", "pyqtgraph"))]


@pytest.fixture
def newts(tmp_path, monkeypatch):
    """What has been imported of "newt_held", which waits for a gate, and of two other modules."""
    imported, gate = [], threading.Event()
    monkeypatch.setattr(sys, "newts", (imported, gate), raising=False)
    for name, waiting in (("held", "sys.newts[1].wait(20)"), ("ahead", ""), ("wanted", "")):
        code = f"import sys\n{waiting}\nsys.newts[0].append(__name__)\n"
        (tmp_path / f"newt_{name}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    yield imported, gate
    gate.set()
    for name in imported:
        del sys.modules[name]


@pytest.fixture
def imports(qapp):
    imports = Imports()
    yield imports
    imports.finish()


def test_what_is_wanted_goes_before_what_is_read_ahead(imports, newts, qtbot):
    imported, gate = newts
    done = []
    imports.want("newt_held", lambda: done.append("held"))
    imports.read_ahead(("newt_ahead",))
    imports.want("newt_wanted", lambda: done.append("wanted"))
    assert not imports.is_idle
    assert done == []
    gate.set()
    qtbot.waitUntil(lambda: imports.is_idle)
    assert imported == ["newt_held", "newt_wanted", "newt_ahead"]
    assert done == ["held", "wanted"]


def test_what_is_wanted_and_cannot_be_imported_is_a_problem(imports, qtbot):
    problems, done = [], []
    imports.problem_raised.connect(lambda problem: problems.append(problem.message))
    imports.want("newt_that_is_nowhere", lambda: done.append("never"))
    qtbot.waitUntil(lambda: imports.is_idle)
    (problem,) = problems
    assert "newt_that_is_nowhere" in problem
    assert done == []


def test_what_cannot_be_read_ahead_is_no_problem_of_the_user(imports, qtbot):
    problems = []
    imports.problem_raised.connect(problems.append)
    imports.read_ahead(("newts_that_are_not_there",))
    qtbot.waitUntil(lambda: imports.is_idle)
    assert problems == []


def test_closing_leaves_what_has_not_begun(imports, newts):
    imported, gate = newts
    done = []
    imports.want("newt_held", lambda: done.append("held"))
    imports.want("newt_wanted", lambda: done.append("wanted"))
    # What is held is let go when `finish` waits for it already.
    letting_go = threading.Timer(0.1, gate.set)
    letting_go.start()
    imports.finish()
    letting_go.join()
    assert "newt_wanted" not in imported
    assert done == []


def test_every_module_that_is_read_ahead_exists(studio):
    imports = studio.workspace.imports
    problems = []
    imports.problem_raised.connect(problems.append)
    for name in app.AHEAD:
        imports.want(name, lambda: None)
    studio.wait(lambda: imports.is_idle)
    assert problems == []
