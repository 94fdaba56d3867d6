"""Which of two keypoints is the left one, where a file only says that they are a pair."""

from collections.abc import Sequence


def left_first(pair: tuple[int, int], keypoints: Sequence[str]) -> tuple[int, int]:
    """A pair of indices as (left, right), by the names; in their order where these do not tell."""
    first, second = (keypoints[each] for each in pair)
    if _is_left_of(first, second):
        return pair
    if _is_left_of(second, first):
        return pair[1], pair[0]
    return min(pair), max(pair)


def _is_left_of(name: str, other: str) -> bool:
    """Whether “left” is in the name alone, or it has an L where the other has an R."""
    if "left" in name.lower():
        return "left" not in other.lower()
    unlike = [(a, b) for a, b in zip(name, other, strict=False) if a != b]
    return len(name) == len(other) and unlike in ([("L", "R")], [("l", "r")])
