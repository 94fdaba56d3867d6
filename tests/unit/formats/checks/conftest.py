import pytest
from newts import draw_newts

from kpstudio.core.dataset import Dataset


@pytest.fixture
def newts(tmp_path) -> Dataset:
    return draw_newts(tmp_path)
