"""The clock of the local cloud: where it begins, how it moves, and everything that follows it."""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from localcloud import admin, server, timeline
from localcloud.client import LocalCloud, LocalCloudError
from localcloud.functions import invocations

BEGIN = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SLACK = timedelta(seconds=30)
"""How much time may pass by itself within a test."""

WATCH = """
import subprocess, sys, time
from datetime import datetime, timezone

def now(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat()

calls = 0

def handler(event, context):
    global calls
    calls += 1
    if event.get("fail"):
        raise ValueError("not today")
    child = None
    if event.get("child"):
        code = "from datetime import datetime, timezone; print(datetime.now(timezone.utc).isoformat())"
        child = subprocess.check_output([sys.executable, "-c", code], text=True).strip()
    return {
        "calls": calls,
        "datetime": datetime.now(timezone.utc).isoformat(),
        "time": now(time.time()),
        "monotonic": time.monotonic(),
        "left": context.get_remaining_time_in_millis(),
        "scheduled": event.get("time"),
        "rule": (event.get("resources") or [None])[0],
        "child": child,
    }
"""


@pytest.fixture
def cloud(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """A local cloud of this test's own, at six in the morning of 24 November 2026."""
    with LocalCloud.start(environment=runtimes, time=BEGIN) as running:
        yield running


@pytest.fixture(scope="module")
def still(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """A local cloud that begins then, too, for the tests that fail to move its clock."""
    with LocalCloud.start(environment=runtimes, time=BEGIN) as running:
        yield running


@pytest.fixture
def watch(cloud: LocalCloud, name: str, deploy: Callable[..., str]) -> str:
    """The ARN of a function that returns the times it sees."""
    return deploy(cloud, name, WATCH)


Schedule = Callable[..., str]


@pytest.fixture
def schedule(cloud: LocalCloud, watch: str, name: str) -> Schedule:
    """Puts a rule that invokes the watch; returns the rule's name."""

    def put(rule: str, expression: str, *, permitted: bool = True, **target: Any) -> str:
        events = cloud.client("events")
        arn = events.put_rule(Name=rule, ScheduleExpression=expression)["RuleArn"]
        events.put_targets(Rule=rule, Targets=[{"Id": "watch", "Arn": watch, **target}])
        if permitted:
            cloud.client("lambda").add_permission(
                FunctionName=name,
                StatementId=rule,
                Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com",
                SourceArn=arn,
            )
        return rule

    return put


def seen(cloud: LocalCloud) -> list[dict[str, Any]]:
    """What the watch returned at each invocation."""
    return [item["result"] for item in cloud.invocations() if item["status"] == "ok"]


def look(cloud: LocalCloud, name: str, **event: Any) -> dict[str, Any]:
    answer = cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    result: dict[str, Any] = json.load(answer["Payload"])
    return result


def assert_about(moment: datetime | str, expected: datetime) -> None:
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    assert timedelta(seconds=-1) < found - expected < SLACK, f"{found} is not about {expected}"


def test_begins_where_it_is_told_to_and_time_passes(cloud: LocalCloud) -> None:
    first, second = cloud.now(), cloud.now()
    assert_about(first, BEGIN)
    assert second > first


def test_begins_at_the_time_of_the_machine_otherwise() -> None:
    with LocalCloud.start() as cloud:
        assert_about(cloud.now(), datetime.now(UTC))


def test_a_time_without_an_offset_is_refused_at_the_start() -> None:
    with pytest.raises(LocalCloudError, match="no offset from UTC"):
        LocalCloud.start(time=datetime(2026, 11, 24, 6))  # noqa: DTZ001 - which is refused


def test_moves_to_a_moment_and_by_a_duration(cloud: LocalCloud) -> None:
    assert_about(cloud.advance(BEGIN + 40 * DAY), BEGIN + 40 * DAY)
    assert_about(cloud.advance(2 * HOUR), BEGIN + 40 * DAY + 2 * HOUR)
    assert_about(cloud.now(), BEGIN + 40 * DAY + 2 * HOUR)


def test_never_moves_backwards(still: LocalCloud) -> None:
    before = still.now()
    for target in (BEGIN - DAY, -HOUR):
        with pytest.raises(LocalCloudError, match=r" 409 .*Time runs forwards only: it is 2026-11-24T06:.*--time"):
            still.advance(target)
    assert_about(still.now(), before)


@pytest.mark.parametrize(
    "body",
    [
        {"to": "2027-01-01T00:00:00"},
        {"to": "tomorrow"},
        {"to": 7},
        {"by_seconds": "long"},
        {"by_seconds": 1e15},
        {"to": "2027-01-01T00:00:00Z", "by_seconds": 1},
        {"by_seconds": 1, "within_seconds": None},
        {},
        [],
    ],
)
def test_what_is_no_time_is_refused(still: LocalCloud, body: Any) -> None:
    before = still.now()
    with pytest.raises(LocalCloudError, match=" 400 "):
        still._call("POST", "clock", body=body)
    assert_about(still.now(), before)


def test_what_moto_stamps_follows(cloud: LocalCloud, name: str) -> None:
    cloud.advance(100 * DAY)
    now = BEGIN + 100 * DAY
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]
    assert_about(role["CreateDate"], now)
    s3, logs, sqs = cloud.client("s3"), cloud.client("logs"), cloud.client("sqs")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="key", Body=b"")
    assert_about(s3.head_object(Bucket=name, Key="key")["LastModified"], now)
    logs.create_log_group(logGroupName=name)
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert_about(datetime.fromtimestamp(group["creationTime"] / 1000, UTC), now)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=url, AttributeNames=["SentTimestamp"])["Messages"]
    assert_about(datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC), now)
    with urllib.request.urlopen(f"{cloud.endpoint}/_localcloud/health", timeout=10) as response:  # noqa: S310
        assert_about(datetime.strptime(response.headers["Date"], "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=UTC), now)


def test_a_warm_function_follows_across_a_jump(cloud: LocalCloud, watch: str, name: str) -> None:
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    before = look(cloud, name)
    cloud.advance(100 * DAY)
    after = look(cloud, name, child=True)
    for clock in ("datetime", "time"):
        assert_about(before[clock], BEGIN)
        assert_about(after[clock], BEGIN + 100 * DAY)
    assert_about(after["child"], BEGIN + 100 * DAY)
    assert (before["calls"], after["calls"]) == (1, 2), "the environment was started anew"
    assert 0 < after["monotonic"] - before["monotonic"] < SLACK.total_seconds()
    assert 0 < after["left"] <= 3000
    lines = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert_about(datetime.fromtimestamp(lines[0]["timestamp"] / 1000, UTC), BEGIN)
    assert_about(datetime.fromtimestamp(lines[-1]["timestamp"] / 1000, UTC), BEGIN + 100 * DAY)


def test_a_rate_fires_by_itself_at_its_times(cloud: LocalCloud, schedule: Schedule) -> None:
    schedule("six", "rate(6 hours)")
    put = cloud.now()
    cloud.advance(2 * DAY)
    times = [datetime.fromisoformat(item["scheduled"]) for item in seen(cloud)]
    assert len(times) == 8
    assert_about(times[0], put.replace(microsecond=0) + 6 * HOUR - SLACK / 10)
    assert {later - earlier for earlier, later in pairwise(times)} == {6 * HOUR}
    for item in seen(cloud):
        assert_about(item["datetime"], datetime.fromisoformat(item["scheduled"]))
    assert [item["calls"] for item in seen(cloud)] == list(range(1, 9))


def test_rules_interleave_in_order(cloud: LocalCloud, schedule: Schedule) -> None:
    schedule("nine", "cron(0 9 * * ? *)")
    schedule("five", "cron(0 5,17 ? * WED-FRI *)")
    cloud.advance(datetime(2026, 11, 27, tzinfo=UTC))
    fired = [(item["rule"].rsplit("/", 1)[1], item["scheduled"]) for item in seen(cloud)]
    assert fired == [
        ("nine", "2026-11-24T09:00:00Z"),
        ("five", "2026-11-25T05:00:00Z"),
        ("nine", "2026-11-25T09:00:00Z"),
        ("five", "2026-11-25T17:00:00Z"),
        ("five", "2026-11-26T05:00:00Z"),
        ("nine", "2026-11-26T09:00:00Z"),
        ("five", "2026-11-26T17:00:00Z"),
    ]


def test_what_is_due_soon_happens_without_anybody_moving_time(cloud: LocalCloud, schedule: Schedule) -> None:
    schedule("eight", "cron(0 8 * * ? *)")
    cloud.advance(BEGIN + 2 * HOUR - timedelta(seconds=2))
    assert seen(cloud) == []
    deadline = BEGIN + 2 * HOUR + SLACK
    while not seen(cloud) and cloud.now() < deadline:
        time.sleep(0.05)
    assert [item["scheduled"] for item in seen(cloud)] == ["2026-11-24T08:00:00Z"]


@pytest.mark.parametrize("end", ["disabled", "put disabled", "deleted", "reset"])
def test_a_rule_that_has_ended_does_not_fire(cloud: LocalCloud, schedule: Schedule, end: str) -> None:
    events = cloud.client("events")
    schedule("rule", "rate(6 hours)")
    cloud.advance(7 * HOUR)
    match end:
        case "disabled":
            events.disable_rule(Name="rule")
        case "put disabled":
            events.put_rule(Name="rule", ScheduleExpression="rate(6 hours)", State="DISABLED")
        case "deleted":
            events.remove_targets(Rule="rule", Ids=["watch"])
            events.delete_rule(Name="rule")
        case "reset":
            request = urllib.request.Request(f"{cloud.endpoint}/moto-api/reset", method="POST")  # noqa: S310
            urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    cloud.advance(DAY)
    assert len(seen(cloud)) == 1


@pytest.mark.parametrize(
    ("change", "hours"),
    [("put again", 6), ("enabled again", 6), ("enabled anew", 10), ("other schedule", 7), ("put after deletion", 10)],
)
def test_a_schedule_begins_anew_only_when_it_changes(
    cloud: LocalCloud, schedule: Schedule, change: str, hours: int
) -> None:
    events = cloud.client("events")
    schedule("rule", "rate(6 hours)")
    cloud.advance(BEGIN + 4 * HOUR)
    match change:
        case "put again":
            events.put_rule(Name="rule", ScheduleExpression="rate(6 hours)", Description="better explained")
        case "enabled again":
            events.enable_rule(Name="rule")
        case "enabled anew":
            events.disable_rule(Name="rule")
            events.enable_rule(Name="rule")
        case "other schedule":
            events.put_rule(Name="rule", ScheduleExpression="rate(3 hours)")
        case "put after deletion":
            events.remove_targets(Rule="rule", Ids=["watch"])
            events.delete_rule(Name="rule")
            schedule("rule", "rate(6 hours)", permitted=False)
    cloud.advance(BEGIN + 11 * HOUR)
    assert_about(seen(cloud)[0]["scheduled"], BEGIN + hours * HOUR)


@pytest.mark.parametrize(
    ("fault", "code"), [("not permitted", "NO_PERMISSIONS"), ("function gone", "NO_RESOURCE"), ("no queue", "")]
)
def test_what_cannot_be_delivered_is_kept_and_time_goes_on(
    runtimes: dict[str, str], tmp_path: Any, name: str, deploy: Callable[..., str], fault: str, code: str
) -> None:
    log = tmp_path / "server.log"
    with LocalCloud.start(environment=runtimes, time=BEGIN, log=log) as cloud:
        arn = deploy(cloud, name)
        events, sqs = cloud.client("events"), cloud.client("sqs")
        rule = events.put_rule(Name=name, ScheduleExpression="cron(0 12 * * ? *)")["RuleArn"]
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = {"Version": "2012-10-17", "Statement": [] if fault == "no queue" else [statement]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        events.put_targets(Rule=name, Targets=[{"Id": "f", "Arn": arn, "DeadLetterConfig": {"Arn": queue}}])
        if fault == "function gone":
            cloud.client("lambda").delete_function(FunctionName=name)
        assert_about(cloud.advance(BEGIN + DAY), BEGIN + DAY)
        assert cloud.invocations() == []
        messages = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", [])
    assert f"{rule} failed at 2026-11-24T12:00:00Z" in log.read_text()
    if fault == "no queue":
        assert messages == []
        assert f"lost, {queue} does not permit events.amazonaws.com" in log.read_text()
        return
    (message,) = messages
    assert json.loads(message["Body"])["time"] == "2026-11-24T12:00:00Z"
    attributes = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert attributes.pop("ERROR_MESSAGE")
    assert attributes == {"RULE_ARN": rule, "TARGET_ARN": arn, "ERROR_CODE": code}


def test_a_target_that_is_not_emulated_is_an_error_and_time_can_go_on(cloud: LocalCloud, schedule: Schedule) -> None:
    schedule("odd", "cron(0 12 * * ? *)", InputPath="$.detail")
    schedule("even", "cron(0 12 * * ? *)")
    with pytest.raises(LocalCloudError, match=r" 501 .*does not emulate the target .*InputPath"):
        cloud.advance(BEGIN + 12 * HOUR)
    assert_about(cloud.now(), BEGIN + 6 * HOUR)
    cloud.advance(BEGIN + 12 * HOUR)
    assert [item["rule"].rsplit("/", 1)[1] for item in seen(cloud)] == ["even"]


def test_retries_end_before_time_goes_on(runtimes: dict[str, str], name: str, deploy: Callable[..., str]) -> None:
    with LocalCloud.start(environment={**runtimes, "LOCALCLOUD_RETRY_SECONDS": "0.3"}, time=BEGIN) as cloud:
        deploy(cloud, name, WATCH)
        cloud.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"fail": true}')
        cloud.advance(DAY)
        assert [item["attempt"] for item in cloud.invocations()] == [1, 2, 3]


def test_progress_hears_of_every_stage(cloud: LocalCloud, schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localcloud.client.ADVANCE_SECONDS", 0.0)
    schedule("six", "rate(6 hours)")
    stages: list[datetime] = []
    assert cloud.advance(DAY, progress=stages.append) == stages[-1]
    assert len(stages) > 4
    assert stages == sorted(stages)
    assert len(seen(cloud)) == 4


def test_has_no_option_for_a_time_that_cannot_be_read() -> None:
    command = [sys.executable, "-m", "localcloud", "--time", "soon"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": "scripts"})
    assert result.returncode == 2
    assert "invalid" in result.stderr


def test_a_failure_of_what_was_due_is_answered_and_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(timeline, "_sources", [timeline.Source("windows", _fail, _fail)])
    builder = EnvironBuilder("/_localcloud/clock", method="POST", json={"by_seconds": 3600})
    response = admin.respond(builder.get_environ())
    assert response.status_code == 500
    assert response.get_json() == {"error": "ValueError: a window that cannot be read"}
    assert "in _fail" in capsys.readouterr().err


def test_a_failure_as_time_passes_is_reported_until_it_repeats_and_time_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = threading.Event()
    outcomes = [_fail, _fail, _fail, lambda: None, _fail, ending.set]
    monkeypatch.setattr(server, "DUE_POLL_SECONDS", 0)
    monkeypatch.setattr(timeline, "run_due", lambda: outcomes.pop(0)())
    server._pass_time(ending)
    assert outcomes == []
    assert capsys.readouterr().err.count("Traceback") == 2


def test_an_event_that_never_ends_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:endless"
    monkeypatch.setattr(invocations, "_pending", {"request-7": (arn, time.monotonic() - invocations.STUCK_SECONDS - 1)})
    with pytest.raises(RuntimeError, match=f"request-7 for {arn} has been queued or running for 276"):
        invocations.settle(0)
    monkeypatch.setattr(invocations, "_pending", {"request-7": (arn, time.monotonic())})
    assert not invocations.settle(0)


def _fail() -> None:
    raise ValueError("a window that cannot be read")
