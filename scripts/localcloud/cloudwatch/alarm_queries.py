"""The metric data queries that an alarm may have: API_PutMetricAlarm, API_MetricDataQuery.

The errors begin with AWS's words where these are known; it says no more than "Invalid metrics list" of a bad id.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.cloudwatch.math_queries import compiled
from localcloud.extensions import AwsError
from metric_math import MetricMathError

MOST_METRICS = 10
"""An alarm on an expression has at most so many metrics, says "Creating an alarm based on a metric math expression"."""
INSTEAD = ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")

Query = Mapping[str, Any]


def period(queries: Sequence[Query]) -> int:
    """The period in seconds that all queries have. Raises AwsError when none has one; different ones are refused."""
    stats = [query["MetricStat"] for query in queries if "MetricStat" in query]
    periods = {int(item["Period"]) for item in (*stats, *queries) if item.get("Period")}
    if not periods:
        raise AwsError("ValidationError", "Period must not be null")
    if len(periods) > 1:
        raise NotImplementedError(f"an alarm on metrics of different periods ({', '.join(map(str, sorted(periods)))})")
    return periods.pop()


def require_valid(queries: Sequence[Query], parameters: Mapping[str, Any]) -> None:
    """Refuse what PutMetricAlarm would refuse of its Metrics; `parameters` are all of the request's."""
    for name in INSTEAD:
        if parameters.get(name):
            raise AwsError("ValidationError", f"{name} should not be set if list of Metrics is set.")
    for query in queries:
        if ("MetricStat" in query) is ("Expression" in query):
            reason = f"Invalid metrics list: {query['Id']} needs either MetricStat or Expression."
            raise AwsError("ValidationError", reason)
        if "AccountId" in query:
            raise NotImplementedError("an alarm on metrics of another account")
    if sum("MetricStat" in query for query in queries) > MOST_METRICS:
        raise AwsError("ValidationError", f"Invalid metrics list: an alarm has at most {MOST_METRICS} metrics.")
    returned = [query["Id"] for query in queries if query.get("ReturnData", True)]
    anomaly = parameters.get("ThresholdMetricId")
    if len(returned) != (2 if anomaly else 1):
        number = "two elements" if anomaly else "one element"
        raise AwsError("ValidationError", f"Exactly {number} of the metrics list should return data.")
    if not anomaly:
        program = compiled(queries)
        try:
            program.require_series(returned[0])
        except MetricMathError as error:
            raise AwsError("ValidationError", str(error)) from error
