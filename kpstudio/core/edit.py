"""The one way in which labels, and the keypoints that can be labelled, change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpstudio.core.annotation import Annotation
from kpstudio.core.skeleton import Skeleton


@dataclass(frozen=True)
class SkeletonChange:
    """Other keypoints, edges, pairs or colours.

    A keypoint is the same before and after if its name is, or if it was renamed. The labels of one
    that is removed are kept, and are there again when one of that name is added.

    Args:
        before: As it was.
        after: As it shall be.
        renamed: New names by old ones.

    Raises:
        ValueError: A name that is renamed is not there, or two become one.
    """

    before: Skeleton
    after: Skeleton
    renamed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        is_known = set(self.renamed) <= set(self.before.keypoints)
        if not is_known or not set(self.renamed.values()) <= set(self.after.keypoints):
            raise ValueError("only a keypoint that stays can be renamed")
        if len(set(self.renamed.values())) < len(self.renamed):
            raise ValueError("two keypoints cannot become one")

    @property
    def added(self) -> tuple[str, ...]:
        """Keypoints that were not there before, under any name."""
        gone = set(self.removed)
        kept = {self.renamed.get(name, name) for name in self.before.keypoints if name not in gone}
        return tuple(name for name in self.after.keypoints if name not in kept)

    @property
    def removed(self) -> tuple[str, ...]:
        """Keypoints that are not there afterwards, under any name, in their old names."""
        taken = set(self.renamed.values())
        return tuple(
            name
            for name in self.before.keypoints
            if name not in self.renamed and (name not in self.after.keypoints or name in taken)
        )

    def index_after(self, index: int) -> int | None:
        """Where a keypoint is afterwards; None if it is removed."""
        name = self.before.keypoints[index]
        if name in self.removed:
            return None
        return self.after.index(self.renamed.get(name, name))

    def inverse(self) -> "SkeletonChange":
        back = {new: old for old, new in self.renamed.items()}
        return SkeletonChange(self.after, self.before, back)


@dataclass(frozen=True)
class Edit:
    """A change of labels, or of the skeleton, that knows what was there before.

    Args:
        label: What was done, as the undo menu says it: "Move snout".
        before: Annotations by id as they were; None for one that was not there.
        after: The same ids as they shall be; None for one that is removed.
        skeleton: How the skeleton changes; then no annotations do.
    """

    label: str
    before: Mapping[str, Annotation | None]
    after: Mapping[str, Annotation | None]
    skeleton: SkeletonChange | None = None

    def __post_init__(self) -> None:
        if self.before.keys() != self.after.keys():
            raise ValueError("an edit must say before and after for the same annotations")
        if self.skeleton is not None and self.before:
            raise ValueError("an edit changes either annotations or the skeleton")

    @classmethod
    def change(cls, label: str, before: Annotation | None, after: Annotation | None) -> "Edit":
        """An edit of a single annotation."""
        known = before or after
        if known is None:
            raise ValueError("an edit must change something")
        return cls(label, {known.id: before}, {known.id: after})

    @classmethod
    def change_skeleton(cls, label: str, change: SkeletonChange) -> "Edit":
        """An edit of the skeleton."""
        return cls(label, {}, {}, change)

    def inverse(self) -> "Edit":
        skeleton = self.skeleton.inverse() if self.skeleton is not None else None
        return Edit(self.label, before=self.after, after=self.before, skeleton=skeleton)

    def image_ids(self) -> frozenset[int]:
        """The images whose labels it touches."""
        annotations = (*self.before.values(), *self.after.values())
        return frozenset(annotation.image_id for annotation in annotations if annotation)
