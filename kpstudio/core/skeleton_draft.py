"""A skeleton while it is being edited: it may be wrong for a moment, and says how."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import COCO_DEFAULT_SIGMA, Side, Skeleton

Pair = tuple[int, int]

# A word of its own, or one that begins or ends the name: leftear, ear_left, LeftEar; L only alone.
_LEFT = re.compile(r"left|(?<![a-z])l(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class DraftKeypoint:
    """One keypoint of a draft.

    Args:
        key: What it is known by in the draft, however it is called and wherever it stands.
        name: As it shall be.
        origin: Its name in the skeleton that is edited; empty for a new one.
        sigma: OKS constant; None for COCO's 0.05.
        colour: "#rrggbb", or "" for the one that the theme gives.
    """

    key: int
    name: str
    origin: str = ""
    sigma: float | None = None
    colour: str = ""


class _KeypointFields(TypedDict, total=False):
    """What can be changed in a keypoint."""

    name: str
    sigma: float | None
    colour: str


@dataclass(frozen=True)
class SkeletonDraft:
    """A skeleton that is being edited; every verb gives another draft.

    Args:
        name: Of the skeleton.
        category: What a subject is called in COCO files.
        keypoints: In their order.
        edges: Pairs of keys that are joined by a line.
        flip_pairs: (left, right) pairs of keys.
    """

    name: str = ""
    category: str = "subject"
    keypoints: tuple[DraftKeypoint, ...] = ()
    edges: tuple[Pair, ...] = ()
    flip_pairs: tuple[Pair, ...] = ()

    @classmethod
    def of(cls, skeleton: Skeleton) -> "SkeletonDraft":
        """A draft in which nothing is changed; the keys are the indices."""
        sigmas = skeleton.sigmas or (None,) * len(skeleton)
        colours = skeleton.colours or ("",) * len(skeleton)
        fields = zip(skeleton.keypoints, sigmas, colours, strict=True)
        keypoints = tuple(
            DraftKeypoint(key, name, name, sigma, colour)
            for key, (name, sigma, colour) in enumerate(fields)
        )
        return cls(skeleton.name, skeleton.category, keypoints, skeleton.edges, skeleton.flip_pairs)

    # What there is

    def index(self, key: int) -> int:
        return next(index for index, each in enumerate(self.keypoints) if each.key == key)

    def keypoint(self, key: int) -> DraftKeypoint:
        return self.keypoints[self.index(key)]

    def partner(self, key: int) -> int | None:
        """The keypoint that a mirror puts in its place."""
        for pair in self.flip_pairs:
            if key in pair:
                return pair[1 - pair.index(key)]
        return None

    def side(self, key: int) -> Side:
        for left, right in self.flip_pairs:
            if key == left:
                return "left"
            if key == right:
                return "right"
        return "centre"

    def problem(self) -> UserProblem | None:
        """What is wrong with it, if anything is."""
        if not self.keypoints:
            return UserProblem("There is no keypoint yet.", "Add at least one.")
        for number, each in enumerate(self.keypoints, start=1):
            if not each.name:
                return UserProblem(f"Keypoint {number} has no name.", "Give it one.")
        first: dict[str, int] = {}
        for number, each in enumerate(self.keypoints, start=1):
            if each.name in first:
                return UserProblem(
                    f"Keypoints {first[each.name]} and {number} are both called “{each.name}”.",
                    "Give each a name of its own.",
                )
            first[each.name] = number
        if not self.name:
            return UserProblem("The skeleton has no name.", "Give it one.")
        if not self.category:
            return UserProblem(
                "The subject has no name.", "Say what is labelled, such as mouse or person."
            )
        return None

    def skeleton(self) -> Skeleton:
        """The skeleton that it describes.

        Raises:
            UserProblem: It is wrong; see `problem`.
        """
        problem = self.problem()
        if problem is not None:
            raise problem
        position = {each.key: index for index, each in enumerate(self.keypoints)}
        sigmas = [each.sigma for each in self.keypoints]
        colours = tuple(each.colour for each in self.keypoints)
        has_sigmas = any(sigma is not None for sigma in sigmas)
        return Skeleton(
            name=self.name,
            keypoints=tuple(each.name for each in self.keypoints),
            edges=tuple((position[a], position[b]) for a, b in self.edges),
            flip_pairs=tuple((position[a], position[b]) for a, b in self.flip_pairs),
            category=self.category,
            sigmas=tuple(sigma or COCO_DEFAULT_SIGMA for sigma in sigmas) if has_sigmas else (),
            colours=colours if any(colours) else (),
        )

    def renamed(self) -> dict[str, str]:
        """New names by old ones, of keypoints that were there before."""
        there = (each for each in self.keypoints if each.origin and each.origin != each.name)
        return {each.origin: each.name for each in there}

    # Verbs

    def with_keypoint(self, key: int, **fields: Unpack[_KeypointFields]) -> "SkeletonDraft":
        """Other fields of one keypoint."""
        return replace(
            self,
            keypoints=tuple(
                replace(each, **fields) if each.key == key else each for each in self.keypoints
            ),
        )

    def with_added(self, before: int | None = None) -> tuple["SkeletonDraft", int]:
        """A new keypoint, at the end or before an index; and its key."""
        key = 1 + max((each.key for each in self.keypoints), default=-1)
        taken, number = {each.name for each in self.keypoints}, len(self.keypoints) + 1
        while f"keypoint_{number}" in taken:
            number += 1
        at = len(self.keypoints) if before is None else before
        new = DraftKeypoint(key, f"keypoint_{number}")
        return replace(self, keypoints=(*self.keypoints[:at], new, *self.keypoints[at:])), key

    def without(self, keys: Collection[int]) -> "SkeletonDraft":
        """Some keypoints are removed, with their edges and pairs."""

        def kept(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
            return tuple(pair for pair in pairs if not set(pair) & set(keys))

        return replace(
            self,
            keypoints=tuple(each for each in self.keypoints if each.key not in keys),
            edges=kept(self.edges),
            flip_pairs=kept(self.flip_pairs),
        )

    def with_moved(self, keys: Collection[int], before: int) -> "SkeletonDraft":
        """Some keypoints stand together before the one that has an index now."""
        moved = [each for each in self.keypoints if each.key in keys]
        above = [each for each in self.keypoints[: max(before, 0)] if each.key not in keys]
        below = [each for each in self.keypoints[max(before, 0) :] if each.key not in keys]
        return replace(self, keypoints=(*above, *moved, *below))

    def with_edge_toggled(self, first: int, second: int) -> "SkeletonDraft":
        """Join two keypoints, or part them if they are joined."""
        others = tuple(pair for pair in self.edges if set(pair) != {first, second})
        if len(others) < len(self.edges):
            return replace(self, edges=others)
        return replace(self, edges=(*self.edges, (first, second)))

    def with_partner(self, key: int, partner: int | None) -> "SkeletonDraft":
        """Two keypoints are each other's mirror image, or one has none any more."""
        if partner == self.partner(key):
            return self
        others = tuple(pair for pair in self.flip_pairs if not {key, partner} & set(pair))
        if partner is None:
            return replace(self, flip_pairs=others)
        first, second = self.keypoint(key).name, self.keypoint(partner).name
        is_right = self.side(key) == "right" or self.side(partner) == "left"
        if bool(_LEFT.search(first)) != bool(_LEFT.search(second)):
            is_right = bool(_LEFT.search(second))
        pair = (partner, key) if is_right else (key, partner)
        return replace(self, flip_pairs=(*others, pair))

    def with_sides_swapped(self, key: int) -> "SkeletonDraft":
        """What was left of a pair is right."""
        return replace(
            self,
            flip_pairs=tuple((b, a) if key in (a, b) else (a, b) for a, b in self.flip_pairs),
        )

    def with_pairs_by_name(self) -> "SkeletonDraft":
        """Pair keypoints that have no mirror image and differ in nothing but left and right."""
        by_name = {each.name.lower(): each.key for each in self.keypoints}
        draft = self
        for each in self.keypoints:
            for name in _mirrored(each.name):
                other = by_name.get(name.lower())
                is_free = draft.partner(each.key) is None and other is not None
                if is_free and other != each.key and draft.partner(int(other or 0)) is None:
                    draft = draft.with_partner(each.key, other)
        return draft


def _mirrored(name: str) -> Sequence[str]:
    """What the right one of a left keypoint may be called."""
    return [
        f"{name[: found.start()]}{'right' if len(found.group()) > 1 else 'r'}{name[found.end() :]}"
        for found in _LEFT.finditer(name)
    ]
