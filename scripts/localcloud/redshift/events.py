"""Redshift's event log: DescribeEvents over what maintenance and the admin endpoint record (API_DescribeEvents)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.redshift.responses import RedshiftResponse

from localcloud.extensions import AwsError, adds
from localcloud.paging import page
from localcloud.redshift.cluster_maintenance import MaintenanceEvent
from localcloud.redshift.event_log import RETENTION, key, log, record
from localcloud.redshift.maintenance import caught_up, existing
from localcloud.refusal import RefusalError

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
    with caught_up() as now:
        start, end = _requested_interval(self, now)
        found = [
            event
            for event in log(self.redshift_backend).events
            if start <= event["Date"] <= end
            and (source, kind) in ((None, None), (event["SourceIdentifier"], "cluster"))
        ]
    maximum, marker = self._get_int_param("MaxRecords"), self._get_param("Marker")
    return ActionResult(page(found, key, "Events", maximum, marker))


def _requested_interval(self: Any, now: datetime) -> tuple[datetime, datetime]:
    start, end = self._get_param("StartTime"), self._get_param("EndTime")
    minutes = self._get_int_param("Duration")
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


def add(cluster: str, event: Any, *, account: str, region: str) -> Mapping[str, Any]:
    """Add an event of `cluster`: event_id, message and date (ISO 8601 with an offset), category, severity.

    Returns how many are kept. Raises RefusalError 404 for a cluster that does not exist, 400 for a body that is not
    such an event.
    """
    match event:
        case {"event_id": str(event_id), "message": str(message), "date": str(text)}:
            at = _parse_date(text)
        case _:
            raise RefusalError(400, "An event needs the strings event_id, message and date.")
    category, severity = event.get("category", "management"), event.get("severity", "INFO")
    with caught_up() as now:
        backend = existing(cluster, account=account, region=region).redshift_backend
        record(backend, cluster, MaintenanceEvent(event_id, at, message, category, severity), now)
        return {"events": len(log(backend).events)}


def _parse_date(text: str) -> datetime:
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusalError(400, f"date: {error}") from error
    if date.tzinfo is None:
        raise RefusalError(400, f"date: {text} has no offset from UTC.")
    return date.astimezone(UTC)
