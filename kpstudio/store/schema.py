"""The version of a project file's tables, and how an older file gets the newest."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

NEWEST_REVISION = "0004"
"""Known here too, so that opening an up-to-date project need not import Alembic."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def stored_revision(connection: Connection) -> str | None:
    """The schema revision of the file; None where it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if revision is None else str(revision)


def known_revisions() -> frozenset[str]:
    """All revisions that this version of kpstudio can read or migrate."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(_MIGRATIONS))
    return frozenset(revision.revision for revision in script.walk_revisions())


def migrate(connection: Connection, revision: str = NEWEST_REVISION) -> None:
    """Bring the tables to a revision, inside the transaction that is open."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # The value passes through a ConfigParser, which would interpolate a percent sign.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
