"""What becomes of the pinned questions of two copies of a project."""

from collections.abc import Iterable
from dataclasses import dataclass

from kpstudio.core.issue import Comment, Issue


@dataclass(frozen=True)
class IssueChange:
    """What another copy adds to a question, or a question that only it has.

    Args:
        known_id: Of ours; None where it is new here.
        issue: Theirs, with the number that its image has in the plan.
        comments: Of its thread, that ours lacks.
        is_open: As it shall be.
    """

    known_id: int | None
    issue: Issue
    comments: tuple[Comment, ...]
    is_open: bool


def plan_issues(ours: Iterable[Issue], theirs: Iterable[Issue]) -> tuple[IssueChange, ...]:
    """What of their questions is not here yet.

    A question is the same if the same person asked it at the same time. It is as open as where
    somebody said something last; where nobody did, one that was closed in either copy is closed.

    Args:
        ours: Of our copy.
        theirs: Of the other one.
    """
    known = {each.comments[0]: each for each in ours if each.comments}
    changes = []
    for issue in theirs:
        if not issue.comments:
            continue
        mine = known.get(issue.comments[0])
        if mine is None:
            changes.append(IssueChange(None, issue, issue.comments, issue.is_open))
            continue
        new = tuple(each for each in issue.comments if each not in mine.comments)
        is_open = _is_open(mine, issue)
        if new or is_open != mine.is_open:
            changes.append(IssueChange(mine.id, issue, new, is_open))
    return tuple(changes)


def _is_open(ours: Issue, theirs: Issue) -> bool:
    last_here = max(each.time for each in ours.comments)
    last_there = max(each.time for each in theirs.comments)
    if last_here == last_there:
        return ours.is_open and theirs.is_open
    return ours.is_open if last_here > last_there else theirs.is_open
