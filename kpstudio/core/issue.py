"""Questions about an image, and what people answered."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Comment:
    """What one person said at one time.

    Args:
        author: Who said it; empty where that is not known.
        time: Seconds since 1970 (UTC).
        text: Not blank; may have several lines.
    """

    author: str
    time: float
    text: str


@dataclass(frozen=True)
class Issue:
    """A question about an image, with its thread.

    Args:
        id: Unique in its project, and how people call it: 7 is “#7”.
        image_id: Of the image that it is about.
        xy: Where it is pinned, in image pixels; None where it is about the whole image.
        is_open: Nobody has settled it yet.
        comments: The question, then the answers.
    """

    id: int
    image_id: int
    xy: tuple[float, float] | None
    is_open: bool
    comments: tuple[Comment, ...]

    @property
    def question(self) -> str:
        """What was asked first."""
        return self.comments[0].text if self.comments else ""
