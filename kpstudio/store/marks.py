"""What people say of images beside their labels: tags, and how far a review is."""

from collections.abc import Collection
from typing import get_args

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from kpstudio.core.dataset import Review
from kpstudio.core.errors import UserProblem
from kpstudio.store.tables import image_tags, images

_ADD = insert(image_tags).on_conflict_do_nothing()
_REMOVE = delete(image_tags).where(
    image_tags.c.image_id == bindparam("at"), image_tags.c.tag == bindparam("name")
)
_SET_REVIEW = update(images).where(images.c.id == bindparam("at")).values(review=bindparam("to"))


def change_tags(
    connection: Connection,
    image_ids: Collection[int],
    *,
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> None:
    """Add tags to images and take others from them.

    Raises:
        UserProblem: A tag to be added is blank.
    """
    if any(not tag.strip() for tag in add):
        raise UserProblem("A tag cannot be blank.", "Give it a name such as “night”.")
    new = [{"image_id": each, "tag": tag.strip()} for each in image_ids for tag in add]
    old = [{"at": each, "name": tag} for each in image_ids for tag in remove]
    if old:
        connection.execute(_REMOVE, old)
    if new:
        connection.execute(_ADD, new)


def read_tags(connection: Connection) -> dict[str, int]:
    """All tags with the number of their images, in alphabetical order."""
    counts = select(image_tags.c.tag, func.count().label("number")).group_by(image_tags.c.tag)
    return {row.tag: row.number for row in connection.execute(counts.order_by(image_tags.c.tag))}


def count_splits(connection: Connection) -> dict[str, int]:
    """How many images each part has, in alphabetical order, without those that are in none."""
    counts = select(images.c.split, func.count().label("number")).group_by(images.c.split)
    rows = connection.execute(counts.where(images.c.split.is_not(None)).order_by(images.c.split))
    return {row.split: row.number for row in rows}


def set_review(connection: Connection, image_ids: Collection[int], review: Review) -> None:
    """Say how far the review of images is.

    Raises:
        UserProblem: There is no such state.
    """
    if review not in get_args(Review):
        raise UserProblem(
            f"“{review}” is no state of a review.",
            "There are ready, accepted and rejected, and nothing for what nobody has reviewed.",
        )
    if image_ids:
        connection.execute(_SET_REVIEW, [{"at": each, "to": review} for each in image_ids])


def read_reviews(connection: Connection) -> dict[int, Review]:
    """The state of every image that has one, by id."""
    query = select(images.c.id, images.c.review).where(images.c.review != "")
    return {row.id: row.review for row in connection.execute(query)}


def count_reviews(connection: Connection) -> dict[Review, int]:
    """How many images are in each state."""
    query = select(images.c.review, func.count().label("number")).group_by(images.c.review)
    found = {row.review: row.number for row in connection.execute(query)}
    return {each: found.get(each, 0) for each in get_args(Review)}
