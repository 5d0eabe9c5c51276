"""DescribeAlarms: moto applies only one of several filters, and hands out everything at once (API_DescribeAlarms)."""

from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from localcloud.extensions import AwsError, corrects

MOST_RECORDS, DEFAULT_RECORDS = 100, 50


@corrects(CloudWatchResponse, "DescribeAlarms")
def describe_alarms(self: Any) -> ActionResult:
    """DescribeAlarms: every filter at once, by name, 50 at a time; composite alarms only if asked for."""
    names, prefix = self._get_param("AlarmNames") or [], self._get_param("AlarmNamePrefix") or ""
    if names and prefix:
        raise AwsError("ValidationError", "AlarmNamePrefix and AlarmNames may not be specified together.")
    size = int(self._get_param("MaxRecords") or DEFAULT_RECORDS)
    if max(size, len(names)) > MOST_RECORDS or size < 1:
        raise AwsError("ValidationError", f"Between 1 and {MOST_RECORDS} alarms can be described at once.")
    after = self._get_param("NextToken") or ""
    kinds = self._get_param("AlarmTypes") or ["MetricAlarm"]
    state, action_prefix = self._get_param("StateValue"), self._get_param("ActionPrefix") or ""
    alarms = self.cloudwatch_backend.alarms
    found = [
        alarm
        for name in sorted(set(names) & alarms.keys() if names else alarms)
        if (alarm := alarms[name])
        and name > after
        and name.startswith(prefix)
        and _kind(alarm) in kinds
        and state in (None, alarm.state_value)
        and (not action_prefix or any(arn.startswith(action_prefix) for arn in alarm.alarm_actions))
    ]
    page = found[: MOST_RECORDS if names else size]
    answer: dict[str, Any] = {
        "MetricAlarms": [alarm for alarm in page if _kind(alarm) == "MetricAlarm"],
        "CompositeAlarms": [alarm for alarm in page if _kind(alarm) == "CompositeAlarm"],
    }
    if len(found) > len(page):
        answer["NextToken"] = page[-1].name
    return ActionResult(answer)


def _kind(alarm: Any) -> str:
    return "MetricAlarm" if alarm.rule is None else "CompositeAlarm"
