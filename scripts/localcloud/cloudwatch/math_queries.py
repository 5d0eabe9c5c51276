"""From metric data queries of a request to a program of metric math."""

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.extensions import AwsError
from metric_math import MetricMathError, Program, UnsupportedFunctionError


def compiled(queries: Sequence[Mapping[str, Any]]) -> Program:
    """The program of MetricDataQueries. Raises AwsError for what AWS refuses, NotImplementedError for what it has."""
    expressions = {query["Id"]: query["Expression"] for query in queries if "Expression" in query}
    metrics = [query["Id"] for query in queries if "Expression" not in query]
    if len({query["Id"] for query in queries}) < len(queries):
        raise AwsError("ValidationError", "Invalid metrics list: every Id must be unique.")
    try:
        return Program.compile(expressions, metrics)
    except UnsupportedFunctionError as error:
        raise NotImplementedError(f"this metric math: {error}") from error
    except MetricMathError as error:
        prefix = "" if error.identifier in expressions else "Invalid metrics list: "
        raise AwsError("ValidationError", f"{prefix}{error}") from error
