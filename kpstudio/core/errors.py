"""Problems that the user can mend."""

_LONGEST = 1500
_LONGEST_END = 300


class UserProblem(Exception):
    """Something that the user can mend: shown once, in plain words, and never a crash.

    Args:
        message: What happened, and to what. Its middle is left out where it is longer than a
            screen: what it quotes from a damaged file may be as long as the file.
        hint: What to do now.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = _shortened(message)
        self.hint = _shortened(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - _LONGEST_END]} [...] {text[-_LONGEST_END:]}"
