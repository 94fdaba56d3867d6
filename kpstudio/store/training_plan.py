"""What has to be settled in a project before a training: the split, the labels, the run."""

from kpstudio.core.dataset import Dataset, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import TrainingSettings
from kpstudio.store.project import Project
from kpstudio.store.runs import Run

VAL_FRACTION = 0.2
SPLIT_SEED = 0


def ensure_split(project: Project) -> dict[Split, int] | None:
    """Give the images a split where a labelled one has none yet.

    Returns:
        How many images are in each part now; None where there was nothing to do.
    """
    if all(image.split is not None for image in project.dataset().labelled().images):
        return None
    return project.split(VAL_FRACTION, SPLIT_SEED)


def prepare_training(project: Project, settings: TrainingSettings) -> tuple[Run, Dataset]:
    """Start a run in the project, and collect what it learns from.

    Returns:
        The run, and the labelled images of all splits with their annotations.

    Raises:
        UserProblem: Nothing is labelled, or nothing that is labelled may be learned from.
    """
    if not project.labelled_image_ids():
        raise UserProblem(
            "No image of this project is labelled yet.", "Label a few images, then train."
        )
    ensure_split(project)
    dataset = project.dataset().labelled()
    if not dataset.labelled("train").images:
        raise UserProblem(
            "None of the labelled images is there to learn from: all are kept for validation.",
            "Label more images, then train.",
        )
    return project.start_run(settings.network, settings), dataset
