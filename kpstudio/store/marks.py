"""What people say of images beside their labels: tags, and how far a review is.

Who changed what and when is remembered, so that copies of a project can be brought together.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args

from sqlalchemy import Connection, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.sqlite import insert

from kpstudio.core.dataset import Review
from kpstudio.core.errors import UserProblem
from kpstudio.core.mark_merge import REVIEW, TAG_PREFIX, MarkChange, MarkPlan
from kpstudio.store.database import Database
from kpstudio.store.tables import image_tags, images, mark_changes

_ADD = insert(image_tags).on_conflict_do_nothing()
_REMOVE = delete(image_tags).where(
    image_tags.c.image_id == bindparam("at"), image_tags.c.tag == bindparam("name")
)
_CHANGE = ("image_id", "mark", "value", "author", "time")
_STEP_S = 1e-3
_newest = (
    select(func.max(mark_changes.c.time))
    .where(mark_changes.c.image_id == bindparam("at"), mark_changes.c.mark == bindparam("what"))
    .scalar_subquery()
)
_LOG = select(
    images.c.id,
    bindparam("what"),
    bindparam("to"),
    bindparam("who"),
    # The clock of whoever changed it before may have been ahead.
    func.max(bindparam("now"), func.coalesce(_newest + _STEP_S, 0.0)),
).where(images.c.id == bindparam("at"))
_has_tag = exists().where(
    image_tags.c.image_id == bindparam("at"), image_tags.c.tag == bindparam("name")
)
_LOG_ADDED = insert(mark_changes).from_select(_CHANGE, _LOG.where(~_has_tag))
_LOG_REMOVED = insert(mark_changes).from_select(_CHANGE, _LOG.where(_has_tag))
_LOG_REVIEW = insert(mark_changes).from_select(
    _CHANGE, _LOG.where(images.c.review != bindparam("to"))
)
_SET_REVIEW = update(images).where(images.c.id == bindparam("at")).values(review=bindparam("to"))


class Marks:
    """The tags and reviews of the images of a project."""

    def __init__(self, database: Database, author: str) -> None:
        self._database = database
        self._author = author

    def change_tags(
        self,
        image_ids: Collection[int],
        *,
        add: Collection[str] = (),
        remove: Collection[str] = (),
    ) -> None:
        """Add tags to images and take others from them.

        Raises:
            UserProblem: A tag to be added is blank, or it could not be stored.
        """
        with self._database.writing("The tags were") as connection:
            change_tags(connection, image_ids, add=add, remove=remove, author=self._author)

    def tags(self) -> dict[str, int]:
        """All tags with the number of their images, in alphabetical order."""
        with self._database.reading() as connection:
            return read_tags(connection)

    def set_review(self, image_ids: Collection[int], review: Review) -> None:
        """Say how far the review of images is.

        Raises:
            UserProblem: There is no such state, or it could not be stored.
        """
        if review not in get_args(Review):
            raise UserProblem(
                f"“{review}” is no state of a review.",
                "There are ready, accepted and rejected, and nothing for what nobody has reviewed.",
            )
        if not image_ids:
            return
        said = {"what": REVIEW, "to": review, "who": self._author, "now": time.time()}
        with self._database.writing("The review was") as connection:
            connection.execute(_LOG_REVIEW, [{"at": each} | said for each in image_ids])
            connection.execute(_SET_REVIEW, [{"at": each, "to": review} for each in image_ids])

    def reviews(self) -> dict[int, Review]:
        """The state of every image that has been sent to review, by its id."""
        query = select(images.c.id, images.c.review).where(images.c.review != "")
        with self._database.reading() as connection:
            return {row.id: row.review for row in connection.execute(query)}

    def count_reviews(self) -> dict[Review, int]:
        """How many images are in each state of review."""
        query = select(images.c.review, func.count().label("number")).group_by(images.c.review)
        with self._database.reading() as connection:
            found = {row.review: row.number for row in connection.execute(query)}
        return {each: found.get(each, 0) for each in get_args(Review)}

    def changes(self) -> tuple[MarkChange, ...]:
        """Every change that is known, of this copy of the project and of those merged into it."""
        columns = [mark_changes.c[name] for name in _CHANGE]
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).order_by(mark_changes.c.id))
            return tuple(MarkChange(*row) for row in rows)


def change_tags(
    connection: Connection,
    image_ids: Collection[int],
    *,
    add: Collection[str] = (),
    remove: Collection[str] = (),
    author: str = "",
) -> None:
    """Add tags to images and take others from them.

    Raises:
        UserProblem: A tag to be added is blank.
    """
    if any(not tag.strip() for tag in add):
        raise UserProblem("A tag cannot be blank.", "Give it a name such as “night”.")
    old = [(each, tag) for each in image_ids for tag in remove]
    if old:
        connection.execute(_LOG_REMOVED, _logged_tags(old, "", author))
        connection.execute(_REMOVE, [{"at": each, "name": tag} for each, tag in old])
    add_tags(connection, [(each, tag.strip()) for each in image_ids for tag in add], author=author)


def add_tags(connection: Connection, new: Sequence[tuple[int, str]], *, author: str) -> None:
    """Add tags to images: pairs of an image and a tag."""
    if new:
        connection.execute(_LOG_ADDED, _logged_tags(new, "yes", author))
        connection.execute(_ADD, [{"image_id": each, "tag": tag} for each, tag in new])


def read_tags(connection: Connection) -> dict[str, int]:
    """All tags with the number of their images, in alphabetical order."""
    counts = select(image_tags.c.tag, func.count().label("number")).group_by(image_tags.c.tag)
    return {row.tag: row.number for row in connection.execute(counts.order_by(image_tags.c.tag))}


def write_merged_marks(
    connection: Connection, plan: MarkPlan, *, image_ids: Mapping[int, int]
) -> None:
    """Take over marks of another copy, and who gave them.

    Args:
        connection: To write to.
        plan: What changes.
        image_ids: Ours, by the numbers that images have in the plan's log.
    """
    if plan.log:
        rows = [asdict(each) | {"image_id": image_ids[each.image_id]} for each in plan.log]
        connection.execute(insert(mark_changes), rows)
    if plan.removed:
        old = [{"at": at, "name": tag} for at, tags in plan.removed.items() for tag in tags]
        connection.execute(_REMOVE, old)
    if plan.added:
        new = [{"image_id": at, "tag": tag} for at, tags in plan.added.items() for tag in tags]
        connection.execute(_ADD, new)
    if plan.new_reviews:
        states = [{"at": at, "to": state} for at, state in plan.new_reviews.items()]
        connection.execute(_SET_REVIEW, states)


def _logged_tags(
    changed: Sequence[tuple[int, str]], value: str, author: str
) -> list[dict[str, Any]]:
    said = {"to": value, "who": author, "now": time.time()}
    return [{"at": at, "name": tag, "what": TAG_PREFIX + tag} | said for at, tag in changed]
