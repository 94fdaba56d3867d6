"""What merges brought from other copies, and who changed tags and reviews."""

from alembic import op
from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merges",
        Column("edit", Integer, ForeignKey("history.id"), primary_key=True, autoincrement=False),
        Column("name", String, nullable=False),
        Column("their_entry", Integer, nullable=False),
        Column("their_author", String, nullable=False),
        Column("their_time", Float, nullable=False),
    )
    op.create_table(
        "merged_history",
        Column("id", Integer, primary_key=True),
        Column("merge", Integer, ForeignKey("merges.edit"), nullable=False),
        Column("kind", String, nullable=False),
        Column("label", String, nullable=False),
        Column("author", String, nullable=False),
        Column("time", Float, nullable=False),
        Column("payload", LargeBinary),
        Column("seconds_open", Float),
        Index("merged_history_by_merge", "merge"),
    )
    op.create_table(
        "mark_changes",
        Column("id", Integer, primary_key=True),
        Column("image_id", Integer, ForeignKey("images.id"), nullable=False),
        Column("mark", String, nullable=False),
        Column("value", String, nullable=False),
        Column("author", String, nullable=False),
        Column("time", Float, nullable=False),
        Index("mark_changes_by_image", "image_id", "mark"),
    )
