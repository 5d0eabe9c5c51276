"""One run: its result and its log lines, clusters that fail, events and environments that are refused."""

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from common.errors import ConfigurationError, Rejected, TransientError
from redshift_maintenance_sync import handler as entry
from redshift_maintenance_sync.announcement import Announcement, Told
from redshift_maintenance_sync.model import (
    Alignment,
    Cluster,
    Deferment,
    EventKind,
    MaintenanceEvent,
    MaintenanceWindow,
    NotDeferrable,
    Place,
    State,
    Unavailable,
)
from redshift_maintenance_sync.settings import AnnouncementSettings, Settings

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
COMPLETED = datetime(2026, 11, 21, 6, 25, tzinfo=UTC)
END = datetime(2026, 12, 19, 5, 30, tzinfo=UTC)
TARGET = datetime(2026, 12, 19, 6, tzinfo=UTC)
EVENT = json.loads((ROOT / "tests/events/scheduled_event.json").read_text())
HOME = Place("123456789012", "us-east-1")
SETTINGS = {
    "selector": {"tags": {}, "opt_out_tag": "opt-out"},
    "schedule": {
        "mode": "interval",
        "day": "sat",
        "hour": 6,
        "minute": 0,
        "window_minutes": 30,
        "time_zone": "UTC",
        "deferment_days": 30,
        "deferment_cap_days": 45,
    },
    "groups": {},
    "regions": ["us-east-1"],
    "accounts": {},
    "alignment": "window",
    "foreign_deferments": "respect",
    "state_table": "states",
    "dry_run": False,
}


@dataclass
class FakeAws:
    """Stands in for the gateway: holds what it would read, notes what it is told; `errors` by (action, cluster)."""

    fleet: list[Cluster]
    errors: dict[tuple[str, str], Exception] = field(default_factory=dict)
    changes: list[tuple[str, str, object]] = field(default_factory=list)
    remembered: dict[str, dict[str, State]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    silent: dict[Place, Exception] = field(default_factory=dict)
    announcements: "FakeAnnouncements | None" = None

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(dict.fromkeys([HOME, *(cluster.place for cluster in self.fleet), *self.silent]))

    def clusters(self, place: Place) -> list[Cluster]:
        if place in self.silent:
            raise self.silent[place]
        return [cluster for cluster in self.fleet if cluster.place == place]

    def events(self, place: Place) -> dict[str, list[MaintenanceEvent]]:
        return {self.fleet[0].identifier: [MaintenanceEvent(EventKind.COMPLETED, COMPLETED)]} if self.fleet else {}

    def states(self, place: Place) -> dict[str, State]:
        self.reads.append("states")
        return self.remembered.get(place.scope, {})

    def set_window(self, cluster: Cluster, window: MaintenanceWindow) -> None:
        self._change("set_window", cluster.identifier, str(window))

    def defer(self, cluster: Cluster, deferment: Deferment) -> None:
        self._change("defer", cluster.identifier, deferment)

    def remember(self, cluster: Cluster, state: State) -> None:
        self._change("remember", cluster.identifier, state)

    def _change(self, action: str, cluster: str, what: object) -> None:
        if (action, cluster) in self.errors:
            raise self.errors[action, cluster]
        self.changes.append((action, cluster, what))

    def changes_of(self, *clusters: str) -> list[tuple[str, str, object]]:
        """In their order, cluster by cluster: clusters are changed side by side."""
        return [change for cluster in clusters for change in self.changes if change[1] == cluster]


@dataclass
class FakeAnnouncements:
    """Stands in for the topic, the bucket and what was told; `errors` by action."""

    errors: dict[str, Exception] = field(default_factory=dict)
    done: list[tuple[str, str]] = field(default_factory=list)
    remembered: dict[str, Told] = field(default_factory=dict)

    def told(self) -> dict[str, Told]:
        self._perhaps("told", "")
        return dict(self.remembered)

    def put_calendar(self, group: str, text: str) -> None:
        self._perhaps("put_calendar", group)

    def publish(self, announcement: Announcement, calendar: str) -> None:
        self._perhaps("publish", announcement.kind.value)

    def remember_told(self, group: str, told: Told) -> None:
        self._perhaps("remember_told", group)
        self.remembered[group] = told

    def _perhaps(self, action: str, what: str) -> None:
        if action in self.errors:
            raise self.errors[action]
        self.done.append((action, what))


@dataclass(frozen=True)
class Context:
    """What Powertools reads of the Lambda context."""

    function_name: str = "groundcrew-redshift-maintenance-sync"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:groundcrew-redshift-maintenance-sync"
    aws_request_id: str = "8a3c1b52-7d1e-4a0e-9d53-0c9a3f1f6a11"


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The JSON lines that were logged."""
    stream = io.StringIO()
    monkeypatch.setattr(entry.logger.registered_handler, "stream", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def fleet(make_cluster: Callable[..., Cluster]) -> list[Cluster]:
    return [make_cluster(name) for name in ("finance", "ops", "sales")]


def deferment(cluster: str) -> Deferment:
    return Deferment(f"groundcrew-{cluster}-20261219", NOW, END)


def all_changes(*clusters: str) -> list[tuple[str, str, object]]:
    return [change for cluster in clusters for change in _changes_of(cluster)]


def _changes_of(cluster: str) -> list[tuple[str, str, object]]:
    anchor = COMPLETED if cluster == "finance" else datetime(2026, 8, 24, 10, tzinfo=UTC)
    state = State(TARGET, anchor, "1.0.100", managed_since=NOW, changed=NOW, version=1)
    window = ("set_window", cluster, "sat:06:00-sat:06:30")
    return [window, ("defer", cluster, deferment(cluster)), ("remember", cluster, state)]


def test_brings_every_cluster_in_line(
    fleet: list[Cluster], make_settings: Callable[..., Settings], log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    aws = FakeAws(fleet[:1])
    result = entry.run(make_settings(), aws, NOW, "sync")
    assert json.loads(json.dumps(result)) == {
        "dry_run": False,
        "time": "2026-11-24T10:00:00Z",
        "places": [
            {"account": "123456789012", "region": "us-east-1", "outcome": "read", "reason": "1 clusters"},
        ],
        "clusters": [
            {
                "account": "123456789012",
                "region": "us-east-1",
                "cluster": "finance",
                "group": "default",
                "outcome": "changed",
                "reason": "window mon:03:00-mon:03:30 becomes sat:06:00-sat:06:30; deferred until 2026-12-19 05:30 "
                "UTC, maintenance is announced for 2026-12-19 06:00 UTC "
                "(at most 30 days after maintenance was completed 2026-11-21 06:25 UTC)",
                "phase": "maintained",
                "window": "sat:06:00-sat:06:30",
                "deferred_until": "2026-12-19T05:30:00Z",
                "announced": "2026-12-19T06:00:00Z",
            }
        ],
        "announcements": [],
    }
    assert aws.changes == all_changes("finance")
    cluster_line, run_line = log_lines()
    assert result["clusters"][0].items() <= cluster_line.items()
    assert cluster_line["level"] == "INFO"
    assert run_line["outcomes"] == {"changed": 1}


def test_a_dry_run_plans_the_same_and_changes_nothing(
    fleet: list[Cluster], make_settings: Callable[..., Settings]
) -> None:
    aws = FakeAws(fleet)
    planned = entry.run(make_settings(dry_run=True), aws, NOW, "sync")
    assert aws.changes == []
    assert planned["dry_run"] is True
    done = entry.run(make_settings(), aws, NOW, "sync")
    assert [{**row, "outcome": "changed"} for row in planned["clusters"]] == done["clusters"]
    assert {row["outcome"] for row in planned["clusters"]} == {"planned"}


def test_no_clusters_is_a_run_too(make_settings: Callable[..., Settings]) -> None:
    assert entry.run(make_settings(), FakeAws([]), NOW, "sync")["clusters"] == []


@pytest.mark.parametrize("action", ["set_window", "defer", "remember"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TransientError("ModifyCluster: Throttling: Rate exceeded"), "ModifyCluster: Throttling: Rate exceeded"),
        (RuntimeError("unforeseen"), "RuntimeError: unforeseen"),
    ],
)
def test_one_failing_cluster_does_not_stop_the_others(
    fleet: list[Cluster],
    make_settings: Callable[..., Settings],
    log_lines: Callable[[], list[dict[str, Any]]],
    action: str,
    error: Exception,
    reason: str,
) -> None:
    aws = FakeAws(fleet, {(action, "finance"): error})
    with pytest.raises(TransientError, match=r"1 of 3 clusters failed: 123456789012/us-east-1/finance") as caught:
        entry.run(make_settings(), aws, NOW, "sync")
    assert reason in str(caught.value)
    assert aws.changes_of("ops", "sales") == all_changes("ops", "sales")
    assert ("remember", "finance") not in {change[:2] for change in aws.changes}, "a state says what has been done"
    rows = [line for line in log_lines() if "outcome" in line]
    assert [(row["cluster"], row["outcome"], row["level"]) for row in rows] == [
        ("finance", "failed", "ERROR"),
        ("ops", "changed", "INFO"),
        ("sales", "changed", "INFO"),
    ]
    assert reason in rows[0]["reason"]


@pytest.mark.parametrize(
    ("action", "window", "deferred_until", "reason"),
    [
        ("set_window", "mon:03:00-mon:03:30", None, "it vanished"),
        ("defer", "sat:06:00-sat:06:30", None, "it vanished; the window was set to sat:06:00-sat:06:30 before"),
        (
            "remember",
            "sat:06:00-sat:06:30",
            "2026-12-19T05:30:00Z",
            "it vanished; the window was set to sat:06:00-sat:06:30 before; it was deferred until 2026-12-19T05:30:00Z "
            "before",
        ),
    ],
)
def test_a_cluster_that_cannot_be_changed_now_is_skipped(
    fleet: list[Cluster],
    make_settings: Callable[..., Settings],
    action: str,
    window: str,
    deferred_until: str | None,
    reason: str,
) -> None:
    aws = FakeAws(fleet, {(action, "ops"): Unavailable("it vanished")})
    finance, ops, sales = entry.run(make_settings(), aws, NOW, "sync")["clusters"]
    assert (finance["outcome"], ops["outcome"], sales["outcome"]) == ("changed", "skipped", "changed")
    assert ops["reason"] == reason
    assert (ops["window"], ops["deferred_until"]) == (window, deferred_until)
    assert ops["announced"] == (TARGET.strftime("%Y-%m-%dT%H:%M:%SZ") if deferred_until else None)


def test_where_redshift_insists_on_the_next_window_that_is_announced(
    fleet: list[Cluster], make_settings: Callable[..., Settings]
) -> None:
    """A cluster that was paused through the window after its deferment: that window cannot be deferred."""
    aws = FakeAws(fleet[:1], {("defer", "finance"): NotDeferrable("Redshift refuses the deferment: mandatory")})
    (row,) = entry.run(make_settings(), aws, NOW, "sync")["clusters"]
    expected = {
        "outcome": "skipped",
        "reason": "Redshift refuses the deferment: mandatory; maintenance is announced for 2026-11-28T06:00:00Z, the "
        "next window",
        "window": "sat:06:00-sat:06:30",
        "deferred_until": None,
        "announced": "2026-11-28T06:00:00Z",
    }
    assert {key: row[key] for key in expected} == expected
    due = State(datetime(2026, 11, 28, 6, tzinfo=UTC), COMPLETED, "1.0.100", managed_since=NOW, changed=NOW, version=1)
    assert aws.changes == [all_changes("finance")[0], ("remember", "finance", due)]


def test_a_deferment_that_cannot_be_moved_stays(
    make_cluster: Callable[..., Cluster], make_settings: Callable[..., Settings]
) -> None:
    later = Deferment("groundcrew-ops-20261226", NOW, END + timedelta(weeks=1))
    ops = make_cluster("ops", "sat:06:00-sat:06:30", deferments=(later,))
    sales = make_cluster("sales", "sat:06:00-sat:06:30", deferments=(deferment("sales"),))
    aws = FakeAws([ops, sales], {("defer", "ops"): NotDeferrable("it has started")})
    row, _ = entry.run(make_settings(), aws, NOW, "sync")["clusters"]
    assert (row["outcome"], row["reason"], row["announced"]) == ("skipped", "it has started", None)
    assert row["deferred_until"] == "2026-12-26T05:30:00Z"
    assert "ops" not in {change[1] for change in aws.changes}


def test_a_run_that_changes_nothing_only_reads(
    make_cluster: Callable[..., Cluster], make_settings: Callable[..., Settings]
) -> None:
    held = make_cluster(window="sat:06:00-sat:06:30", deferments=(deferment("sales"),))
    aws = FakeAws([held], remembered={HOME.scope: {"sales": State(TARGET, COMPLETED, "1.0.100", NOW, NOW, version=1)}})
    (row,) = entry.run(make_settings(), aws, NOW, "sync")["clusters"]
    expected = {
        "outcome": "unchanged",
        "phase": "deferred",
        "window": "sat:06:00-sat:06:30",
        "deferred_until": "2026-12-19T05:30:00Z",
        "announced": "2026-12-19T06:00:00Z",
    }
    assert {key: row[key] for key in expected} == expected
    assert aws.changes == []


@pytest.mark.parametrize("settings", [{"alignment": Alignment.SEED}, {"deferment_days": 0}])
def test_states_are_read_only_where_they_are_used(
    fleet: list[Cluster], make_settings: Callable[..., Settings], settings: dict[str, Any]
) -> None:
    aws = FakeAws(fleet)
    entry.run(make_settings(**settings), aws, NOW, "sync")
    assert aws.reads == []
    assert {change[0] for change in aws.changes} <= {"set_window", "defer"}


def test_clusters_are_changed_side_by_side(fleet: list[Cluster], make_settings: Callable[..., Settings]) -> None:
    """Or a thousand clusters would not fit the time that a function has."""
    together = threading.Barrier(len(fleet), timeout=10)

    class Slow(FakeAws):
        def set_window(self, cluster: Cluster, window: MaintenanceWindow) -> None:
            together.wait()  # breaks unless all of them come
            super().set_window(cluster, window)

    aws = Slow(fleet)
    entry.run(make_settings(), aws, NOW, "sync")
    assert aws.changes_of("finance", "ops", "sales") == all_changes("finance", "ops", "sales")


def test_a_run_writes_its_figures_even_if_it_fails(
    fleet: list[Cluster], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SETTINGS", json.dumps(SETTINGS))
    aws = FakeAws(fleet, {("defer", "ops"): TransientError("Throttling")})
    monkeypatch.setattr(entry, "gateway", lambda variables, account, name: aws if account == HOME.account else None)
    with pytest.raises(TransientError):
        entry.handler(EVENT, Context())
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert (line["ManagedClusters"], line["FailedClusters"]) == ([3.0], [1.0])


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ([], "is a JSON object, not []"),
        ("tick", "is a JSON object, not 'tick'"),
        (None, "is a JSON object, not None"),
        ({}, "source is None, not 'aws.events', detail-type is None, not 'Scheduled Event'"),
        ({**EVENT, "source": "aws.redshift"}, "source is 'aws.redshift', not 'aws.events'."),
        ({**EVENT, "detail-type": ["Scheduled Event"]}, "detail-type is ['Scheduled Event'], not 'Scheduled Event'."),
        ({"Records": [{"eventSource": "aws:sqs"}]}, "source is None"),
    ],
)
def test_refuses_a_malformed_event_before_it_reads_or_changes_anything(
    monkeypatch: pytest.MonkeyPatch, event: Any, message: str
) -> None:
    monkeypatch.setenv("SETTINGS", json.dumps(SETTINGS))
    entry.gateway.cache_clear()
    with pytest.raises(Rejected) as caught:
        entry.handler(event, Context())
    assert message in str(caught.value)
    assert "Nothing was changed." in str(caught.value)
    assert entry.gateway.cache_info().misses == 0  # no gateway, so no call


def test_accepts_the_scheduled_event() -> None:
    entry.check(EVENT)


def test_refuses_bad_settings_naming_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = {**SETTINGS["schedule"], "hour": 25}
    bad = {**SETTINGS, "schedule": schedule, "dry_run": "perhaps", "regionz": []}
    del bad["state_table"]
    monkeypatch.setenv("SETTINGS", json.dumps(bad))
    entry.gateway.cache_clear()
    with pytest.raises(ConfigurationError) as caught:
        entry.handler(EVENT, Context())
    assert str(caught.value) == (
        "The settings are wrong: regionz is not known; state_table is missing; schedule.hour is 25, a whole number "
        "from 0 to 23 is accepted; dry_run is 'perhaps', true or false is accepted."
    )
    assert entry.gateway.cache_info().misses == 0


# Announcements

ANNOUNCED = AnnouncementSettings("arn:aws:sns:us-east-1:123456789012:t", (14, 7, 1))


def test_a_new_date_is_announced_once(fleet: list[Cluster], make_settings: Callable[..., Settings]) -> None:
    aws = FakeAws(fleet, announcements=FakeAnnouncements())
    result = entry.run(make_settings(announcements=ANNOUNCED), aws, NOW, "sync")
    (told,) = result["announcements"]
    assert (told["group"], told["kind"]) == ("default", "scheduled")
    assert aws.announcements.done == [
        ("told", ""),
        ("put_calendar", "default"),
        ("publish", "scheduled"),
        ("remember_told", "default"),
    ]
    again = entry.run(make_settings(announcements=ANNOUNCED), aws, NOW, "sync")
    assert again["announcements"] == []


def test_a_dry_run_announces_nothing(fleet: list[Cluster], make_settings: Callable[..., Settings]) -> None:
    aws = FakeAws(fleet, announcements=FakeAnnouncements())
    entry.run(make_settings(announcements=ANNOUNCED, dry_run=True), aws, NOW, "sync")
    assert aws.announcements.done == []


@pytest.mark.parametrize("action", ["told", "put_calendar", "publish", "remember_told"])
def test_what_cannot_be_announced_fails_the_run_after_everything_else_was_done(
    fleet: list[Cluster], make_settings: Callable[..., Settings], action: str
) -> None:
    errors: dict[str, Exception] = {action: TransientError("Throttling: Rate exceeded")}
    aws = FakeAws(fleet, announcements=FakeAnnouncements(errors))
    with pytest.raises(TransientError, match=r"(nothing was announced|was not told in full): Throttling"):
        entry.run(make_settings(announcements=ANNOUNCED), aws, NOW, "sync")
    assert aws.changes_of("finance", "ops", "sales") == all_changes("finance", "ops", "sales")
    assert aws.announcements.remembered == {}, "so the next run tells it"


# Many places


def far(name: str, make_cluster: Callable[..., Cluster]) -> Cluster:
    return make_cluster(name, place=Place("210987654321", "eu-central-1"))


def test_clusters_of_all_places_share_one_date(
    make_cluster: Callable[..., Cluster], make_settings: Callable[..., Settings]
) -> None:
    aws = FakeAws([make_cluster("sales"), far("finance", make_cluster), far("sales", make_cluster)])
    result = entry.run(make_settings(), aws, NOW, "sync")
    rows = [(row["account"], row["region"], row["cluster"]) for row in result["clusters"]]
    assert rows == [
        ("123456789012", "us-east-1", "sales"),
        ("210987654321", "eu-central-1", "finance"),
        ("210987654321", "eu-central-1", "sales"),
    ]
    assert {row["announced"] for row in result["clusters"]} == {"2026-12-19T06:00:00Z"}


def test_a_place_that_does_not_answer_keeps_nothing_from_the_others(
    make_cluster: Callable[..., Cluster],
    make_settings: Callable[..., Settings],
    log_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    silent = Place("210987654321", "eu-central-1")
    aws = FakeAws([make_cluster("sales")], silent={silent: TransientError("DescribeClusters: ExpiredToken: expired")})
    with pytest.raises(TransientError) as caught:
        entry.run(make_settings(), aws, NOW, "sync")
    assert str(caught.value) == (
        "1 of 2 places failed: 210987654321/eu-central-1 (DescribeClusters: ExpiredToken: expired)"
    )
    assert [change[0] for change in aws.changes] == ["set_window", "defer", "remember"]
    (line,) = [line for line in log_lines() if line["message"] == "place"]
    assert (line["region"], line["outcome"], line["level"]) == ("eu-central-1", "failed", "ERROR")


def test_what_was_announced_at_a_silent_place_binds_its_group(
    make_cluster: Callable[..., Cluster], make_settings: Callable[..., Settings]
) -> None:
    """Or its clusters and the others would part for a cycle, because somebody could not be asked for an hour."""
    silent = Place("210987654321", "eu-central-1")
    target = datetime(2026, 12, 12, 6, tzinfo=UTC)
    there = {"finance": State(target, None, "1", NOW, NOW, version=1)}
    aws = FakeAws([make_cluster("sales")], remembered={silent.scope: there}, silent={silent: TransientError("gone")})
    with pytest.raises(TransientError):
        entry.run(make_settings(), aws, NOW, "sync")
    (deferred,) = [what for action, _, what in aws.changes if action == "defer"]
    assert deferred.end == target - timedelta(minutes=30)


def test_importing_touches_nothing() -> None:
    """No client, no connection, no settings, no log line: in a fresh interpreter with an empty environment."""
    program = """
import socket, botocore.session
def refuse(*_, **__): raise AssertionError("touched on import")
botocore.session.Session.create_client = socket.socket.connect = refuse
import redshift_maintenance_sync.handler
"""
    paths = {"PYTHONPATH": str(ROOT / "lambda_src")}
    done = subprocess.run([sys.executable, "-c", program], env=paths, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
