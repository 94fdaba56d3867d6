"""What was done to the labels of a project, entry by entry."""

from collections.abc import Callable, Collection

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.history_entry import HistoryEntry, Touched
from kpstudio.store import edits, merges, restoring
from kpstudio.store.database import Database
from kpstudio.store.merges import MergeRecord, in_their_place
from kpstudio.store.skeletons import StoredSkeleton


class History:
    """Every change of a project, to be looked at.

    Args:
        database: The project file.
        skeleton: Answers what its keypoints are now.
    """

    def __init__(self, database: Database, skeleton: Callable[[], StoredSkeleton]) -> None:
        self._database = database
        self._skeleton = skeleton

    def entries(self, *, after: int = 0) -> tuple[HistoryEntry, ...]:
        """Every change, oldest first; undo and redo are changes too.

        What a merge brought comes right before it.

        Args:
            after: Id of an entry: only those that came after it.
        """
        with self._database.reading() as connection:
            own = edits.read_history(connection, after=after)
            return in_their_place(own, merges.read_merged_history(connection, after=after))

    def own_entries(self) -> tuple[HistoryEntry, ...]:
        """Every change that was made in this copy of the project, oldest first."""
        with self._database.reading() as connection:
            return edits.read_history(connection)

    def merges(self) -> tuple[MergeRecord, ...]:
        """Up to where other copies have been brought in, oldest first; not those undone."""
        with self._database.reading() as connection:
            return merges.read_merges(connection)

    def payloads(self, entries: Collection[int]) -> dict[int, bytes | None]:
        """What some entries changed, as the file has it; of an undo that of its edit."""
        with self._database.reading() as connection:
            return restoring.read_payloads(connection, entries)

    def touched(self, entry: int, *, most_bytes: int | None = None) -> Touched | None:
        """What an entry of the history was about, without a look at the labels.

        Args:
            entry: Its id.
            most_bytes: Where the file has more of it, it takes long, and the answer is None.

        Raises:
            UserProblem: There is no such entry.
        """
        with self._database.reading() as connection:
            if most_bytes is not None and restoring.change_size(connection, entry) > most_bytes:
                return None
            return restoring.touched_by_entry(connection, entry)

    def change_of(self, entry: int) -> Edit:
        """What an entry of the history changed, in the keypoints of now.

        Raises:
            UserProblem: There is no such entry.
        """
        with self._database.reading() as connection:
            return restoring.change_of_entry(connection, self._skeleton(), entry)

    def changed_since(self, moment: int) -> dict[str, Annotation | None]:
        """What the annotations that were touched since were right after an entry of the history."""
        with self._database.reading() as connection:
            return restoring.changed_since(connection, self._skeleton(), moment)

    def last_entries(self, moment: int, wanted: Collection[str]) -> dict[str, HistoryEntry]:
        """The newest entry of the history that touched each of some annotations, by their ids.

        Args:
            moment: Id of an entry: only those that came after it.
            wanted: Ids of annotations.
        """
        with self._database.reading() as connection:
            found = restoring.last_entries(connection, self._skeleton(), moment, wanted)
        entries = {each.id: each for each in self.own_entries()} if found else {}
        return {each: entries[entry] for each, entry in found.items()}
