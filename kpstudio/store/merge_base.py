"""What two copies of a project have in common: the states from which each has gone on.

As with branches of source code: where one copy was brought into the other before, both come from
the state that was brought in, so that what was decided then is not asked again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kpstudio.core.history_entry import HistoryEntry
from kpstudio.store.merges import MergeRecord
from kpstudio.store.project import Project


@dataclass(frozen=True)
class MergeBase:
    """Moments in the histories of two copies; at least one of the last two is known.

    Args:
        parting: The last entry that both made as one project; 0 where they never were one.
        theirs: Entry of theirs, up to which it has been brought into ours.
        ours: Entry of ours, up to which it has been brought into theirs.
    """

    parting: int
    theirs: int | None
    ours: int | None


def merge_base(project: Project, other: Project, *, forgets: bool = False) -> MergeBase:
    """Find the newest states that both copies come from.

    Args:
        project: Ours.
        other: Theirs.
        forgets: As if neither had been brought into the other before.
    """
    our_history, their_history = project.history.own_entries(), other.history.own_entries()
    parting = _parting(our_history, their_history)
    here = {each.id: each for each in our_history}
    there = {each.id: each for each in their_history}
    into_ours = None if forgets else _newest(project.history.merges(), there, parting)
    into_theirs = None if forgets else _newest(other.history.merges(), here, parting)
    if into_ours and into_theirs:
        # Of two merges, the later one may have seen the earlier one: then it alone counts.
        if into_ours.edit <= into_theirs.their_entry:
            into_ours = None
        elif into_theirs.edit <= into_ours.their_entry:
            into_theirs = None
    if not (into_ours or into_theirs):
        return MergeBase(parting, parting, None)
    return MergeBase(
        parting,
        into_ours.their_entry if into_ours else None,
        into_theirs.their_entry if into_theirs else None,
    )


def _newest(
    merges: Iterable[MergeRecord], entries: Mapping[int, HistoryEntry], parting: int
) -> MergeRecord | None:
    known = [each for each in merges if each.their_entry > parting and each.is_in(entries)]
    return max(known, key=lambda each: each.their_entry, default=None)


def _parting(ours: tuple[HistoryEntry, ...], theirs: tuple[HistoryEntry, ...]) -> int:
    last = 0
    for a, b in zip(ours, theirs, strict=False):
        if a != b:
            break
        last = a.id
    return last
