"""Shapes and types are checked in every test run; data beside the repository is found."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# As in the program itself: threads that spin while they wait are slow on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

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
