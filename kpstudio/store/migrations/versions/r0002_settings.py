"""Settings of a project, such as what makes a group of images."""

from alembic import op
from sqlalchemy import Column, String

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settings",
        Column("key", String, primary_key=True),
        Column("value", String, nullable=False),
    )
