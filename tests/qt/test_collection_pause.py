import gc
import threading

from kpstudio.workspace.collection_pause import collection_pause


class Collections:
    """How many there were."""

    def __init__(self):
        self.count = 0

    def __call__(self, phase, _info):
        self.count += phase == "stop"


def test_a_hundred_thousand_new_objects_are_not_looked_at_until_the_last_thread_is_done():
    seen = Collections()
    gc.callbacks.append(seen)
    try:
        inside, done = threading.Event(), threading.Event()

        def other():
            with collection_pause():
                inside.set()
                done.wait(10)

        thread = threading.Thread(target=other)
        thread.start()
        inside.wait(10)
        with collection_pause():
            made = [[number] for number in range(100_003)]
        assert not gc.isenabled()
        done.set()
        thread.join()
        assert seen.count == 0
        assert gc.isenabled()
        # They are old now, so that a collection of what is young is a short one.
        assert len(gc.get_objects(generation=0)) < len(made)
    finally:
        gc.callbacks.remove(seen)
    del made
