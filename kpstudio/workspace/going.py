"""Going from image to image, and from subject to subject."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.core.image_filter import ImageFilter
from kpstudio.workspace.background import Background
from kpstudio.workspace.image_list import ImageList
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.overlay import Overlay
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project


class Going(QObject):
    """Opens what comes next: of a kind, in the order of the list, round and round.

    Signals:
        subject_stepped: Another subject of the open image was gone to.
        done(text): There is nothing to go to.
        problem_raised(problem): What comes next could not be found.
    """

    subject_stepped = Signal()
    done = Signal(str)
    problem_raised = Signal(object)

    def __init__(
        self,
        selection: Selection,
        labels: Labels,
        inference: Inference,
        overlay: Overlay,
        listed: Callable[[], ImageList],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._labels = labels
        self._inference = inference
        self._overlay = overlay
        self._listed = listed
        self._project: Project | None = None
        self._searches = Background(self, threads=1)
        self._search = 0

    def set_project(self, project: "Project | None") -> None:
        self._project = project
        self._search += 1

    def finish(self) -> None:
        self._searches.finish()

    # Images

    def step_to_unlabelled(self, step: int = 1) -> None:
        """Open the next image of the list without labels, or the one before."""
        labelled = np.fromiter(self._labels.labelled_image_ids, dtype=np.int64)
        is_free = ~np.isin(self._listed().ids, labelled)
        self._step_among(is_free, step, self.tr("Every image has labels."))

    def step_to(self, wanted: ImageFilter, step: int, nothing: str) -> None:
        """Open the next image of the list that a filter lets through; it is looked for aside.

        Args:
            wanted: The filter.
            step: 1 for the next one, -1 for the one before.
            nothing: What to say if there is none.
        """
        project = self._project
        if project is None:
            return
        self._search += 1
        number = self._search

        def find() -> NDArray[np.int64]:
            with project.reader() as reader:
                return reader.find_images(wanted)

        def go(found: NDArray[np.int64]) -> None:
            # Who has gone elsewhere meanwhile, or asked for something else, stays there.
            if number == self._search:
                self._step_among(np.isin(self._listed().ids, found), step, nothing)

        def give_up(problem: UserProblem) -> None:
            self.problem_raised.emit(problem)

        self._searches.run(find, done=go, failed=give_up)

    def _step_among(self, fits: NDArray[np.bool_], step: int, nothing: str) -> None:
        listed = self._listed()
        start = listed.position(self._selection.image_id)
        found = np.flatnonzero(fits)
        if not found.size:
            self.done.emit(nothing)
            return
        if step > 0:
            later = found[found > (-1 if start is None else start)]
            position = later[0] if later.size else found[0]
        else:
            earlier = found[found < (len(listed) if start is None else start)]
            position = earlier[-1] if earlier.size else found[-1]
        if int(position) == start:
            self.done.emit(self.tr("This is the only one."))
        self._selection.open_image(int(listed.ids[position]))

    # Subjects

    def step_subject(self, step: int) -> None:
        """Select the next subject of the open image: the labelled ones, then the predicted ones."""
        selection = self._selection
        annotations = self._labels.annotations
        are_shown = self._overlay.has_ghosts and (
            self._inference.subjects_image_id == selection.image_id
        )
        ghosts = len(self._inference.subjects) if are_shown else 0
        count = len(annotations) + ghosts
        if not count:
            self.done.emit(self.tr("There is no subject on this image."))
            return
        ids = [each.id for each in annotations]
        if selection.annotation_id in ids:
            start = ids.index(selection.annotation_id)
        elif selection.ghost is not None:
            start = len(ids) + selection.ghost
        else:
            start = -1 if step > 0 else 0
        following = (start + step) % count
        if following < len(ids):
            selection.select_annotation(ids[following], selection.keypoint)
        else:
            selection.select_ghost(following - len(ids), selection.keypoint)
        self.subject_stepped.emit()
