"""Left and right: pairs of keypoints that lie the other way round than they should.

Which side is left cannot be seen in numbers alone. What can be seen is that one pair points
against all others of its subject, that the project's own labels turn the other way, or that a few
subjects differ from nearly all the rest.
"""

from collections.abc import Sequence

import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.shapes import Float
from kpstudio.formats.checks.finding import Finding, counted, some
from kpstudio.formats.checks.stacked_annotations import StackedAnnotations

_FEWEST = 10
_FEWEST_FOR_EXCEPTIONS = 30
_AGAINST_OTHER_PAIRS = 0.2
_STEADY = 0.8
_NEARLY_ALWAYS = 0.97
_PLAIN_TURN = 0.3
_CONFUSED = 0.4
_MOST_REFERENCES = 6
_MOST_KNOWN = 5000


def check_sides(stacked: StackedAnnotations, known: Sequence[Annotation] = ()) -> list[Finding]:
    """Suspected swaps, with figures.

    Args:
        stacked: The annotations.
        known: The project's own, in the order of the same keypoints.
    """
    pairs = stacked.dataset.skeleton.flip_pairs
    if not pairs or not len(stacked):
        return []
    swapped = _against_other_pairs(stacked)
    own = np.array([each.xy for each in known[:_MOST_KNOWN]], np.float64)
    if len(own):
        own[np.array([~each.is_labelled for each in known[:_MOST_KNOWN]])] = np.nan
        swapped += _against_project(stacked, own)
    return swapped or _exceptions(stacked)


def _against_other_pairs(stacked: StackedAnnotations) -> list[Finding]:
    """Pairs that point against the others of the same subject."""
    pairs = stacked.dataset.skeleton.flip_pairs
    if len(pairs) < 2:
        return []
    left, right = (list(side) for side in zip(*pairs, strict=True))
    towards = stacked.xy[:, right] - stacked.xy[:, left]
    length = np.linalg.norm(towards, axis=2, keepdims=True)
    towards = np.divide(towards, length, out=np.zeros_like(towards), where=length > 0)
    rest = towards.sum(axis=1, keepdims=True) - towards
    cosine = (towards * rest).sum(axis=2)
    findings = []
    for index, (one, other) in enumerate(pairs):
        judged = cosine[np.abs(cosine[:, index]) > _PLAIN_TURN, index]
        agrees = float(np.mean(judged > 0)) if len(judged) >= _FEWEST else 1.0
        if agrees > _AGAINST_OTHER_PAIRS:
            continue
        findings.append(
            _swap(
                stacked,
                one,
                other,
                f"in {1 - agrees:.0%} of {len(judged):,} subjects they lie the other way"
                " round than the other pairs of the same subject",
                np.flatnonzero(cosine[:, index] < -_PLAIN_TURN),
            )
        )
    return findings


def _against_project(stacked: StackedAnnotations, own: Float[np.ndarray, "M K 2"]) -> list[Finding]:
    """Pairs that turn the other way than in the project's own labels."""
    findings = []
    references = _references(stacked)
    for one, other in stacked.dataset.skeleton.flip_pairs:
        best, told = 0.0, None
        for reference in references:
            if reference in (one, other):
                continue
            here = _turn(stacked.xy, one, other, reference)
            there = _turn(own, one, other, reference)
            here, there = (each[np.abs(each) > _PLAIN_TURN] for each in (here, there))
            if min(len(here), len(there)) < _FEWEST:
                continue
            new, old = float(np.sign(here).mean()), float(np.sign(there).mean())
            steadiness = min(abs(new), abs(old))
            if new * old < 0 and steadiness >= max(_STEADY, best):
                best, told = steadiness, (reference, new, old, len(here), len(there))
        if told is None:
            continue
        reference, new, old, count, known = told
        is_odd = np.sign(_turn(stacked.xy, one, other, reference)) == -np.sign(old)
        findings.append(
            _swap(
                stacked,
                one,
                other,
                f"seen from {stacked.dataset.skeleton.keypoints[reference]}, they lie the other"
                f" way round in {(1 + abs(new)) / 2:.0%} of {count:,} subjects than in"
                f" {(1 + abs(old)) / 2:.0%} of the {known:,} that the project has",
                np.flatnonzero(is_odd),
            )
        )
    return findings


def _exceptions(stacked: StackedAnnotations) -> list[Finding]:
    """Subjects of which several pairs turn the other way than in nearly all others."""
    pairs = stacked.dataset.skeleton.flip_pairs
    votes = np.stack([_votes(stacked, one, other) for one, other in pairs], axis=1)
    is_odd = votes < 0
    # Of a face in profile, single pairs turn: where sides were confused, most do.
    rows = np.flatnonzero(is_odd.sum(axis=1) > np.count_nonzero(votes, axis=1) * _CONFUSED)
    if not len(rows):
        return []
    odd_pairs = np.flatnonzero(is_odd[rows].any(axis=0))
    names = [_pair_name(stacked, *pairs[index]) for index in odd_pairs]
    return [
        Finding(
            "note",
            "odd_sides",
            f"In {counted(len(rows), 'subject')} {', '.join(names[:3])}"
            f"{' and others' if len(names) > 3 else ''} lie the other way round than in nearly"
            " all others.",
            "Look at them: left and right may have been confused there.",
            len(rows),
            some(stacked.image_names(rows.tolist())),
        )
    ]


def _votes(stacked: StackedAnnotations, one: int, other: int) -> Float[np.ndarray, " N"]:
    """Positive where a pair turns as usual, negative where the other way, 0 where none can say."""
    votes = np.zeros(len(stacked))
    for reference in _references(stacked):
        if reference in (one, other):
            continue
        turn = _turn(stacked.xy, one, other, reference)
        is_plain = np.abs(turn) > _PLAIN_TURN
        if is_plain.sum() < _FEWEST_FOR_EXCEPTIONS:
            continue
        usual = np.sign(turn[is_plain].sum())
        if np.mean(np.sign(turn[is_plain]) == usual) >= _NEARLY_ALWAYS:
            votes += np.where(is_plain, np.sign(turn) * usual, 0)
    return votes


def _swap(
    stacked: StackedAnnotations, one: int, other: int, reason: str, rows: np.ndarray
) -> Finding:
    return Finding(
        "warning",
        "swapped_sides",
        f"{_pair_name(stacked, one, other)} may be swapped: {reason}.",
        "Look at some of these images. If left and right are confused, exchange the two names in"
        " the file.",
        len(rows),
        some(stacked.image_names(rows.tolist())),
    )


def _pair_name(stacked: StackedAnnotations, one: int, other: int) -> str:
    names = stacked.dataset.skeleton.keypoints
    return f"{names[one]} and {names[other]}"


def _references(stacked: StackedAnnotations) -> list[int]:
    """Keypoints from which the others are looked at: those of the middle, labelled most often."""
    skeleton, counts = stacked.dataset.skeleton, stacked.is_labelled.sum(axis=0)
    order = sorted(
        range(len(skeleton)), key=lambda k: (skeleton.side(k) != "centre", -int(counts[k]))
    )
    return order[:_MOST_REFERENCES]


def _turn(
    xy: Float[np.ndarray, "N K 2"], one: int, other: int, reference: int
) -> Float[np.ndarray, " N"]:
    """Sine of the angle at the first, from the second to the reference; 0 where one is missing."""
    a, b = xy[:, other] - xy[:, one], xy[:, reference] - xy[:, one]
    product = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    is_known = np.isfinite(product) & (product > 0)
    return np.asarray(np.divide(cross, product, out=np.zeros(len(xy)), where=is_known))
