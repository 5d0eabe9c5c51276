"""From expressions that refer to each other to steps that compute values, each of a known kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from metric_math.errors import MetricMathError, UnsupportedFunctionError
from metric_math.expression import Array, Call, Expression, Id, Negation, Number, Operation, Text, Word
from metric_math.operations import (
    ARITHMETIC,
    OPERATORS,
    REDUCTIONS,
    TRANSFORMATIONS,
    Value,
    between_series,
    choose,
    choose_one,
    fill,
    interpolate,
    repeat,
)
from metric_math.syntax import parse

UNSUPPORTED = frozenset({
    "ANOMALY_DETECTION_BAND", "DATAPOINT_COUNT", "DATE", "DAY", "DB_PERF_INSIGHTS", "DIFF_TIME", "EPOCH", "FIRST",
    "HOUR", "INSIGHT_RULE_METRIC", "LAMBDA", "LAST", "LOG", "LOG10", "METRIC_COUNT", "MINUTE", "MONTH", "PERIOD",
    "REMOVE_EMPTY", "SEARCH", "SERVICE_QUOTA", "SLICE", "SORT", "STDDEV", "TIME_SERIES", "YEAR",
})  # fmt: skip
"""Functions of the user guide that are not evaluated here."""


class Kind(Enum):
    """What an expression results in; its value says so in a message."""

    SCALAR = "a scalar"
    SERIES = "a time series"
    ARRAY = "an array of time series"


@dataclass(slots=True)
class Run:
    """One evaluation: the values that are known already, by id."""

    values: dict[str, Value]
    steps: Mapping[str, "Step"]
    metrics: Sequence[str]
    period: float

    def value(self, name: str) -> Value:
        if name not in self.values:
            self.values[name] = self.steps[name](self)
        return self.values[name]


Step = Callable[[Run], Value]


class _WrongError(Exception):
    """Says what is wrong with the expression at hand."""


class _UnsupportedError(_WrongError):
    """The expression at hand uses a function that is not evaluated here."""


@dataclass(slots=True)
class Compiler:
    """Compiles queries in the order in which they need each other. `kinds` and `steps` grow."""

    expressions: Mapping[str, str]
    metrics: tuple[str, ...]
    kinds: dict[str, Kind]
    steps: dict[str, Step] = field(default_factory=dict)
    entered: list[str] = field(default_factory=list)

    def query(self, name: str) -> Kind:
        """The kind of the query with that id."""
        if name in self.kinds:
            return self.kinds[name]
        text = self.expressions[name]
        if text.upper().split()[:1] == ["SELECT"]:
            raise UnsupportedFunctionError("Metrics Insights queries are not evaluated here", text, name)
        self.entered.append(name)
        try:
            self.kinds[name], self.steps[name] = self._compile(parse(text))
        except _WrongError as wrong:
            error = UnsupportedFunctionError if isinstance(wrong, _UnsupportedError) else MetricMathError
            raise error(str(wrong), text, name) from None
        except MetricMathError as error:
            raise (error if error.identifier else error.of(name)) from None
        self.entered.pop()
        return self.kinds[name]

    def _compile(self, node: Expression) -> tuple[Kind, Step]:
        match node:
            case Number(number):
                value = np.float64(number)
                return Kind.SCALAR, lambda run: value
            case Id(name):
                if name in self.entered:
                    raise _WrongError(f"the id '{name}' refers to itself: {' -> '.join([*self.entered, name])}")
                if name not in self.kinds and name not in self.expressions:
                    raise _WrongError(f"the id '{name}' is unknown")
                return self.query(name), lambda run: run.value(name)
            case Negation(operand):
                kind, step = self._compile(operand)
                return kind, lambda run: -step(run)
            case Operation(operator, left, right):
                return self._operation(operator, left, right)
            case Call("METRICS", arguments):
                return self._all_metrics(arguments)
            case Array(items):
                return self._array(items)
            case Call("FILL", arguments):
                return self._fill(arguments)
            case Call("IF", arguments):
                return self._if(arguments)
            case Call(function, arguments) if function in REDUCTIONS:
                kind, step = self._argument(function, arguments)
                # Over time a series has one value, at each moment an array has one: the first axis of either.
                reduce = REDUCTIONS[function]
                return Kind.SERIES if kind is Kind.ARRAY else Kind.SCALAR, lambda run: reduce(step(run), 0)
            case Call(function, arguments) if function in TRANSFORMATIONS:
                kind, step = self._argument(function, arguments)
                transform = TRANSFORMATIONS[function]
                return kind, lambda run: transform(step(run), run.period)
            case Call(function, _) if function in UNSUPPORTED:
                raise _UnsupportedError(f"Function '{function}' is not evaluated here")
            case Call(function, _):
                raise _WrongError(f"Function '{function}' not found")
            case Word(name):
                raise _WrongError(f"'{name}' is neither an id nor a function with its arguments")
            case Text(value):
                raise _WrongError(f"the string '{value}' is no value")

    def _operation(self, operator: str, left: Expression, right: Expression) -> tuple[Kind, Step]:
        (left_kind, left_step), (right_kind, right_step) = self._compile(left), self._compile(right)
        kinds = {left_kind, right_kind}
        if Kind.ARRAY in kinds and (operator not in ARITHMETIC or kinds == {Kind.ARRAY}):
            raise _WrongError(f"'{operator}' does not take {left_kind.value} and {right_kind.value}")
        widest = max(kinds, key=list(Kind).index)
        operate = OPERATORS[operator]
        if Kind.SCALAR not in kinds:
            operate = between_series(operate)
        return widest, lambda run: operate(left_step(run), right_step(run))

    def _all_metrics(self, arguments: tuple[Expression, ...]) -> tuple[Kind, Step]:
        match arguments:
            case ():
                names = self.metrics
            case (Text(part),):
                names = tuple(name for name in self.metrics if part in name)
            case _:
                raise _WrongError("METRICS takes nothing, or a string that is part of ids")
        if not names:
            raise _WrongError("METRICS finds no metric")
        return Kind.ARRAY, lambda run: np.array([run.value(name) for name in names])

    def _array(self, items: tuple[Expression, ...]) -> tuple[Kind, Step]:
        compiled = [self._compile(item) for item in items]
        if not items or any(kind is Kind.SCALAR for kind, _ in compiled):
            raise _WrongError("an array holds time series, and at least one")
        steps = [step for _, step in compiled]
        if any(kind is Kind.ARRAY for kind, _ in compiled):
            return Kind.ARRAY, lambda run: np.vstack([step(run) for step in steps])
        return Kind.ARRAY, lambda run: np.array([step(run) for step in steps])

    def _fill(self, arguments: tuple[Expression, ...]) -> tuple[Kind, Step]:
        if len(arguments) != 2:
            raise _WrongError(f"FILL takes 2 arguments, not {len(arguments)}")
        kind, step = self._argument("FILL", arguments[:1])
        match arguments[1]:
            case Word("REPEAT"):
                return kind, lambda run: repeat(step(run))
            case Word("LINEAR"):
                return kind, lambda run: interpolate(step(run))
        filler_kind, filler = self._compile(arguments[1])
        if filler_kind is Kind.ARRAY:
            raise _WrongError("FILL fills with a scalar, a time series, REPEAT or LINEAR")
        return kind, lambda run: fill(step(run), filler(run))

    def _if(self, arguments: tuple[Expression, ...]) -> tuple[Kind, Step]:
        if len(arguments) not in (2, 3):
            raise _WrongError(f"IF takes 2 or 3 arguments, not {len(arguments)}")
        compiled = [self._compile(argument) for argument in arguments]
        kinds = [kind for kind, _ in compiled]
        if Kind.ARRAY in kinds:
            raise _WrongError("IF takes scalars and single time series")
        condition, where_true = compiled[0][1], compiled[1][1]
        where_false: Step = compiled[2][1] if len(compiled) == 3 else lambda run: np.float64(np.nan)
        if kinds[0] is Kind.SERIES:
            return Kind.SERIES, lambda run: choose(condition(run), where_true(run), where_false(run))
        if Kind.SCALAR in kinds[1:]:
            raise _WrongError("IF with a scalar as condition chooses between time series")
        return Kind.SERIES, lambda run: choose_one(condition(run), where_true(run), where_false(run))

    def _argument(self, function: str, arguments: tuple[Expression, ...]) -> tuple[Kind, Step]:
        """The one argument of `function`, which takes time series."""
        if len(arguments) != 1:
            raise _WrongError(f"{function} takes 1 argument, not {len(arguments)}")
        kind, step = self._compile(arguments[0])
        if kind is Kind.SCALAR:
            raise _WrongError(f"{function} takes a time series or an array of them, not a scalar")
        return kind, step
