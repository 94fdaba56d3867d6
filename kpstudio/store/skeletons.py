"""The skeleton of a project in its tables.

A keypoint that is removed keeps its row, without a position, and so its labels.
"""

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from kpstudio.core.edit import SkeletonChange
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.tables import edges, flip_pairs, keypoints, skeletons

_PLACE = (
    update(keypoints)
    .where(keypoints.c.id == bindparam("at"))
    .values(
        position=bindparam("to"),
        name=bindparam("called"),
        sigma=bindparam("sized"),
        colour=bindparam("painted"),
    )
)


@dataclass(frozen=True)
class StoredSkeleton:
    """A skeleton and the ids of its keypoints, in its order."""

    skeleton: Skeleton
    keypoint_ids: tuple[int, ...]

    def index_of_id(self) -> dict[int, int]:
        return {keypoint_id: index for index, keypoint_id in enumerate(self.keypoint_ids)}


class SkeletonRows(msgspec.Struct, frozen=True, array_like=True):
    """All that the tables say of a skeleton, as the history keeps it.

    Args:
        name: Of the skeleton.
        category: Of its subjects.
        keypoints: (id, name, sigma, colour) in their order.
        edges: Pairs of ids.
        flip_pairs: Pairs of ids.
    """

    name: str
    category: str
    keypoints: tuple[tuple[int, str, float | None, str], ...]
    edges: tuple[tuple[int, int], ...]
    flip_pairs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, skeleton: Skeleton, ids: tuple[int, ...]) -> "SkeletonRows":
        """A skeleton whose keypoints have these ids."""
        sigmas = skeleton.sigmas or (None,) * len(skeleton)
        colours = skeleton.colours or ("",) * len(skeleton)

        def by_id(pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
            return tuple((ids[a], ids[b]) for a, b in pairs)

        return cls(
            skeleton.name,
            skeleton.category,
            tuple(zip(ids, skeleton.keypoints, sigmas, colours, strict=True)),
            by_id(skeleton.edges),
            by_id(skeleton.flip_pairs),
        )

    def stored(self) -> StoredSkeleton:
        ids = tuple(each[0] for each in self.keypoints)
        index = {keypoint_id: position for position, keypoint_id in enumerate(ids)}
        sigmas = tuple(each[2] for each in self.keypoints if each[2] is not None)
        colours = tuple(each[3] for each in self.keypoints)
        skeleton = Skeleton(
            name=self.name,
            keypoints=tuple(each[1] for each in self.keypoints),
            edges=tuple((index[a], index[b]) for a, b in self.edges),
            flip_pairs=tuple((index[a], index[b]) for a, b in self.flip_pairs),
            category=self.category,
            sigmas=sigmas if len(sigmas) == len(ids) else (),
            colours=colours if any(colours) else (),
        )
        return StoredSkeleton(skeleton, ids)


def write_skeleton(connection: Connection, skeleton: Skeleton) -> None:
    """Fill the empty tables of a new project."""
    put_rows(connection, SkeletonRows.of(skeleton, tuple(range(1, len(skeleton) + 1))))


def read_skeleton_tables(connection: Connection) -> StoredSkeleton:
    return read_rows(connection).stored()


def read_rows(connection: Connection) -> SkeletonRows:
    name, category = connection.execute(select(skeletons.c.name, skeletons.c.category)).one()
    there = select(keypoints).where(keypoints.c.position.is_not(None))
    rows = connection.execute(there.order_by(keypoints.c.position)).all()
    pairs = []
    for table in (edges, flip_pairs):
        stored = connection.execute(select(table).order_by(table.c.position)).all()
        pairs.append(tuple((first, second) for _, first, second in stored))
    return SkeletonRows(
        name,
        category,
        tuple((row.id, row.name, row.sigma, row.colour) for row in rows),
        pairs[0],
        pairs[1],
    )


def changed_rows(connection: Connection, now: SkeletonRows, change: SkeletonChange) -> SkeletonRows:
    """What a change makes of the rows: a keypoint that is known keeps its id."""
    gone = set(change.removed)
    there = {
        change.renamed.get(name, name): keypoint_id
        for keypoint_id, name, _, _ in now.keypoints
        if name not in gone
    }
    was_removed = keypoints.c.position.is_(None)
    rows = connection.execute(
        select(keypoints.c.name, keypoints.c.id).where(was_removed).order_by(keypoints.c.id)
    )
    removed = {row.name: row.id for row in rows}
    fresh = 1 + (connection.execute(select(func.max(keypoints.c.id))).scalar() or 0)
    ids = []
    for name in change.after.keypoints:
        known = there.get(name, removed.get(name))
        ids.append(fresh if known is None else known)
        fresh += known is None
    return SkeletonRows.of(change.after, tuple(ids))


def put_rows(connection: Connection, rows: SkeletonRows) -> None:
    """Make the tables say this; keypoints that it does not name are removed, but not forgotten."""
    connection.execute(delete(skeletons))
    connection.execute(insert(skeletons), {"name": rows.name, "category": rows.category})
    known = set(connection.execute(select(keypoints.c.id)).scalars())
    new = [each for each in rows.keypoints if each[0] not in known]
    if new:
        connection.execute(
            insert(keypoints), [{"id": each[0], "name": each[1], "colour": ""} for each in new]
        )
    # All leave their places first, because no two may ever share one.
    connection.execute(update(keypoints).values(position=None))
    connection.execute(
        _PLACE,
        [
            {"at": each[0], "to": position, "called": each[1], "sized": each[2], "painted": each[3]}
            for position, each in enumerate(rows.keypoints)
        ],
    )
    for table, pairs in ((edges, rows.edges), (flip_pairs, rows.flip_pairs)):
        connection.execute(delete(table))
        _, first, second = table.c.keys()
        if pairs:
            connection.execute(
                insert(table),
                [
                    {"position": position, first: a, second: b}
                    for position, (a, b) in enumerate(pairs)
                ],
            )
