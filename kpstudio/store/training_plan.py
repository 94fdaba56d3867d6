"""What has to be settled in a project before a training: the split, the labels, the run."""

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kpstudio.core.augmentation import Augmentation, AugmentationChoice
from kpstudio.core.dataset import Dataset, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import TrainingSettings

if TYPE_CHECKING:
    from kpstudio.store.project import Project
    from kpstudio.store.runs import Run

VAL_FRACTION = 0.2
SPLIT_SEED = 0
_AUGMENTATION = "augmentation"


def ensure_split(project: "Project") -> dict[Split, int] | None:
    """Give the images a split where a labelled one has none yet.

    Returns:
        How many images are in each part now; None where there was nothing to do.
    """
    if None not in project.splits.count_labelled():
        return None
    return project.splits.divide(VAL_FRACTION, SPLIT_SEED)


def read_augmentation(project: "Project") -> AugmentationChoice:
    """What was chosen for the images of this project.

    Raises:
        UserProblem: It is of another version of kpstudio.
    """
    choice = project.settings.read(_AUGMENTATION, AugmentationChoice) or AugmentationChoice()
    choice.augmentation(if_automatic=Augmentation())
    return choice


def write_augmentation(project: "Project", choice: AugmentationChoice) -> None:
    """Keep what is chosen for the images of this project.

    Raises:
        UserProblem: There is no such preset or parameter, or a value is out of its range.
    """
    choice.augmentation(if_automatic=Augmentation())
    project.settings.write(_AUGMENTATION, None if choice == AugmentationChoice() else choice)


class TrainingPlan(NamedTuple):
    """A training that is ready to begin.

    Args:
        run: That it is.
        settings: With all that the project decides.
        dataset: The labelled images of all splits with their annotations.
    """

    run: "Run"
    settings: TrainingSettings
    dataset: Dataset


def prepare_training(project: "Project", settings: TrainingSettings) -> TrainingPlan:
    """Start a run in the project, and collect what it learns from.

    Raises:
        UserProblem: Nothing is labelled, or nothing that is labelled may be learned from.
    """
    dataset = _labelled(project)
    if settings.augmentation is None:
        settings = msgspec.structs.replace(settings, augmentation=read_augmentation(project))
    return TrainingPlan(project.runs.start(settings.network, settings), settings, dataset)


def steps_per_minute(project: "Project", network: str) -> float | None:
    """How fast this network was trained in this project the last time; None if none tells."""
    for run in reversed(project.runs.all()):
        minutes = run.settings.get("minutes")
        is_by_time = run.settings.get("steps") is None
        if run.state == "finished" and run.network == network and is_by_time and minutes:
            return run.steps / float(minutes)
    return None


def run_to_go_on(project: "Project") -> "Run | None":
    """The newest run, if it was broken off and can go on."""
    newest = project.runs.all()[-1:]
    return newest[0] if newest and newest[0].can_go_on else None


def prepare_resumption(project: "Project", run_id: int | None = None) -> TrainingPlan:
    """Let a run that was broken off go on, by its own settings and with the labels of now.

    Args:
        project: Of the run.
        run_id: The newest that can go on where None.

    Raises:
        UserProblem: There is none, it was for other keypoints, or nothing is left to learn from.
    """
    able = [run for run in project.runs.all() if run.can_go_on]
    if run_id is None and not able:
        raise UserProblem(
            "No run of this project was broken off.", "Start a training without --resume."
        )
    run = able[-1] if run_id is None else project.runs.one(run_id)
    if not project.predictions.has_same_keypoints(run.id):
        raise UserProblem(
            f"Run {run.id} cannot go on: the keypoints have changed since it began.",
            "Start a new training from its best with --from: it takes over what both know.",
        )
    dataset = _labelled(project)
    try:
        settings = msgspec.convert(run.settings, TrainingSettings)
    except msgspec.ValidationError as error:
        raise UserProblem(
            f"The settings of run {run.id} are of another version of kpstudio ({error}).",
            "Start a new training from its best with --from.",
        ) from error
    return TrainingPlan(project.runs.go_on(run.id), settings, dataset)


def _labelled(project: "Project") -> Dataset:
    if not project.labelled_image_ids():
        raise UserProblem(
            "No image of this project is labelled yet.", "Label a few images, then train."
        )
    ensure_split(project)
    dataset = project.dataset(annotated=True).labelled()
    if not dataset.labelled("train").images:
        raise UserProblem(
            "None of the labelled images is there to learn from: all are kept for validation.",
            "Label more images, then train.",
        )
    return dataset
