"""How far a source goes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`split_rows`: tables of more rows are read in parts. `exact_text`: what may be inexact is declared as text.

    `statement_seconds`: how long the database lets a statement run.
    """

    split_rows: int = 5_000_000
    statement_seconds: int = 900
    exact_text: bool = False
