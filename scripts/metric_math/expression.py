"""An expression as a tree."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A string, which only METRICS takes."""

    value: str


@dataclass(frozen=True, slots=True)
class Id:
    """The result of another query."""

    name: str


@dataclass(frozen=True, slots=True)
class Word:
    """REPEAT or LINEAR, which only FILL takes."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Operation:
    """`operator` is one of + - * / ^ == != < <= > >= AND OR; && and || are the last two."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of that name, in capitals."""

    function: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Array:
    """Several time series: `[m1, m2]`."""

    items: tuple["Expression", ...]


Expression = Number | Text | Id | Word | Negation | Operation | Call | Array
