"""Alarms on a cloud of their own, whose clock moves: from a datapoint to what a topic delivers, and back to OK."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployment import admit, create_function, permit, zipped
from localcloud.client import LocalCloud

ACCOUNT = "123456789012"
PERIOD = timedelta(minutes=5)
START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MEASURE = """
import json, time

def handler(event, context):
    metrics = {"Namespace": "Groundcrew", "Dimensions": [["cluster"]], "Metrics": [{"Name": "drift", "Unit": "Count"}]}
    document = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]}
    print(json.dumps({"cluster": context.function_name, "drift": event["drift"], "_aws": document}))
"""
FAIL = "def handler(event, context):\n    raise ValueError('not today')\n"
Refusal = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("alarms") / "stderr"


@pytest.fixture(scope="module")
def running(runtimes: dict[str, str], log: Path) -> Iterator[LocalCloud]:
    environment = {**runtimes, "LOCALCLOUD_RETRY_SECONDS": "0.05,0.05"}
    with LocalCloud.start(environment=environment, time=START, log=log) as cloud:
        yield cloud


@pytest.fixture
def cloud(running: LocalCloud) -> LocalCloud:
    """The cloud at the beginning of a period: no test comes near its end, except by moving the clock."""
    pass_periods(running, 1)
    return running


@pytest.fixture
def cloudwatch(cloud: LocalCloud) -> Any:
    return cloud.client("cloudwatch")


@pytest.fixture
def queue(cloud: LocalCloud, name: str) -> str:
    """The URL of a queue that the topic of `topic` fills."""
    return str(cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"])


@pytest.fixture
def topic(cloud: LocalCloud, queue: str, name: str) -> str:
    """The ARN of a topic that delivers to a queue of the test's name."""
    sns = cloud.client("sns")
    arn = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=admit(cloud, queue, "sns.amazonaws.com", arn))
    return str(arn)


def pass_periods(cloud: LocalCloud, number: int) -> None:
    """Go on to the end of the `number`th period from now."""
    ended = timedelta(seconds=cloud.now().timestamp() // PERIOD.total_seconds() * PERIOD.total_seconds())
    cloud.advance(datetime.fromtimestamp(0, UTC) + ended + number * PERIOD)


def put_alarm(cloudwatch: Any, name: str, **changes: Any) -> None:
    """Above zero in one period of five minutes is an alarm on the metric `drift` of the cluster `name`."""
    alarm = {
        "AlarmName": name,
        "Namespace": "Groundcrew",
        "MetricName": "drift",
        "Dimensions": [{"Name": "cluster", "Value": name}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
    } | changes
    cloudwatch.put_metric_alarm(**{key: value for key, value in alarm.items() if value is not None})


def publish(cloudwatch: Any, name: str, value: float) -> None:
    datum = {"MetricName": "drift", "Dimensions": [{"Name": "cluster", "Value": name}], "Value": value}
    cloudwatch.put_metric_data(Namespace="Groundcrew", MetricData=[datum])


def described(cloudwatch: Any, name: str) -> dict[str, Any]:
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(alarm)


def state(cloudwatch: Any, name: str) -> str:
    return str(described(cloudwatch, name)["StateValue"])


def history(cloudwatch: Any, name: str, kind: str) -> list[str]:
    """The summaries of the alarm's history, oldest first."""
    found = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType=kind, ScanBy="TimestampAscending")
    return [item["HistorySummary"] for item in found["AlarmHistoryItems"]]


def received(cloud: LocalCloud, queue: str) -> list[dict[str, Any]]:
    """The notifications in the queue, which are taken out of it."""
    sqs = cloud.client("sqs")
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def _deploy(cloud: LocalCloud, name: str, source: str) -> str:
    """Deploy a function with a log group; returns its ARN."""
    cloud.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
    return create_function(cloud, name, zipped(source), "payload.handler")


def events_of(cloud: LocalCloud, function: str) -> list[Any]:
    """What a function that returns its event was invoked with."""
    assert cloud.wait_idle(30)
    return [item["result"] for item in cloud.invocations() if item["function"] == function]


def test_a_logged_metric_raises_the_alarm_which_notifies_a_queue_and_a_function_and_recovers(
    cloud: LocalCloud, cloudwatch: Any, topic: str, queue: str, name: str, deploy: Callable[[LocalCloud, str], str]
) -> None:
    measure, listener = f"{name}-measure", f"{name}-listener"
    _deploy(cloud, measure, MEASURE)
    listener_arn = deploy(cloud, listener)
    permit(cloud, listener, "sns.amazonaws.com", topic)
    subscription = cloud.client("sns").subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=listener_arn, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    put_alarm(
        cloudwatch,
        name,
        AlarmDescription="Clusters have drifted.",
        Dimensions=[{"Name": "cluster", "Value": measure}],
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
        OKActions=[topic],
    )
    assert state(cloudwatch, name) == "INSUFFICIENT_DATA"
    measured = cloud.now()
    cloud.client("lambda").invoke(FunctionName=measure, Payload=b'{"drift": 2}')
    pass_periods(cloud, 1)
    assert state(cloudwatch, name) == "ALARM"
    begin = measured - (measured - START) % PERIOD
    ended = begin + PERIOD
    beforehand, notification = received(cloud, queue)
    # The first evaluation, within a minute, found no data: not breaching.
    assert beforehand["Subject"] == f'OK: "{name}" in US East (N. Virginia)'
    assert notification["Type"] == "Notification"
    assert notification["Subject"] == f'ALARM: "{name}" in US East (N. Virginia)'
    message = json.loads(notification["Message"])
    updated = message.pop("AlarmConfigurationUpdatedTimestamp")
    assert datetime.strptime(updated, "%Y-%m-%dT%H:%M:%S.%f%z") == pytest.approx(measured, abs=timedelta(minutes=1))
    reason = (
        f"Threshold Crossed: 1 out of the last 1 datapoints [2.0 ({begin:%d/%m/%y %H:%M:%S})] was greater than the "
        "threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert message == {
        "AlarmName": name,
        "AlarmDescription": "Clusters have drifted.",
        "AWSAccountId": ACCOUNT,
        "NewStateValue": "ALARM",
        "NewStateReason": reason,
        "StateChangeTime": f"{ended:%Y-%m-%dT%H:%M:%S}.000+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}",
        "OldStateValue": "OK",
        "OKActions": [topic],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "drift",
            "Namespace": "Groundcrew",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"value": measure, "name": "cluster"}],
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }
    _, event = events_of(cloud, listener)
    (record,) = event["Records"]
    notified = record.pop("Sns")
    assert record == {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription}
    assert notified.keys() == {
        "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature",
        "SigningCertUrl", "UnsubscribeUrl", "MessageAttributes",
    }  # fmt: skip
    same = ("Type", "MessageId", "TopicArn", "Subject", "Message")
    assert {key: notified[key] for key in same} == {key: notification[key] for key in same}
    assert notified["MessageAttributes"] == {}
    alarm = described(cloudwatch, name)
    assert (alarm["StateReason"], alarm["StateUpdatedTimestamp"]) == (reason, ended)
    assert alarm["StateTransitionedTimestamp"] == ended
    assert json.loads(alarm["StateReasonData"])["recentDatapoints"] == [2.0]

    cloud.client("lambda").invoke(FunctionName=measure, Payload=b'{"drift": 0}')
    pass_periods(cloud, 1)
    assert state(cloudwatch, name) == "OK"
    (notification,) = received(cloud, queue)
    assert json.loads(notification["Message"])["OldStateValue"] == "ALARM"
    assert history(cloudwatch, name, "StateUpdate") == [
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]
    assert history(cloudwatch, name, "Action") == [f"Successfully executed action {topic}"] * 3
    pass_periods(cloud, 50)
    assert received(cloud, queue) == []


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [(None, "INSUFFICIENT_DATA"), ("ignore", "INSUFFICIENT_DATA"), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_without_any_data_the_treatment_of_missing_data_decides(
    cloud: LocalCloud, cloudwatch: Any, name: str, treatment: str | None, expected: str
) -> None:
    put_alarm(cloudwatch, name, TreatMissingData=treatment)
    alarm = described(cloudwatch, name)
    assert (alarm["StateValue"], alarm["StateReason"]) == ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    pass_periods(cloud, 3)
    assert state(cloudwatch, name) == expected


def test_two_of_three(cloud: LocalCloud, cloudwatch: Any, name: str) -> None:
    put_alarm(cloudwatch, name, EvaluationPeriods=3, DatapointsToAlarm=2)
    states = []
    for value in (0, 0, 1, 0, 1, 0, 0, 1, 1):
        publish(cloudwatch, name, value)
        pass_periods(cloud, 1)
        states.append(state(cloudwatch, name))
    assert states == ["OK", "OK", "OK", "OK", "ALARM", "OK", "OK", "OK", "ALARM"]


def test_data_that_stop_leave_an_alarm_without_sufficient_data(cloud: LocalCloud, cloudwatch: Any, name: str) -> None:
    put_alarm(cloudwatch, name)
    publish(cloudwatch, name, 1)
    states = []
    for _ in range(5):
        pass_periods(cloud, 1)
        states.append(state(cloudwatch, name))
    # Two more periods than the one that is evaluated are looked at.
    assert states == ["ALARM", "ALARM", "ALARM", "INSUFFICIENT_DATA", "INSUFFICIENT_DATA"]
    assert described(cloudwatch, name)["StateReason"] == "Insufficient Data: 1 datapoint was unknown."


def test_a_datapoint_that_arrives_late_still_counts(cloud: LocalCloud, cloudwatch: Any, name: str) -> None:
    put_alarm(cloudwatch, name)
    pass_periods(cloud, 2)
    datum = {"MetricName": "drift", "Dimensions": [{"Name": "cluster", "Value": name}], "Value": 1}
    datum["Timestamp"] = cloud.now() - 1.5 * PERIOD
    cloudwatch.put_metric_data(Namespace="Groundcrew", MetricData=[datum])
    cloud.advance(cloud.now() + timedelta(minutes=1))
    assert state(cloudwatch, name) == "ALARM"


def test_an_alarm_on_one_metric_query_is_evaluated(cloud: LocalCloud, cloudwatch: Any, name: str) -> None:
    metric = {"Namespace": "Groundcrew", "MetricName": "drift", "Dimensions": [{"Name": "cluster", "Value": name}]}
    query = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": True}
    bare = dict.fromkeys(("Namespace", "MetricName", "Dimensions", "Statistic", "Period"))
    put_alarm(cloudwatch, name, Metrics=[query], **bare)
    publish(cloudwatch, name, 1)
    pass_periods(cloud, 1)
    assert state(cloudwatch, name) == "ALARM"


def test_a_failing_function_trips_an_alarm_on_its_errors(cloud: LocalCloud, cloudwatch: Any, name: str) -> None:
    _deploy(cloud, name, FAIL)
    dimensions = [{"Name": "FunctionName", "Value": name}]
    put_alarm(cloudwatch, name, Namespace="AWS/Lambda", MetricName="Errors", Dimensions=dimensions)
    begin = cloud.now()
    cloud.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    assert cloud.wait_idle(30)
    pass_periods(cloud, 1)
    assert state(cloudwatch, name) == "ALARM"
    sums = {
        metric: cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=dimensions,
            StartTime=begin,
            EndTime=cloud.now(),
            Period=300,
            Statistics=["Sum"],
        )["Datapoints"][0]["Sum"]
        for metric in ("Invocations", "Errors", "Throttles", "Duration")
    }
    assert sums.pop("Duration") > 0
    assert sums == {"Invocations": 3, "Errors": 3, "Throttles": 0}  # one attempt and two retries


def test_a_rule_that_cannot_invoke_its_target_trips_an_alarm(cloud: LocalCloud, cloudwatch: Any, name: str) -> None:
    events = cloud.client("events")
    events.put_rule(Name=name, ScheduleExpression="rate(1 minute)")
    absent = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": absent}])
    dimensions = [{"Name": "RuleName", "Value": name}]
    put_alarm(cloudwatch, name, Namespace="AWS/Events", MetricName="FailedInvocations", Dimensions=dimensions)
    pass_periods(cloud, 1)
    events.disable_rule(Name=name)
    assert state(cloudwatch, name) == "ALARM"


def test_an_alarm_on_the_depth_of_a_queue_follows_it(cloud: LocalCloud, cloudwatch: Any, queue: str, name: str) -> None:
    put_alarm(
        cloudwatch,
        name,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        Statistic="Maximum",
    )
    pass_periods(cloud, 1)
    assert state(cloudwatch, name) == "OK"
    cloud.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
    pass_periods(cloud, 1)
    assert state(cloudwatch, name) == "ALARM"
    pass_periods(cloud, 100)
    assert state(cloudwatch, name) == "ALARM"
    assert received(cloud, queue) == [{}]
    pass_periods(cloud, 2)
    assert state(cloudwatch, name) == "OK"
    assert len(history(cloudwatch, name, "StateUpdate")) == 3


def test_an_alarm_that_is_put_again_keeps_its_state_and_a_disabled_one_its_peace(
    cloud: LocalCloud, cloudwatch: Any, topic: str, queue: str, name: str
) -> None:
    put_alarm(cloudwatch, name, AlarmActions=[topic], ActionsEnabled=False)
    publish(cloudwatch, name, 1)
    pass_periods(cloud, 1)
    before = described(cloudwatch, name)
    assert before["StateValue"] == "ALARM"
    assert received(cloud, queue) == []
    assert history(cloudwatch, name, "Action") == []
    put_alarm(cloudwatch, name, AlarmActions=[topic], Threshold=-1.0)
    after = described(cloudwatch, name)
    kept = ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp")
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert after["Threshold"] == -1
    pass_periods(cloud, 1)
    assert received(cloud, queue) == []


def test_a_state_set_by_hand_fires_once_and_yields_to_the_next_evaluation(
    cloud: LocalCloud, cloudwatch: Any, topic: str, queue: str, name: str
) -> None:
    put_alarm(cloudwatch, name, AlarmActions=[topic], TreatMissingData="notBreaching")
    pass_periods(cloud, 1)
    for _ in range(2):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a rehearsal")
    (notification,) = received(cloud, queue)
    assert json.loads(notification["Message"])["NewStateReason"] == "a rehearsal"
    cloud.advance(cloud.now() + timedelta(minutes=1))
    assert state(cloudwatch, name) == "OK"


def test_a_deleted_alarm_is_silent(cloud: LocalCloud, cloudwatch: Any, topic: str, queue: str, name: str) -> None:
    put_alarm(cloudwatch, name, AlarmActions=[topic])
    publish(cloudwatch, name, 1)
    cloudwatch.delete_alarms(AlarmNames=[name])
    pass_periods(cloud, 2)
    assert received(cloud, queue) == []
    put_alarm(cloudwatch, name)
    assert state(cloudwatch, name) == "INSUFFICIENT_DATA"


def key_policy(*services: str) -> str:
    account = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}
    admitted = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [s | {"Resource": "*"} for s in (account, admitted)]})


@pytest.mark.parametrize("key", ["AWS's own", "one that keeps alarms out", "one that admits alarms"])
def test_alarms_reach_an_encrypted_topic_only_if_its_key_admits_them(
    cloud: LocalCloud, cloudwatch: Any, topic: str, queue: str, name: str, log: Path, key: str
) -> None:
    identifier = "alias/aws/sns"
    if key != "AWS's own":
        service = "cloudwatch.amazonaws.com" if key == "one that admits alarms" else "events.amazonaws.com"
        identifier = cloud.client("kms").create_key(Policy=key_policy(service))["KeyMetadata"]["KeyId"]
    sns = cloud.client("sns")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=identifier)
    put_alarm(cloudwatch, name, AlarmActions=[topic])
    publish(cloudwatch, name, 1)
    pass_periods(cloud, 1)
    assert state(cloudwatch, name) == "ALARM"
    if key == "one that admits alarms":
        assert history(cloudwatch, name, "Action") == [f"Successfully executed action {topic}"]
        assert len(received(cloud, queue)) == 1
        return
    reason = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
    assert history(cloudwatch, name, "Action") == [f'Failed to execute action {topic}. Received error: "{reason}"']
    assert received(cloud, queue) == []
    assert f"The alarm {name} could not execute {topic}: {reason}" in log.read_text()


def test_a_topic_whose_policy_keeps_alarms_out_is_not_reached(
    cloud: LocalCloud, cloudwatch: Any, topic: str, queue: str, name: str
) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Resource": topic}]})
    cloud.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    fifo = cloud.client("sns").create_topic(Name=f"{name}.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    actions = [topic, f"{topic}-absent", fifo, "arn:aws:automate:us-east-1:ec2:stop"]
    put_alarm(cloudwatch, name, AlarmActions=actions)
    publish(cloudwatch, name, 1)
    pass_periods(cloud, 1)
    failures = history(cloudwatch, name, "Action")
    assert [failure.split(". Received")[0] for failure in failures] == [
        f"Failed to execute action {action}" for action in actions
    ]
    assert received(cloud, queue) == []


def test_a_function_that_does_not_permit_the_topic_is_not_invoked(
    cloud: LocalCloud, topic: str, queue: str, name: str, log: Path, deploy: Callable[[LocalCloud, str], str]
) -> None:
    arn = deploy(cloud, name)
    sns = cloud.client("sns")
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    permit(cloud, name, "sns.amazonaws.com", f"{topic}-other")
    sns.publish(TopicArn=topic, Message="to the queue alone")
    assert events_of(cloud, name) == []
    assert len(received(cloud, queue)) == 1
    assert f"SNS delivered nothing from {topic}. {arn} does not permit sns.amazonaws.com" in log.read_text()


def test_what_a_function_may_not_receive_is_kept_in_the_queue_of_the_subscription(
    cloud: LocalCloud, queue: str, name: str, deploy: Callable[[LocalCloud, str], str]
) -> None:
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue_arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    redrive = json.dumps({"deadLetterTargetArn": queue_arn})
    arn = deploy(cloud, name)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes={"RedrivePolicy": redrive})
    sns.publish(TopicArn=topic, Message="lost")
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": queue_arn}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    sns.publish(TopicArn=topic, Message="kept")
    assert [notification["Message"] for notification in received(cloud, queue)] == ["kept"]
    assert events_of(cloud, name) == []


def test_what_is_published_reaches_a_function_with_its_attributes_and_past_its_filter(
    cloud: LocalCloud, topic: str, name: str, deploy: Callable[[LocalCloud, str], str]
) -> None:
    arn = deploy(cloud, name)
    sns = cloud.client("sns")
    permit(cloud, name, "sns.amazonaws.com", topic)
    policy = json.dumps({"kind": ["wanted"]})
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes={"FilterPolicy": policy})
    for kind in ("wanted", "unwanted"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=f"{kind} text", MessageAttributes=attributes)
    (event,) = events_of(cloud, name)
    notified = event["Records"][0]["Sns"]
    assert (notified["Message"], notified["Subject"]) == ("wanted text", None)
    assert notified["MessageAttributes"] == {"kind": {"Type": "String", "Value": "wanted"}}


def test_a_function_can_be_an_action_itself(
    cloud: LocalCloud, cloudwatch: Any, name: str, deploy: Callable[[LocalCloud, str], str]
) -> None:
    arn = deploy(cloud, name)
    put_alarm(cloudwatch, name, AlarmActions=[arn])
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a rehearsal")
    assert events_of(cloud, name) == []
    permit(
        cloud, name, "lambda.alarms.cloudwatch.amazonaws.com", f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}"
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="so far")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a rehearsal")
    (event,) = events_of(cloud, name)
    assert (event["source"], event["region"], event["accountId"]) == ("aws.cloudwatch", "us-east-1", ACCOUNT)
    data = event["alarmData"]
    assert (data["alarmName"], data["state"]["value"], data["previousState"]["value"]) == (name, "ALARM", "OK")
    (metric,) = data["configuration"]["metrics"]
    assert metric["metricStat"]["metric"]["dimensions"] == {"cluster": name}


def test_history_comes_in_pages_newest_first(cloud: LocalCloud, cloudwatch: Any, refusal: Refusal, name: str) -> None:
    put_alarm(cloudwatch, name)
    for number in range(5):
        value = ("OK", "ALARM")[number % 2]
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=value, StateReason=str(number))
    reasons, token = [], {}
    for _ in range(3):
        page = cloudwatch.describe_alarm_history(AlarmName=name, MaxRecords=2, **token)
        items = page["AlarmHistoryItems"]
        reasons += [json.loads(item["HistoryData"])["newState"]["stateReason"] for item in items]
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else {}
    assert reasons == ["4", "3", "2", "1", "0"]
    assert token == {}
    paginator = cloudwatch.get_paginator("describe_alarm_history")
    pages = list(paginator.paginate(AlarmName=name, PaginationConfig={"PageSize": 2}))
    assert [len(page["AlarmHistoryItems"]) for page in pages] == [2, 2, 1]
    assert cloudwatch.describe_alarm_history(AlarmName=name, EndDate=START)["AlarmHistoryItems"] == []
    assert refusal(cloudwatch.describe_alarm_history, NextToken="bogus")[0] == "InvalidNextToken"


def test_alarms_are_described_by_every_filter_at_once_in_pages(
    cloudwatch: Any, refusal: Refusal, topic: str, name: str
) -> None:
    for number in range(5):
        put_alarm(cloudwatch, f"{name}-{number}", AlarmActions=[topic] if number % 2 else [])
    for number in (1, 2, 3):
        cloudwatch.set_alarm_state(AlarmName=f"{name}-{number}", StateValue="ALARM", StateReason="a rehearsal")

    def found(**filters: Any) -> list[int]:
        pages = cloudwatch.get_paginator("describe_alarms").paginate(**filters, PaginationConfig={"PageSize": 2})
        return [int(alarm["AlarmName"][-1]) for page in pages for alarm in page["MetricAlarms"]]

    assert found(AlarmNamePrefix=name) == [0, 1, 2, 3, 4]
    assert found(AlarmNamePrefix=name, StateValue="ALARM") == [1, 2, 3]
    assert found(AlarmNamePrefix=name, StateValue="ALARM", ActionPrefix=topic) == [1, 3]
    assert found(AlarmNames=[f"{name}-4", f"{name}-0", "absent"]) == [0, 4]
    assert found(AlarmNamePrefix=name, AlarmTypes=["CompositeAlarm"]) == []
    assert len(cloudwatch.describe_alarms(AlarmNamePrefix=name, MaxRecords=2)["MetricAlarms"]) == 2
    both = {"AlarmNamePrefix": name, "AlarmNames": [name]}
    assert refusal(cloudwatch.describe_alarms, **both)[0] == "ValidationError"


def test_metrics_are_listed_and_read_by_their_own_dimensions(cloud: LocalCloud, cloudwatch: Any, name: str) -> None:
    begin = cloud.now()
    for cluster in (name, f"{name}-other"):
        publish(cloudwatch, cluster, 3)
    publish(cloudwatch, name, 5)
    dimensions = [{"Name": "cluster", "Value": name}]
    (metric,) = cloudwatch.list_metrics(Namespace="Groundcrew", Dimensions=dimensions)["Metrics"]
    query = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}}
    pass_periods(cloud, 1)
    interval = {"StartTime": begin, "EndTime": cloud.now()}
    (result,) = cloudwatch.get_metric_data(MetricDataQueries=[query], **interval)["MetricDataResults"]
    minute = begin.replace(second=0, microsecond=0)
    assert (result["Label"], result["Timestamps"], result["Values"]) == ("drift", [minute], [4.0])


def test_what_cannot_be_computed_is_refused_by_name(cloud: LocalCloud, cloudwatch: Any, refusal: Refusal) -> None:
    interval = {"StartTime": START, "EndTime": cloud.now()}
    percentile = {"Namespace": "N", "MetricName": "m", "Period": 3600, "ExtendedStatistics": ["p99"], **interval}
    assert refusal(cloudwatch.get_metric_statistics, **percentile)[0] == "NotImplemented"


def test_a_datapoint_that_aws_does_not_accept_is_refused(cloud: LocalCloud, cloudwatch: Any, refusal: Refusal) -> None:
    datum = {"MetricName": "drift", "Value": 1.0}
    code, text = refusal(cloudwatch.put_metric_data, Namespace="AWS/Lambda", MetricData=[datum])
    assert (code, text) == ("InvalidParameterValue", "The value AWS/Lambda for parameter Namespace is invalid.")
    empty = {"MetricName": "drift", "StatisticValues": {"Sum": 0, "SampleCount": 0, "Minimum": 0, "Maximum": 0}}
    assert refusal(cloudwatch.put_metric_data, Namespace="Groundcrew", MetricData=[datum, empty])[0] == code
    for offset in (timedelta(days=-14, minutes=-1), timedelta(hours=2, minutes=1)):
        late = datum | {"Timestamp": cloud.now() + offset}
        code, _ = refusal(cloudwatch.put_metric_data, Namespace="Groundcrew", MetricData=[datum, late])
        assert code == "InvalidParameterValue"
    # Of a refused request nothing is kept: this metric would be the only one without dimensions.
    assert all(metric["Dimensions"] for metric in cloudwatch.list_metrics(MetricName="drift")["Metrics"])


@pytest.mark.parametrize(
    "changes",
    [
        {"EvaluationPeriods": 2, "DatapointsToAlarm": 3},
        {"EvaluationPeriods": None},
        {"Period": 90},
        {"Period": 300, "EvaluationPeriods": 289},
        {"Period": 86400, "EvaluationPeriods": 8},
    ],
    ids=str,
)
def test_an_alarm_that_aws_does_not_accept_is_refused(
    cloudwatch: Any, refusal: Refusal, name: str, changes: dict[str, Any]
) -> None:
    arguments = {"cloudwatch": cloudwatch, "name": name, **changes}
    assert refusal(put_alarm, **arguments)[0] == "ValidationError"
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_a_parameter_of_an_alarm_that_would_be_forgotten_is_refused(
    cloudwatch: Any, refusal: Refusal, name: str
) -> None:
    code, text = refusal(put_alarm, cloudwatch=cloudwatch, name=name, EvaluationWindow={"WallClockWindow": {}})
    assert code == "NotImplemented"
    assert "the parameter EvaluationWindow" in text
