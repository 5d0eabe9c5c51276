"""The alarms of CloudWatch that are this deployment's."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from kinesis_autoscaler.definition import Definition, Described, alarm_name, stream_of
from kinesis_autoscaler.gateway.calls import Calls
from kinesis_autoscaler.model import AlarmState, Direction

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

PAGE = 100
"""API_DescribeAlarms and API_DeleteAlarms: at most so many names, and alarms per page."""

Pairs = dict[str, dict[Direction, Described]]
"""The alarms of each stream."""


class Alarms:
    """Those whose names begin with `deployment`, the function's name. See Calls.one for what its methods raise."""

    def __init__(self, client: "CloudWatchClient", deployment: str, calls: Calls) -> None:
        self._cloudwatch = client
        self._deployment = deployment
        self._calls = calls

    def of(self, streams: Sequence[str]) -> Pairs:
        """The alarms of up to 50 streams, by one call; streams without any are left out."""
        names = [alarm_name(self._deployment, stream, direction) for stream in streams for direction in Direction]
        with self._calls.one("DescribeAlarms"):
            answer = self._cloudwatch.describe_alarms(AlarmNames=names, AlarmTypes=["MetricAlarm"], MaxRecords=PAGE)
        return self._pairs(answer["MetricAlarms"])

    def all(self) -> Pairs:
        """The alarms of all streams."""
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=f"{self._deployment}-", AlarmTypes=["MetricAlarm"], PaginationConfig={"PageSize": PAGE}
        )
        found = [alarm for page in self._calls.each("DescribeAlarms", pages) for alarm in page["MetricAlarms"]]
        return self._pairs(found)

    @property
    def ready(self) -> bool:
        """Whether an alarm can be written without waiting for its turn."""
        return self._calls.ready("PutMetricAlarm")

    def put(self, definition: Definition) -> None:
        """Write an alarm; what DescribeAlarms shows beside a definition is left out."""
        accepted = self._cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape
        arguments = {key: value for key, value in definition.items() if accepted and key in accepted.members}
        with self._calls.one("PutMetricAlarm"):
            self._cloudwatch.put_metric_alarm(**arguments)

    def rearm(self, name: str, reason: str) -> None:
        """Let it fire again: CloudWatch evaluates it anew within a minute. Raises Gone when it was deleted."""
        with self._calls.one("SetAlarmState"):
            self._cloudwatch.set_alarm_state(
                AlarmName=name, StateValue=AlarmState.INSUFFICIENT_DATA.value, StateReason=reason[:1023]
            )

    def delete(self, names: Sequence[str]) -> None:
        """Delete alarms; those that are gone are no error."""
        for first in range(0, len(names), PAGE):
            with self._calls.one("DeleteAlarms"):
                self._cloudwatch.delete_alarms(AlarmNames=names[first : first + PAGE])

    def _pairs(self, alarms: "Iterable[MetricAlarmTypeDef]") -> Pairs:
        found: Pairs = {}
        for alarm in alarms:
            if ours := stream_of(self._deployment, alarm["AlarmName"]):
                stream, direction = ours
                found.setdefault(stream, {})[direction] = Described(
                    alarm["AlarmName"],
                    stream,
                    direction,
                    AlarmState(alarm["StateValue"]),
                    alarm["StateUpdatedTimestamp"].astimezone(UTC),
                    alarm,
                )
        return found
