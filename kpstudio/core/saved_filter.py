"""A search that somebody has given a name."""

import msgspec

from kpstudio.core.image_filter import Order


class SavedFilter(msgspec.Struct, frozen=True):
    """What is looked for, and in which order.

    Args:
        name: As somebody called it.
        text: As it is typed.
        order: What comes first.
    """

    name: str
    text: str
    order: Order = "added"
