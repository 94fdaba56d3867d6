"""The settings of the train command."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.predictions import find_run
from kpstudio.core.augmentation import PRESETS, AugmentationChoice
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import TrainingSettings

if TYPE_CHECKING:
    from kpstudio.store.project import Project


def add_arguments(command: argparse.ArgumentParser) -> None:
    defaults = TrainingSettings()
    command.add_argument("project", metavar="PROJECT")
    length = command.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=defaults.minutes, help="%(default)s")
    length.add_argument("--steps", type=int, help="optimiser steps, instead of a time")
    command.add_argument(
        "--from",
        dest="from_run",
        metavar="RUN",
        help="begin with its weights; or a checkpoint file",
    )
    command.add_argument(
        "--network", metavar="NAME", help=f"that of RUN, or {defaults.network} by default"
    )
    command.add_argument(
        "--head",
        metavar="NAME",
        help=f"heatmap, dsnt, regression or awr; that of RUN, or {defaults.head} by default",
    )
    command.add_argument("--loss", metavar="NAME", help="of the head; its usual one by default")
    command.add_argument(
        "--resume",
        type=int,
        nargs="?",
        const=0,
        metavar="RUN",
        help="let a run that was broken off go on; the newest one by default",
    )
    command.add_argument(
        "--augmentation",
        choices=tuple(PRESETS),
        help="that of the project by default; see kpstudio augmentation",
    )
    command.add_argument(
        "--view",
        choices=("subject", "image"),
        default=defaults.view,
        help="find each subject and look at it, or look at whole images; %(default)s",
    )
    command.add_argument("--input-size", type=int, metavar="PX", help="by the labels")
    command.add_argument("--batch", type=int, metavar="N", help="4 on a processor, 32 on a GPU")
    command.add_argument("--optimizer", choices=("adamw", "adam"), default=defaults.optimizer)
    command.add_argument(
        "--learning-rate", type=float, default=1.0, metavar="F", help="factor on the usual ones"
    )
    command.add_argument(
        "--precision", default=defaults.precision, help="auto, float32, bfloat16 or float16"
    )
    command.add_argument(
        "--patience", type=int, metavar="N", help="stop after N validations without a better one"
    )
    command.add_argument(
        "--occluded-weight", type=float, default=1.0, metavar="F", help="in the loss; %(default)s"
    )
    command.add_argument(
        "--memory", type=float, default=defaults.memory_gb, metavar="GB", help="%(default)s"
    )
    command.add_argument(
        "--max-labels", type=int, metavar="N", help="learn from N images, chosen by the seed"
    )
    command.add_argument("--seed", type=int, default=defaults.seed)
    command.add_argument("--events", action="store_true", help="one JSON object a line")


def read_settings(project: "Project", arguments: argparse.Namespace) -> TrainingSettings:
    for name in ("minutes", "steps", "max_labels"):
        value = getattr(arguments, name)
        if value is not None and value <= 0:
            option = name.replace("_", "-")
            raise UserProblem(f"--{option} {value} leaves nothing to do.", "Choose more than 0.")
    defaults = TrainingSettings()
    network, head, loss = defaults.network, defaults.head, defaults.loss
    warm_start = None
    if arguments.from_run is not None:
        checkpoint = _checkpoint(project, arguments.from_run)
        warm_start = str(checkpoint)
        network, head, loss = _kind_of(checkpoint)
    return TrainingSettings(
        minutes=arguments.minutes,
        steps=arguments.steps,
        network=arguments.network or network,
        head=arguments.head or head,
        loss=arguments.loss or (loss if arguments.head in (None, head) else ""),
        seed=arguments.seed,
        max_labels=arguments.max_labels,
        warm_start=warm_start,
        augmentation=AugmentationChoice(arguments.augmentation) if arguments.augmentation else None,
        view=arguments.view,
        input_size=arguments.input_size,
        batch=arguments.batch,
        optimizer=arguments.optimizer,
        learning_rate=arguments.learning_rate,
        precision=arguments.precision,
        patience=arguments.patience,
        occluded_weight=arguments.occluded_weight,
        memory_gb=arguments.memory,
    )


def _checkpoint(project: "Project", former: str) -> Path:
    """That of a run by its number, or a file."""
    if not former.isdecimal():
        return Path(former).resolve()
    return find_run(project, int(former))[1]


def _kind_of(checkpoint: Path) -> tuple[str, str, str]:
    """Network, head and loss of a checkpoint, which a training goes on with."""
    from kpstudio.models import HEADS, load_checkpoint
    from kpstudio.models.heads import head_of

    info = load_checkpoint(checkpoint).info
    if info.program is not None:
        raise UserProblem(
            "A program cannot be trained.",
            "Train another network, and use this one to predict.",
        )
    head = head_of(info.head_training)
    name = next(name for name, entry in HEADS.items() if entry is type(head))
    return info.network, name, head.loss
