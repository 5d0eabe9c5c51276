"""What the stand-in answers instead of a result."""

CANCELLED = 1013
CALL_TIMED_OUT = -1
"""No code of Oracle's: the driver ends a call by itself."""


class Refused(Exception):  # noqa: N818 - what happened to the statement
    """Oracle's code and words: `ORA-00942: table or view does not exist`."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(f"ORA-{number:05}: {words}")
        self.number = number


def cancelled() -> Refused:
    """A statement that was ended from outside."""
    return Refused(CANCELLED, "User requested cancel of current operation.")
