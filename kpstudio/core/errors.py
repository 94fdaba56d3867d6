"""Problems that the user can mend."""


class UserProblem(Exception):
    """Something that the user can mend: shown once, in plain words, and never a crash.

    Args:
        message: What happened, and to what.
        hint: What to do now.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()
