"""The files of this field, read and written."""

from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.frame_choice import FrameChoice
from kpstudio.formats.registry import FORMATS, detect_format, read, read_skeleton_of, write

__all__ = [
    "FORMATS",
    "Format",
    "FrameChoice",
    "WriteReceipt",
    "detect_format",
    "read",
    "read_skeleton_of",
    "write",
]
