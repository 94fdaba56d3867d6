"""Problems in the language of the window.

What lies below the window raises them in English, with names and numbers in them. A table of
sentences with places ({0}, {1}) in `resources/translations` says how each reads in another
language; one that it does not know stays English.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

import msgspec

from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.gui.languages import language_in_force

_PLACE = re.compile(r"\{(\d)\}")


def problem_text(problem: UserProblem, *, between: str = " ") -> str:
    """A problem and what to do about it, as a person reads it.

    Args:
        problem: As it was raised.
        between: Stands between the two.
    """
    parts = (sentence_text(text) for text in (problem.message, problem.hint))
    return between.join(part for part in parts if part)


def sentence_text(sentence: str) -> str:
    """A sentence of a problem or its hint, for places that show it without a problem."""
    return _translated(sentence, language_in_force())


@lru_cache(maxsize=256)
def _translated(text: str, language: str) -> str:
    for pattern, translation in _table(language):
        found = pattern.fullmatch(text)
        if found is not None:
            return _filled(translation, found.groupdict(), language)
    return text


def _filled(sentence: str, values: Mapping[str, str], language: str) -> str:
    """What stands in a place may itself be a sentence: “picture.png: it is damaged”."""

    def fill(place: re.Match[str]) -> str:
        return _translated(values[f"p{place[1]}"], language)

    return _PLACE.sub(fill, sentence)


@cache
def _table(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns with their translations, the most telling first."""
    path = resource_path("translations", f"problems_{language}.json")
    if not path.is_file():
        return ()
    sentences = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    by_weight = sorted(sentences.items(), key=lambda each: -len(_PLACE.sub("", each[0])))
    return tuple((_pattern(text), translation) for text, translation in by_weight)


def _pattern(text: str) -> re.Pattern[str]:
    parts = _PLACE.split(text)
    # The parts take turns: words, the number of a place, words.
    pieces = [
        f"(?P<p{part}>.*?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    ]
    return re.compile("".join(pieces), re.DOTALL)
