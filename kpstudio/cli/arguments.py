"""What the words of the command line mean: a command, or a project to open."""

import argparse
import difflib
from collections.abc import Sequence
from pathlib import Path

from kpstudio.cli.command import Run
from kpstudio.cli.terminal import say
from kpstudio.cli.window_request import WindowRequest
from kpstudio.core.errors import UserProblem

USAGE = 2
_WITH_VALUE = ("--screenshot",)


def run_command(argv: Sequence[str]) -> int | WindowRequest:
    """Do what the words say.

    Returns:
        The exit code, or the wish to open the window.

    Raises:
        UserProblem: It could not be done.
    """
    first = _first_word(argv)
    asks = bool({"-h", "--help", "--version"} & set(argv))
    try:
        if not asks and (first is None or _cannot_be_a_command(first)):
            return _window(_window_parser().parse_args(argv))
        # Whoever opens the window does not wait for the modules of the commands.
        from kpstudio.cli.commands import NAMES, command_parser

        if asks or first in NAMES:
            arguments = command_parser().parse_args(_with_offset(argv))
            run: Run = arguments.run
            return run(arguments)
        if first is not None and not Path(first).exists():
            return _explain_unknown(first, NAMES)
        return _window(_window_parser().parse_args(argv))
    except SystemExit as end:  # argparse has said what was wrong, or has shown the help.
        return end.code if isinstance(end.code, int) else USAGE


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


def _cannot_be_a_command(word: str) -> bool:
    path = Path(word)
    return bool(path.suffix) or len(path.parts) > 1


def _explain_unknown(word: str, names: Sequence[str]) -> int:
    say(f"kpstudio: “{word}” is neither a command nor a project.")
    near = difflib.get_close_matches(word, names, n=1)
    if near:
        say(f"  Did you mean “kpstudio {near[0]}”?")
    say(f"  The commands are {', '.join(names)}; kpstudio --help explains them.")
    return USAGE


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kpstudio", usage="%(prog)s [--screenshot OUT] [PROJECT]")
    parser.add_argument("project", nargs="?")
    parser.add_argument("--screenshot")
    return parser
