"""Shapes and types are checked by beartype in every test run; data beside the repository is found."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

install_import_hook(
    [
        f"kpstudio.{name}"
        for name in ("core", "imaging", "decoders", "models", "inference", "training")
    ],
    "helpers.typecheck",
)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """Real data and reference numbers, where they lie beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return SHARED
