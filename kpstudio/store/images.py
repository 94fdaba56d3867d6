"""The images of a project: references to files, relative to the project where that helps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from kpstudio.core.dataset import Image
from kpstudio.imaging.portable_path import (
    PortablePaths,
    is_file,
    portable_path,
)
from kpstudio.store.grouping import Grouping
from kpstudio.store.marks import add_tags
from kpstudio.store.tables import annotations, folders, image_tags, images

_Place = tuple[str, int | None]
_NO_FRAME = -1

_ADD_TAG = sqlite_insert(image_tags).on_conflict_do_nothing()
_SET_PATH = update(images).where(images.c.path == bindparam("at")).values(path=bindparam("to"))
_MOVE = update(images).where(images.c.id == bindparam("at")).values(path=bindparam("to"))
_SET_SIZE = (
    update(images)
    .where(images.c.id == bindparam("at"), images.c.width == 0)
    .values(width=bindparam("w"), height=bindparam("h"))
)
_SET_EXTRA = (
    update(images)
    .where(images.c.id == bindparam("at"), images.c.extra == "")
    .values(extra=bindparam("fields"))
)


def read_images(
    connection: Connection, folder: Path, *, annotated: bool = False
) -> tuple[Image, ...]:
    """All images, in the order in which they came.

    Args:
        connection: To read from.
        folder: Of the project.
        annotated: Only those with an annotation.
    """
    grouping = Grouping.read(connection)
    tags: dict[int, list[str]] = {}
    for image_id, tag in connection.execute(select(image_tags).order_by(image_tags.c.tag)):
        tags.setdefault(image_id, []).append(tag)
    query = select(images).order_by(images.c.id)
    if annotated:
        query = query.where(images.c.id.in_(select(annotations.c.image_id)))
    paths = PortablePaths(folder)
    rows = connection.execute(query)
    return tuple(_image(row, paths, grouping, tags.get(row.id, ())) for row in rows)


def read_image_row(connection: Connection, folder: Path, image_id: int) -> Image:
    row = connection.execute(select(images).where(images.c.id == image_id)).one_or_none()
    if row is None:
        raise KeyError(image_id)
    of_image = select(image_tags.c.tag).where(image_tags.c.image_id == image_id)
    tags = connection.execute(of_image.order_by(image_tags.c.tag)).scalars().all()
    return _image(row, PortablePaths(folder), Grouping.read(connection), tags)


def read_images_by_id(
    connection: Connection, folder: Path, ids: Sequence[int]
) -> tuple[Image, ...]:
    """Those of the ids that there are, in their order."""
    grouping = Grouping.read(connection)
    tags: dict[int, list[str]] = {}
    of_images = select(image_tags).where(image_tags.c.image_id.in_(ids))
    for image_id, tag in connection.execute(of_images.order_by(image_tags.c.tag)):
        tags.setdefault(image_id, []).append(tag)
    rows = connection.execute(select(images).where(images.c.id.in_(ids)))
    paths = PortablePaths(folder)
    found = {row.id: _image(row, paths, grouping, tags.get(row.id, ())) for row in rows}
    return tuple(found[each] for each in ids if each in found)


def add_images(
    connection: Connection,
    folder: Path,
    new: Sequence[Image],
    contents: Mapping[Path, str],
    *,
    author: str = "",
) -> tuple[dict[int, int], int]:
    """Store images that are not there yet; those that are keep what is known about them.

    One with the content of an image whose file is missing is that image, in another place.

    Args:
        connection: To write to.
        folder: Of the project.
        new: With ids of their own.
        contents: Fingerprints by path; empty or absent where a file cannot be read.
        author: Who is named where an image that is there gets tags.

    Returns:
        The project's id for the id of each given image, and how many were new.
    """
    paths = PortablePaths(folder)
    places = {image.id: (paths.written(image.path), image.frame) for image in new}
    known = _known(connection)
    unknown = [image for image in new if places[image.id] not in known]
    if moves := _moves(connection, paths, unknown, places, contents):
        connection.execute(_MOVE, moves)
        known = _known(connection)
    rows: dict[_Place, dict[str, object]] = {}
    sizes, extras = [], []
    for image in new:
        place = places[image.id]
        if place not in known:
            rows.setdefault(place, _row(image, place, contents.get(image.path, "")))
            continue
        if image.width:
            sizes.append({"at": known[place], "w": image.width, "h": image.height})
        if image.extra:
            extras.append({"at": known[place], "fields": image.extra})
    if sizes:
        connection.execute(_SET_SIZE, sizes)
    if extras:
        connection.execute(_SET_EXTRA, extras)
    if rows:
        connection.execute(insert(images), list(rows.values()))
        known = _known(connection)
    ids = {image_id: known[place] for image_id, place in places.items()}
    tagged = [image for image in new if image.tags]
    fresh = [image for image in tagged if places[image.id] in rows]
    if fresh:
        connection.execute(
            _ADD_TAG,
            [{"image_id": ids[image.id], "tag": tag} for image in fresh for tag in image.tags],
        )
    there = [image for image in tagged if places[image.id] not in rows]
    add_tags(
        connection, [(ids[image.id], tag) for image in there for tag in image.tags], author=author
    )
    return ids, len(rows)


def add_folders(connection: Connection, folder: Path, new: Sequence[Path]) -> None:
    """Remember folders that were imported whole."""
    rows = [{"path": portable_path(each, folder)} for each in new]
    if rows:
        connection.execute(sqlite_insert(folders).on_conflict_do_nothing(), rows)


def contents(connection: Connection) -> dict[tuple[str, int | None], int]:
    """Images by fingerprint and frame, where no other has the same."""
    columns = images.c
    rows = connection.execute(
        select(columns.fingerprint, columns.frame, func.min(columns.id))
        .where(columns.fingerprint != "")
        .group_by(columns.fingerprint, columns.frame)
        .having(func.count() == 1)
    )
    return {(each, None if frame < 0 else frame): image_id for each, frame, image_id in rows}


def written_places(connection: Connection) -> dict[int, _Place]:
    """Path as written, and frame, by id."""
    return {image_id: place for place, image_id in _known(connection).items()}


def _known(connection: Connection) -> dict[_Place, int]:
    rows = connection.execute(select(images.c.path, images.c.frame, images.c.id))
    return {(path, None if frame < 0 else frame): image_id for path, frame, image_id in rows}


def _moves(
    connection: Connection,
    paths: PortablePaths,
    unknown: Sequence[Image],
    places: Mapping[int, _Place],
    contents: Mapping[Path, str],
) -> list[dict[str, object]]:
    """Where images of the project whose file is missing are now."""
    wanted = {contents.get(image.path, "") for image in unknown} - {""}
    if not wanted:
        return []
    columns = images.c
    rows = connection.execute(
        select(columns.id, columns.path, columns.frame, columns.fingerprint).where(
            columns.fingerprint != ""
        )
    )
    lost: dict[tuple[str, int], list[int]] = {}
    is_there: dict[str, bool] = {}
    for image_id, path, frame, content in rows:
        if content not in wanted:
            continue
        if path not in is_there:
            is_there[path] = is_file(paths.absolute(path))
        if not is_there[path]:
            lost.setdefault((content, frame), []).append(image_id)
    moves: list[dict[str, object]] = []
    taken: set[_Place] = set()
    for image in unknown:
        place = places[image.id]
        key = (contents.get(image.path, ""), _NO_FRAME if image.frame is None else image.frame)
        if place not in taken and lost.get(key):
            moves.append({"at": lost[key].pop(0), "to": place[0]})
            taken.add(place)
    return moves


def _row(image: Image, place: _Place, content: str) -> dict[str, object]:
    path, frame = place
    return {
        "path": path,
        "frame": _NO_FRAME if frame is None else frame,
        "width": image.width,
        "height": image.height,
        "split": image.split,
        "review": image.review,
        "fingerprint": content,
        "extra": image.extra,
    }


def _image(row: Row[Any], paths: PortablePaths, grouping: Grouping, tags: Sequence[str]) -> Image:
    # By place: a name would be looked up anew for each of a million rows.
    image_id, path, frame, width, height, split, review, _, extra = tuple(row)
    number = None if frame < 0 else frame
    return Image(
        image_id,
        paths.absolute(path),
        width,
        height,
        split,
        grouping.group_of(path, number),
        number,
        tuple(tags),
        review,
        extra,
    )
