"""The images of a project: references to files, relative to the project where that helps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from kpstudio.core.dataset import Image
from kpstudio.imaging.portable_path import absolute_path, plain_path, portable_path
from kpstudio.store.grouping import Grouping
from kpstudio.store.tables import image_tags, images

_Place = tuple[str, int | None]
_NO_FRAME = -1

_ADD_TAG = sqlite_insert(image_tags).on_conflict_do_nothing()
_SET_PATH = update(images).where(images.c.path == bindparam("at")).values(path=bindparam("to"))
_SET_SIZE = (
    update(images)
    .where(images.c.id == bindparam("at"), images.c.width == 0)
    .values(width=bindparam("w"), height=bindparam("h"))
)


def read_images(connection: Connection, folder: Path) -> tuple[Image, ...]:
    """All images, in the order in which they came."""
    grouping = Grouping.read(connection)
    tags: dict[int, list[str]] = {}
    for image_id, tag in connection.execute(select(image_tags).order_by(image_tags.c.tag)):
        tags.setdefault(image_id, []).append(tag)
    rows = connection.execute(select(images).order_by(images.c.id))
    places: dict[_Place, tuple[Path, str]] = {}
    return tuple(_image(row, folder, grouping, tags.get(row.id, ()), places) for row in rows)


def read_image_row(connection: Connection, folder: Path, image_id: int) -> Image:
    row = connection.execute(select(images).where(images.c.id == image_id)).one_or_none()
    if row is None:
        raise KeyError(image_id)
    of_image = select(image_tags.c.tag).where(image_tags.c.image_id == image_id)
    tags = connection.execute(of_image.order_by(image_tags.c.tag)).scalars().all()
    return _image(row, folder, Grouping.read(connection), tags, {})


def add_images(
    connection: Connection, folder: Path, new: Sequence[Image]
) -> tuple[dict[int, int], int]:
    """Store images that are not there yet; those that are keep what is known about them.

    Returns:
        The project's id for the id of each given image, and how many were new.
    """
    known = _known(connection)
    # A video has thousands of frames and one path.
    paths = {path: portable_path(path, folder) for path in {image.path for image in new}}
    places = {image.id: (paths[image.path], image.frame) for image in new}
    rows: dict[_Place, dict[str, object]] = {}
    sizes = []
    for image in new:
        place = places[image.id]
        if place not in known:
            rows.setdefault(place, _row(image, place))
        elif image.width:
            sizes.append({"at": known[place], "w": image.width, "h": image.height})
    if sizes:
        connection.execute(_SET_SIZE, sizes)
    if rows:
        connection.execute(insert(images), list(rows.values()))
        known = _known(connection)
    ids = {image_id: known[place] for image_id, place in places.items()}
    tags = [{"image_id": ids[image.id], "tag": tag} for image in new for tag in image.tags]
    if tags:
        connection.execute(_ADD_TAG, tags)
    return ids, len(rows)


def _known(connection: Connection) -> dict[_Place, int]:
    rows = connection.execute(select(images.c.path, images.c.frame, images.c.id))
    return {(path, None if frame < 0 else frame): image_id for path, frame, image_id in rows}


def _row(image: Image, place: _Place) -> dict[str, object]:
    path, frame = place
    return {
        "path": path,
        "frame": _NO_FRAME if frame is None else frame,
        "width": image.width,
        "height": image.height,
        "split": image.split,
        "review": image.review,
        "extra": image.extra,
    }


def missing_images(connection: Connection, folder: Path) -> tuple[Image, ...]:
    """Images whose file is not where it should be."""
    written = connection.execute(select(images.c.path).distinct()).scalars()
    paths = {absolute_path(each, folder) for each in written}
    missing = {path for path in paths if not path.is_file()}
    if not missing:
        return ()
    return tuple(image for image in read_images(connection, folder) if image.path in missing)


def relocate_images(
    connection: Connection, folder: Path, old_folder: Path, new_folder: Path
) -> int:
    """Point missing images of one folder to the same places under another.

    Returns:
        How many were found again; the others stay as they are.
    """
    old, new = plain_path(old_folder), plain_path(new_folder)
    taken = set(connection.execute(select(images.c.path)).scalars())
    moves = []
    for path in dict.fromkeys(image.path for image in missing_images(connection, folder)):
        for base in (old, old.resolve()):
            if not path.is_relative_to(base):
                continue
            found = new / path.relative_to(base)
            to = portable_path(found, folder)
            if found.is_file() and to not in taken:
                moves.append({"at": portable_path(path, folder), "to": to})
                taken.add(to)
            break
    return sum(connection.execute(_SET_PATH, move).rowcount for move in moves)


def _image(
    row: Row[Any],
    folder: Path,
    grouping: Grouping,
    tags: Sequence[str],
    places: dict[_Place, tuple[Path, str]],
) -> Image:
    """`places` keeps what the frames of a video share."""
    is_frame = row.frame >= 0
    place = row.path, 0 if is_frame else None
    if place not in places:
        places[place] = absolute_path(row.path, folder), grouping.group_of(*place)
    return Image(
        row.id,
        places[place][0],
        row.width,
        row.height,
        row.split,
        places[place][1],
        row.frame if is_frame else None,
        tuple(tags),
        row.review,
        row.extra,
    )
