"""The one way in which labels change."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpstudio.core.annotation import Annotation


@dataclass(frozen=True)
class Edit:
    """A change of labels that knows what was there before.

    Args:
        label: What was done, as the undo menu says it: "Move snout".
        before: Annotations by id as they were; None for one that was not there.
        after: The same ids as they shall be; None for one that is removed.
    """

    label: str
    before: Mapping[str, Annotation | None]
    after: Mapping[str, Annotation | None]

    def __post_init__(self) -> None:
        if self.before.keys() != self.after.keys():
            raise ValueError("an edit must say before and after for the same annotations")

    @classmethod
    def change(cls, label: str, before: Annotation | None, after: Annotation | None) -> "Edit":
        """An edit of a single annotation."""
        known = before or after
        if known is None:
            raise ValueError("an edit must change something")
        return cls(label, {known.id: before}, {known.id: after})

    def inverse(self) -> "Edit":
        return Edit(self.label, before=self.after, after=self.before)

    def image_ids(self) -> frozenset[int]:
        """The images whose labels it touches."""
        annotations = (*self.before.values(), *self.after.values())
        return frozenset(annotation.image_id for annotation in annotations if annotation)
