"""What import-linter cannot say: which part of Qt the workspace may use, and file names."""

import ast
from pathlib import Path

import kpstudio

PACKAGE = Path(kpstudio.__file__).parent


def imported_modules(path):
    for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.ImportFrom) and statement.module:
            yield statement.module
        elif isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)


def test_the_workspace_uses_only_qtcore():
    qt = {
        module
        for path in (PACKAGE / "workspace").rglob("*.py")
        for module in imported_modules(path)
        if module.startswith(("PySide6", "pyqtgraph"))
    }
    assert qt <= {"PySide6.QtCore"}


def test_no_file_has_a_name_that_says_nothing():
    names = {path.stem for path in PACKAGE.rglob("*.py")}
    assert not names & {"utils", "helpers", "common", "base", "manager"}
