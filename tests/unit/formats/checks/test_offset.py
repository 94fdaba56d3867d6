import numpy as np
import pytest
from newts import BODY, HEIGHT, WIDTH, change, change_all, found

EDGES = BODY.copy()
EDGES[3:] = (0, 20), (WIDTH - 1, HEIGHT - 1)


@pytest.fixture
def whole(newts):
    """Integer labels that reach the first and the last pixel."""
    return change(change_all(newts, np.round), 0, xy=np.round(EDGES))


def test_whole_pixels_from_0_to_the_last_are_as_they_should_be(whole):
    assert not found(whole)


def test_pixels_that_are_counted_from_1_are_recognised_and_cured(whole):
    finding = found(whole.moved(1, 1))["one_based"]
    assert finding.offset == (-1, -1)
    assert "exactly 1, never 0" in finding.message
    assert "moved by −1 pixel" in finding.hint
    assert not found(whole.moved(1, 1).moved(*finding.offset))


def test_centres_at_halves_are_recognised_and_cured(whole):
    finding = found(whole.moved(0.5, 0.5))["pixel_corner"]
    assert finding.offset == (-0.5, -0.5)
    assert not found(whole.moved(0.5, 0.5).moved(*finding.offset))


def test_positions_from_edge_to_edge_are_recognised(newts):
    edges = EDGES.copy()
    edges[3:] = (0, 20.25), (WIDTH, HEIGHT)
    data = change(change(newts, 0, xy=edges), 1, xy=edges)
    assert found(data)["pixel_edges"].offset == (-0.5, -0.5)


def test_one_subject_alone_is_too_little_to_tell_a_convention(whole):
    one = whole.moved(1, 1)
    few = type(one)(one.skeleton, one.images[:1], one.annotations[:1])
    assert not found(few)
