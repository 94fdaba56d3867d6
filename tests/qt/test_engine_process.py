"""The engine as the studio sees it, played by a program that takes its time to end."""

import sys
from pathlib import Path

import pytest

from kpstudio.core.messages import Hello
from kpstudio.workspace.engine_process import EngineProcess

SLOW_TO_END = """
import sys, time
from kpstudio.core.messages import Hello, to_frame
sys.stdout.buffer.write(to_frame(Hello(1, "1", "cpu", (), (), (), ())))
sys.stdout.buffer.flush()
sys.stdin.buffer.read()
time.sleep(0.4)
"""


@pytest.fixture
def engine(qapp, tmp_path, monkeypatch):
    program = tmp_path / "slow.py"
    program.write_text(SLOW_TO_END)
    monkeypatch.setenv("KPSTUDIO_ENGINE", f"{Path(sys.executable)} {program}")
    engine = EngineProcess()
    engine.hellos, engine.ends = [], []
    engine.received.connect(
        lambda reply: engine.hellos.append(engine.pid) if isinstance(reply, Hello) else None
    )
    engine.ended.connect(engine.ends.append)
    yield engine
    engine.close()
    engine.wait(5)


def test_one_that_is_about_to_end_is_started_again_when_it_has(engine, qtbot):
    engine.start()
    qtbot.waitUntil(lambda: len(engine.hellos) == 1)
    engine.close()
    engine.start()
    qtbot.waitUntil(lambda: len(engine.hellos) == 2)
    assert engine.ends == []
    assert len(set(engine.hellos)) == 2


def test_who_no_longer_wants_it_does_not_get_it(engine, qtbot):
    engine.start()
    qtbot.waitUntil(lambda: len(engine.hellos) == 1)
    engine.close()
    engine.start()
    engine.close()
    qtbot.waitUntil(lambda: engine.ends == [""])
    assert not engine.is_running
