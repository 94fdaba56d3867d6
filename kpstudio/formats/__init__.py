"""The files of this field, read and written."""

from kpstudio.formats.checks import CheckReport, Finding, check_dataset
from kpstudio.formats.export_order import ExportContent, ExportOrder, ImageChoice, export
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.frame_choice import FrameChoice
from kpstudio.formats.images import image_files, natural_key
from kpstudio.formats.registry import FORMATS, detect_format, read, read_skeleton_of, write
from kpstudio.formats.subset import Subset

__all__ = [
    "FORMATS",
    "CheckReport",
    "ExportContent",
    "ExportOrder",
    "Finding",
    "Format",
    "FrameChoice",
    "ImageChoice",
    "Subset",
    "WriteReceipt",
    "check_dataset",
    "detect_format",
    "export",
    "image_files",
    "natural_key",
    "read",
    "read_skeleton_of",
    "write",
]
