"""Redshift's event log: DescribeEvents over events that the admin endpoint adds (API_DescribeEvents)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.redshift.models import redshift_backends
from moto.redshift.responses import RedshiftResponse

from localcloud import ACCOUNT_ID, clock
from localcloud.extensions import AwsError, adds
from localcloud.paging import page
from localcloud.refusal import RefusalError

RETENTION = timedelta(days=14)
DEFAULT_DURATION = timedelta(minutes=60)
SOURCE_TYPES = {"cluster", "cluster-parameter-group", "cluster-security-group", "cluster-snapshot", "scheduled-action"}


@adds(RedshiftResponse, "DescribeEvents")
def describe_events(self: Any) -> ActionResult:
    """DescribeEvents: the last 60 minutes unless asked otherwise, never more than 14 days, oldest first."""
    source, kind = self._get_param("SourceIdentifier"), self._get_param("SourceType")
    if (source is None) is not (kind is None):
        raise AwsError("InvalidParameterCombination", "SourceIdentifier and SourceType need each other.")
    if kind not in {None, *SOURCE_TYPES}:
        raise AwsError("InvalidParameterValue", f"Invalid SourceType {kind!r}.")
    start, end = _requested_interval(self)
    found = [
        event
        for event in _events(self.redshift_backend)
        if start <= event["Date"] <= end and (source, kind) in ((None, None), (event["SourceIdentifier"], "cluster"))
    ]
    maximum, marker = self._get_int_param("MaxRecords"), self._get_param("Marker")
    return ActionResult(page(found, lambda event: str(event["key"]), "Events", maximum, marker))


def _requested_interval(self: Any) -> tuple[datetime, datetime]:
    start, end = self._get_param("StartTime"), self._get_param("EndTime")
    minutes = self._get_int_param("Duration")
    now = clock.now()
    if minutes is not None:
        if start or end:
            raise AwsError("InvalidParameterCombination", "Specify either Duration or StartTime and EndTime.")
        return max(now - timedelta(minutes=minutes), now - RETENTION), now
    # moto parses to naive UTC.
    last = end.replace(tzinfo=UTC) if end else now
    first = start.replace(tzinfo=UTC) if start else last - DEFAULT_DURATION
    if first > last:
        raise AwsError("InvalidParameterCombination", "StartTime must not be after EndTime.")
    return max(first, now - RETENTION), min(last, now)


def add(cluster: str, event: Any, *, region: str) -> Mapping[str, Any]:
    """Add an event of `cluster`: event_id, message and date (ISO 8601 with an offset), category, severity.

    Raises RefusalError 404 for a cluster that does not exist, 400 for a body that is not such an event.
    """
    if region not in redshift_backends[ACCOUNT_ID]:
        raise RefusalError(404, f"There is no Region {region!r}.")
    backend = redshift_backends[ACCOUNT_ID][region]
    if cluster not in backend.clusters:
        raise RefusalError(404, f"There is no cluster {cluster!r} in {region}.")
    match event:
        case {"event_id": str(event_id), "message": str(message), "date": str(text)}:
            date = _parse_date(text)
        case _:
            raise RefusalError(400, "An event needs the strings event_id, message and date.")
    events = _events(backend)
    events.append(
        {
            "SourceIdentifier": cluster,
            "SourceType": "cluster",
            "Message": message,
            "EventCategories": [event.get("category", "management")],
            "Severity": event.get("severity", "INFO"),
            "Date": date,
            "EventId": event_id,
            "key": f"{date:%Y-%m-%dT%H:%M:%S.%f}#{len(events):08}",
        }
    )
    return {"events": len(events)}


def _parse_date(text: str) -> datetime:
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusalError(400, f"date: {error}") from error
    if date.tzinfo is None:
        raise RefusalError(400, f"date: {text} has no offset from UTC.")
    return date.astimezone(UTC)


def _events(backend: Any) -> list[dict[str, Any]]:
    """Kept on the backend, so that moto's own reset forgets them too."""
    events: list[dict[str, Any]] = backend.__dict__.setdefault("localcloud_events", [])
    return events
