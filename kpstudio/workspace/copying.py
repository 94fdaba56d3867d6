"""Labels from one image to others: copied, between two, followed, or exchanged from here on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import COPIED, NOT_LABELLED, Annotation, new_annotation_id
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.workspace.following import interpolated, propagated
from kpstudio.workspace.frames import find_gap, following_images, same_subject
from kpstudio.workspace.image_list import ImageList
from kpstudio.workspace.key_names import KeyNames
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.selection import Selection
from kpstudio.workspace.stoppable import Report, Stoppable

if TYPE_CHECKING:
    from kpstudio.store.project import Project

MOST_IMAGES = 1000


class Copying(QObject):
    """Each verb is one edit, however many images it touches.

    Signals:
        busy_changed(text): Images are being read; empty when done.
        done(text): What has been copied.
        problem_raised(problem): It could not be.
    """

    busy_changed = Signal(str)
    done = Signal(str)
    problem_raised = Signal(object)

    def __init__(
        self,
        labels: Labels,
        selection: Selection,
        key_names: KeyNames,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._key_names = key_names
        self._labels = labels
        self._selection = selection
        self._project: Project | None = None
        self._images = ImageList(None)
        self._copied: tuple[Annotation, ...] = ()
        self.work = Stoppable(self)
        self.work.progressed.connect(self._tell_progress)
        labels.skeleton_replaced.connect(self._follow_skeleton)

    def set_project(self, project: "Project | None") -> None:
        self.work.stop()
        self.busy_changed.emit("")
        self._project, self._copied = project, ()

    def set_images(self, images: ImageList) -> None:
        """The order in which images follow each other."""
        self._images = images

    def finish(self) -> None:
        self.work.finish()

    def stop(self) -> None:
        """Do not go on with what is being read; nothing has changed."""
        if self.work.is_running:
            self.work.stop()
            self.busy_changed.emit("")

    # Copies

    def copy(self) -> None:
        """Keep the selected annotation, or all of the image, to be pasted."""
        selected = self._labels.selected
        chosen = self._labels.annotations if selected is None else (selected,)
        if chosen:
            self._copied = chosen
            self.done.emit(self.tr("Copied {0} annotations.").format(len(chosen)))
        else:
            self._labels.refuse(
                self.tr("There is no annotation here to copy."), self.tr("Open an image with one.")
            )

    def paste(self) -> None:
        """Put what was copied on the open image."""
        if self._selection.image_id is not None:
            self.paste_to([self._selection.image_id])

    def paste_to_next(self, count: int) -> None:
        """Put what was copied on the open image and those after it in the list.

        Args:
            count: How many images.
        """
        position = self._images.position(self._selection.image_id)
        if position is None:
            self._refuse_unlisted()
        else:
            self.paste_to([each.id for each in self._images[position : position + count]])

    def paste_to(self, image_ids: Sequence[int]) -> None:
        """Put what was copied on images, where it is not yet."""
        if self._project is None:
            return
        if not self._copied:
            self._labels.refuse(
                self.tr("Nothing has been copied."),
                self.tr("Copy an annotation first: {0}.").format(self._key_names.of("copy")),
            )
            return
        new = [
            copied
            for image_id in image_ids
            for copied in self._missing(self._copied, image_id, self._project)
        ]
        self._add(self.tr("Paste"), new, self.tr("What was copied is on every image already."))

    def copy_from(self, step: int) -> None:
        """Put on the open image what it lacks of the image that many further on in the list."""
        image_id, position = (
            self._selection.image_id,
            self._images.position(self._selection.image_id),
        )
        if self._project is None or image_id is None:
            return
        if position is None:
            self._refuse_unlisted()
            return
        if not 0 <= position + step < len(self._images):
            self._labels.refuse(
                self.tr("There is no image to copy from."), self.tr("This one is at the end.")
            )
            return
        there = self._project.annotations(self._images[position + step].id)
        new = self._missing(there, image_id, self._project)
        nothing = self.tr("{0} has nothing that is not here.").format(
            self._images[position + step].name
        )
        label = self.tr("Copy from previous") if step < 0 else self.tr("Copy from next")
        self._add(label, new, nothing)

    # Between images, and on

    def interpolate(self, *, uses_flow: bool = False) -> None:
        """Label the selected subject in all images up to the next one that has it.

        Args:
            uses_flow: Follow it in the images, instead of the straight way.
        """
        start, project = self._chosen(), self._project
        if start is None or project is None:
            return

        def work(report: Report) -> list[Annotation]:
            with project.reader() as reader:
                images = following_images(reader, start.image_id, MOST_IMAGES)
                gap = find_gap(reader, images, start)
            if gap.end is None:
                raise UserProblem(
                    self.tr("No image after this one has this subject."),
                    self.tr("Label it in a later image too, by the same name if there are more."),
                )
            if len(gap.images) < 3:
                raise UserProblem(
                    self.tr("There is no image between this one and the next that has it."),
                    self.tr("Open an earlier one."),
                )
            return interpolated(gap, uses_flow=uses_flow, report=report)

        self._start(self.tr("Interpolate {0} images"), start, work)

    def propagate(self) -> None:
        """Follow the selected subject into the next images, until it drifts or is labelled."""
        start, project = self._chosen(), self._project
        if start is None or project is None:
            return

        def work(report: Report) -> list[Annotation]:
            with project.reader() as reader:
                images = following_images(reader, start.image_id, MOST_IMAGES)
                gap = find_gap(reader, images, start)
            free = gap.images if gap.end is None else gap.images[:-1]
            found = propagated(free, start, report=report)
            if not found:
                raise UserProblem(
                    self.tr("The subject cannot be followed into the next image."),
                    self.tr("It moves too far, is labelled there, or this is the last image."),
                )
            return found

        self._start(self.tr("Propagate to {0} images"), start, work)

    def swap_identities(self) -> None:
        """The selected subject is the other one from this image on, and the other one is it."""
        first, project = self._chosen(), self._project
        if first is None or project is None:
            return
        others = [each for each in self._labels.annotations if each.id != first.id and each.track]
        if not first.track or not others:
            self._labels.refuse(
                self.tr("Two subjects with names are needed to swap them."),
                self.tr("Name them in the list of subjects."),
            )
            return
        here = first.bounds()
        second = min(
            others,
            key=lambda each: (
                np.inf
                if here is None or (there := each.bounds()) is None
                else float(np.hypot(*np.subtract(here.centre, there.centre)))
            ),
        )
        names = {first.track: second.track, second.track: first.track}

        def work(report: Report) -> tuple[dict[str, Annotation], dict[str, Annotation]]:
            before: dict[str, Annotation] = {}
            with project.reader() as reader:
                images = following_images(reader, first.image_id)
                for count, each in enumerate(images):
                    report(count, len(images))
                    for annotation in reader.annotations(each.id):
                        if annotation.track in names:
                            before[annotation.id] = annotation
            after = {key: replace(old, track=names[old.track]) for key, old in before.items()}
            return before, after

        def done(changes: tuple[dict[str, Annotation], dict[str, Annotation]]) -> None:
            self.busy_changed.emit("")
            label = self.tr("Swap {0} and {1} from here on").format(first.track, second.track)
            if self._labels.apply(Edit(label, *changes)):
                count = len({each.image_id for each in changes[0].values()})
                self.done.emit(self.tr("Swapped in {0} images.").format(count))

        self.busy_changed.emit(self.tr("Swapping…"))
        self.work.start(work, done=done, failed=self._give_up)

    # Inside

    def _refuse_unlisted(self) -> None:
        if self._selection.image_id is not None:
            self._labels.refuse(
                self.tr("The list does not show the open image, so nothing is beside it."),
                self.tr("Show all images, or open one of those in the list."),
            )

    def _chosen(self) -> Annotation | None:
        annotation = self._labels.selected
        if annotation is None:
            self._labels.refuse(
                self.tr("No annotation is selected."), self.tr("Click one first, or press Tab.")
            )
        return annotation

    def _missing(
        self, annotations: Sequence[Annotation], image_id: int, project: "Project"
    ) -> list[Annotation]:
        """Copies for an image of what it has not."""
        there = project.annotations(image_id)
        tracks, ids = {each.track for each in there if each.track}, {each.id for each in there}
        return [
            replace(
                each,
                id=new_annotation_id(),
                image_id=image_id,
                extra="",
            )
            for each in annotations
            if each.id not in ids
            and each.track not in tracks
            and not any(np.array_equal(each.xy, known.xy, equal_nan=True) for known in there)
        ]

    def _add(self, label: str, new: Sequence[Annotation], nothing: str) -> None:
        if not new:
            self._labels.refuse(nothing, self.tr("Change what is there instead."))
            return
        signed = [self._labels.signed(each, source=COPIED) for each in new]
        edit = Edit(label, {each.id: None for each in signed}, {each.id: each for each in signed})
        if self._labels.apply(edit):
            here = [each for each in signed if each.image_id == self._selection.image_id]
            if here:
                self._selection.select_annotation(here[0].id)
            count = len({each.image_id for each in signed})
            if count > 1:
                self.done.emit(self.tr("Pasted on {0} images; undo takes all back.").format(count))

    def _start(
        self, label: str, start: Annotation, work: Callable[[Report], list[Annotation]]
    ) -> None:
        project = self._project
        assert project is not None

        def done(found: list[Annotation]) -> None:
            self.busy_changed.emit("")
            now = {each.id: each for each in project.annotations(start.image_id)}
            if start.id not in now or not np.array_equal(
                now[start.id].xy, start.xy, equal_nan=True
            ):
                self._labels.refuse(
                    self.tr("The subject has been changed while it was followed."),
                    self.tr("Repeat it from where it is now."),
                )
                return
            # Who labels an image by hand meanwhile knows better.
            free = [e for e in found if not same_subject(e, project.annotations(e.image_id))]
            signed = [self._labels.signed(each, source=each.source) for each in free]
            told = label.format(len(signed))
            changes = {each.id: each for each in signed}
            if changes and self._labels.apply(Edit(told, dict.fromkeys(changes), changes)):
                self.done.emit(self.tr("{0}: undo takes all back.").format(told))

        self.busy_changed.emit(self.tr("Following… Escape stops."))
        self.work.start(work, done=done, failed=self._give_up)

    def _follow_skeleton(self, change: SkeletonChange) -> None:
        """What was copied follows its keypoints; what is being read would not fit."""
        self._copied = tuple(_carried(each, change) for each in self._copied)
        if self.work.is_running:
            self.stop()
            self._labels.refuse(
                self.tr("The keypoints have changed meanwhile: nothing was copied."),
                self.tr("Repeat it."),
            )

    def _give_up(self, problem: UserProblem) -> None:
        self.busy_changed.emit("")
        self.problem_raised.emit(problem)

    def _tell_progress(self, count: int, total: int) -> None:
        self.busy_changed.emit(
            self.tr("Reading image {0} of {1}… Escape stops.").format(count, total)
        )


def _carried(annotation: Annotation, change: SkeletonChange) -> Annotation:
    """The same with other keypoints."""
    count = len(change.after)
    xy, visibility = np.full((count, 2), np.nan), np.full(count, NOT_LABELLED, dtype=np.int8)
    for old in range(len(change.before)):
        new = change.index_after(old)
        if new is not None:
            xy[new], visibility[new] = annotation.xy[old], annotation.visibility[old]
    return replace(annotation, xy=xy, visibility=visibility)
