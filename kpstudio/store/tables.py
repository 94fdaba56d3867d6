"""The tables of a project file, as they are after the newest migration.

Annotations have a row per keypoint, so that filters are SQL; predictions have a row per subject
with arrays as little-endian bytes, because there are many and they are only read whole. SQLite
stores NaN as NULL, so an unknown position is NULL in both directions.
"""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

APPLICATION_ID = 0x6B707374
"""In the file's header, so that a project is known without opening it as a database."""

metadata = MetaData()

skeletons = Table(
    "skeletons",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("category", String, nullable=False),
)

keypoints = Table(
    "keypoints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", Integer, unique=True, comment="None of a keypoint that was removed"),
    Column("name", String, nullable=False),
    Column("sigma", Float),
    Column("colour", String, nullable=False, server_default=""),
)

edges = Table(
    "edges",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("first", ForeignKey("keypoints.id"), nullable=False),
    Column("second", ForeignKey("keypoints.id"), nullable=False),
)

flip_pairs = Table(
    "flip_pairs",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("left", ForeignKey("keypoints.id"), nullable=False),
    Column("right", ForeignKey("keypoints.id"), nullable=False),
)

images = Table(
    "images",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", String, nullable=False),
    Column("frame", Integer, nullable=False, server_default="-1", comment="Of a video; else -1"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("split", String),
    Column("review", String, nullable=False, server_default=""),
    Column("fingerprint", String, nullable=False, server_default=""),
    Column("extra", String, nullable=False, server_default=""),
    UniqueConstraint("path", "frame"),
)

image_tags = Table(
    "image_tags",
    metadata,
    Column("image_id", ForeignKey("images.id"), primary_key=True),
    Column("tag", String, primary_key=True),
    sqlite_with_rowid=False,
)

folders = Table(
    "folders",
    metadata,
    Column("path", String, primary_key=True),
    comment="Folders that were imported whole, in which new files may appear",
)

subjects = Table(
    "subjects",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    comment="Ids of annotations that ever were: keeps their order when a removal is undone",
)

annotations = Table(
    "annotations",
    metadata,
    Column("subject", ForeignKey("subjects.number"), primary_key=True, autoincrement=False),
    Column("image_id", ForeignKey("images.id"), nullable=False),
    Column("source", String, nullable=False),
    Column("author", String, nullable=False),
    Column("time", Float, nullable=False),
    Column("box_x", Float),
    Column("box_y", Float),
    Column("box_width", Float),
    Column("box_height", Float),
    Column("track", String, nullable=False, server_default=""),
    Column("extra", String, nullable=False, server_default=""),
    Index("annotations_by_image", "image_id"),
)

annotation_keypoints = Table(
    "annotation_keypoints",
    metadata,
    Column("subject", ForeignKey("annotations.subject", ondelete="CASCADE"), primary_key=True),
    Column("keypoint_id", ForeignKey("keypoints.id"), primary_key=True),
    Column("x", Float),
    Column("y", Float),
    Column("visibility", Integer, nullable=False),
    sqlite_with_rowid=False,
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("of", ForeignKey("history.id"), comment="The edit that an undo or redo is about"),
    Column("label", String, nullable=False),
    Column("author", String, nullable=False),
    Column("time", Float, nullable=False),
    Column("payload", LargeBinary, comment="Before and after, of an edit"),
    Column("seconds_open", Float, comment="How long its image had been open"),
    sqlite_autoincrement=True,
)

merges = Table(
    "merges",
    metadata,
    Column("edit", ForeignKey("history.id"), primary_key=True, autoincrement=False),
    Column("name", String, nullable=False, comment="Of the other copy"),
    Column("their_entry", Integer, nullable=False, comment="The newest of its history, or 0"),
    Column("their_author", String, nullable=False),
    Column("their_time", Float, nullable=False),
    comment="Up to where other copies have been brought in, so that nobody decides twice",
)

merged_history = Table(
    "merged_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("merge", ForeignKey("merges.edit"), nullable=False),
    Column("kind", String, nullable=False),
    Column("label", String, nullable=False),
    Column("author", String, nullable=False),
    Column("time", Float, nullable=False),
    Column("payload", LargeBinary, comment="Of an undo that of its edit"),
    Column("seconds_open", Float),
    Index("merged_history_by_merge", "merge"),
    comment="What was done in other copies before they were brought in",
)

mark_changes = Table(
    "mark_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("image_id", ForeignKey("images.id"), nullable=False),
    Column("mark", String, nullable=False, comment='"review", or "tag:" and the tag'),
    Column("value", String, nullable=False, comment="Of a tag, empty where it was taken away"),
    Column("author", String, nullable=False),
    Column("time", Float, nullable=False),
    Index("mark_changes_by_image", "image_id", "mark"),
    comment="Tells which of two copies of a project knows the mark of the other",
)

undo_stack = Table(
    "undo_stack",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("edit", ForeignKey("history.id"), nullable=False),
    Column("is_done", Integer, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("network", String, nullable=False),
    Column("started", Float, nullable=False),
    Column("state", String, nullable=False),
    Column("median_px", Float),
    Column("steps", Integer, nullable=False),
    Column("settings", String, nullable=False),
    Column("message", String, nullable=False),
    Column("keypoints", String, nullable=False, server_default="", comment="JSON: their ids"),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False, comment="JSON"),
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("image_id", ForeignKey("images.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("decoder", String, nullable=False),
    Column("xy", LargeBinary, nullable=False),
    Column("scores", LargeBinary, nullable=False),
    Column("box_x", Float, nullable=False),
    Column("box_y", Float, nullable=False),
    Column("box_width", Float, nullable=False),
    Column("box_height", Float, nullable=False),
    Column("score", Float, nullable=False),
    UniqueConstraint("run_id", "image_id", "position"),
    Index("predictions_by_score", "run_id", "image_id", "score"),
)

run_metrics = Table(
    "run_metrics",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", Float),
    sqlite_with_rowid=False,
)

issues = Table(
    "issues",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("image_id", ForeignKey("images.id"), nullable=False),
    Column("x", Float),
    Column("y", Float),
    Column("is_open", Integer, nullable=False),
    Index("issues_by_image", "image_id"),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issues.id"), nullable=False),
    Column("author", String, nullable=False),
    Column("time", Float, nullable=False),
    Column("text", String, nullable=False),
    Index("comments_by_issue", "issue_id"),
)
