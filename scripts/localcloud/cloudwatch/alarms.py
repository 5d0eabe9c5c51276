"""CloudWatch alarms: how one begins, when it is evaluated, and how its state changes.

API_PutMetricAlarm, API_SetAlarmState. What an evaluation says is in `evaluation.py`, what follows from a change in
`actions.py`. Anomaly detection and percentiles are stored and never evaluated.
"""

import heapq
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse

from localcloud import ACCOUNT_ID, clock, timeline
from localcloud.cloudwatch import actions, alarm_queries, history, metric_data, vended_metrics
from localcloud.cloudwatch.evaluation import boundary_after, evaluate
from localcloud.cloudwatch.message import State
from localcloud.cloudwatch.metrics import Metric, Point
from localcloud.cloudwatch.reason import reason, reason_data
from localcloud.cloudwatch.watched import Watched
from localcloud.extensions import AwsError, corrects

FORGOTTEN = (
    "EvaluationWindow",
    "WarmUpConfiguration",
    "EvaluationCriteria",
    "EvaluationInterval",
    "ActionConfiguration",
)
"""Parameters that moto does not know and would drop."""
moto_put_metric_alarm = CloudWatchResponse.put_metric_alarm
moto_set_alarm_state = CloudWatchResponse.set_alarm_state


@dataclass(slots=True)
class _Watch:
    """The evaluated alarms of one Region: what each watches, and when its state may change next (absent: never)."""

    alarms: dict[str, Watched] = field(default_factory=dict)
    names: dict[Metric, set[str]] = field(default_factory=dict)
    depths: set[Metric] = field(default_factory=set)
    due: dict[str, int] = field(default_factory=dict)
    queue: list[tuple[int, str]] = field(default_factory=list)

    def begin(self, name: str, watched: Watched) -> None:
        self.alarms[name] = watched
        for metric in watched.metrics:
            self.names.setdefault(metric, set()).add(name)
            if vended_metrics.is_queue_depth(metric):
                self.depths.add(metric)

    def end(self, name: str) -> None:
        watched = self.alarms.pop(name, None)
        self.due.pop(name, None)
        for metric in watched.metrics if watched else ():
            self.names[metric].discard(name)
            if not self.names[metric]:
                del self.names[metric]
                self.depths.discard(metric)

    def expect(self, name: str, moment: int) -> None:
        """Evaluate the alarm at `moment`, unless it is due before."""
        if moment < self.due.get(name, moment + 1):
            self.due[name] = moment
            heapq.heappush(self.queue, (moment, name))

    def first(self) -> tuple[int, str] | None:
        """The moment that is due first, and whose it is."""
        while self.queue and self.due.get(self.queue[0][1]) != self.queue[0][0]:
            heapq.heappop(self.queue)
        return self.queue[0] if self.queue else None


_lock = threading.RLock()


def install() -> None:
    """Let a new datapoint make the alarms on its metric due; harmless when repeated."""
    metric_data.listen(_on_point)


@corrects(CloudWatchResponse, "PutMetricAlarm")
def put_metric_alarm(self: Any) -> Any:
    """PutMetricAlarm: a new alarm begins as INSUFFICIENT_DATA; one that is put again keeps its state.

    A parameter that would be forgotten is refused.
    """
    _require_valid(self)
    name = self._get_param("AlarmName")
    with _lock:
        alarms = self.cloudwatch_backend.alarms
        before = alarms.get(name)
        answer = moto_put_metric_alarm(self)
        alarm, watch = alarms[name], _watch(self.region)
        if before is None:
            alarm.state_value, alarm.state_reason_data = "INSUFFICIENT_DATA", None
            alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
        else:
            for attribute in ("value", "reason", "reason_data", "updated_timestamp", "transitioned_timestamp"):
                setattr(alarm, f"state_{attribute}", getattr(before, f"state_{attribute}"))
        watch.end(name)
        if watched := Watched.of(alarm):
            watch.begin(name, watched)
            for metric in watched.metrics:
                vended_metrics.note_queue_depth(self.region, metric)
            watch.expect(name, _next_look(watched))
    return answer


@corrects(CloudWatchResponse, "SetAlarmState")
def set_alarm_state(self: Any) -> Any:
    """SetAlarmState: fires the actions of a transition; the next evaluation shows the true state again."""
    name = self._get_param("AlarmName")
    with _lock:
        alarm = self.cloudwatch_backend.alarms.get(name)
        old = State.of(alarm) if alarm else None
        answer = moto_set_alarm_state(self)  # refuses an alarm that does not exist
        if old:
            _has_changed(alarm, old)
        watch = _watch(self.region)
        if watched := watch.alarms.get(name):
            watch.expect(name, _next_look(watched))
    return answer


def _require_valid(self: Any) -> None:
    for parameter in FORGOTTEN:
        if self._get_param(parameter) is not None:
            raise NotImplementedError(f"the parameter {parameter}")
    evaluated, needed = int(self._get_param("EvaluationPeriods") or 0), self._get_param("DatapointsToAlarm")
    if not 1 <= int(needed or evaluated) <= evaluated:
        raise AwsError("ValidationError", "DatapointsToAlarm must be between 1 and EvaluationPeriods.")
    period = self._get_param("Period")
    if queries := self._get_param("Metrics"):
        alarm_queries.require_valid(queries, self._get_params())
        period = alarm_queries.period(queries)
    if period is None:
        return
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        raise AwsError("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")
    most, words = (604800, "7 days") if period >= 3600 else (86400, "a day")
    if period * evaluated > most:
        reason = f"Metrics cannot be checked across more than {words} (EvaluationPeriods * Period must be <= {most})."
        raise AwsError("ValidationError", reason)


def _on_point(region: str, metric: Metric, point: Point) -> None:
    """Evaluate the alarms on `metric` when the period of the datapoint ends, or soon if it has ended."""
    with _lock:
        watch = _watch(region)
        for name in watch.names.get(metric, ()):
            watched = watch.alarms[name]
            watch.expect(name, max(boundary_after(point.time, watched.threshold.period), _next_look(watched)))


def _next_look(watched: Watched) -> int:
    """When to look at an alarm that was put or set, or of which a datapoint came late; AWS looks every minute."""
    return boundary_after(clock.now().timestamp(), min(watched.threshold.period, 60))


def _next_due() -> datetime | None:
    with _lock:
        _note_queue_depths()
        moments = [first[0] for _, watch in _watches() if (first := watch.first())]
    return datetime.fromtimestamp(min(moments), UTC) if moments else None


def _run_due(until: datetime) -> None:
    with _lock:
        for region, watch in _watches():
            while (first := watch.first()) and first[0] <= until.timestamp():
                moment, name = first
                _evaluate(region, watch, name, moment)


def _evaluate(region: str, watch: _Watch, name: str, moment: int) -> None:
    alarm = cloudwatch_backends[ACCOUNT_ID][region].alarms.get(name)
    if alarm is None:
        watch.end(name)
        return
    watched = watch.alarms[name]
    threshold = watched.threshold
    boundary = moment // threshold.period * threshold.period
    sight = watched.look(metric_data.store(region), boundary)
    verdict = evaluate(threshold, sight.values, boundary)
    if verdict.state and verdict.state != alarm.state_value:
        old = State.of(alarm)
        data = reason_data(threshold, verdict, moment, watched.single, sight.points)
        alarm.update_state(reason(threshold, verdict), data, verdict.state)
        alarm.state_updated_timestamp = datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
        _has_changed(alarm, old)
    del watch.due[name]
    if sight.next_change:
        watch.expect(name, sight.next_change)


def _has_changed(alarm: Any, old: State) -> None:
    """Follow up a change of state: nothing when it is the same state with another reason."""
    new = State.of(alarm)
    if new.value != old.value:
        alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
        history.note_state(alarm, old, new)
        actions.fire(alarm, old, new)


def _note_queue_depths() -> None:
    """Nobody tells when a queue's depth changes, so the watched ones are looked at whenever time may move."""
    for region, watch in _watches():
        for metric in watch.depths:
            vended_metrics.note_queue_depth(region, metric)


ALARMS = timeline.Source("alarms", _next_due, _run_due)
"""The alarms of every Region on the timeline."""


def _watches() -> Iterator[tuple[str, _Watch]]:
    for region in list(cloudwatch_backends[ACCOUNT_ID]):
        yield region, _watch(region)


def _watch(region: str) -> _Watch:
    """Kept on the backend, so that moto's own reset forgets it too."""
    watch: _Watch = cloudwatch_backends[ACCOUNT_ID][region].__dict__.setdefault("localcloud_alarms", _Watch())
    return watch
