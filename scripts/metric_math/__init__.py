"""CloudWatch's metric math: expressions over time series on one grid of periods, NaN where a value is missing.

Source: "Using math expressions with CloudWatch metrics" in the CloudWatch User Guide. Pure: no clock, no account.

    program = Program.compile({"s1": "4", "e1": "FILL(m1, 0) / (1000 * 60 * s1)"}, metrics=["m1"])
    usage = program.evaluate("e1", {"m1": records}, period=60)
"""

from metric_math.compiler import Kind
from metric_math.errors import MetricMathError, UnsupportedFunctionError
from metric_math.expression import Expression
from metric_math.program import Program
from metric_math.syntax import parse

__all__ = ["Expression", "Kind", "MetricMathError", "Program", "UnsupportedFunctionError", "parse"]
