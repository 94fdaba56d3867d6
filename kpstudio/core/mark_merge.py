"""Which tags and review states two copies of a project have together.

A change of a mark is remembered. A copy that has the other's newest change of a mark among its own
knows what the other says, so that its own state counts; where neither knows the other's, both have
changed it since they parted. What was never changed is known to all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from kpstudio.core.dataset import Image, Review

REVIEW = "review"
TAG_PREFIX = "tag:"
_REVIEWS: tuple[Review, ...] = get_args(Review)


@dataclass(frozen=True)
class MarkChange:
    """One change of what is said of an image.

    Args:
        image_id: Of the image.
        mark: "review", or "tag:" and the tag.
        value: The review state; of a tag empty where it was taken away.
        author: Who did it.
        time: Seconds since 1970 (UTC); of one mark always growing.
    """

    image_id: int
    mark: str
    value: str
    author: str
    time: float


@dataclass(frozen=True)
class ReviewDifference:
    """An image whose review is at another point in the other copy.

    Args:
        image_id: In our copy.
        ours: State here.
        theirs: State there.
        takes_theirs: It becomes the state here.
        is_conflict: Both have changed it since the copies parted, or nobody knows.
    """

    image_id: int
    ours: Review
    theirs: Review
    takes_theirs: bool
    is_conflict: bool


@dataclass(frozen=True)
class MarkPlan:
    """What the other copy changes in tags and reviews of images that both have.

    Args:
        added: Tags by image, in our numbers.
        removed: Tags by image.
        reviews: That become theirs, and that both have changed.
        log: Changes that only the other copy knows of.
    """

    added: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    removed: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    reviews: tuple[ReviewDifference, ...] = ()
    log: tuple[MarkChange, ...] = ()

    @property
    def tagged(self) -> frozenset[int]:
        """Images that get other tags."""
        return frozenset(self.added) | frozenset(self.removed)

    @property
    def new_reviews(self) -> dict[int, Review]:
        """The states that change, by image."""
        return {each.image_id: each.theirs for each in self.reviews if each.takes_theirs}

    @property
    def is_empty(self) -> bool:
        """Whether no image becomes another."""
        return not (self.tagged or self.new_reviews)


def plan_marks(
    images: Iterable[tuple[Image, Image]],
    our_log: Sequence[MarkChange],
    their_log: Sequence[MarkChange],
) -> MarkPlan:
    """Bring the marks of two copies together.

    A tag that both have changed stays; of a review that both have changed the later state counts,
    and the further one where nobody knows when.

    Args:
        images: Ours and theirs, of each that both have.
        our_log: All changes here.
        their_log: All changes there, in our images; of images that are not here yet in others.
    """
    here, there = _by_mark(our_log), _by_mark(their_log)
    added: dict[int, tuple[str, ...]] = {}
    removed: dict[int, tuple[str, ...]] = {}
    reviews = []
    for ours, theirs in images:
        if ours.tags != theirs.tags:
            new = [tag for tag in theirs.tags if tag not in ours.tags]
            old = [tag for tag in ours.tags if tag not in theirs.tags]
            logs = {tag: _logs(here, there, ours.id, TAG_PREFIX + tag) for tag in (*new, *old)}
            if taken := tuple(tag for tag in new if _who_knows(*logs[tag]) != "we"):
                added[ours.id] = taken
            if gone := tuple(tag for tag in old if _who_knows(*logs[tag]) == "they"):
                removed[ours.id] = gone
        if ours.review != theirs.review:
            difference = _review(ours, theirs, *_logs(here, there, ours.id, REVIEW))
            if difference is not None:
                reviews.append(difference)
    known = set(our_log)
    log = tuple(each for each in their_log if each not in known)
    return MarkPlan(added, removed, tuple(reviews), log)


_Log = Sequence[MarkChange]
_ByMark = dict[tuple[int, str], list[MarkChange]]


def _by_mark(log: _Log) -> _ByMark:
    found: _ByMark = {}
    for each in sorted(log, key=lambda each: each.time):
        found.setdefault((each.image_id, each.mark), []).append(each)
    return found


def _logs(here: _ByMark, there: _ByMark, image_id: int, mark: str) -> tuple[_Log, _Log]:
    return here.get((image_id, mark), ()), there.get((image_id, mark), ())


def _who_knows(ours: _Log, theirs: _Log) -> str:
    """Who has the newest change of the other: "we", "they", or "both" or "nobody"."""
    we = not theirs or theirs[-1] in ours
    they = not ours or ours[-1] in theirs
    if we:
        return "both" if they else "we"
    return "they" if they else "nobody"


def _review(here: Image, there: Image, ours: _Log, theirs: _Log) -> ReviewDifference | None:
    known = _who_knows(ours, theirs)
    if known == "we":
        return None
    if known == "nobody":
        takes = theirs[-1].time > ours[-1].time
    else:
        takes = known == "they" or _REVIEWS.index(there.review) > _REVIEWS.index(here.review)
    return ReviewDifference(here.id, here.review, there.review, takes, known != "they")
