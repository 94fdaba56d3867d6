"""Which images a list shows, and in which order."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from kpstudio.core.dataset import Review, Split
from kpstudio.core.errors import UserProblem

Order = Literal["added", "name", "newest label", "oldest label", "least certain"]
Labelled = Literal["", "labelled", "unlabelled"]
_LABELLED: dict[str, Labelled] = {each: each for each in get_args(Labelled) if each}
_REVIEWS: dict[str, Review] = {each: each for each in get_args(Review) if each}
_SPLITS: dict[str, Split] = {each: each for each in get_args(Split)}

_KINDS = ("is", "has", "split", "tag", "missing", "score")
_RANGE = re.compile(r"(\d*\.?\d+)-(\d*\.?\d+)")
_HELP = (
    "Words are looked for in paths. Besides: is:labelled, is:unlabelled, is:ready, is:accepted,"
    " is:rejected, is:unreviewed, has:issue, split:val, tag:NAME, missing:KEYPOINT,"
    " score:0.2-0.5."
)
UNREVIEWED = "unreviewed"
"""How people write the review state that has no name of its own."""


@dataclass(frozen=True)
class ImageFilter:
    """All conditions hold together.

    Args:
        words: Each must stand in the path, in any case.
        labelled: Only those with labels, or without; empty for both.
        split: Only of this part; None for any.
        tags: With all of these.
        review: Only in this state; None for any.
        has_issue: Only those with an open issue.
        missing: Labelled images with an annotation in which these keypoints are not labelled.
        score: Lowest and highest that the lowest score of an image may be, by the newest run that
            has predictions stored; None for any.
        order: What comes first; "least certain" goes by the lowest score of the newest run that
            has predictions stored.
    """

    words: tuple[str, ...] = ()
    labelled: Labelled = ""
    split: Split | None = None
    tags: tuple[str, ...] = ()
    review: Review | None = None
    order: Order = "added"
    has_issue: bool = False
    missing: tuple[str, ...] = ()
    score: tuple[float, float] | None = None

    @property
    def is_everything(self) -> bool:
        return self == ImageFilter()

    @classmethod
    def parsed(cls, text: str, order: Order = "added") -> "ImageFilter":
        """From what somebody types: words, and kinds of conditions such as is:labelled.

        Raises:
            UserProblem: A value is none that there is.
        """
        words, tags, missing = [], [], []
        score: tuple[float, float] | None = None
        labelled: Labelled = ""
        split: Split | None = None
        review: Review | None = None
        has_issue = False
        for word in text.split():
            kind, colon, value = word.partition(":")
            if not colon or kind not in _KINDS:
                words.append(word)
            elif kind == "tag":
                tags.append(value)
            elif kind == "missing" and value:
                missing.append(value)
            elif kind == "score" and (found := _RANGE.fullmatch(value)):
                low, high = (float(each) for each in found.groups())
                score = (low, high)
            elif kind == "split" and value in _SPLITS:
                split = _SPLITS[value]
            elif kind == "is" and value in _LABELLED:
                labelled = _LABELLED[value]
            elif kind == "is" and value in _REVIEWS:
                review = _REVIEWS[value]
            elif kind == "is" and value == UNREVIEWED:
                review = ""
            elif kind == "has" and value == "issue":
                has_issue = True
            else:
                raise UserProblem(f"“{word}” means nothing here.", _HELP)
        return cls(
            tuple(words),
            labelled,
            split,
            tuple(tags),
            review,
            order,
            has_issue,
            tuple(missing),
            score,
        )
