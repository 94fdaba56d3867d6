"""Settings that belong to a project and travel in its file: one JSON value under each key."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from kpstudio.core.errors import UserProblem
from kpstudio.store.database import Database
from kpstudio.store.tables import settings

Value = TypeVar("Value")

_PUT = insert(settings)
_PUT = _PUT.on_conflict_do_update(
    index_elements=["key"], set_={settings.c.value.name: _PUT.excluded.value}
)


class Settings:
    """What is stored under the keys of a project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, key: str, kind: type[Value]) -> Value | None:
        """What is stored under a key; None where nothing is.

        Args:
            key: Such as "grouping".
            kind: What it must be: a plain type or a msgspec or data class.

        Raises:
            UserProblem: What is stored is not of that kind.
        """
        with self._database.reading() as connection:
            return read_setting(connection, key, kind)

    def write(self, key: str, value: Any) -> None:
        """Store what can be written as JSON under a key; None removes it.

        Raises:
            UserProblem: It could not be stored.
        """
        with self._database.writing(f"The setting “{key}” was") as connection:
            write_setting(connection, key, value)


def read_setting(connection: Connection, key: str, kind: type[Value]) -> Value | None:
    """What is stored under a key; None where nothing is.

    Raises:
        UserProblem: It is not of that kind.
    """
    stored = connection.execute(select(settings.c.value).where(settings.c.key == key)).scalar()
    if stored is None:
        return None
    try:
        return msgspec.json.decode(stored, type=kind)
    except msgspec.DecodeError as error:
        raise UserProblem(
            f"The setting “{key}” of the project cannot be understood ({error}).",
            "A newer kpstudio may have stored it: install the newest, then try again.",
        ) from error


def write_setting(connection: Connection, key: str, value: Any) -> None:
    """Store a value under a key, or nothing where it is None."""
    if value is None:
        connection.execute(delete(settings).where(settings.c.key == key))
    else:
        encoded = msgspec.json.encode(value).decode()
        connection.execute(_PUT, {"key": key, "value": encoded})
