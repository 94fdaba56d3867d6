import torch

from kpstudio.inference.finding import find_subjects
from kpstudio.models.targets import gaussian_targets


def maps(cells, heights, sizes=0.3):
    peaks = gaussian_targets(torch.tensor([cells]), map_size=(43, 29), sigma=1.5)[0]
    centres = (peaks * torch.tensor(heights)[:, None, None]).amax(dim=0)
    return torch.stack([centres, torch.full_like(centres, sizes)])


def find(found, fewest=1, most=5, usual_size=10.0):
    return find_subjects(found, fewest=fewest, most=most, usual_size=usual_size)


def test_every_subject_is_found_once_the_surest_first():
    subjects = find(maps([[7.0, 5.0], [31.0, 19.0], [12.0, 23.0]], [0.7, 0.9, 0.8]))
    assert [each.cell for each in subjects] == [(31, 19), (12, 23), (7, 5)]
    assert [round(each.score, 3) for each in subjects] == [0.9, 0.8, 0.7]
    assert all(abs(each.log_size - 0.3) < 1e-6 for each in subjects)


def test_there_are_never_more_than_there_may_be():
    assert len(find(maps([[7.0, 5.0], [31.0, 19.0]], [0.7, 0.9]), most=1)) == 1


def test_a_subject_that_must_be_there_is_given_even_if_unsure():
    unsure = maps([[7.0, 5.0], [31.0, 19.0]], [0.1, 0.12])
    assert len(find(unsure)) == 1
    assert not find(unsure, fewest=0)


def test_peaks_closer_than_subjects_can_be_are_one():
    assert len(find(maps([[7.0, 5.0], [12.0, 5.0]], [0.9, 0.8]), usual_size=30.0)) == 1


def test_nothing_is_found_on_an_empty_or_broken_map():
    assert not find(torch.zeros(2, 7, 5))
    assert not find(torch.full((2, 7, 5), torch.nan))
