"""An evaluation for a person to read: tables no wider than a terminal."""

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from kpstudio.cli.terminal import pixels, table
from kpstudio.core.bootstrap import Interval
from kpstudio.core.metrics import ErrorSummary

if TYPE_CHECKING:
    from kpstudio.core.double_labels import HumanError
    from kpstudio.training.decoder_report import DecoderReport
    from kpstudio.training.evaluate import Evaluation

_WIDTH = 108
_PCK = "0.1"
_MOST_GROUPS = 12
_NOTHING = ("", "-")
_VISIBILITIES = {"1": "occluded", "2": "visible"}

Cell = Callable[[ErrorSummary], str]


def evaluation_text(evaluation: "Evaluation", reference: str) -> str:
    """The leaderboard first, then keypoints, and then the best decoder in parts."""
    reports, best = evaluation.decoders, evaluation.leaderboard.best
    parts = [
        _leaderboard(reports),
        _notes(evaluation, reference),
        _behind(evaluation),
        _human(evaluation.human),
        _keypoints(evaluation),
        _parts("visibility", _by_words(reports[best].per_visibility), best),
        _worst("group", reports[best].per_group, best),
        _worst("tag", reports[best].per_tag, best),
    ]
    return "\n\n".join(part for part in parts if part)


def _leaderboard(reports: "Mapping[str, DecoderReport]") -> str:
    header = ["decoder", *_COLUMNS, "OKS AP", "in 90 % ellipse", "jitter px"]
    rows = [
        [
            name,
            *(cell(report) for cell in _COLUMNS.values()),
            _percent(report.oks_ap),
            _share(report, 0.9),
            pixels(report.crop_jitter.median_px) if report.crop_jitter is not None else "",
        ]
        for name, report in reports.items()
    ]
    return _told(header, rows)


def _told(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table without the columns that say nothing."""
    kept = [0] + [
        i
        for i in range(1, len(header))
        if not all(row[i] in _NOTHING or (header[i] == "missed" and row[i] == "0") for row in rows)
    ]
    return table([header[i] for i in kept], [[row[i] for i in kept] for row in rows])


def _median(summary: ErrorSummary) -> str:
    return f"{pixels(summary.median_px)}{_between(summary.intervals.get('median_px'))}"


def _between(interval: Interval | None) -> str:
    if interval is None:
        return ""
    low, high = ("inf" if end is None else f"{end:.2f}" for end in interval)
    return f" ({low}-{high})"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


_COLUMNS: dict[str, Cell] = {
    "median px": _median,
    "mean": lambda each: pixels(each.mean_px),
    "p90": lambda each: pixels(each.p90_px),
    "p95": lambda each: pixels(each.p95_px),
    f"PCK@{_PCK}": lambda each: _percent(each.pck.get(_PCK)),
    "PCKh": lambda each: _percent(each.pckh),
    "NME": lambda each: _percent(each.nme),
    "missed": lambda each: str(each.missed),
}


def _share(report: "DecoderReport", level: float) -> str:
    """How many errors lie inside of the ellipse that should hold this part of them."""
    curve = report.reliability
    if curve is None or level not in curve.expected:
        return ""
    share = curve.observed[curve.expected.index(level)]
    return "" if math.isnan(share) else f"{share:.0%}"


def _notes(evaluation: "Evaluation", reference: str) -> str:
    one = next(iter(evaluation.decoders.values()))
    length = "the longer side of the box" if reference == "box" else reference.replace(",", " to ")
    notes = [
        f"{one.keypoints} labelled keypoints of {evaluation.subjects} subjects; a missed one "
        f"counts as infinitely far. PCK, NME and AP are per cent, PCK and NME of {length}."
    ]
    if evaluation.unrelated:
        notes.append(f"Subjects without that length are not in them: {evaluation.unrelated}.")
    if evaluation.clustering:
        notes.append(f"In brackets: 95 % intervals, bootstrap over {evaluation.clustering}.")
    else:
        notes.append("There are too few images for intervals.")
    if one.crop_jitter is not None:
        notes.append(
            "Jitter: how far half of the answers move, when the crop is moved and scaled by up "
            f"to 5 % ({one.crop_jitter.crops} crops)."
        )
    return _wrapped(" ".join(notes))


def _behind(evaluation: "Evaluation") -> str:
    board = evaluation.leaderboard
    if not board.behind:
        return ""
    words = []
    for name, difference in board.behind.items():
        ends = ""
        if difference.interval is not None:
            low, high = ("inf" if end is None else f"{end:+.2f}" for end in difference.interval)
            ends = f" ({low} to {high})"
        apart = "?" if difference.median_px is None else f"{difference.median_px:+.2f}"
        words.append(f"{name} {apart}{ends}")
    text = f"Best: {board.best}. Median px behind it: {', '.join(words)}."
    alike = [name for name, difference in board.behind.items() if not difference.is_clear]
    if alike and evaluation.clustering:
        text += f" These images do not tell it apart from {', '.join(alike)}."
    return _wrapped(text)


def _human(human: "HumanError | None") -> str:
    if human is None:
        return ""
    total = human.total
    return _wrapped(
        f"Human reference: two people are {pixels(total.median_px)} px apart (median; mean "
        f"{pixels(total.mean_px)}, p90 {pixels(total.p90_px)}) on {total.keypoints} keypoints of "
        f"{human.subjects} subjects that both have labelled."
    )


def _keypoints(evaluation: "Evaluation") -> str:
    """All figures of one decoder, or the medians of several, with the best one."""
    reports, board = evaluation.decoders, evaluation.leaderboard
    human = {} if evaluation.human is None else evaluation.human.per_keypoint
    if len(reports) == 1:
        return _parts("keypoint", next(iter(reports.values())).per_keypoint, "", human)
    rows = [
        [
            keypoint,
            *(pixels(report.per_keypoint[keypoint].median_px) for report in reports.values()),
            best or "-",
            pixels(human[keypoint].median_px) if keypoint in human else "",
        ]
        for keypoint, best in board.per_keypoint.items()
    ]
    return _narrow(["median px", *reports, "best", "human"], rows)


def _narrow(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table, or several beside which it would be too wide."""
    whole = _told(header, rows)
    if max(map(len, whole.splitlines())) <= _WIDTH or len(header) < 4:
        return whole
    middle = (len(header) + 1) // 2
    halves = [
        ([header[0], *header[part]], [[row[0], *row[part]] for row in rows])
        for part in (slice(1, middle), slice(middle, None))
    ]
    return "\n\n".join(_narrow(*half) for half in halves)


def _parts(
    what: str,
    summaries: Mapping[str, ErrorSummary],
    decoder: str,
    human: Mapping[str, ErrorSummary] | None = None,
) -> str:
    if len(summaries) < 2 and what != "keypoint":
        return ""
    rows = [
        [
            name,
            str(each.keypoints),
            *(cell(each) for cell in _COLUMNS.values()),
            pixels(human[name].median_px) if human else "",
        ]
        for name, each in summaries.items()
    ]
    text = _told([what, "keypoints", *_COLUMNS, "human px"], rows)
    return f"{decoder}, by {what}:\n\n{text}" if decoder else text


def _by_words(summaries: Mapping[str, ErrorSummary]) -> dict[str, ErrorSummary]:
    return {_VISIBILITIES[name]: each for name, each in summaries.items()}


def _worst(what: str, summaries: Mapping[str, ErrorSummary], decoder: str) -> str:
    """The worst first: there may be hundreds."""

    def badness(name: str) -> float:
        median = summaries[name].median_px
        return math.inf if median is None else median

    names = sorted(summaries, key=badness, reverse=True)
    shown = {name or f"(no {what})": summaries[name] for name in names[:_MOST_GROUPS]}
    text = _parts(what, shown, decoder)
    left = len(names) - len(shown)
    return f"{text}\n… and {left} more, which are better; --json has all." if left else text


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
