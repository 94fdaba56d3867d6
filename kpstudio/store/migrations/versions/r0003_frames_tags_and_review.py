"""Frames of videos, tags, review, tracks, folders to look for new files in, retired keypoints."""

from typing import Any

from alembic import op
from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rebuild(
        "images",
        Column("id", Integer, primary_key=True),
        Column("path", String, nullable=False),
        Column("frame", Integer, nullable=False, server_default="-1"),
        Column("width", Integer, nullable=False),
        Column("height", Integer, nullable=False),
        Column("split", String),
        Column("review", String, nullable=False, server_default=""),
        Column("fingerprint", String, nullable=False, server_default=""),
        Column("extra", String, nullable=False, server_default=""),
        UniqueConstraint("path", "frame"),
        kept="id, path, width, height, split",
    )
    _rebuild(
        "keypoints",
        Column("id", Integer, primary_key=True),
        Column("position", Integer, unique=True),
        Column("name", String, nullable=False),
        Column("sigma", Float),
        Column("colour", String, nullable=False, server_default=""),
        kept="id, position, name, sigma",
    )
    for name in ("track", "extra"):
        op.add_column("annotations", Column(name, String, nullable=False, server_default=""))
    op.add_column("runs", Column("keypoints", String, nullable=False, server_default=""))
    op.add_column("history", Column("seconds_open", Float))
    op.create_table(
        "image_tags",
        Column("image_id", Integer, ForeignKey("images.id"), primary_key=True),
        Column("tag", String, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table("folders", Column("path", String, primary_key=True))
    op.create_index("predictions_by_score", "predictions", ["run_id", "image_id", "score"])
    _create_issues()
    op.create_table(
        "run_metrics",
        Column("run_id", Integer, ForeignKey("runs.id"), primary_key=True),
        Column("step", Integer, primary_key=True),
        Column("name", String, primary_key=True),
        Column("value", Float),
        sqlite_with_rowid=False,
    )


def _create_issues() -> None:
    op.create_table(
        "issues",
        Column("id", Integer, primary_key=True),
        Column("image_id", Integer, ForeignKey("images.id"), nullable=False),
        Column("x", Float),
        Column("y", Float),
        Column("is_open", Integer, nullable=False),
        Index("issues_by_image", "image_id"),
    )
    op.create_table(
        "comments",
        Column("id", Integer, primary_key=True),
        Column("issue_id", Integer, ForeignKey("issues.id"), nullable=False),
        Column("author", String, nullable=False),
        Column("time", Float, nullable=False),
        Column("text", String, nullable=False),
        Index("comments_by_issue", "issue_id"),
    )


def _rebuild(name: str, *columns: Column[Any] | UniqueConstraint, kept: str) -> None:
    """The table with other columns; SQLite cannot change a constraint in place."""
    op.create_table(f"{name}_new", *columns)
    op.execute(f"INSERT INTO {name}_new ({kept}) SELECT {kept} FROM {name}")
    op.drop_table(name)
    op.rename_table(f"{name}_new", name)
