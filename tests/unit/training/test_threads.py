import pytest
import torch

from kpstudio.training import threads as module
from kpstudio.training.threads import ThreadChooser


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def run(chooser, seconds_by_count, monkeypatch, steps=40):
    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    used = []
    for _ in range(steps):
        with chooser.step():
            used.append(torch.get_num_threads())
            clock.now += seconds_by_count[used[-1]]
    chooser.close()
    return used


def test_one_thread_is_used_where_it_is_faster(two_threads, monkeypatch):
    used = run(ThreadChooser(is_active=True), {2: 0.29, 1: 0.21}, monkeypatch)
    assert set(used[8:]) == {1}
    assert torch.get_num_threads() == 2


def test_all_threads_are_used_where_they_are_faster(two_threads, monkeypatch):
    used = run(ThreadChooser(is_active=True), {2: 0.15, 1: 0.21}, monkeypatch)
    assert set(used[8:]) == {2}


def test_the_choice_is_made_again_after_a_while(two_threads, monkeypatch):
    used = run(ThreadChooser(is_active=True), {2: 0.29, 1: 0.21}, monkeypatch, steps=80)
    assert used[8:56] == [1] * 48
    assert used[56:60] == [2] * 4


def test_nothing_is_tried_where_weights_shall_come_out_the_same(two_threads, monkeypatch):
    used = run(ThreadChooser(is_active=False), {2: 0.29, 1: 0.21}, monkeypatch)
    assert set(used) == {2}
