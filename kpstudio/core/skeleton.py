"""The keypoints of a subject, how they are joined, and which are left and right of each other."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from kpstudio.core.errors import UserProblem

Side = Literal["left", "right", "centre"]

COCO_DEFAULT_SIGMA = 0.05
_COLOUR = re.compile("#[0-9a-f]{6}")


class Skeleton(msgspec.Struct, frozen=True):
    """Named keypoints in a fixed order.

    Args:
        name: Of the skeleton.
        keypoints: Names, unique, in the order of every array.
        edges: Pairs of indices into `keypoints` that are joined by a line.
        flip_pairs: (left, right) pairs of indices that a mirror exchanges.
        category: What a subject is called in COCO files.
        sigmas: OKS constants, one per keypoint, in COCO's meaning (the square root of the object's
            area is the unit); empty means 0.05 for each.
        colours: "#rrggbb", one per keypoint, or "" for the one that the theme gives; empty means
            that for each.
    """

    name: str
    keypoints: tuple[str, ...]
    edges: tuple[tuple[int, int], ...] = ()
    flip_pairs: tuple[tuple[int, int], ...] = ()
    category: str = "subject"
    sigmas: tuple[float, ...] = ()
    colours: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.keypoints)
        if not count:
            raise UserProblem("The skeleton has no keypoints.", "Name at least one keypoint.")
        repeated = sorted(name for name, times in Counter(self.keypoints).items() if times > 1)
        if repeated:
            raise UserProblem(
                f"The skeleton names {', '.join(repeated)} more than once.",
                "Give every keypoint a name of its own.",
            )
        for pair in (*self.edges, *self.flip_pairs):
            if not all(0 <= index < count for index in pair) or pair[0] == pair[1]:
                raise UserProblem(
                    f"The skeleton joins keypoints {pair[0]} and {pair[1]}, but it has {count}.",
                    "Join two different keypoints of the skeleton.",
                )
        if self.sigmas and len(self.sigmas) != count:
            raise UserProblem(
                f"The skeleton has {count} keypoints and {len(self.sigmas)} sigmas.",
                "Give one sigma per keypoint, or none.",
            )
        if not all(0 < sigma < math.inf for sigma in self.sigmas):
            raise UserProblem(
                "A sigma of the skeleton is not a number above 0.", "COCO's lie around 0.05."
            )
        if self.colours and len(self.colours) != count:
            raise UserProblem(
                f"The skeleton has {count} keypoints and {len(self.colours)} colours.",
                "Give one colour per keypoint, or none.",
            )
        for colour in self.colours:
            if colour and not _COLOUR.fullmatch(colour):
                raise UserProblem(
                    f"“{colour}” is not a colour.", "Write it like #ff8800: red, green, blue."
                )

    def __len__(self) -> int:
        return len(self.keypoints)

    def index(self, keypoint: str) -> int:
        return self.keypoints.index(keypoint)

    def side(self, index: int) -> Side:
        for left, right in self.flip_pairs:
            if index == left:
                return "left"
            if index == right:
                return "right"
        return "centre"

    def flip_order(self) -> tuple[int, ...]:
        """For each keypoint the index of the one that a mirror puts in its place."""
        order = list(range(len(self)))
        for left, right in self.flip_pairs:
            order[left], order[right] = right, left
        return tuple(order)

    def limb(self, index: int) -> tuple[int, ...]:
        """The keypoints that are joined with one of a side, all of that side; one of the centre
        is alone.
        """
        side = self.side(index)
        if side == "centre":
            return (index,)
        found, new = {index}, [index]
        while new:
            at = new.pop()
            for pair in self.edges:
                if at in pair:
                    other = pair[0] if pair[1] == at else pair[1]
                    if other not in found and self.side(other) == side:
                        found.add(other)
                        new.append(other)
        return tuple(sorted(found))

    def part(self, indices: Sequence[int]) -> "Skeleton":
        """Only the keypoints at some indices, in their order, with what joins and pairs them."""
        place = {index: position for position, index in enumerate(indices)}

        def kept(pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
            return tuple((place[a], place[b]) for a, b in pairs if a in place and b in place)

        return msgspec.structs.replace(
            self,
            keypoints=tuple(self.keypoints[index] for index in indices),
            edges=kept(self.edges),
            flip_pairs=kept(self.flip_pairs),
            sigmas=tuple(self.sigmas[index] for index in indices) if self.sigmas else (),
            colours=tuple(self.colours[index] for index in indices) if self.colours else (),
        )

    def oks_sigmas(self) -> tuple[float, ...]:
        return self.sigmas or (COCO_DEFAULT_SIGMA,) * len(self)


class _SkeletonFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    keypoints: tuple[str, ...]
    edges: tuple[tuple[str, str], ...] = ()
    flip_pairs: tuple[tuple[str, str], ...] = ()
    category: str = "subject"
    sigmas: tuple[float, ...] = ()
    colours: tuple[str, ...] = ()


def read_skeleton(path: Path) -> Skeleton:
    """The skeleton in a JSON file, whose edges and flip pairs are given by keypoint name.

    Raises:
        UserProblem: The file is missing, is not JSON, or names a keypoint that it does not define.
    """
    try:
        return skeleton_from_json(path.read_bytes())
    except OSError as error:
        raise UserProblem(
            f"The skeleton file {path} cannot be read ({error.strerror}).", "Check its path."
        ) from error
    except UserProblem as problem:
        raise UserProblem(f"{path.name}: {problem.message}", problem.hint) from problem


def skeleton_from_json(text: bytes) -> Skeleton:
    """The inverse of `skeleton_to_json`."""
    try:
        file = msgspec.json.decode(text, type=_SkeletonFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserProblem(
            f"This is not a skeleton: {error}.",
            "A skeleton is a JSON object with “name”, “keypoints”, “edges” and “flip_pairs”.",
        ) from error
    known = {name: index for index, name in enumerate(file.keypoints)}

    def indices(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[int, int], ...]:
        for name in (name for pair in pairs for name in pair):
            if name not in known:
                raise UserProblem(
                    f"“{name}” is joined or paired but is not among the keypoints.",
                    f"The keypoints are: {', '.join(file.keypoints)}.",
                )
        return tuple((known[a], known[b]) for a, b in pairs)

    return Skeleton(
        name=file.name,
        keypoints=file.keypoints,
        edges=indices(file.edges),
        flip_pairs=indices(file.flip_pairs),
        category=file.category,
        sigmas=file.sigmas,
        colours=file.colours,
    )


def skeleton_to_json(skeleton: Skeleton) -> bytes:
    """JSON with edges and flip pairs by keypoint name."""

    def names(pairs: tuple[tuple[int, int], ...]) -> list[list[str]]:
        return [[skeleton.keypoints[a], skeleton.keypoints[b]] for a, b in pairs]

    fields: dict[str, Any] = {
        "name": skeleton.name,
        "category": skeleton.category,
        "keypoints": skeleton.keypoints,
        "edges": names(skeleton.edges),
        "flip_pairs": names(skeleton.flip_pairs),
        "sigmas": skeleton.sigmas,
        "colours": skeleton.colours,
    }
    return msgspec.json.format(msgspec.json.encode(fields), indent=2)
