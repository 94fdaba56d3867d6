"""The words of the command line, and which command they mean."""

import argparse
import difflib
from collections.abc import Sequence
from pathlib import Path

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
from kpstudio.cli.command import Run
from kpstudio.cli.terminal import say
from kpstudio.cli.window_request import WindowRequest
from kpstudio.core.errors import UserProblem

USAGE = 2
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
_NAMES = tuple(each.name for each in COMMANDS)
_WITH_VALUE = ("--screenshot",)


def run_command(argv: Sequence[str]) -> int | WindowRequest:
    """Do what the words say.

    Returns:
        The exit code, or the wish to open the window.

    Raises:
        UserProblem: It could not be done.
    """
    first = _first_word(argv)
    try:
        if first in _NAMES or "-h" in argv or "--help" in argv or "--version" in argv:
            arguments = _command_parser().parse_args(_with_offset(argv))
            run: Run = arguments.run
            return run(arguments)
        if first is not None and not _is_path(first):
            return _explain_unknown(first)
        arguments = _window_parser().parse_args(argv)
    except SystemExit as end:  # argparse has said what was wrong, or has shown the help.
        return end.code if isinstance(end.code, int) else USAGE
    return _window(arguments)


def _with_offset(argv: Sequence[str]) -> list[str]:
    """-1,-1 after --offset is a value, which argparse would take for an option."""
    words = list(argv)
    for option in ("--offset", "--at"):
        if option in words[:-1]:
            at = words.index(option)
            words[at : at + 2] = [f"{option}={words[at + 1]}"]
    return words


def _window(arguments: argparse.Namespace) -> WindowRequest:
    project = Path(arguments.project) if arguments.project else None
    if project is not None and not project.exists():
        raise UserProblem(
            f"There is no project at {project}.",
            f"Make it with: kpstudio new {project} --skeleton FILE",
        )
    return WindowRequest(project, Path(arguments.screenshot) if arguments.screenshot else None)


def _first_word(argv: Sequence[str]) -> str | None:
    words = iter(argv)
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def _is_path(word: str) -> bool:
    path = Path(word)
    return path.exists() or bool(path.suffix) or len(path.parts) > 1


def _explain_unknown(word: str) -> int:
    say(f"kpstudio: “{word}” is neither a command nor a project.")
    near = difflib.get_close_matches(word, _NAMES, n=1)
    if near:
        say(f"  Did you mean “kpstudio {near[0]}”?")
    say(f"  The commands are {', '.join(_NAMES)}; kpstudio --help explains them.")
    return USAGE


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kpstudio", usage="%(prog)s [--screenshot OUT] [PROJECT]")
    parser.add_argument("project", nargs="?")
    parser.add_argument("--screenshot")
    return parser


def _command_parser() -> argparse.ArgumentParser:
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
