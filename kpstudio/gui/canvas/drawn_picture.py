"""A picture in the format that is drawn fastest, made when it is worth it."""

from PySide6.QtGui import QImage


class DrawnPicture:
    """Qt scales 32 bits a pixel two to seven times as fast as 24.

    The first time a picture is drawn as it is, so that leafing through images does not wait for
    the conversion: 25 ms for 12 megapixels.
    """

    def __init__(self) -> None:
        self._key = 0
        self._converted: QImage | None = None

    def of(self, picture: QImage) -> QImage:
        """The picture to draw."""
        if picture.cacheKey() != self._key:
            self._key, self._converted = picture.cacheKey(), None
            return picture
        if self._converted is None:
            self._converted = picture.convertToFormat(QImage.Format.Format_RGB32)
        return self._converted
