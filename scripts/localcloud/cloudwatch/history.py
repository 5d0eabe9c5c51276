"""What happened to alarms: DescribeAlarmHistory, which moto lacks, over what is noted here.

API_DescribeAlarmHistory. AWS keeps 30 days. Changes of an alarm's configuration are not noted.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from localcloud import ACCOUNT_ID, clock
from localcloud.cloudwatch.message import State
from localcloud.extensions import AwsError, adds

RETENTION = timedelta(days=30)
MOST_RECORDS = 100


@dataclass(frozen=True, slots=True)
class _Item:
    number: int
    alarm: str
    at: datetime
    kind: str
    summary: str
    data: str


def note_state(alarm: Any, old: State, new: State) -> None:
    """Note that the state of moto's `alarm` went from `old` to `new`."""
    data = {"version": "1.0", "oldState": _state(old), "newState": _state(new)}
    _note(alarm, new.since, "StateUpdate", f"Alarm updated from {old.value} to {new.value}", data)


def note_action(alarm: Any, new: State, arn: str, *, message: str | None, error: str | None) -> None:
    """Note an action that was taken over `new`: the message that it published, or why it failed."""
    if error:
        summary = f'Failed to execute action {arn}. Received error: "{error}"'
    else:
        summary = f"Successfully executed action {arn}"
    data = {
        "actionState": "Failed" if error else "Succeeded",
        "stateUpdateTimestamp": int(new.since.timestamp() * 1000),
        "notificationResource": arn,
        "publishedMessage": message,
        "error": error,
    }
    _note(alarm, new.since, "Action", summary, data)


@adds(CloudWatchResponse, "DescribeAlarmHistory")
def describe_alarm_history(self: Any) -> ActionResult:
    """DescribeAlarmHistory: newest first unless asked otherwise, 100 at a time."""
    name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
    start, end = self._get_param("StartDate"), self._get_param("EndDate")
    types = self._get_param("AlarmTypes") or ["MetricAlarm"]
    ascending = self._get_param("ScanBy") == "TimestampAscending"
    size = int(self._get_param("MaxRecords") or MOST_RECORDS)
    if not 1 <= size <= MOST_RECORDS:
        raise AwsError("ValidationError", f"MaxRecords must be between 1 and {MOST_RECORDS}.")
    found = [
        item
        for item in _items(self.region)
        if name in (None, item.alarm)
        and kind in (None, item.kind)
        and (start is None or start.replace(tzinfo=UTC) <= item.at)
        and (end is None or item.at < end.replace(tzinfo=UTC))
        and item.at > clock.now() - RETENTION
        and "MetricAlarm" in types
    ]
    found = found if ascending else found[::-1]
    if token := self._get_param("NextToken"):
        last = _last_handed_out(token)
        found = [item for item in found if (item.number > last if ascending else item.number < last)]
    page = found[:size]
    answer: dict[str, Any] = {"AlarmHistoryItems": [_shown(item) for item in page]}
    if len(found) > size:
        answer["NextToken"] = str(page[-1].number)
    return ActionResult(answer)


def _last_handed_out(token: str) -> int:
    if not token.isdecimal():
        raise AwsError("InvalidNextToken", "The next token specified is invalid.")
    return int(token)


def _shown(item: _Item) -> dict[str, Any]:
    return {
        "AlarmName": item.alarm,
        "AlarmType": "MetricAlarm",
        "Timestamp": item.at,
        "HistoryItemType": item.kind,
        "HistorySummary": item.summary,
        "HistoryData": item.data,
    }


def _state(state: State) -> dict[str, Any]:
    shown = {"stateValue": state.value, "stateReason": state.reason}
    return shown | ({"stateReasonData": json.loads(state.reason_data)} if state.reason_data else {})


def _note(alarm: Any, at: datetime, kind: str, summary: str, data: dict[str, Any]) -> None:
    items = _items(alarm.region_name)
    number = items[-1].number + 1 if items else 0
    items.append(_Item(number, alarm.name, at, kind, summary, json.dumps(data, separators=(",", ":"))))
    while items[0].at <= at - RETENTION:
        del items[0]


def _items(region: str) -> list[_Item]:
    """Oldest first. Kept on the backend, so that moto's own reset forgets them too."""
    backend = cloudwatch_backends[ACCOUNT_ID][region]
    items: list[_Item] = backend.__dict__.setdefault("localcloud_alarm_history", [])
    return items
