"""Making labels of what a model predicts on the open image."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from kpstudio.core.annotation import HUMAN, VISIBLE, Annotation, run_source
from kpstudio.core.edit import Edit
from kpstudio.core.metrics import match_subjects
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.placing import Placing
from kpstudio.workspace.predicted_subject import PredictedSubject
from kpstudio.workspace.selection import Selection

# Two poses whose keypoints lie closer than this share of the subject's size are the same subject.
SAME_SUBJECT = 0.3


class Accepting(QObject):
    """The verbs that turn predictions into annotations, which know the run that they came from."""

    def __init__(
        self,
        labels: Labels,
        inference: Inference,
        selection: Selection,
        placing: Placing,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels = labels
        self._inference = inference
        self._selection = selection
        self._placing = placing

    def accept(self) -> None:
        """Accept the chosen subject, or all that have no label yet.

        A chosen subject replaces the label that it lies on. Without a choice labels are only
        completed, never moved.
        """
        subjects, chosen = self._subjects(), self._selection.ghost
        if not subjects:
            return
        self._accept(
            self.tr("Accept prediction"),
            [(each, None) for i, each in enumerate(subjects) if chosen in (None, i)],
            replaces=chosen is not None,
        )

    def accept_above(self, score: float) -> None:
        """Accept the keypoints of the image that are surer than that and have no label yet.

        Args:
            score: 0 to 1.
        """
        sure = [(each, each.scores >= score) for each in self._subjects()]
        if sure:
            label = self.tr("Accept keypoints above {0}").format(f"{score:.2f}")
            self._accept(label, sure, replaces=False)

    def accept_keypoint(self) -> None:
        """Accept the selected keypoint alone: of the chosen ghost, or of the selected subject's."""
        subjects, keypoint = self._subjects(), self._selection.keypoint
        if not subjects:
            return
        ghost = self._selection.ghost
        owner = self._selection.annotation_id
        owners = self.owners(subjects)
        if ghost is None and owner in owners:
            ghost = owners.index(owner)
        if keypoint is None or ghost is None or ghost >= len(subjects):
            self._labels.refuse(
                self.tr("No predicted keypoint is selected."), self.tr("Click one first.")
            )
            return
        name = self._labels.skeleton.keypoints[keypoint] if self._labels.skeleton else ""
        only = np.arange(len(subjects[ghost].xy)) == keypoint
        label = self.tr("Accept {0}").format(name)
        self._accept(label, [(subjects[ghost], only)], replaces=True)

    def accept_moved_keypoint(self, ghost: int, index: int, xy: tuple[float, float]) -> None:
        """A ghost's keypoint was dragged: accept it where it was dropped.

        On a subject that has a label only this keypoint changes; else the whole prediction is
        accepted, with this keypoint moved.

        Args:
            ghost: Index of the predicted subject.
            index: Of the keypoint.
            xy: Where it was dropped, image pixels.
        """
        labels, run, subjects = self._labels, self._inference.run, self._inference.subjects
        image_id, skeleton = self._selection.image_id, labels.skeleton
        if image_id is None or skeleton is None or run is None or ghost >= len(subjects):
            return
        subject = subjects[ghost]
        old = labels.find(self.owners((subject,))[0])
        accepted = old or self._accepted(subject, None, run.id, None, replaces=True)
        if accepted is None:
            return
        after = labels.signed(
            accepted.with_keypoint(index, xy, VISIBLE),
            source=HUMAN if old else run_source(run.id),
        )
        label = self.tr("Accept and move {0}").format(skeleton.keypoints[index])
        if labels.apply(Edit.change(label, old, after)):
            self._placing.finish()
            self._selection.select_annotation(after.id, index)

    def owners(self, subjects: tuple[PredictedSubject, ...]) -> list[str | None]:
        """For each predicted subject the id of the annotation of the same subject, or None."""
        annotations = self._labels.annotations
        poses = [np.where(a.is_labelled[:, None], a.xy, np.nan) for a in annotations]
        matched = match_subjects(poses, [subject.xy for subject in subjects])
        owners: list[str | None] = [None] * len(subjects)
        for annotation, pose, index in zip(annotations, poses, matched, strict=True):
            if index is not None and _is_same(pose, subjects[index]):
                owners[index] = annotation.id
        return owners

    def _subjects(self) -> tuple[PredictedSubject, ...]:
        """What the model predicts here; says so where it is nothing."""
        if self._selection.image_id is None:
            return ()
        subjects = self._inference.subjects if self._inference.run is not None else ()
        if not subjects:
            self._labels.refuse(
                self.tr("There is no prediction to accept."),
                self.tr("Train a model, or wait until the engine is ready."),
            )
        return subjects

    def _accept(
        self,
        label: str,
        wanted: Sequence[tuple[PredictedSubject, NDArray[np.bool_] | None]],
        *,
        replaces: bool,
    ) -> None:
        """One edit of several subjects, each with the keypoints (K,) that are taken, or all."""
        labels, run = self._labels, self._inference.run
        assert run is not None
        before: dict[str, Annotation | None] = {}
        after: dict[str, Annotation | None] = {}
        owners = self.owners(tuple(subject for subject, _ in wanted))
        for (subject, takes), owner in zip(wanted, owners, strict=True):
            old = labels.find(owner)
            new = self._accepted(subject, old, run.id, takes, replaces=replaces)
            if new is not None:
                before[new.id], after[new.id] = old, new
        if not after:
            labels.refuse(
                self.tr("Every predicted subject is labelled already."),
                self.tr("Click a ghost first to replace the label under it by the prediction."),
            )
        elif labels.apply(Edit(label, before, after)):
            self._placing.finish()
            self._selection.select_annotation(next(iter(after)), self._selection.keypoint)

    def _accepted(
        self,
        subject: PredictedSubject,
        old: Annotation | None,
        run_id: int,
        only: NDArray[np.bool_] | None,
        *,
        replaces: bool,
    ) -> Annotation | None:
        """The annotation with what is taken of a prediction; None where nothing is."""
        image_id, skeleton = self._selection.image_id, self._labels.skeleton
        assert image_id is not None
        assert skeleton is not None
        start = old or Annotation.empty(image_id, skeleton)
        takes = np.asarray(np.isfinite(subject.xy).all(axis=1))
        if only is not None:
            takes &= only
        if old is not None and not replaces:
            # A keypoint that somebody unlabelled on purpose still has its position.
            takes &= ~np.isfinite(old.xy).all(axis=1)
        if not takes.any():
            return None
        taken = replace(
            start,
            xy=np.where(takes[:, None], subject.xy, start.xy),
            visibility=np.where(takes, VISIBLE, start.visibility),
        )
        return self._labels.signed(taken, source=run_source(run_id))


def _is_same(pose: NDArray[np.float64], subject: PredictedSubject) -> bool:
    distances = np.linalg.norm(pose - subject.xy, axis=1)
    answered = distances[np.isfinite(distances)]
    labelled = pose[np.isfinite(pose).all(axis=1)]
    if not answered.size:
        return False
    # A pose of one keypoint has no extent: the subject's own box says how large it is.
    width, height = np.ptp(labelled, axis=0).tolist()
    size = max(width, height, subject.box.width / 2, subject.box.height / 2)
    return bool(np.median(answered) < SAME_SUBJECT * size)
