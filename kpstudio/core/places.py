"""Where things of the user lie that belong to no project."""

import os
from pathlib import Path

import platformdirs


def config_folder() -> Path:
    """Where preferences and the log lie; KPSTUDIO_HOME takes another folder."""
    home = os.environ.get("KPSTUDIO_HOME")
    return Path(home) if home else Path(platformdirs.user_config_dir("kpstudio", appauthor=False))
