"""`python -m kpstudio.engine`: the engine on standard input and output."""

import logging
import os
import signal
import sys
from io import FileIO

# Threads of OpenMP that spin while they wait would steal a core from the canvas. It is read once,
# when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def main() -> int:
    """Serve on standard input and output until the input ends."""
    # Ctrl+C in the terminal is for the studio, which closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Unbuffered, and never closed: the thread that reads may still wait when this process ends.
    source, sink = FileIO(os.dup(0), "r"), FileIO(os.dup(1), "w")
    # From here on a print of any library goes to the log, and nothing else reads our input.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")

    from kpstudio.engine.server import EngineServer

    return EngineServer(source, sink).run()


if __name__ == "__main__":
    sys.exit(main())
