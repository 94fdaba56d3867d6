"""Which images a list shows, and in which order."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal, get_args

from kpstudio.core.dataset import Review, Split
from kpstudio.core.errors import UserProblem

Order = Literal["added", "name", "newest label", "oldest label", "least certain"]
Labelled = Literal["", "labelled", "unlabelled"]

UNREVIEWED = "unreviewed"
"""How people write the review state that has no name of its own."""
FILTER_HELP = (
    "Words are looked for in paths. Besides: is:labelled, is:unlabelled, is:ready, is:accepted,"
    " is:rejected, is:unreviewed, has:issue, split:val, tag:NAME, author:NAME, source:human,"
    " source:import, source:run:3, source:interpolated, track:NAME, missing:KEYPOINT, run:3,"
    ' score:<0.5, size:>200 (px). What has spaces stands in quotes: tag:"at night".'
)
_SPLITS: dict[str, Split] = {each: each for each in get_args(Split)}
_LABELLED: dict[str, Labelled] = {"labelled": "labelled", "unlabelled": "unlabelled"}
_REVIEWS: dict[str, Review] = {each or UNREVIEWED: each for each in get_args(Review)}
_VALUES: dict[str, tuple[str, ...]] = {
    "is": (*_LABELLED, *_REVIEWS),
    "has": ("issue",),
    "split": tuple(_SPLITS),
    "source": ("human", "import", "run", "copied", "interpolated", "propagated"),
}
_WORD = re.compile(r'(?:[a-z]+:)?"[^"]*"|\S+')
_NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+")
_BOUND = re.compile(r"([<>])(\d+(?:\.\d*)?|\.\d+)")


@dataclass(frozen=True)
class ImageFilter:
    """All conditions hold together.

    Args:
        words: Each must stand in the path, in any case.
        labelled: Only those with labels, or without; empty for both.
        split: Only of this part; None for any.
        tags: With all of these.
        review: Only in this state; None for any.
        order: What comes first; "least certain" goes by the lowest score of the newest run that
            has predictions stored.
        has_issue: Only those with an open issue.
        author: With an annotation by this person; empty for anybody.
        source: With an annotation whose source begins so, as "human", "import" or "run:3".
        track: With an annotation of this individual.
        missing: With annotations in which the keypoints of these names are not labelled.
        run: With predictions of the run of this number.
        score_below: The lowest score of a subject, by that newest run, is below this, 0 to 1.
        score_above: It is above this.
        size_below: With an annotation whose longer side is shorter than this, image pixels.
        size_above: With one whose longer side is longer than this.
    """

    words: tuple[str, ...] = ()
    labelled: Labelled = ""
    split: Split | None = None
    tags: tuple[str, ...] = ()
    review: Review | None = None
    order: Order = "added"
    has_issue: bool = False
    author: str = ""
    source: str = ""
    track: str = ""
    missing: tuple[str, ...] = ()
    run: int | None = None
    score_below: float | None = None
    score_above: float | None = None
    size_below: float | None = None
    size_above: float | None = None

    @property
    def is_everything(self) -> bool:
        return self == ImageFilter()

    @property
    def bounds_score(self) -> bool:
        return self.score_below is not None or self.score_above is not None

    @classmethod
    def parsed(cls, text: str, order: Order = "added") -> "ImageFilter":
        """From what somebody types: words, and conditions such as is:labelled.

        Raises:
            UserProblem: A value is none that there is.
        """
        wanted = cls(order=order)
        for word in _WORD.findall(text):
            kind, colon, value = word.partition(":")
            kind = kind.casefold() if colon and not word.startswith('"') else ""
            if kind in _KINDS:
                narrowed = _KINDS[kind](wanted, value.strip('"'))
            elif _meant(kind, value):
                narrowed = None
            else:
                narrowed = replace(wanted, words=(*wanted.words, word.strip('"')))
            if narrowed is None:
                raise _refusal(word, _meant(kind, value))
            wanted = narrowed
        return wanted


def _refusal(word: str, meant: str) -> UserProblem:
    if meant:
        return UserProblem(
            f"“{word}” means nothing here. Did you mean “{meant}”?",
            "In quotes it is looked for in paths.",
        )
    return UserProblem(f"“{word}” means nothing here.", FILTER_HELP)


def condition(kind: str, value: str) -> str:
    """A condition as `ImageFilter.parsed` reads it, in quotes where the value needs them."""
    return f'{kind}:"{value}"' if re.search(r"\s", value) else f"{kind}:{value}"


def with_condition(text: str, added: str) -> str:
    """A search narrowed by a condition, in the place of one that it contradicts.

    Args:
        text: What is looked for.
        added: The condition, as `condition` writes it.
    """
    words = _WORD.findall(text)
    group = _group(added)
    kept = [word for word in words if word != added and (not group or _group(word) != group)]
    return " ".join([*kept, added])


def _meant(kind: str, value: str) -> str:
    """The condition that somebody may have mistyped; empty where nobody can guess."""
    if kind in ("score", "size"):
        return f"{kind}:<{value}" if _NUMBER.fullmatch(value) else ""
    if kind in _KINDS:
        near = get_close_matches(value.casefold(), _VALUES.get(kind, ()), n=1, cutoff=0.7)
        return f"{kind}:{near[0]}" if near else ""
    near = get_close_matches(kind, _KINDS, n=1, cutoff=0.7)
    if near:
        return f"{near[0]}:{value}"
    return next((f"{name}:{kind}" for name, values in _VALUES.items() if kind in values), "")


def _group(word: str) -> str:
    """Conditions of one group cannot hold together; empty where any number of them can."""
    kind, colon, value = word.partition(":")
    if not colon or kind not in _KINDS or kind == "tag":
        return ""
    if kind == "is":
        return "labels" if value in get_args(Labelled) else "review"
    return f"{kind}{value[:1]}" if kind in ("score", "size") else kind


def _is(wanted: ImageFilter, value: str) -> ImageFilter | None:
    if value in _LABELLED:
        return replace(wanted, labelled=_LABELLED[value])
    return replace(wanted, review=_REVIEWS[value]) if value in _REVIEWS else None


def _has(wanted: ImageFilter, value: str) -> ImageFilter | None:
    return replace(wanted, has_issue=True) if value == "issue" else None


def _split(wanted: ImageFilter, value: str) -> ImageFilter | None:
    return replace(wanted, split=_SPLITS[value]) if value in _SPLITS else None


def _tag(wanted: ImageFilter, value: str) -> ImageFilter | None:
    return replace(wanted, tags=(*wanted.tags, value))


def _missing(wanted: ImageFilter, value: str) -> ImageFilter | None:
    return replace(wanted, missing=(*wanted.missing, value)) if value else None


def _author(wanted: ImageFilter, value: str) -> ImageFilter | None:
    return replace(wanted, author=value) if value else None


def _track(wanted: ImageFilter, value: str) -> ImageFilter | None:
    return replace(wanted, track=value) if value else None


def _source(wanted: ImageFilter, value: str) -> ImageFilter | None:
    is_known = re.fullmatch(r"human|copied|interpolated|propagated|import(:.+)?|run(:\d+)?", value)
    return replace(wanted, source=value) if is_known else None


def _run(wanted: ImageFilter, value: str) -> ImageFilter | None:
    return replace(wanted, run=int(value)) if re.fullmatch(r"[1-9]\d{0,8}", value) else None


def _score(wanted: ImageFilter, value: str) -> ImageFilter | None:
    side, bound = _bound(value)
    if side == "<":
        return replace(wanted, score_below=bound)
    return replace(wanted, score_above=bound) if side else None


def _size(wanted: ImageFilter, value: str) -> ImageFilter | None:
    side, bound = _bound(value)
    if side == "<":
        return replace(wanted, size_below=bound)
    return replace(wanted, size_above=bound) if side else None


def _bound(value: str) -> tuple[str, float]:
    """The sign and the number; no sign where it is not a bound."""
    found = _BOUND.fullmatch(value)
    if found is None or not math.isfinite(float(found[2])):
        return "", 0.0
    return found[1], float(found[2])


_KINDS: dict[str, Callable[[ImageFilter, str], ImageFilter | None]] = {
    "is": _is,
    "has": _has,
    "split": _split,
    "tag": _tag,
    "source": _source,
    "run": _run,
    "author": _author,
    "track": _track,
    "missing": _missing,
    "score": _score,
    "size": _size,
}
