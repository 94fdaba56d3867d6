"""The review command."""

import argparse
from pathlib import Path

from kpstudio.cli.command import Command
from kpstudio.cli.image_choice import fitting_images
from kpstudio.cli.terminal import print_json, print_result, say
from kpstudio.core.dataset import Review
from kpstudio.core.errors import UserProblem
from kpstudio.core.image_filter import UNREVIEWED

STATES: dict[str, Review] = {
    UNREVIEWED: "",
    "ready": "ready",
    "accepted": "accepted",
    "rejected": "rejected",
}


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument(
        "state",
        nargs="?",
        metavar="STATE",
        help=f"{', '.join(STATES)}; without one the images of each are counted",
    )
    command.add_argument("images", nargs="*", metavar="PATTERN", help="file names, with * and ?")


def review(arguments: argparse.Namespace) -> int:
    """Say how far the review of images is, or count them by state."""
    from kpstudio.store.project import Project

    path, state = Path(arguments.project), arguments.state
    if state is None:
        with Project.open(path, read_only=True, notify=say) as project:
            counts = project.marks.count_reviews()
        named = {name: counts[each] for name, each in STATES.items()}
        if arguments.json:
            print_json(named)
        else:
            print_result("\n".join(f"{name}  {count} images" for name, count in named.items()))
        return 0
    if state not in STATES:
        raise UserProblem(f"“{state}” is no state of a review.", f"There are {', '.join(STATES)}.")
    with Project.open(path) as project:
        example = f"kpstudio review {path} {state} 'night_*.png'"
        chosen = fitting_images(project, arguments.images, example=example)
        project.marks.set_review(chosen, STATES[state])
        total = project.marks.count_reviews()[STATES[state]]
    if arguments.json:
        print_json({"state": state, "images": len(chosen), "total": total})
    else:
        print_result(f"{len(chosen)} images; {total} are {state}.")
    return 0


REVIEW = Command(
    "review", "say how far the review of images is", review, _add_arguments, has_json=True
)
