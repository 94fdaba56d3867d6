import pytest
from PySide6.QtWidgets import QApplication
from studio_fixtures import open_studio, project, studio

from kpstudio.gui import languages
from kpstudio.workspace.preferences import Preferences, write_preferences

__all__ = ["open_studio", "project", "studio"]


@pytest.fixture
def in_chinese(own_settings):
    """The window that is opened next speaks Chinese."""
    write_preferences(Preferences(language="zh_CN"))
    application = QApplication.instance() or QApplication([])
    assert languages.install_language(application, "zh_CN") == "zh_CN"
    yield
    languages.install_language(application, "en")
