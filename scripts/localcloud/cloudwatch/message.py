"""What an alarm tells when its state changes: the message to a topic, the event to a function.

"Using Amazon CloudWatch alarms" and "Invoke a Lambda function from an alarm" in the CloudWatch User Guide; the members
of the message that the guide does not list are those of messages that AWS sent.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.session import get_session

from localcloud import ACCOUNT_ID
from localcloud.cloudwatch.reason import stamp

LONGEST_SUBJECT = 100
STATISTIC_NAMES = {"SampleCount": "SAMPLE_COUNT"}


@dataclass(frozen=True, slots=True)
class State:
    """A state that an alarm has or had, `since` (aware) when."""

    value: str
    reason: str
    reason_data: str | None
    since: datetime

    @classmethod
    def of(cls, alarm: Any) -> "State":
        """The present state of moto's `alarm`, whose times are naive UTC."""
        since = alarm.state_updated_timestamp.replace(tzinfo=UTC)
        return cls(alarm.state_value, alarm.state_reason, alarm.state_reason_data, since)


def region_name(region: str) -> str:
    """The Region as alarms call it: `US East (N. Virginia)`, and `EU (Ireland)` where others now say Europe."""
    partitions = get_session().get_data("endpoints")["partitions"]
    names = {code: item["description"] for partition in partitions for code, item in partition["regions"].items()}
    return str(names.get(region, region)).replace("Europe (", "EU (")


def subject(alarm: Any, state: State) -> str:
    """The subject of the message, cut to what SNS takes."""
    return f'{state.value}: "{alarm.name}" in {region_name(alarm.region_name)}'[:LONGEST_SUBJECT]


def message(alarm: Any, old: State, new: State) -> dict[str, Any]:
    """What a topic receives, as JSON."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": ACCOUNT_ID,
        "AlarmConfigurationUpdatedTimestamp": stamp(alarm.configuration_updated_timestamp),
        "NewStateValue": new.value,
        "NewStateReason": new.reason,
        "StateChangeTime": stamp(new.since),
        "Region": region_name(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old.value,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": _trigger(alarm),
    }


def _trigger(alarm: Any) -> dict[str, Any]:
    trigger: dict[str, Any] = {}
    if not alarm.metric_data_queries:
        trigger |= {"MetricName": alarm.metric_name, "Namespace": alarm.namespace}
        if alarm.extended_statistic:
            trigger |= {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": alarm.extended_statistic}
        else:
            statistic = STATISTIC_NAMES.get(alarm.statistic, alarm.statistic.upper())
            trigger |= {"StatisticType": "Statistic", "Statistic": statistic}
        trigger |= {"Unit": alarm.unit, "Dimensions": _dimensions(alarm.dimensions)}
    period = alarm.period or max((_period(query) for query in alarm.metric_data_queries), default=None)
    trigger |= {"Period": period, "EvaluationPeriods": alarm.evaluation_periods}
    if alarm.datapoints_to_alarm:
        trigger["DatapointsToAlarm"] = alarm.datapoints_to_alarm
    trigger["ComparisonOperator"] = alarm.comparison_operator
    if alarm.threshold_metric_id:
        trigger["ThresholdMetricId"] = alarm.threshold_metric_id
    else:
        trigger["Threshold"] = alarm.threshold
    trigger["TreatMissingData"] = alarm.treat_missing_data or "missing"
    trigger["EvaluateLowSampleCountPercentile"] = alarm.evaluate_low_sample_count_percentile or ""
    if alarm.metric_data_queries:
        trigger["Metrics"] = [_query(query) for query in alarm.metric_data_queries]
    return trigger


def _query(query: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"Id": query.id}
    if query.expression:
        shown["Expression"] = query.expression
    if stat := query.metric_stat:
        metric = stat.metric
        named = {"MetricName": metric.metric_name, "Namespace": metric.namespace}
        shown["MetricStat"] = {
            "Metric": {"Dimensions": _dimensions(metric.dimensions), **named},
            "Period": int(stat.period),
            "Stat": stat.stat,
        }
    if query.label:
        shown["Label"] = query.label
    shown["ReturnData"] = query.return_data is not False
    return shown


def _period(query: Any) -> int:
    return int((query.metric_stat.period if query.metric_stat else query.period) or 0)


def _dimensions(dimensions: Any) -> list[dict[str, str]]:
    return [{"value": dimension.value, "name": dimension.name} for dimension in dimensions]


def event(alarm: Any, old: State, new: State) -> dict[str, Any]:
    """What a function that is an action of the alarm receives."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.alarm_arn,
        "accountId": ACCOUNT_ID,
        "time": stamp(new.since),
        "region": alarm.region_name,
        "alarmData": {
            "alarmName": alarm.name,
            "state": _state(new),
            "previousState": _state(old),
            "configuration": {"description": alarm.description or "", "metrics": _event_metrics(alarm)},
        },
    }


def _state(state: State) -> dict[str, str]:
    shown = {"value": state.value, "reason": state.reason, "timestamp": stamp(state.since)}
    return shown | ({"reasonData": state.reason_data} if state.reason_data else {})


def _event_metrics(alarm: Any) -> list[dict[str, Any]]:
    if not alarm.metric_data_queries:
        named = (alarm.namespace, alarm.metric_name, alarm.dimensions)
        statistic = alarm.statistic or alarm.extended_statistic
        return [{"id": alarm.name, "metricStat": _event_stat(*named, alarm.period, statistic), "returnData": True}]
    metrics: list[dict[str, Any]] = []
    for query in alarm.metric_data_queries:
        shown: dict[str, Any] = {"id": query.id, "returnData": query.return_data is not False}
        if stat := query.metric_stat:
            named = (stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions)
            shown["metricStat"] = _event_stat(*named, int(stat.period), stat.stat)
        else:
            shown["expression"] = query.expression
        metrics.append(shown)
    return metrics


def _event_stat(namespace: str, name: str, dimensions: Any, period: int, statistic: str) -> dict[str, Any]:
    named = {dimension.name: dimension.value for dimension in dimensions}
    return {
        "metric": {"namespace": namespace, "name": name, "dimensions": named},
        "period": period,
        "stat": statistic,
    }
