"""Queries that refer to each other, checked once and evaluated as often as their values change."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from metric_math.compiler import Compiler, Kind, Run, Step
from metric_math.errors import MetricMathError
from metric_math.operations import Series

_ID = re.compile(r"[a-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Program:
    """Queries that were compiled: every expression is known to have values, and of which kind."""

    kinds: Mapping[str, Kind]
    _expressions: Mapping[str, str] = field(repr=False)
    _steps: Mapping[str, Step] = field(repr=False)
    _metrics: tuple[str, ...]
    _scalars: frozenset[str]

    @classmethod
    def compile(
        cls, expressions: Mapping[str, str], metrics: Sequence[str], scalars: Collection[str] = ()
    ) -> "Program":
        """Compile `expressions`, by id, over series and numbers that each evaluation gives under other ids.

        `metrics`: the ids of the series, in the order of the request, which METRICS() keeps. Raises MetricMathError, by
        the id and the text of the expression: an id that is malformed, unknown or taken twice, a cycle, no metric math,
        a value of the wrong kind; UnsupportedFunctionError for a function that CloudWatch has and we do not.
        """
        names = [*expressions, *metrics, *scalars]
        for name in names:
            if not _ID.fullmatch(name):
                reason = "an id begins with a lower-case letter and holds letters, digits and underscores"
                raise MetricMathError(reason, expressions.get(name, name), name)
            if names.count(name) > 1:
                raise MetricMathError("the id is not unique", expressions.get(name, name), name)
        kinds = dict.fromkeys(metrics, Kind.SERIES) | dict.fromkeys(scalars, Kind.SCALAR)
        compiler = Compiler(expressions, tuple(metrics), kinds)
        for name in expressions:
            compiler.query(name)
        return cls(kinds, dict(expressions), compiler.steps, tuple(metrics), frozenset(scalars))

    def require_series(self, result: str) -> None:
        """Raises MetricMathError unless the query `result` results in one time series, which an alarm can watch."""
        if self.kinds.get(result) is not Kind.SERIES:
            kind = self.kinds[result].value if result in self.kinds else "nothing: no query has this id"
            reason = f"the result has to be {Kind.SERIES.value} and is {kind}"
            raise MetricMathError(reason, self._expressions.get(result, result), result)

    def evaluate(
        self,
        result: str,
        series: Mapping[str, Series],
        *,
        period: float,
        scalars: Mapping[str, float] | None = None,
    ) -> Series:
        """The time series of the query `result`, of shape (periods,).

        `series`: the values of each metric, of that same shape, NaN where one is missing; `period` in seconds. Raises
        MetricMathError when the result is not one time series, ValueError for series or scalars other than compiled.
        """
        self.require_series(result)
        given = {name: np.float64(value) for name, value in (scalars or {}).items()}
        if given.keys() != self._scalars or series.keys() != set(self._metrics):
            raise ValueError(f"Compiled for series {sorted(self._metrics)} and scalars {sorted(self._scalars)}.")
        if len({values.shape for values in series.values()}) > 1:
            raise ValueError("The series are not on one grid: their lengths differ.")
        with np.errstate(all="ignore"):
            values: Series = Run({**series, **given}, self._steps, self._metrics, period).value(result)
        return values
