"""From the text of an expression to its tree.

What the user guide leaves open is refused rather than guessed: comparisons and powers in a row, the power of a negated
value without parentheses, numbers with an exponent.
"""

import re
from dataclasses import dataclass

from metric_math.errors import MetricMathError
from metric_math.expression import Array, Call, Expression, Id, Negation, Number, Operation, Text, Word

_TOKEN = re.compile(
    r"""(?P<number>\d+(?:\.\d+)?(?![\w.])|\.\d+(?![\w.]))
      | (?P<id>[a-z]\w*)
      | (?P<word>[A-Z][A-Z0-9_]*(?!\w))
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^<>(),\[\]])""",
    re.VERBOSE | re.ASCII,
)
_SYNONYMS = {"&&": "AND", "||": "OR"}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_BINDING = {"OR": 1, "AND": 2, **dict.fromkeys(_COMPARISONS, 3), "+": 4, "-": 4, "*": 5, "/": 5, "^": 6}
_NOT_IN_A_ROW = {*_COMPARISONS, "^"}


def parse(expression: str) -> Expression:
    """The tree of an expression. Raises MetricMathError, with the place, for what is no metric math."""
    reader = _Reader(expression, _tokens(expression))
    try:
        tree = reader.expression(0)
    except RecursionError:
        raise MetricMathError("Invalid syntax: nested too deeply", expression) from None
    reader.expect("")
    return tree


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(expression: str) -> list[_Token]:
    tokens, end = [], 0
    for found in _TOKEN.finditer(expression):
        if expression[end : found.start()].strip():
            break
        end = found.end()
        tokens.append(_Token(str(found.lastgroup), _SYNONYMS.get(found.group(), found.group()), found.start()))
    if expression[end:].strip():
        raise MetricMathError(f"Invalid syntax at '{expression[end:].strip()[:10]}'", expression)
    return [*tokens, _Token("end", "", len(expression))]


@dataclass(slots=True)
class _Reader:
    """Reads one expression by the binding power of its operators."""

    source: str
    tokens: list[_Token]
    position: int = 0

    def expression(self, least: int) -> Expression:
        """The expression from here on, as far as operators bind more tightly than `least`."""
        left = self._operand()
        previous = ""
        while (power := _BINDING.get(self._next.text, 0)) > least:
            token = self._take()
            operator = token.text
            if previous and _BINDING[previous] == power and operator in _NOT_IN_A_ROW:
                raise self._error(f"'{previous}' and '{operator}' in a row: write parentheses", token)
            left = Operation(operator, left, self.expression(power))
            previous = operator
        return left

    def expect(self, text: str) -> None:
        """Go past that token, or past the end when it is empty."""
        if self._next.text != text:
            raise self._error(f"Invalid syntax: {_named(self._next.text)} where {_named(text)} should be", self._next)
        self._take()

    def _operand(self) -> Expression:
        token = self._take()
        match token.kind, token.text:
            case "number", text:
                return Number(float(text))
            case "text", text:
                return Text(text[1:-1])
            case "id", text:
                return Id(text)
            case "word", text if text not in _BINDING:
                return Call(text, self._items(")")) if self._goes_past("(") else Word(text)
            case "sign", "-":
                operand = self.expression(_BINDING["^"])
                if self._next.text == "^":
                    raise self._error("'-' before '^': write parentheses", self._next)
                return Negation(operand)
            case "sign", "(":
                inner = self.expression(0)
                self.expect(")")
                return inner
            case "sign", "[":
                return Array(self._items("]"))
            case _:
                raise self._error(f"Invalid syntax: {_named(token.text)} where a value should be", token)

    def _items(self, closing: str) -> tuple[Expression, ...]:
        if self._goes_past(closing):
            return ()
        items = [self.expression(0)]
        while self._goes_past(","):
            items.append(self.expression(0))
        self.expect(closing)
        return tuple(items)

    @property
    def _next(self) -> _Token:
        return self.tokens[self.position]

    def _take(self) -> _Token:
        token = self._next
        self.position += token.kind != "end"
        return token

    def _goes_past(self, text: str) -> bool:
        if self._next.text != text:
            return False
        self._take()
        return True

    def _error(self, reason: str, token: _Token) -> MetricMathError:
        return MetricMathError(f"{reason}, at character {token.at + 1}", self.source)


def _named(text: str) -> str:
    return f"'{text}'" if text else "the end"
