"""One word of the command line, with what may follow it."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpstudio.cli.window_request import WindowRequest

if TYPE_CHECKING:
    # argparse does not say in public what add_subparsers returns.
    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]

Run = Callable[[argparse.Namespace], int | WindowRequest]


@dataclass(frozen=True)
class Command:
    """A command, or the verb of one.

    Args:
        name: The word for it.
        help: What it does, for the list of commands.
        run: Does it, and returns the exit code or the wish to open the window.
        add_arguments: Says what may follow the word; None where nothing may.
        has_json: It can answer in JSON.
    """

    name: str
    help: str
    run: Run
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None
    has_json: bool = False

    def add_to(self, parsers: "Parsers") -> None:
        parser = parsers.add_parser(
            self.name, help=self.help, description=f"{self.help[0].upper()}{self.help[1:]}."
        )
        parser.set_defaults(run=self.run)
        if self.has_json:
            parser.add_argument("--json", action="store_true", help="answer in JSON")
        if self.add_arguments is not None:
            self.add_arguments(parser)
