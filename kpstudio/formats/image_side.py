"""The width or height of an image as a labels file says it."""

_LONGEST_PX = 2**31


def image_side(written: int | None) -> int:
    """The side in pixels; 0, for not known, where no image has such a one."""
    return written if written is not None and 0 < written < _LONGEST_PX else 0
