"""SLEAP's files once more, with the subjects that a model has found."""

from pathlib import Path
from typing import ClassVar

from kpstudio.formats.slp import SleapFormat
from kpstudio.formats.slp_file import SlpFile, SlpSubject


class SleapPredictionsFormat(SleapFormat):
    """A SLEAP file whose predictions are taken as labels, as if somebody had accepted them."""

    title: ClassVar[str] = "SLEAP predictions"

    def recognises(self, path: Path) -> bool:
        """Never: a prediction is not a label unless somebody says so."""
        del path
        return False

    def chosen(self, file: SlpFile) -> tuple[SlpSubject, ...]:
        return file.subjects
