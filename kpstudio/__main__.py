"""`kpstudio` and `python -m kpstudio`."""

import os
import sys
from collections.abc import Sequence

from kpstudio.cli.arguments import run_command
from kpstudio.cli.terminal import print_problem, say
from kpstudio.cli.window_request import WindowRequest
from kpstudio.core.errors import UserProblem

# Threads of OpenMP that spin while they wait slow down everything beside them. It is read once,
# when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

USER_PROBLEM = 1
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command or open the window, and return the exit code."""
    try:
        outcome = run_command(sys.argv[1:] if argv is None else list(argv))
        if isinstance(outcome, WindowRequest):
            from kpstudio import app

            return app.run(outcome.project, screenshot=outcome.screenshot)
        return outcome
    except UserProblem as problem:
        print_problem(problem)
        return USER_PROBLEM
    except KeyboardInterrupt:
        say("kpstudio: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output, such as `head`, has had enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
