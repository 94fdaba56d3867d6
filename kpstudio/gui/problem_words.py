"""Problems, findings, descriptions and records in the language of the window.

What lies below the window says them in English, with names and numbers in them. Tables of
sentences with places ({0}, {1}; {#0} for a number) in `resources/translations` say how each reads
in another language; one that they do not know stays English.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import msgspec

from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.gui.languages import language_in_force

_PLACE = re.compile(r"\{(#?)(\d)\}")
# What is quoted from a damaged file may look like sentences in sentences without end.
_DEEPEST = 5
_BETWEEN = re.compile(r"(?<=[.?]) (?=[A-Z\d“])")
_SENTENCES = "problems", "findings"
# Titles are plain words such as “Hand”: in a problem they would be the name of something else.
_DESCRIPTIONS = ("descriptions",)
_RECORDS = ("records",)


def problem_text(problem: UserProblem, *, between: str = " ") -> str:
    """A problem and what to do about it, as a person reads it.

    Args:
        problem: As it was raised.
        between: Stands between the two.
    """
    parts = (sentence_text(text) for text in (problem.message, problem.hint))
    return between.join(part for part in parts if part)


def sentence_text(sentence: str) -> str:
    """A sentence of a problem or a finding, for places that show it by itself."""
    return _translated(sentence, language_in_force(), _SENTENCES)


def description_text(text: str) -> str:
    """A title, a help or an advice with which a part of the engine describes itself."""
    return _translated(text, language_in_force(), _DESCRIPTIONS)


def record_text(text: str) -> str:
    """A change or a source as the project keeps it, whoever's window said it."""
    return _translated(text, language_in_force(), _RECORDS)


@dataclass(frozen=True)
class _Pattern:
    """A sentence with places, and how it reads in another language."""

    words: tuple[str, ...]
    expression: re.Pattern[str]
    translation: str

    def find(self, text: str) -> Mapping[str, str] | None:
        # Looking for the words first keeps many hundred expressions cheap.
        if not all(each in text for each in self.words):
            return None
        found = self.expression.fullmatch(text)
        return None if found is None else found.groupdict()


@lru_cache(maxsize=1024)
def _translated(text: str, language: str, tables: tuple[str, ...], depth: int = 0) -> str:
    if depth == _DEEPEST:
        return text
    for pattern in _patterns(language, tables):
        values = pattern.find(text)
        if values is not None:
            return _filled(pattern.translation, values, language, tables, depth)
    sentences = _BETWEEN.split(text)
    if len(sentences) == 1:
        return text
    translated = [_translated(each, language, tables, depth + 1) for each in sentences]
    # Half of it in another language would be worse than none.
    return text if set(translated) & set(sentences) else "".join(translated)


def _filled(
    sentence: str, values: Mapping[str, str], language: str, tables: tuple[str, ...], depth: int
) -> str:
    """What stands in a place may itself be a sentence, or a list: “it reads videos, images”."""

    def fill(place: re.Match[str]) -> str:
        value = values[f"p{place[2]}"]
        whole = _translated(value, language, tables, depth + 1)
        if whole != value or ", " not in value:
            return whole
        words = value.split(", ")
        translated = [_translated(each, language, tables, depth + 1) for each in words]
        return value if translated == words else "、".join(translated)

    return _PLACE.sub(fill, sentence)


@cache
def _patterns(language: str, tables: tuple[str, ...]) -> tuple[_Pattern, ...]:
    """The most telling first."""
    sentences: dict[str, str] = {}
    for table in tables:
        path = resource_path("translations", f"{table}_{language}.json")
        if path.is_file():
            sentences |= msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    by_weight = sorted(sentences.items(), key=lambda each: -len(_PLACE.sub("", each[0])))
    return tuple(_pattern(text, translation) for text, translation in by_weight)


def _pattern(text: str, translation: str) -> _Pattern:
    parts = _PLACE.split(text)
    # The parts take turns: words, the sign of a number, the number of the place.
    words = tuple(parts[::3])
    expression = re.escape(words[0])
    for sign, place, after in zip(parts[1::3], parts[2::3], words[1:], strict=True):
        value = r"[\d,.]+" if sign else ".*?"
        expression += f"(?P<p{place}>{value}){re.escape(after)}"
    return _Pattern(words, re.compile(expression, re.DOTALL), translation)
