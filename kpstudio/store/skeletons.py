"""The skeleton of a project in its tables."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from kpstudio.core.skeleton import Skeleton
from kpstudio.store.tables import edges, flip_pairs, keypoints, skeletons


@dataclass(frozen=True)
class StoredSkeleton:
    """A skeleton and the ids of its keypoints, in its order."""

    skeleton: Skeleton
    keypoint_ids: tuple[int, ...]

    def index_of_id(self) -> dict[int, int]:
        return {keypoint_id: index for index, keypoint_id in enumerate(self.keypoint_ids)}


def write_skeleton(connection: Connection, skeleton: Skeleton) -> None:
    """Fill the empty tables of a new project."""
    connection.execute(insert(skeletons), {"name": skeleton.name, "category": skeleton.category})
    sigmas = skeleton.sigmas or (None,) * len(skeleton)
    connection.execute(
        insert(keypoints),
        [
            {"id": position + 1, "position": position, "name": name, "sigma": sigma}
            for position, (name, sigma) in enumerate(zip(skeleton.keypoints, sigmas, strict=True))
        ],
    )
    for table, pairs in ((edges, skeleton.edges), (flip_pairs, skeleton.flip_pairs)):
        _, first, second = table.c.keys()
        if pairs:
            connection.execute(
                insert(table),
                [
                    {"position": position, first: a + 1, second: b + 1}
                    for position, (a, b) in enumerate(pairs)
                ],
            )


def read_skeleton_tables(connection: Connection) -> StoredSkeleton:
    name, category = connection.execute(select(skeletons.c.name, skeletons.c.category)).one()
    there = select(keypoints).where(keypoints.c.position.is_not(None))
    rows = connection.execute(there.order_by(keypoints.c.position)).all()
    index = {row.id: position for position, row in enumerate(rows)}
    pairs = []
    for table in (edges, flip_pairs):
        stored = connection.execute(select(table).order_by(table.c.position)).all()
        pairs.append(tuple((index[first], index[second]) for _, first, second in stored))
    sigmas = tuple(row.sigma for row in rows)
    skeleton = Skeleton(
        name=name,
        keypoints=tuple(row.name for row in rows),
        edges=pairs[0],
        flip_pairs=pairs[1],
        category=category,
        sigmas=() if None in sigmas else sigmas,
    )
    return StoredSkeleton(skeleton, tuple(row.id for row in rows))
