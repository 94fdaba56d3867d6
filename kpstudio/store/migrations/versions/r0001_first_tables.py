"""The first tables: skeleton, images, annotations, history, runs, predictions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Float, ForeignKey, Integer, LargeBinary, String

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_skeleton_and_images()
    _create_annotations()
    _create_history()
    _create_runs()


def _create_skeleton_and_images() -> None:
    op.create_table(
        "skeletons",
        Column("id", Integer, primary_key=True),
        Column("name", String, nullable=False),
        Column("category", String, nullable=False),
    )
    op.create_table(
        "keypoints",
        Column("id", Integer, primary_key=True),
        Column("position", Integer, nullable=False, unique=True),
        Column("name", String, nullable=False, unique=True),
        Column("sigma", Float),
    )
    for name, first, second in (("edges", "first", "second"), ("flip_pairs", "left", "right")):
        op.create_table(
            name,
            Column("position", Integer, primary_key=True),
            Column(first, Integer, ForeignKey("keypoints.id"), nullable=False),
            Column(second, Integer, ForeignKey("keypoints.id"), nullable=False),
        )
    op.create_table(
        "images",
        Column("id", Integer, primary_key=True),
        Column("path", String, nullable=False, unique=True),
        Column("width", Integer, nullable=False),
        Column("height", Integer, nullable=False),
        Column("split", String),
    )


def _create_annotations() -> None:
    op.create_table(
        "subjects",
        Column("number", Integer, primary_key=True),
        Column("id", String, nullable=False, unique=True),
    )
    op.create_table(
        "annotations",
        Column(
            "subject", Integer, ForeignKey("subjects.number"), primary_key=True, autoincrement=False
        ),
        Column("image_id", Integer, ForeignKey("images.id"), nullable=False),
        Column("source", String, nullable=False),
        Column("author", String, nullable=False),
        Column("time", Float, nullable=False),
        *(Column(f"box_{side}", Float) for side in ("x", "y", "width", "height")),
        sa.Index("annotations_by_image", "image_id"),
    )
    op.create_table(
        "annotation_keypoints",
        Column(
            "subject",
            Integer,
            ForeignKey("annotations.subject", ondelete="CASCADE"),
            primary_key=True,
        ),
        Column("keypoint_id", Integer, ForeignKey("keypoints.id"), primary_key=True),
        Column("x", Float),
        Column("y", Float),
        Column("visibility", Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_history() -> None:
    op.create_table(
        "history",
        Column("id", Integer, primary_key=True),
        Column("kind", String, nullable=False),
        Column("of", Integer, ForeignKey("history.id")),
        Column("label", String, nullable=False),
        Column("author", String, nullable=False),
        Column("time", Float, nullable=False),
        Column("payload", LargeBinary),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "undo_stack",
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("edit", Integer, ForeignKey("history.id"), nullable=False),
        Column("is_done", Integer, nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        Column("id", Integer, primary_key=True),
        Column("name", String, nullable=False),
        Column("network", String, nullable=False),
        Column("started", Float, nullable=False),
        Column("state", String, nullable=False),
        Column("median_px", Float),
        Column("steps", Integer, nullable=False),
        Column("settings", String, nullable=False),
        Column("message", String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "predictions",
        Column("id", Integer, primary_key=True),
        Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
        Column("image_id", Integer, ForeignKey("images.id"), nullable=False),
        Column("position", Integer, nullable=False),
        Column("decoder", String, nullable=False),
        Column("xy", LargeBinary, nullable=False),
        Column("scores", LargeBinary, nullable=False),
        *(Column(f"box_{side}", Float, nullable=False) for side in ("x", "y", "width", "height")),
        Column("score", Float, nullable=False),
        sa.UniqueConstraint("run_id", "image_id", "position"),
    )
