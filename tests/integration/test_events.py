"""EventBridge schedules: which ones are accepted, and what a tick delivers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.client import LocalCloud, LocalCloudError

Refusal = Callable[..., tuple[str, str]]
ACCOUNT = "123456789012"


@pytest.fixture
def events(cloud: LocalCloud) -> Any:
    return cloud.client("events")


@pytest.fixture
def rule(cloud: LocalCloud, events: Any, function_arn: str, name: str) -> str:
    """The name of a rule that fires every six hours at a function that admits it."""
    arn = events.put_rule(Name=name, ScheduleExpression="rate(6 hours)")["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": function_arn}])
    _permit(cloud, name, SourceArn=arn)
    return name


def _permit(cloud: LocalCloud, function: str, **arguments: str) -> None:
    cloud.client("lambda").add_permission(
        FunctionName=function,
        StatementId="Schedule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        **arguments,
    )


def _received(cloud: LocalCloud, function: str) -> list[Any]:
    assert cloud.wait_idle(30)
    return [item["result"] for item in cloud.invocations() if item["function"] == function]


def test_a_tick_delivers_the_event_of_a_schedule(cloud: LocalCloud, rule: str) -> None:
    ticked = cloud.tick(rule)
    (event,) = _received(cloud, rule)
    assert ticked == {"event_id": event["id"], "time": event["time"], "targets": 1}
    assert event == {
        "version": "0",
        "id": ticked["event_id"],
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": ticked["time"],
        "region": "us-east-1",
        "resources": [f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }
    fired = datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta() <= datetime.now(UTC) - fired < timedelta(minutes=1)


def test_a_tick_delivers_the_input_of_a_target(cloud: LocalCloud, events: Any, rule: str) -> None:
    (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
    events.put_targets(Rule=rule, Targets=[target | {"Input": '{"dry": true}'}])
    cloud.tick(rule)
    assert _received(cloud, rule) == [{"dry": True}]


def test_a_tick_reaches_an_alias_that_permits_it(cloud: LocalCloud, events: Any, rule: str) -> None:
    functions = cloud.client("lambda")
    version = functions.publish_version(FunctionName=rule)["Version"]
    alias = functions.create_alias(FunctionName=rule, Name="live", FunctionVersion=version)["AliasArn"]
    events.put_targets(Rule=rule, Targets=[{"Id": "function", "Arn": alias}])
    with pytest.raises(LocalCloudError, match=r"409 .*does not permit"):
        cloud.tick(rule)
    functions.add_permission(
        FunctionName=rule,
        Qualifier="live",
        StatementId="Alias",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceAccount=ACCOUNT,
    )
    cloud.tick(rule)
    assert len(_received(cloud, rule)) == 1


@pytest.mark.parametrize("change", ["disabled", "forbidden", "another rule permitted", "function gone"])
def test_a_tick_is_refused_where_aws_would_invoke_nothing(
    cloud: LocalCloud, events: Any, rule: str, change: str
) -> None:
    functions = cloud.client("lambda")
    match change:
        case "disabled":
            events.disable_rule(Name=rule)
        case "function gone":
            functions.delete_function(FunctionName=rule)
        case _:
            functions.remove_permission(FunctionName=rule, StatementId="Schedule")
    if change == "another rule permitted":
        _permit(cloud, rule, SourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{rule}-other")
    with pytest.raises(LocalCloudError, match=" 409 "):
        cloud.tick(rule)
    assert _received(cloud, rule) == []


def test_a_tick_needs_a_schedule(cloud: LocalCloud, events: Any, name: str) -> None:
    with pytest.raises(LocalCloudError, match=r"404 .*no rule"):
        cloud.tick(name)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.s3"]}))
    with pytest.raises(LocalCloudError, match=r"409 .*no schedule"):
        cloud.tick(name)
    with pytest.raises(LocalCloudError, match=r"404 .*no rule"):
        cloud.tick(name, region="eu-central-1")


@pytest.mark.parametrize("target", ["stream", "path"])
def test_a_tick_of_a_target_that_is_not_emulated_delivers_nothing(
    cloud: LocalCloud, events: Any, rule: str, target: str
) -> None:
    (existing,) = events.list_targets_by_rule(Rule=rule)["Targets"]
    stream = {"Id": "other", "Arn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/somewhere"}
    other = stream if target == "stream" else existing | {"Id": "other", "InputPath": "$.detail"}
    events.put_targets(Rule=rule, Targets=[other])
    with pytest.raises(LocalCloudError, match=r"501 .*does not emulate"):
        cloud.tick(rule)
    assert _received(cloud, rule) == []


@pytest.mark.parametrize(
    "schedule", ["rate(1 hour)", "rate(12 hours)", "rate(2 days)", "cron(0 6 * * ? *)", "cron(0 6 ? * MON-FRI *)"]
)
def test_a_schedule_of_aws_is_accepted(events: Any, name: str, schedule: str) -> None:
    events.put_rule(Name=name, ScheduleExpression=schedule)
    assert events.describe_rule(Name=name)["ScheduleExpression"] == schedule


@pytest.mark.parametrize(
    "schedule",
    [
        "rate(1 hours)",
        "rate(6 hour)",
        "rate(0 hours)",
        "rate(6hours)",
        "cron(0 6 * * * *)",
        "cron(0 6 * * ?)",
        "cron(60 6 * * ? *)",
        "daily",
    ],
)
def test_a_schedule_that_aws_cannot_read_is_refused(events: Any, refusal: Refusal, name: str, schedule: str) -> None:
    expected = ("ValidationException", "Parameter ScheduleExpression is not valid.")
    assert refusal(events.put_rule, Name=name, ScheduleExpression=schedule) == expected


def test_a_schedule_that_cannot_be_computed_is_refused_by_name(events: Any, refusal: Refusal, name: str) -> None:
    code, message = refusal(events.put_rule, Name=name, ScheduleExpression="cron(0 6 LW * ? *)")
    assert code == "NotImplemented"
    assert "events:PutRule" in message
    assert "LW" in message
    assert events.list_rules(NamePrefix=name)["Rules"] == []


def test_a_rule_has_at_most_five_targets(events: Any, refusal: Refusal, name: str) -> None:
    events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
    targets = [{"Id": f"t{n}", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q{n}"} for n in range(6)]
    events.put_targets(Rule=name, Targets=targets[:5])
    events.put_targets(Rule=name, Targets=targets[:5])
    assert refusal(events.put_targets, Rule=name, Targets=targets[5:])[0] == "LimitExceededException"
