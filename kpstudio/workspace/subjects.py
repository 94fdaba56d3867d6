"""Verbs about the subjects of the open image."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from kpstudio.core.annotation import (
    NOT_LABELLED,
    VISIBLE,
    Annotation,
    new_annotation_id,
)
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Affine, Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.workspace.key_names import KeyNames
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.placing import Placing
from kpstudio.workspace.selection import Selection

DUPLICATE_SHIFT = (12.0, 12.0)  # image pixels


class Subjects(QObject):
    """What can be done to an annotation as a whole; each verb is one edit."""

    def __init__(
        self,
        labels: Labels,
        selection: Selection,
        placing: Placing,
        key_names: KeyNames,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels = labels
        self._selection = selection
        self._placing = placing
        self._key_names = key_names

    def add_pose(self, xy: NDArray[np.float64]) -> None:
        """A new annotation with every keypoint in its place.

        Args:
            xy: (K, 2) image pixels.
        """
        image_id, skeleton = self._selection.image_id, self._labels.skeleton
        if image_id is None or skeleton is None:
            return
        empty = Annotation.empty(image_id, skeleton)
        visibility = np.full(len(skeleton), VISIBLE, dtype=np.int8)
        self._add(self.tr("Draw skeleton"), replace(empty, xy=xy, visibility=visibility))

    def draw_box(self, box: Box) -> None:
        """Give the selected annotation a box; without one a new subject begins with it."""
        image_id, skeleton = self._selection.image_id, self._labels.skeleton
        annotation = self._labels.selected
        if annotation is not None:
            self._change(self.tr("Draw box"), annotation, replace(annotation, box=box))
        elif image_id is not None and skeleton is not None:
            new = replace(Annotation.empty(image_id, skeleton), box=box)
            if self._add(self.tr("Draw box"), new):
                self._placing.go_on()

    def fit_box(self) -> None:
        """Let the box of the selected annotation be the smallest around its keypoints."""
        annotation = self._selected()
        if annotation is None:
            return
        bounds = replace(annotation, box=None).bounds()
        if bounds is None:
            self._labels.refuse(
                self.tr("No keypoint of this annotation is labelled."),
                self.tr("Place keypoints first: {0}.").format(self._key_names.of("continue")),
            )
        elif bounds != annotation.box:
            self._change(self.tr("Fit box"), annotation, replace(annotation, box=bounds))

    def remove_box(self) -> None:
        """The selected annotation has no drawn box any more."""
        annotation = self._selected()
        if annotation is not None and annotation.box is not None:
            self._change(self.tr("Remove box"), annotation, replace(annotation, box=None))

    def delete(self, ids: Sequence[str] = ()) -> None:
        """Delete annotations of the open image.

        Args:
            ids: Which; the selected one if none.
        """
        chosen = [each for each in map(self._labels.find, ids) if each is not None]
        if not chosen:
            selected = self._selected()
            chosen = [] if selected is None else [selected]
        if not chosen:
            return
        label = (
            self.tr("Delete annotation")
            if len(chosen) == 1
            else self.tr("Delete {0} annotations").format(len(chosen))
        )
        before = {each.id: each for each in chosen}
        if self._labels.apply(Edit(label, before, dict.fromkeys(before))):
            self._selection.select_annotation(None)

    def duplicate(self) -> None:
        """Another annotation like the selected one, a little beside it."""
        annotation = self._selected()
        if annotation is None:
            return
        moved = annotation.transformed(Affine.moving(*DUPLICATE_SHIFT))
        self._add(
            self.tr("Duplicate annotation"),
            replace(moved, id=new_annotation_id(), track="", extra=""),
        )

    def split(self) -> None:
        """Make a subject of its own of the keypoints that are chosen."""
        annotation, chosen = self._selected(), self._selection.chosen
        if annotation is None:
            return
        moves = np.isin(np.arange(len(annotation.xy)), list(chosen))
        if not moves.any() or (moves | ~annotation.is_labelled).all():
            self._labels.refuse(
                self.tr("Choose the keypoints that belong to another subject, but not all."),
                self.tr("Shift + click chooses one, Shift + drag all in a frame."),
            )
            return
        empty = Annotation.empty(annotation.image_id, self._skeleton)
        new = replace(
            empty,
            xy=np.where(moves[:, None], annotation.xy, np.nan),
            visibility=np.where(moves, annotation.visibility, NOT_LABELLED),
        )
        left = replace(
            annotation,
            xy=np.where(moves[:, None], np.nan, annotation.xy),
            visibility=np.where(moves, NOT_LABELLED, annotation.visibility),
        )
        edit = Edit(
            self.tr("Split annotation"),
            {annotation.id: annotation, new.id: None},
            {annotation.id: self._labels.signed(left), new.id: self._labels.signed(new)},
        )
        if self._labels.apply(edit):
            self._selection.select_annotation(new.id)

    def merge(self, ids: Sequence[str] = ()) -> None:
        """Make one annotation of several: the first keeps what it has and gets what it lacks.

        Args:
            ids: Of annotations of the open image; the selected and the one nearest to it if none.
        """
        chosen = [each for each in map(self._labels.find, ids) if each is not None]
        if len(chosen) < 2:
            selected = self._selected()
            if selected is None:
                return
            other = self._nearest_other(selected)
            if other is None:
                self._labels.refuse(
                    self.tr("There is no other annotation here to merge with."),
                    self.tr("Merging makes one subject of two halves."),
                )
                return
            chosen = [selected, other]
        first, *others = chosen
        merged = first
        for other in others:
            free = ~merged.is_labelled & other.is_labelled
            merged = replace(
                merged,
                xy=np.where(free[:, None], other.xy, merged.xy),
                visibility=np.where(free, other.visibility, merged.visibility),
                box=merged.box if merged.box is None else _around(merged.box, other.bounds()),
                track=merged.track or other.track,
            )
        before: dict[str, Annotation | None] = {each.id: each for each in chosen}
        after: dict[str, Annotation | None] = {each.id: None for each in others}
        after[first.id] = self._labels.signed(merged)
        if self._labels.apply(Edit(self.tr("Merge annotations"), before, after)):
            self._selection.select_annotation(first.id)

    def name(self, annotation_id: str, track: str) -> None:
        """Say which individual it is; the same name in other images means the same one."""
        annotation = self._labels.find(annotation_id)
        name = track.strip()
        if annotation is None or annotation.track == name:
            return
        if name and any(each.track == name for each in self._labels.annotations):
            self._labels.refuse(
                self.tr("Another annotation of this image is called {0} already.").format(name),
                self.tr("Swap the two identities, or choose another name."),
            )
            return
        label = self.tr("Name {0}").format(name) if name else self.tr("Remove the name")
        self._change(label, annotation, replace(annotation, track=name))

    def set_visibility(self, visibility: int) -> None:
        """Of the keypoints that are chosen, or of the selected one."""
        annotation = self._selected()
        if annotation is None:
            return
        count = len(annotation.xy)
        keypoint = self._selection.keypoint
        chosen = self._selection.chosen or ({keypoint} if keypoint is not None else set())
        changes = np.isin(np.arange(count), list(chosen)) & np.isfinite(annotation.xy).all(axis=1)
        if not changes.any():
            self._labels.refuse(
                self.tr("No keypoint with a position is selected."), self.tr("Click one first.")
            )
            return
        after = replace(annotation, visibility=np.where(changes, visibility, annotation.visibility))
        if not np.array_equal(after.visibility, annotation.visibility):
            which = np.flatnonzero(changes)
            what = (
                self._skeleton.keypoints[int(which[0])]
                if which.size == 1
                else self.tr("{0} keypoints").format(which.size)
            )
            label = self._labels.visibility_text(visibility, what)
            self._change(label, annotation, after)

    def flip(self) -> None:
        """Exchange left and right of the selected annotation."""
        self._exchange(self.tr("Exchange left and right"), range(len(self._skeleton)))

    def flip_limb(self) -> None:
        """Exchange the limb of the selected keypoint with that of the other side."""
        keypoint = self._selection.keypoint
        limb = () if keypoint is None else self._skeleton.limb(keypoint)
        self._exchange(self.tr("Exchange left and right limb"), limb)

    def flip_pair(self) -> None:
        """Exchange the selected keypoint with its partner of the other side."""
        keypoint = self._selection.keypoint
        self._exchange(
            self.tr("Exchange left and right keypoint"), () if keypoint is None else (keypoint,)
        )

    # Inside

    @property
    def _skeleton(self) -> Skeleton:
        skeleton = self._labels.skeleton
        assert skeleton is not None
        return skeleton

    def _exchange(self, label: str, keypoints: Iterable[int]) -> None:
        annotation = self._selected()
        if annotation is None:
            return
        mirrored, order = self._skeleton.flip_order(), list(range(len(self._skeleton)))
        for index in keypoints:
            partner = mirrored[index]
            order[index], order[partner] = partner, index
        if order == list(range(len(order))):
            self._labels.refuse(
                self.tr("There is no other side to exchange this with."),
                self.tr(
                    "Select a keypoint of the left or right, or say the pairs in the skeleton."
                ),
            )
            return
        self._change(label, annotation, annotation.in_order(order))

    def _nearest_other(self, annotation: Annotation) -> Annotation | None:
        here = annotation.bounds()
        others = [
            (each, bounds)
            for each in self._labels.annotations
            if each.id != annotation.id and (bounds := each.bounds()) is not None
        ]
        if here is None or not others:
            return None
        return min(others, key=lambda each: math.dist(each[1].centre, here.centre))[0]

    def _selected(self) -> Annotation | None:
        annotation = self._labels.selected
        if annotation is None:
            self._labels.refuse(
                self.tr("No annotation is selected."), self.tr("Click one first, or press Tab.")
            )
        return annotation

    def _change(self, label: str, before: Annotation, after: Annotation) -> bool:
        return self._labels.apply(Edit.change(label, before, self._labels.signed(after)))

    def _add(self, label: str, new: Annotation) -> bool:
        if not self._labels.apply(Edit.change(label, None, self._labels.signed(new))):
            return False
        self._placing.finish()
        self._selection.select_annotation(new.id)
        return True


def _around(box: Box, other: Box | None) -> Box:
    if other is None:
        return box
    return Box.around(np.concatenate([box.corners(), other.corners()]))
