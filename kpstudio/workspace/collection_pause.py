"""Work in a thread that makes very many objects, beside a window that must not stand still."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_users = 0


@contextmanager
def collection_pause() -> Iterator[None]:
    """No garbage collection meanwhile: each looks at all objects, and stops every thread for it.

    What has no cycles, as labels have none, is freed all the same.
    """
    global _users
    with _lock:
        _users += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                # What is new counts as old now, without a look at it: else the next collection
                # would take as long as those that were left out.
                gc.freeze()
                gc.unfreeze()
                gc.enable()
