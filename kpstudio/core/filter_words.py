"""What can be looked for in a project besides names."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FilterWords:
    """Values that conditions of a search can have.

    Args:
        tags: By how many images have them, in alphabetical order.
        authors: Of annotations, in alphabetical order.
        sources: Of annotations, as "human", "import:coco" or "run:3".
        tracks: Individuals that were named, some hundred at most.
        runs: Numbers and names of those with predictions stored, newest first.
        keypoints: In the order of the skeleton.
    """

    tags: dict[str, int]
    authors: tuple[str, ...]
    sources: tuple[str, ...]
    tracks: tuple[str, ...]
    runs: tuple[tuple[int, str], ...]
    keypoints: tuple[str, ...]
