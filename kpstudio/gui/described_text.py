"""What the engine and the augmentation say of themselves, in the language of the window."""

import re

from kpstudio.gui.problem_words import sentence_text

_BETWEEN = re.compile(r"(?<=\.) (?=[A-Z0-9])")
_FULL_STOPS = ("。", "！", "？")


def described_text(text: str) -> str:
    """A name, or sentences of help; those that are not known stay English."""
    said = ""
    for sentence in _BETWEEN.split(text):
        # Sentences that end in a full stop of their language's own width need no space between.
        apart = " " if said and not said.endswith(_FULL_STOPS) else ""
        said += apart + sentence_text(sentence)
    return said
