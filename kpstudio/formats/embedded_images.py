"""Images that a labels file holds inside: saved once as files of their own, beside it.

They go to a folder of the file's name with “.images” at its end, with a text that says what they
are. An image is saved again only if the labels file has become newer.
"""

from pathlib import Path

import cv2
import numpy as np

from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.errors import UserProblem

_EXPLANATION = """These images were inside {name}.

kpstudio saved them here when it imported that file, because a project refers to images by the path
of their files. Keep this folder as long as a project uses them. If it is deleted, import
{name} again.
"""


class EmbeddedImages:
    """The folder of the images of one labels file.

    Args:
        file: The labels file.

    Raises:
        UserProblem: The folder cannot be made.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._time = file.stat().st_mtime
        self.folder = file.absolute().with_name(f"{file.name}.images")
        self._make(self.folder)
        explanation = self.folder / "README.txt"
        if not explanation.exists():
            write_atomically(explanation, _EXPLANATION.format(name=file.name).encode())

    def saved(self, name: str) -> Path | None:
        """Where an image was saved earlier; None if it was not, or the labels file is newer.

        Args:
            name: Path in the folder, without an ending.
        """
        for suffix in (".png", ".jpg"):
            target = self.folder / f"{name}{suffix}"
            try:
                if target.stat().st_mtime >= self._time:
                    return target
            except OSError:
                continue
        return None

    def save(self, name: str, pixels: np.ndarray) -> Path:
        """Save an image as PNG.

        Args:
            name: Path in the folder, without an ending.
            pixels: (H, W), (H, W, 1) grey or (H, W, 3) RGB; 8 bits, or floats from 0 to 1.

        Raises:
            UserProblem: It cannot be saved, or is not an image.
        """
        target = self.folder / f"{name}.png"
        if pixels.dtype.kind == "f":
            pixels = np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
        if pixels.dtype == np.bool_:
            pixels = pixels.astype(np.uint8) * 255
        if pixels.ndim == 3 and pixels.shape[2] == 3:
            pixels = pixels[:, :, ::-1]
        try:
            _, data = cv2.imencode(".png", np.ascontiguousarray(pixels))
        except cv2.error as error:
            raise UserProblem(
                f"{self._file.name}: the image {name} has the shape {pixels.shape} and the type"
                f" {pixels.dtype}, which no image has.",
                "Export the file again.",
            ) from error
        return self._write(target, data.tobytes())

    def save_encoded(self, name: str, data: bytes, suffix: str) -> Path:
        """Save the bytes of an image file as they are."""
        return self._write(self.folder / f"{name}{suffix}", data)

    def _write(self, target: Path, data: bytes) -> Path:
        self._make(target.parent)
        write_atomically(target, data)
        return target

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserProblem(
                f"{self._file.name} holds its images inside, and they cannot be saved to"
                f" {folder} ({error.strerror}).",
                "Copy the file into a folder that may be written, and import it from there.",
            ) from error
