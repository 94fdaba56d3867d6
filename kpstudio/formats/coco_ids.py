"""The numbers of images and annotations in COCO files."""

import msgspec

from kpstudio.formats.extra_fields import unpack_extra


def choose_ids(wishes: list[tuple[str, int | None]]) -> list[int]:
    """A number for each: that of the file it came from, else its own, else the next free one.

    Args:
        wishes: The packed extra fields, and its own number where it has one.
    """
    chosen: list[int | None] = [None] * len(wishes)
    taken: set[int] = set()
    for wanted in ([_kept_id(extra) for extra, _ in wishes], [own for _, own in wishes]):
        for index, number in enumerate(wanted):
            if chosen[index] is None and number is not None and number not in taken:
                chosen[index] = number
                taken.add(number)
    next_free = 1
    for index, number in enumerate(chosen):
        if number is None:
            while next_free in taken:
                next_free += 1
            chosen[index] = next_free
            taken.add(next_free)
    return [number for number in chosen if number is not None]


def _kept_id(extra: str) -> int | None:
    raw = unpack_extra(extra).get("id")
    try:
        return msgspec.json.decode(raw, type=int, strict=False) if raw is not None else None
    except msgspec.DecodeError:
        return None
