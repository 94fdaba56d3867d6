"""Click-to-fix: one keypoint of a prediction is moved, and better places for others are offered."""

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import Annotation
from kpstudio.core.candidates import Candidates
from kpstudio.core.errors import UserProblem
from kpstudio.core.joint_decoding import decode_jointly
from kpstudio.core.shape_learning import learn_shape, poses_of
from kpstudio.core.shape_model import ShapeModel
from kpstudio.core.shapes import Bool, Float
from kpstudio.store.taken_suggestions import remember_taken, taken_places
from kpstudio.workspace.accepting import Accepting
from kpstudio.workspace.background import Background
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.predicted_subject import PredictedSubject
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project

log = logging.getLogger(__name__)

# Changes of labels after which the shape is learned again: so many, and this share of the labels.
FEWEST_CHANGES, SHARE_CHANGED = 25, 0.1
MOST_ANSWERS = 200
# A thread that only computes would keep Python from the window.
REST_S = 0.002


@dataclass(frozen=True, eq=False)
class Suggestions:
    """Better places for keypoints of one annotation.

    Args:
        annotation_id: Whose.
        xy: (K, 2) image pixels, NaN for keypoints that stay.
        errors: (K,) expected distance from the truth in image pixels.
    """

    annotation_id: str
    xy: Float[np.ndarray, "K 2"]
    errors: Float[np.ndarray, " K"]

    @property
    def keypoints(self) -> list[int]:
        """Those that would move."""
        return [int(each) for each in np.flatnonzero(np.isfinite(self.xy).all(axis=1))]


class ClickToFix(QObject):
    """Suggestions for the annotation of the open image that was changed last.

    A keypoint counts as fixed by a person if it is labelled and lies where no model has put it:
    neither an answer for this image nor a suggestion that was taken, now or in an earlier session.
    So undo unfixes it, too.

    Signals:
        suggestions_changed: There are others, or none any more.
        problem_raised(problem): There is nothing to take.
    """

    suggestions_changed = Signal()
    problem_raised = Signal(object)

    def __init__(
        self,
        labels: Labels,
        inference: Inference,
        accepting: Accepting,
        selection: Selection,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._inference, self._selection = labels, inference, selection
        self._accepting = accepting
        self._background = Background(self, threads=1)
        self._project: Project | None = None
        self._model: ShapeModel | None = None
        self._is_learning = False
        # Changes of labels since; None where nothing was learned yet, not even that too few tell.
        self._changes: int | None = None
        self._waiting: str | None = None
        self._image_id: int | None = None
        self._seen: dict[str, Annotation] = {}
        self._placed: dict[int, list[Float[np.ndarray, "K 2"]]] = {}
        self.suggestions: Suggestions | None = None
        labels.annotations_changed.connect(self._follow_labels)
        labels.skeleton_changed.connect(self._forget)
        labels.history_changed.connect(self._count_change)
        inference.predictions_changed.connect(self._follow_predictions)

    def set_project(self, project: "Project | None") -> None:
        self._project = project
        self._forget()

    def finish(self) -> None:
        """Wait for what is being learned."""
        self._background.finish()

    def is_fixed(self, annotation: Annotation) -> Bool[np.ndarray, " K"]:
        """Which keypoints a person has put where they are."""
        by_model = np.zeros(len(annotation.xy), dtype=np.bool_)
        for xy in self._placed_by_model(annotation.image_id):
            by_model |= (annotation.xy == xy).all(axis=1)
        return np.asarray(annotation.is_labelled & ~by_model)

    # Verbs

    def take_suggestions(self) -> None:
        """Move the keypoints to where they are suggested: one change, one undo."""
        taken = self.suggestions
        if taken is None:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("There is no suggestion to take."),
                    self.tr("Move a keypoint of an accepted prediction first."),
                )
            )
            return
        if self._image_id is not None:
            self._remember(self._image_id, taken.xy)
        self._set(None)
        self._labels.move_keypoints(taken.annotation_id, taken.xy)

    def drop_suggestions(self) -> None:
        """They are not wanted; the next change brings others."""
        self._waiting = None
        self._set(None)

    # Inside

    def _forget(self) -> None:
        """Other keypoints, or another project."""
        self._model, self._changes, self._waiting = None, None, None
        self._image_id, self._seen, self._placed = None, {}, {}
        self._set(None)

    def _placed_by_model(self, image_id: int) -> list[Float[np.ndarray, "K 2"]]:
        """Where models have put keypoints of an image, in this session or taken before it."""
        if image_id not in self._placed:
            places: list[Float[np.ndarray, "K 2"]] = []
            if self._project is not None:
                try:
                    places = taken_places(self._project, image_id)
                except UserProblem as problem:
                    log.warning("%s", problem.message)
            self._placed[image_id] = places
        return self._placed[image_id]

    def _remember(self, image_id: int, xy: Float[np.ndarray, "K 2"]) -> None:
        self._placed_by_model(image_id).append(xy)
        if self._project is not None:
            try:
                remember_taken(self._project, image_id, xy)
            except UserProblem as problem:
                # The change itself tells the person when nothing can be stored.
                log.warning("%s", problem.message)

    def _set(self, suggestions: Suggestions | None) -> None:
        if suggestions is not None or self.suggestions is not None:
            self.suggestions = suggestions
            self.suggestions_changed.emit()

    def _count_change(self) -> None:
        if self._changes is not None:
            self._changes += 1

    def _follow_predictions(self) -> None:
        image_id = self._inference.subjects_image_id
        if image_id is None or image_id != self._selection.image_id:
            return
        placed = self._placed_by_model(image_id)
        placed.extend(each.xy for each in self._inference.subjects)
        del placed[:-MOST_ANSWERS]
        if self.suggestions is not None:
            self._suggest(self.suggestions.annotation_id)

    def _follow_labels(self) -> None:
        seen, image_id = self._seen, self._selection.image_id
        self._seen = {each.id: each for each in self._labels.annotations}
        if image_id != self._image_id:
            self._image_id = image_id
            self.drop_suggestions()
            return
        changed = [
            key
            for key, each in self._seen.items()
            if key not in seen or not _is_at_same_places(each, seen[key])
        ]
        if changed:
            self._suggest(changed[-1])
        elif self.suggestions is not None and self.suggestions.annotation_id not in self._seen:
            self.drop_suggestions()

    def _suggest(self, annotation_id: str) -> None:
        annotation, skeleton = self._seen.get(annotation_id), self._labels.skeleton
        self._waiting = None
        if annotation is None or skeleton is None:
            self._set(None)
            return
        is_fixed = self.is_fixed(annotation)
        subject = self._subject_of(annotation)
        is_free = annotation.is_labelled & ~is_fixed
        if subject is None or not is_fixed.any() or not is_free.any():
            self._set(None)
            return
        model = self._model
        if self._is_outdated:
            self._learn()
        if model is None:
            self._waiting = annotation_id
            self._set(None)
            return
        present = np.where(annotation.is_labelled[:, None], annotation.xy, np.nan)
        candidates = Candidates.of_prediction(
            subject.xy,
            subject.scores,
            covariance=subject.covariance,
            other_peaks=subject.other_peaks,
        )
        found = decode_jointly(model, skeleton, candidates, present, is_fixed)
        if found.is_changed.any():
            xy = np.where(found.is_changed[:, None], found.xy, np.nan)
            self._set(Suggestions(annotation_id, xy, found.error))
        else:
            self._set(None)

    def _subject_of(self, annotation: Annotation) -> PredictedSubject | None:
        if self._inference.subjects_image_id != annotation.image_id:
            return None
        subjects = self._inference.subjects
        owners = self._accepting.owners(subjects)
        of_this = (s for s, owner in zip(subjects, owners, strict=True) if owner == annotation.id)
        return next(of_this, None)

    @property
    def _is_outdated(self) -> bool:
        labels = 0 if self._model is None else self._model.labels
        most = max(FEWEST_CHANGES, round(SHARE_CHANGED * labels))
        return self._changes is None or self._changes >= most

    def _learn(self) -> None:
        project, image_id = self._project, self._selection.image_id
        if project is None or self._is_learning:
            return
        self._is_learning, self._changes = True, 0
        skeleton = project.skeleton

        def learn() -> ShapeModel | None:
            with project.reader() as reader:
                known = reader.some_annotations() if reader.skeleton == skeleton else ()
            # What is being corrected is not yet right.
            poses = poses_of([each for each in known if each.image_id != image_id])
            return learn_shape(poses, rest=lambda: time.sleep(REST_S))

        def use(model: ShapeModel | None) -> None:
            self._is_learning = False
            if self._project is not project or project.skeleton != skeleton:
                return
            self._model = model
            if model is not None and self._waiting is not None:
                self._suggest(self._waiting)

        def give_up(problem: UserProblem) -> None:
            self._is_learning = False
            log.warning("no shape was learned: %s", problem.message)

        self._background.run(learn, done=use, failed=give_up)


def _is_at_same_places(one: Annotation, other: Annotation) -> bool:
    return np.array_equal(one.xy, other.xy, equal_nan=True) and np.array_equal(
        one.visibility, other.visibility
    )
