"""The images of a project: references to files, relative to the project where that helps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from kpstudio.core.dataset import Image
from kpstudio.imaging.portable_path import absolute_path, plain_path, portable_path
from kpstudio.store.grouping import Grouping
from kpstudio.store.tables import images

_SET_PATH = update(images).where(images.c.id == bindparam("at")).values(path=bindparam("to"))
_SET_SIZE = (
    update(images)
    .where(images.c.id == bindparam("at"), images.c.width == 0)
    .values(width=bindparam("w"), height=bindparam("h"))
)


def read_images(connection: Connection, folder: Path) -> tuple[Image, ...]:
    """All images, in the order in which they came."""
    grouping = Grouping.read(connection)
    rows = connection.execute(select(images).order_by(images.c.id))
    return tuple(_image(row, folder, grouping) for row in rows)


def read_image_row(connection: Connection, folder: Path, image_id: int) -> Image:
    row = connection.execute(select(images).where(images.c.id == image_id)).one_or_none()
    if row is None:
        raise KeyError(image_id)
    return _image(row, folder, Grouping.read(connection))


def add_images(
    connection: Connection, folder: Path, new: Sequence[Image]
) -> tuple[dict[int, int], int]:
    """Store images that are not there yet; those that are keep what is known about them.

    Returns:
        The project's id for the id of each given image, and how many were new.
    """
    known: dict[str, int] = {
        path: image_id for image_id, path in connection.execute(select(images.c.id, images.c.path))
    }
    paths = {image.id: portable_path(image.path, folder) for image in new}
    rows: dict[str, dict[str, object]] = {}
    sizes = []
    for image in new:
        path = paths[image.id]
        if path not in known:
            rows.setdefault(
                path,
                {
                    "path": path,
                    "width": image.width,
                    "height": image.height,
                    "split": image.split,
                },
            )
        elif image.width:
            sizes.append({"at": known[path], "w": image.width, "h": image.height})
    if sizes:
        connection.execute(_SET_SIZE, sizes)
    if rows:
        connection.execute(insert(images), list(rows.values()))
        known = {
            path: image_id
            for image_id, path in connection.execute(select(images.c.id, images.c.path))
        }
    return {image_id: known[path] for image_id, path in paths.items()}, len(rows)


def missing_images(connection: Connection, folder: Path) -> tuple[Image, ...]:
    """Images whose file is not where it should be."""
    return tuple(image for image in read_images(connection, folder) if not image.path.is_file())


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
    for image in missing_images(connection, folder):
        for base in (old, old.resolve()):
            if not image.path.is_relative_to(base):
                continue
            found = new / image.path.relative_to(base)
            path = portable_path(found, folder)
            if found.is_file() and path not in taken:
                moves.append({"at": image.id, "to": path})
                taken.add(path)
            break
    if moves:
        connection.execute(_SET_PATH, moves)
    return len(moves)


def _image(row: Row[Any], folder: Path, grouping: Grouping) -> Image:
    return Image(
        row.id,
        absolute_path(row.path, folder),
        row.width,
        row.height,
        row.split,
        grouping.group_of(row.path),
    )
