"""How images are shown: brightness and the like, of the view and never of the data."""

from collections import OrderedDict
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kpstudio.core.adjustment import Adjustment
from kpstudio.core.errors import UserProblem
from kpstudio.core.picture import Picture
from kpstudio.imaging.adjusted_pixels import adjusted_pixels
from kpstudio.workspace.background import Background
from kpstudio.workspace.preferences import Preferences

BUDGET_BYTES = 192 << 20
# Local contrast of larger images is worked out aside: it would hold up the window.
MOST_AT_ONCE = 2_500_000


class Appearance(QObject):
    """The adjustment that is in force, and images as it shows them.

    Signals:
        changed: Another adjustment, or the open image is there as it shall be.
    """

    changed = Signal()

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._background = Background(self, threads=1)
        self._is_on = True
        self._working: tuple[int, Adjustment] | None = None
        self._made: OrderedDict[
            tuple[int, Adjustment], tuple[NDArray[np.uint8], NDArray[np.uint8]]
        ] = OrderedDict()

    @property
    def adjustment(self) -> Adjustment:
        """What is set, whether it is in force or not."""
        return self._preferences.adjustment

    @property
    def is_adjusted(self) -> bool:
        """Images are shown other than they are."""
        return self._is_on and not self.adjustment.is_nothing

    def adjust(self, **fields: object) -> None:
        """Set some fields of the adjustment; what is set is in force."""
        new = msgspec.structs.replace(self.adjustment, **fields)
        if new != self.adjustment or not self._is_on:
            self._preferences.adjustment, self._is_on = new, True
            self.changed.emit()

    def reset(self) -> None:
        """Show images as they are, from now on."""
        self.adjust(**msgspec.structs.asdict(Adjustment()))

    def toggle(self) -> None:
        """Show images as they are for a moment, or as adjusted again."""
        self._is_on = not self._is_on
        self.changed.emit()

    def finish(self) -> None:
        self._background.finish()

    def shown(self, image_id: int, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W, 3) an image as it is to be shown.

        The local contrast of a large one comes later: `changed` tells when.
        """
        wanted = self.adjustment
        if not self.is_adjusted:
            return pixels
        known = self._made.get((image_id, wanted))
        if known is not None and known[0] is pixels:
            self._made.move_to_end((image_id, wanted))
            return known[1]
        if not wanted.local_contrast or pixels.shape[0] * pixels.shape[1] <= MOST_AT_ONCE:
            return self._keep(image_id, wanted, pixels, adjusted_pixels(pixels, wanted))
        self._work(image_id, wanted, pixels)
        return adjusted_pixels(pixels, msgspec.structs.replace(wanted, local_contrast=0.0))

    def shown_picture(self, image_id: int, picture: Picture) -> Picture:
        """As `shown`, of an image that may be reduced."""
        pixels = self.shown(image_id, picture.pixels)
        return picture if pixels is picture.pixels else replace(picture, pixels=pixels, levels=())

    # Inside

    def _keep(
        self,
        image_id: int,
        adjustment: Adjustment,
        pixels: NDArray[np.uint8],
        made: NDArray[np.uint8],
    ) -> NDArray[np.uint8]:
        self._made[image_id, adjustment] = pixels, made
        while len(self._made) > 1 and sum(m.nbytes for _, m in self._made.values()) > BUDGET_BYTES:
            self._made.popitem(last=False)
        return made

    def _work(self, image_id: int, adjustment: Adjustment, pixels: NDArray[np.uint8]) -> None:
        if self._working is not None:
            # Whoever hears that it is done asks again for what is wanted by then.
            return
        self._working = image_id, adjustment

        def keep(made: NDArray[np.uint8]) -> None:
            self._working = None
            self._keep(image_id, adjustment, pixels, made)
            self.changed.emit()

        def give_up(problem: UserProblem) -> None:  # noqa: ARG001
            self._working = None

        self._background.run(lambda: adjusted_pixels(pixels, adjustment), done=keep, failed=give_up)
