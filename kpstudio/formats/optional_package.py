"""Packages that only some formats need, and that are large."""

import importlib
from typing import Any

from kpstudio.core.errors import UserProblem


def optional_package(name: str, *, purpose: str) -> Any:
    """Import a module of such a package.

    Args:
        name: Of the module.
        purpose: What it is needed for, at the beginning of a sentence.

    Raises:
        UserProblem: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserProblem(
            f"{purpose} needs the package {name.partition('.')[0]}, which is not installed.",
            'Install it, and start kpstudio again: pip install "kpstudio[formats]"',
        ) from error
