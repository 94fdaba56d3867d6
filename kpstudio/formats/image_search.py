"""Where the images of a labels file are now, whatever computer wrote their paths."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PureWindowsPath

from kpstudio.imaging.portable_path import absolute_path, is_file

_WINDOWS = re.compile(r"^([A-Za-z]:[\\/]|\\\\)")
_SAMPLE = 20


class ImageSearch:
    """Finds images by the names that a labels file has for them.

    Args:
        file: The labels file, or the folder of labels.
        names: As they are written, the first of which decide among the roots.
        roots: Folders from which names may count, besides the file's own and `images` in it.
    """

    def __init__(self, file: Path, names: Iterable[str], roots: Sequence[Path] = ()) -> None:
        folder = file.absolute()
        folder = (folder if folder.is_dir() else folder.parent).resolve()
        self.roots = [folder, folder / "images", *roots]
        """All folders from which names may count."""
        some = [name for _, name in zip(range(_SAMPLE), names, strict=False)]
        self.root = max(
            self.roots,
            key=lambda root: sum(is_file(self._as_written(name, root)) for name in some),
        )
        """The folder from which most names count."""

    def find(self, name: str) -> Path:
        """Where the image is; where it most likely was, if it is nowhere."""
        expected = self._as_written(name, self.root)
        if not _WINDOWS.match(name) or is_file(expected):
            return expected
        # A path of another computer: its end may still be the same here.
        parts = PureWindowsPath(name).parts[1:]
        for start in range(len(parts)):
            for root in self.roots:
                candidate = root.joinpath(*parts[start:])
                if is_file(candidate):
                    return candidate
        return self.root / parts[-1] if parts else expected

    @staticmethod
    def _as_written(name: str, root: Path) -> Path:
        return absolute_path(name.replace("\\", "/"), root)
