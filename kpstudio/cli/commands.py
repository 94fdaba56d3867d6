"""All commands, in the order in which they are explained."""

import argparse

from kpstudio import __version__
from kpstudio.cli import (
    augmentation,
    check,
    checkpoints,
    decoders,
    doctor,
    effort,
    evaluation,
    evaluation_in_space,
    exporting,
    history,
    importing,
    issues,
    learning,
    merging,
    networks,
    predictions,
    projects,
    proxy,
    review,
    runs,
    skeleton,
    split,
    tags,
)

COMMANDS = (
    projects.DEMO,
    projects.NEW,
    importing.IMPORT,
    proxy.PROXY,
    skeleton.SKELETON,
    tags.TAG,
    review.REVIEW,
    issues.ISSUE,
    merging.MERGE,
    check.CHECK,
    history.HISTORY,
    effort.EFFORT,
    split.SPLIT,
    augmentation.AUGMENTATION,
    learning.TRAIN,
    runs.RUNS,
    predictions.PREDICT,
    evaluation.EVALUATE,
    evaluation_in_space.EVALUATE_3D,
    exporting.EXPORT,
    checkpoints.CHECKPOINT,
    networks.NETWORKS,
    decoders.DECODERS,
    doctor.DOCTOR,
)
NAMES = tuple(each.name for each in COMMANDS)


def command_parser() -> argparse.ArgumentParser:
    """Reads the words of every command."""
    parser = argparse.ArgumentParser(
        prog="kpstudio",
        usage="kpstudio [--screenshot OUT.png] [PROJECT]\n       kpstudio COMMAND ...",
        description="The keypoint labelling studio in which the model learns while you label. "
        "Without a command it opens the window.",
        epilog="kpstudio COMMAND --help explains a command.",
    )
    parser.add_argument("--version", action="version", version=f"kpstudio {__version__}")
    parser.add_argument(
        "--screenshot", metavar="OUT.png", help="save a picture of the window, and end"
    )
    commands = parser.add_subparsers(
        prog="kpstudio", title="commands", metavar="COMMAND", required=True
    )
    for command in COMMANDS:
        command.add_to(commands)
    return parser
