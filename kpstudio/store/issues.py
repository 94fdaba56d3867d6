"""Questions that are pinned to images, and their threads."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from kpstudio.core.errors import UserProblem
from kpstudio.core.issue import Comment, Issue
from kpstudio.core.issue_merge import IssueChange
from kpstudio.store.database import Database
from kpstudio.store.tables import comments, images, issues


class Issues:
    """The questions about the images of a project, read and written."""

    def __init__(self, database: Database, author: str) -> None:
        self._database = database
        self._author = author

    def open(self, image_id: int, text: str, *, xy: tuple[float, float] | None = None) -> int:
        """Ask something about an image.

        Args:
            image_id: Of the image.
            text: The question.
            xy: Where to pin it, in image pixels; None for the whole image.

        Returns:
            The id of the new issue.

        Raises:
            UserProblem: There is no such image, the position is not on it, the text is blank, or
                it could not be stored.
        """
        with self._database.writing("The question was") as connection:
            return _open(connection, image_id, self._comment(text), xy)

    def reply(self, issue_id: int, text: str, *, is_open: bool | None = None) -> None:
        """Answer in the thread of an issue.

        Args:
            issue_id: Of the issue.
            text: The answer.
            is_open: Also open or close it; None to leave that as it is.

        Raises:
            UserProblem: There is no such issue, the text is blank, or it could not be stored.
        """
        with self._database.writing("The answer was") as connection:
            _check_there(connection, issue_id)
            _add_comment(connection, issue_id, self._comment(text))
            if is_open is not None:
                _set_open(connection, issue_id, is_open=is_open)

    def close(self, issue_id: int) -> None:
        """Settle an issue; it stays, with all that was said.

        Raises:
            UserProblem: There is no such issue, or it could not be stored.
        """
        with self._database.writing("The end of the issue was") as connection:
            _set_open(connection, issue_id, is_open=False)

    def reopen(self, issue_id: int) -> None:
        """Open an issue again.

        Raises:
            UserProblem: There is no such issue, or it could not be stored.
        """
        with self._database.writing("The issue was") as connection:
            _set_open(connection, issue_id, is_open=True)

    def remove(self, issue_id: int) -> None:
        """Forget an issue with all that was said.

        Raises:
            UserProblem: There is no such issue, or it could not be stored.
        """
        with self._database.writing("The removal of the issue was") as connection:
            _check_there(connection, issue_id)
            connection.execute(delete(comments).where(comments.c.issue_id == issue_id))
            connection.execute(delete(issues).where(issues.c.id == issue_id))

    def one(self, issue_id: int) -> Issue:
        """One issue.

        Raises:
            UserProblem: There is none with that number.
        """
        with self._database.reading() as connection:
            _check_there(connection, issue_id)
            return _read(connection, issues.c.id == issue_id)[0]

    def all(self, image_id: int | None = None) -> tuple[Issue, ...]:
        """Open and closed issues with their threads, oldest first, of one image or of all."""
        chosen = [] if image_id is None else [issues.c.image_id == image_id]
        with self._database.reading() as connection:
            return _read(connection, *chosen)

    def by_id(self, ids: Sequence[int]) -> tuple[Issue, ...]:
        """Those of some hundred ids that there are, in their order."""
        with self._database.reading() as connection:
            found = {each.id: each for each in _read(connection, issues.c.id.in_(ids))}
        return tuple(found[each] for each in ids if each in found)

    def open_places(self) -> NDArray[np.int64]:
        """(N, 2) the ids of all open issues and of their images, oldest first."""
        query = select(issues.c.id, issues.c.image_id).where(issues.c.is_open == 1)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(issues.c.id))
            return np.fromiter(chain.from_iterable(rows), dtype=np.int64).reshape(-1, 2)

    def _comment(self, text: str) -> Comment:
        return Comment(self._author, time.time(), text)


def _open(
    connection: Connection, image_id: int, comment: Comment, xy: tuple[float, float] | None = None
) -> int:
    _check_place(connection, image_id, xy)
    x, y = (None, None) if xy is None else xy
    row = {"image_id": image_id, "x": x, "y": y, "is_open": 1}
    made = connection.execute(insert(issues), row).inserted_primary_key
    assert made is not None
    issue_id = int(made[0])
    _add_comment(connection, issue_id, comment)
    return issue_id


def _set_open(connection: Connection, issue_id: int, *, is_open: bool) -> None:
    _check_there(connection, issue_id)
    connection.execute(
        update(issues).where(issues.c.id == issue_id).values(is_open=int(is_open)),
    )


def write_merged_issues(
    connection: Connection, changes: Iterable[IssueChange], *, image_ids: Mapping[int, int]
) -> None:
    """Take over questions and answers of another copy, and whether they are settled.

    Args:
        connection: To write to.
        changes: What is new.
        image_ids: Ours, by the numbers that images have in the changes.
    """
    for change in changes:
        new, issue_id = list(change.comments), change.known_id
        if issue_id is None:
            first = new.pop(0)
            image_id = image_ids[change.issue.image_id]
            issue_id = _open(connection, image_id, first, change.issue.xy)
        for comment in new:
            _add_comment(connection, issue_id, comment)
        _set_open(connection, issue_id, is_open=change.is_open)


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Issue, ...]:
    chosen = and_(True, *conditions)
    rows = connection.execute(select(issues).where(chosen).order_by(issues.c.id)).all()
    if not rows:  # As for most images, each time that one is shown.
        return ()
    said = (
        select(comments.c.issue_id, comments.c.author, comments.c.time, comments.c.text)
        .join(issues, issues.c.id == comments.c.issue_id)
        .where(chosen)
        .order_by(comments.c.time, comments.c.id)
    )
    threads: dict[int, list[Comment]] = {}
    for issue_id, *fields in connection.execute(said):
        threads.setdefault(issue_id, []).append(Comment(*fields))
    return tuple(
        Issue(
            row.id,
            row.image_id,
            None if row.x is None or row.y is None else (row.x, row.y),
            bool(row.is_open),
            tuple(threads.get(row.id, ())),
        )
        for row in rows
    )


def _add_comment(connection: Connection, issue_id: int, comment: Comment) -> None:
    text = comment.text.strip()
    if not text:
        raise UserProblem("That says nothing.", "Write what you want to ask or answer.")
    row = {"issue_id": issue_id, "author": comment.author, "time": comment.time, "text": text}
    connection.execute(insert(comments), row)


def _check_there(connection: Connection, issue_id: int) -> None:
    if connection.execute(select(issues.c.id).where(issues.c.id == issue_id)).scalar() is None:
        raise UserProblem(
            f"There is no issue {issue_id} in this project.",
            "Look at the list of issues: somebody may have removed it.",
        )


def _check_place(connection: Connection, image_id: int, xy: tuple[float, float] | None) -> None:
    size = connection.execute(
        select(images.c.width, images.c.height).where(images.c.id == image_id)
    ).one_or_none()
    if size is None:
        raise UserProblem(
            f"There is no image {image_id} in this project.", "Choose one of its images."
        )
    if xy is None:
        return
    x, y = xy
    # The size of an image that nobody has opened yet may not be known.
    is_inside = (not size.width or -0.5 <= x <= size.width - 0.5) and (
        not size.height or -0.5 <= y <= size.height - 0.5
    )
    if not (math.isfinite(x) and math.isfinite(y) and is_inside):
        raise UserProblem(
            f"{x:g}, {y:g} is not on the image, which has {size.width} x {size.height} pixels.",
            "Pin the issue to a place inside it, or leave the place out.",
        )
