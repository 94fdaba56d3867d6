"""An edit as the history keeps it: bytes in which keypoints have their ids of the project."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec
import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.geometry import Box
from kpstudio.core.history_entry import Touched
from kpstudio.store.annotations import RemovedKeypoint
from kpstudio.store.skeletons import SkeletonRows, StoredSkeleton


class _StoredAnnotation(msgspec.Struct, frozen=True, array_like=True):
    image_id: int
    xy: bytes
    visibility: bytes
    source: str
    author: str
    time: float
    box: tuple[float, float, float, float] | None
    # Files of older versions end here.
    track: str = ""
    extra: str = ""


class _StoredSkeletonChange(msgspec.Struct, frozen=True, array_like=True):
    before: SkeletonRows
    after: SkeletonRows
    renamed: dict[str, str]


class _Payload(msgspec.Struct, frozen=True, array_like=True):
    keypoint_ids: tuple[int, ...]
    before: dict[str, _StoredAnnotation | None]
    after: dict[str, _StoredAnnotation | None]
    # Files of older versions end here.
    skeleton: _StoredSkeletonChange | None = None
    removed: dict[str, list[RemovedKeypoint]] = {}


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """Of an annotation only where it is: the rest is not looked at."""

    image_id: int


class _Places(msgspec.Struct, frozen=True, array_like=True):
    keypoint_ids: msgspec.Raw
    before: dict[str, _Place | None]
    after: dict[str, _Place | None]


class StoredEdit(NamedTuple):
    """An edit as it is remembered.

    Args:
        edit: It, in the keypoints of now.
        skeleton: The tables before and after, where it changes the skeleton.
        removed: Of annotations that it deletes, the labels of keypoints that were removed before.
    """

    edit: Edit
    skeleton: tuple[SkeletonRows, SkeletonRows] | None = None
    removed: Mapping[str, Sequence[RemovedKeypoint]] = MappingProxyType({})

    def inverse(self) -> "StoredEdit":
        rows = (self.skeleton[1], self.skeleton[0]) if self.skeleton is not None else None
        return StoredEdit(self.edit.inverse(), rows, self.removed)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Payload)
_places_decoder = msgspec.msgpack.Decoder(_Places)


def packed(full: StoredEdit, stored: StoredSkeleton) -> bytes:
    """An edit for the history."""
    return _encoder.encode(_packed(full, stored))


def touched(payload: bytes) -> Touched:
    """What an edit is about, without a look at the labels."""
    places = _places_decoder.decode(payload)
    sides = (*places.before.values(), *places.after.values())
    return Touched(frozenset(each.image_id for each in sides if each), frozenset(places.after))


def carried(
    payload: bytes, *, keypoint_ids: Mapping[int, int], image_ids: Mapping[int, int]
) -> bytes | None:
    """An edit of another copy of the project, in the numbers of this one.

    Args:
        payload: As the other copy has it.
        keypoint_ids: Ours by theirs; of keypoints that are not here none.
        image_ids: Ours by theirs.

    Returns:
        None of a change of the skeleton, whose tables are of the other copy only.
    """
    there = _decoder.decode(payload)
    if there.skeleton is not None:
        return None

    def carry(side: dict[str, _StoredAnnotation | None]) -> dict[str, _StoredAnnotation | None]:
        return {
            each: at
            and msgspec.structs.replace(at, image_id=image_ids.get(at.image_id, -at.image_id))
            for each, at in side.items()
        }

    # Labels of keypoints that are not here keep a number that no keypoint has.
    ours = tuple(keypoint_ids.get(each, -each) for each in there.keypoint_ids)
    return _encoder.encode(_Payload(ours, carry(there.before), carry(there.after)))


def unpacked(label: str, payload: bytes, stored: StoredSkeleton) -> StoredEdit:
    """The edit in a payload of the history, in the keypoints of now."""
    packed = _decoder.decode(payload)

    def unpack(side: dict[str, _StoredAnnotation | None]) -> dict[str, Annotation | None]:
        return {
            annotation_id: _unpack(annotation_id, each, packed.keypoint_ids, stored)
            for annotation_id, each in side.items()
        }

    if packed.skeleton is not None:
        before, after = packed.skeleton.before, packed.skeleton.after
        skeletons = (before.stored().skeleton, after.stored().skeleton)
        change = SkeletonChange(*skeletons, packed.skeleton.renamed)
        return StoredEdit(Edit.change_skeleton(label, change), (before, after))
    edit = Edit(label, before=unpack(packed.before), after=unpack(packed.after))
    return StoredEdit(edit, removed=packed.removed)


def _packed(full: StoredEdit, stored: StoredSkeleton) -> _Payload:
    edit, change = full.edit, None
    if edit.skeleton is not None and full.skeleton is not None:
        change = _StoredSkeletonChange(*full.skeleton, dict(edit.skeleton.renamed))
    return _Payload(
        stored.keypoint_ids,
        {each: _pack(annotation) for each, annotation in edit.before.items()},
        {each: _pack(annotation) for each, annotation in edit.after.items()},
        change,
        {each: list(values) for each, values in full.removed.items()},
    )


def _pack(annotation: Annotation | None) -> _StoredAnnotation | None:
    if annotation is None:
        return None
    box = annotation.box
    return _StoredAnnotation(
        annotation.image_id,
        annotation.xy.astype("<f8").tobytes(),
        annotation.visibility.astype("i1").tobytes(),
        annotation.source,
        annotation.author,
        annotation.time,
        (box.x, box.y, box.width, box.height) if box else None,
        annotation.track,
        annotation.extra,
    )


def _unpack(
    annotation_id: str,
    packed: _StoredAnnotation | None,
    keypoint_ids: tuple[int, ...],
    stored: StoredSkeleton,
) -> Annotation | None:
    """By keypoint id, so that an old edit fits a skeleton that has grown since."""
    if packed is None:
        return None
    xy = np.full((len(stored.keypoint_ids), 2), np.nan)
    visibility = np.zeros(len(stored.keypoint_ids), dtype=np.int8)
    index = stored.index_of_id()
    kept = [(i, index[each]) for i, each in enumerate(keypoint_ids) if each in index]
    sources, targets = [i for i, _ in kept], [i for _, i in kept]
    xy[targets] = np.frombuffer(packed.xy, dtype="<f8").reshape(-1, 2)[sources]
    visibility[targets] = np.frombuffer(packed.visibility, dtype="i1")[sources]
    return Annotation(
        id=annotation_id,
        image_id=packed.image_id,
        xy=xy,
        visibility=visibility,
        source=packed.source,
        author=packed.author,
        time=packed.time,
        box=Box(*packed.box) if packed.box else None,
        track=packed.track,
        extra=packed.extra,
    )
