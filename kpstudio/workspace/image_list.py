"""The images of the project as a sequence that holds only their numbers.

Rows are read from the project when they are looked at, so that a million images open at once.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.dataset import Image

if TYPE_CHECKING:
    from kpstudio.store.project import Project

_BLOCK = 64
_KEPT_BLOCKS = 256


class ImageList(Sequence[Image]):
    """Images of a project, in an order.

    Args:
        project: That has them; None for an empty list.
        ids: (N,) of the images, in the order of the list; all, as they were added, where None.
    """

    def __init__(self, project: "Project | None", ids: NDArray[np.int64] | None = None) -> None:
        self._project = project
        if ids is None:
            ids = project.find_images() if project else np.empty(0, dtype=np.int64)
        self.ids = ids
        is_sorted = bool(np.all(ids[:-1] < ids[1:]))
        self._sorted_positions = None if is_sorted else np.argsort(ids, kind="stable")
        self._blocks: OrderedDict[int, tuple[Image, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Image: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Image, ...]: ...

    def __getitem__(self, index: int | slice) -> Image | tuple[Image, ...]:
        if isinstance(index, slice):
            return tuple(self[each] for each in range(*index.indices(len(self))))
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(index)
        return self._block(position // _BLOCK)[position % _BLOCK]

    def __iter__(self) -> Iterator[Image]:
        for number in range(-(-len(self) // _BLOCK)):
            yield from self._block(number)

    def position(self, image_id: int | None) -> int | None:
        """Where an image is in the list; None if it is not."""
        if image_id is None or not len(self.ids):
            return None
        order = self._sorted_positions
        found = int(np.searchsorted(self.ids, image_id, sorter=order))
        if found == len(self.ids):
            return None
        place = found if order is None else int(order[found])
        return place if self.ids[place] == image_id else None

    def with_id(self, image_id: int | None) -> Image | None:
        """An image by its id; None if it is not in the list."""
        place = self.position(image_id)
        return None if place is None else self[place]

    def forget(self) -> None:
        """Read every image again when it is looked at."""
        self._blocks.clear()

    def _block(self, number: int) -> tuple[Image, ...]:
        block = self._blocks.get(number)
        if block is None:
            assert self._project is not None
            chosen = self.ids[number * _BLOCK : (number + 1) * _BLOCK]
            block = self._blocks[number] = self._project.images_by_id(chosen.tolist())
            while len(self._blocks) > _KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(number)
        return block
