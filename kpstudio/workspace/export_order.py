"""What an export dialog asks for, in the words of the formats."""

from kpstudio.formats import ExportOrder, ImageChoice, Subset, WriteReceipt

__all__ = ["ExportOrder", "ImageChoice", "Subset", "WriteReceipt"]
