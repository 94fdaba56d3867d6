"""Words too long for a line."""

_LONGEST_WORD = 40
_PIECE = 20


def breakable(text: str) -> str:
    """Long words, as paths and names are, may be broken anywhere."""
    return " ".join(
        word
        if len(word) <= _LONGEST_WORD
        else "\u200b".join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))
        for word in text.split(" ")
    )
