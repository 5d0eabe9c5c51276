"""What the stand-in answers instead of a result."""

from sqlglot import exp


class Refused(Exception):  # noqa: N818 - what happened to the request
    """Teradata's number, the state of SQL that its driver adds, and its words."""

    def __init__(self, number: int, state: str, words: str) -> None:
        super().__init__(words)
        self.number, self.state = number, state


def cancelled() -> Refused:
    """A request that was ended from outside."""
    return Refused(3110, "HY008", "The transaction was aborted by the user.")


def syntax(words: str) -> Refused:
    """What the parser does not take."""
    return Refused(3706, "42000", f"Syntax error: {words}")


def no_such_table(table: exp.Table) -> Refused:
    """A name that is none."""
    return Refused(3807, "42S02", f"Object '{table.db}.{table.name}' does not exist.")
