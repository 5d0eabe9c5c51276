"""Metric math on a cloud whose clock moves: alarms on the usage of a stream's shards, and GetMetricData."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deployment import admit
from localcloud.client import LocalCloud

MINUTE = timedelta(minutes=1)
START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
Refusal = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def running() -> Iterator[LocalCloud]:
    with LocalCloud.start(time=START) as cloud:
        yield cloud


@pytest.fixture
def cloud(running: LocalCloud) -> LocalCloud:
    """The cloud at the beginning of a period of five minutes."""
    to_boundary(running)
    return running


@pytest.fixture
def cloudwatch(cloud: LocalCloud) -> Any:
    return cloud.client("cloudwatch")


def to_boundary(cloud: LocalCloud, periods: int = 1) -> None:
    """Go on to the end of the so many-th period of five minutes from now."""
    cloud.advance(datetime.fromtimestamp((cloud.now().timestamp() // 300 + periods) * 300, UTC))


def later(cloud: LocalCloud, by: timedelta) -> None:
    cloud.advance(cloud.now() + by)


def metric(stream: str, name: str) -> dict[str, Any]:
    return {"Namespace": "Streams", "MetricName": name, "Dimensions": [{"Name": "StreamName", "Value": stream}]}


def usage(stream: str, shards: int, period: int = 300) -> list[dict[str, Any]]:
    """The greater of bytes and records as a share of what so many shards take."""

    def of(name: str) -> dict[str, Any]:
        return {"Metric": metric(stream, name), "Period": period, "Stat": "Sum"}

    return [
        {"Id": "m1", "Label": "bytes", "MetricStat": of("IncomingBytes"), "ReturnData": False},
        {"Id": "m2", "Label": "records", "MetricStat": of("IncomingRecords"), "ReturnData": False},
        {"Id": "s1", "Label": "shards", "Expression": str(shards), "ReturnData": False},
        {"Id": "e3", "Expression": f"FILL(m1,0)/(1024*1024*{period}*s1)", "ReturnData": False},
        {"Id": "e4", "Expression": f"FILL(m2,0)/(1000*{period}*s1)", "ReturnData": False},
        {"Id": "e6", "Label": "usage", "Expression": "MAX([e3,e4])", "ReturnData": True},
    ]


def put_alarm(cloudwatch: Any, name: str, metrics: Sequence[Mapping[str, Any]], **changes: Any) -> None:
    """At three quarters of what the shards take, in two of three periods of five minutes."""
    alarm = {
        "AlarmName": name,
        "Metrics": metrics,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 0.75,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    cloudwatch.put_metric_alarm(**alarm | changes)


def write(cloudwatch: Any, stream: str, records: float, at: datetime | None = None) -> None:
    """So many records a second, over the five minutes in which `at` lies."""
    dimensions = [{"Name": "StreamName", "Value": stream}]
    datum = {"MetricName": "IncomingRecords", "Dimensions": dimensions, "Value": records * 300}
    data = [datum | ({"Timestamp": at} if at else {})]
    cloudwatch.put_metric_data(Namespace="Streams", MetricData=data)


def state(cloudwatch: Any, name: str) -> str:
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def inbox(cloud: LocalCloud, name: str) -> tuple[str, Callable[[], list[dict[str, Any]]]]:
    """A topic, and what its subscriber has received since it was asked last."""
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=admit(cloud, queue, "sns.amazonaws.com", topic))

    def received() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(json.loads(message["Body"])["Message"]) for message in found]

    return topic, received


def test_usage_raises_the_alarm_whose_message_carries_the_queries(
    cloud: LocalCloud, cloudwatch: Any, name: str
) -> None:
    topic, received = inbox(cloud, name)
    put_alarm(cloudwatch, name, usage(name, shards=2), AlarmActions=[topic])
    now = cloud.now()
    begin = now - (now - START) % (5 * MINUTE)
    states = []
    for records in (1000, 1600, 1600):
        write(cloudwatch, name, records)
        to_boundary(cloud)
        states.append(state(cloudwatch, name))
    assert states == ["OK", "OK", "ALARM"]
    (message,) = received()
    ended = begin + 15 * MINUTE
    assert message["NewStateReason"] == (
        f"Threshold Crossed: 2 out of the last 3 datapoints [0.8 ({begin + 10 * MINUTE:%d/%m/%y %H:%M:%S}), "
        f"0.8 ({begin + 5 * MINUTE:%d/%m/%y %H:%M:%S})] were greater than or equal to the threshold (0.75) "
        "(minimum 2 datapoints for OK -> ALARM transition)."
    )
    assert message["StateChangeTime"] == f"{ended:%Y-%m-%dT%H:%M:%S}.000+0000"
    dimensions = [{"value": name, "name": "StreamName"}]
    shown = [
        {"Dimensions": dimensions, "MetricName": given, "Namespace": "Streams"}
        for given in ("IncomingBytes", "IncomingRecords")
    ]
    assert message["Trigger"] == {
        "Period": 300,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 0.75,
        "TreatMissingData": "missing",
        "EvaluateLowSampleCountPercentile": "",
        "Metrics": [
            {"Id": "m1", "Label": "bytes", "ReturnData": False,
             "MetricStat": {"Metric": shown[0], "Period": 300, "Stat": "Sum"}},
            {"Id": "m2", "Label": "records", "ReturnData": False,
             "MetricStat": {"Metric": shown[1], "Period": 300, "Stat": "Sum"}},
            {"Id": "s1", "Label": "shards", "Expression": "2", "ReturnData": False},
            {"Id": "e3", "Expression": "FILL(m1,0)/(1024*1024*300*s1)", "ReturnData": False},
            {"Id": "e4", "Expression": "FILL(m2,0)/(1000*300*s1)", "ReturnData": False},
            {"Id": "e6", "Label": "usage", "Expression": "MAX([e3,e4])", "ReturnData": True},
        ],
    }  # fmt: skip
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["Metrics"] == usage(name, shards=2)
    assert json.loads(alarm["StateReasonData"]) == {
        "version": "1.0",
        "queryDate": f"{ended:%Y-%m-%dT%H:%M:%S}.000+0000",
        "startDate": f"{begin:%Y-%m-%dT%H:%M:%S}.000+0000",
        "period": 300,
        "recentDatapoints": [0.5, 0.8, 0.8],
        "threshold": 0.75,
        "evaluatedDatapoints": [
            {"timestamp": f"{begin + minutes * MINUTE:%Y-%m-%dT%H:%M:%S}.000+0000", "value": value}
            for minutes, value in ((10, 0.8), (5, 0.8), (0, 0.5))
        ],
    }
    found = cloudwatch.describe_alarm_history(AlarmName=name, ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in found] == [
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        f"Successfully executed action {topic}",
    ]
    # With more shards the whole history is another one, within a minute and with the state unchanged until then.
    put_alarm(cloudwatch, name, usage(name, shards=4), AlarmActions=[topic])
    assert state(cloudwatch, name) == "ALARM"
    later(cloud, MINUTE)
    assert state(cloudwatch, name) == "OK"
    put_alarm(cloudwatch, name, usage(name, shards=1), AlarmActions=[topic])
    later(cloud, MINUTE)
    assert state(cloudwatch, name) == "ALARM"
    (message,) = received()
    assert message["OldStateValue"] == "OK"
    # Idle, the alarm calms down as the datapoints leave it, and then nothing is left that could change it.
    to_boundary(cloud, 12)
    assert state(cloudwatch, name) == "OK"


def test_a_state_set_by_hand_yields_within_a_minute_and_the_alarm_fires_again(
    cloud: LocalCloud, cloudwatch: Any, name: str
) -> None:
    topic, received = inbox(cloud, name)
    put_alarm(cloudwatch, name, usage(name, shards=1), AlarmActions=[topic])
    for _ in range(2):
        write(cloudwatch, name, 900)
        to_boundary(cloud)
    assert [message["NewStateValue"] for message in received()] == ["ALARM"]
    later(cloud, 2 * MINUTE)
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="INSUFFICIENT_DATA", StateReason="handled")
    assert state(cloudwatch, name) == "INSUFFICIENT_DATA"
    later(cloud, MINUTE)
    assert state(cloudwatch, name) == "ALARM"
    (message,) = received()
    assert message["OldStateValue"] == "INSUFFICIENT_DATA"
    since = datetime.strptime(message["StateChangeTime"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert (since.minute % 5, since.second) == (3, 0)


def test_a_late_datapoint_counts_at_the_next_evaluation(cloud: LocalCloud, cloudwatch: Any, name: str) -> None:
    put_alarm(cloudwatch, name, usage(name, shards=1), EvaluationPeriods=2)
    begin = cloud.now()
    write(cloudwatch, name, 900)
    to_boundary(cloud, 2)
    assert state(cloudwatch, name) == "OK"  # FILL has made 0 of what is missing yet
    write(cloudwatch, name, 900, at=begin + 6 * MINUTE)
    later(cloud, MINUTE)
    assert state(cloudwatch, name) == "ALARM"


def test_missing_data_that_no_fill_replaces_are_treated_as_the_alarm_says(
    cloud: LocalCloud, cloudwatch: Any, name: str
) -> None:
    metrics = [*usage(name, shards=1)[:3], {"Id": "e1", "Expression": "m2 / s1"}]
    put_alarm(cloudwatch, name, metrics)
    put_alarm(cloudwatch, f"{name}-strict", metrics, TreatMissingData="breaching")
    to_boundary(cloud)
    assert [state(cloudwatch, alarm) for alarm in (name, f"{name}-strict")] == ["INSUFFICIENT_DATA", "ALARM"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"e6": {"Expression": "MAX([e3,e4"}}, "Error in expression 'e6': Invalid syntax"),
        ({"e6": {"Expression": "MAX([e3,e9])"}}, "Error in expression 'e6': the id 'e9' is unknown"),
        ({"e6": {"Expression": "LARGEST(e3)"}}, "Error in expression 'e6': Function 'LARGEST' not found"),
        ({"e6": {"Expression": "MAX(e3)"}}, "Error in expression 'e6': the result has to be a time series"),
        ({"e6": {"Expression": "[e3,e4]"}}, "Error in expression 'e6': the result has to be a time series"),
        ({"e3": {"Expression": "e6"}}, "the id 'e3' refers to itself: e3 -> e6 -> e3"),
        ({"e6": {"ReturnData": False}}, "Exactly one element of the metrics list should return data."),
        ({"e4": {"ReturnData": True}}, "Exactly one element of the metrics list should return data."),
        ({"m1": {"Id": "M1"}}, "Invalid metrics list"),
        ({"m1": {"Id": "m2"}}, "Invalid metrics list"),
        ({"m1": {"Expression": "1"}}, "Invalid metrics list: m1 needs either MetricStat or Expression"),
    ],
)  # fmt: skip
def test_queries_that_aws_does_not_accept_are_refused(
    cloudwatch: Any, refusal: Refusal, name: str, changes: Mapping[str, Any], words: str
) -> None:
    metrics = [query | changes.get(query["Id"], {}) for query in usage(name, shards=1)]
    code, text = refusal(put_alarm, cloudwatch=cloudwatch, name=name, metrics=metrics)
    assert code == "ValidationError"
    assert words in text
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_an_alarm_has_queries_or_a_metric_of_its_own_at_most_ten_and_a_period(
    cloudwatch: Any, refusal: Refusal, name: str
) -> None:
    common = {"cloudwatch": cloudwatch, "name": name}
    both = refusal(put_alarm, **common, metrics=usage(name, 1), Statistic="Sum")
    assert both == ("ValidationError", "Statistic should not be set if list of Metrics is set.")
    stat = usage(name, shards=1)[0]["MetricStat"]
    eleven = [{"Id": f"m{number}", "MetricStat": stat, "ReturnData": False} for number in range(11)]
    code, text = refusal(put_alarm, **common, metrics=[*eleven, {"Id": "e1", "Expression": "SUM(METRICS())"}])
    assert (code, "at most 10 metrics" in text) == ("ValidationError", True)
    put_alarm(cloudwatch, name, [*eleven[:10], {"Id": "e1", "Expression": "SUM(METRICS())"}])
    long = refusal(put_alarm, **common, metrics=usage(name, 1), EvaluationPeriods=289)
    assert "EvaluationPeriods * Period must be <= 86400" in long[1]
    odd = refusal(put_alarm, **common, metrics=usage(name, 1, period=90))
    assert odd == ("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"e6": {"Expression": "SEARCH('x', 'Sum')"}}, "Function 'SEARCH' is not evaluated here"),
        ({"e6": {"Period": 60}}, "an alarm on metrics of different periods (60, 300)"),
        ({"m1": {"AccountId": "210987654321"}}, "an alarm on metrics of another account"),
    ],
)
def test_what_only_aws_can_do_is_refused_by_name(
    cloudwatch: Any, refusal: Refusal, name: str, changes: Mapping[str, Any], words: str
) -> None:
    metrics = [query | changes.get(query["Id"], {}) for query in usage(name, shards=1)]
    code, text = refusal(put_alarm, cloudwatch=cloudwatch, name=name, metrics=metrics)
    assert code == "NotImplemented"
    assert words in text


def test_metric_data_are_computed_on_request(cloud: LocalCloud, cloudwatch: Any, refusal: Refusal, name: str) -> None:
    now = cloud.now()
    begin = now - (now - START) % (5 * MINUTE)
    write(cloudwatch, name, 500)
    to_boundary(cloud, 2)
    write(cloudwatch, name, 1000)
    to_boundary(cloud)
    queries = [query | {"ReturnData": query["Id"] in ("m2", "e6")} for query in usage(name, shards=2)]
    request = {"StartTime": begin, "EndTime": begin + 15 * MINUTE, "ScanBy": "TimestampAscending"}
    found = cloudwatch.get_metric_data(MetricDataQueries=queries, **request)["MetricDataResults"]
    begins = [begin + 5 * number * MINUTE for number in range(3)]
    assert [(result["Id"], result["Label"], result["Timestamps"], result["Values"]) for result in found] == [
        ("m2", "records", begins[::2], [150000, 300000]),
        ("e6", "usage", begins, [0.25, 0, 0.5]),
    ]
    bare = [queries[1] | {"ReturnData": False}, {"Id": "e1", "Expression": "m2 / 300"}]
    (result,) = cloudwatch.get_metric_data(MetricDataQueries=bare, **request)["MetricDataResults"]
    assert (result["Label"], result["Timestamps"], result["Values"]) == ("e1", begins[::2], [500, 1000])


@pytest.mark.parametrize(
    ("queries", "code", "words"),
    [
        ([{"Id": "e1", "Expression": "FILL(m1, 0)"}], "ValidationError", "Error in expression 'e1': the id 'm1'"),
        ([{"Id": "e1", "Expression": "1", "Period": 60}], "ValidationError", "and is a scalar"),
        ([{"Id": "E1", "Expression": "1"}], "ValidationError", "an id begins with a lower-case letter"),
        ([{"Id": "e1", "Expression": "SEARCH('x')"}], "NotImplemented", "Function 'SEARCH' is not evaluated here"),
        ([{"Id": "e1", "Expression": "1"}], "NotImplemented", "without a period"),
    ],
)
def test_metric_data_that_cannot_be_computed_are_refused(
    cloud: LocalCloud, cloudwatch: Any, refusal: Refusal, queries: list[Any], code: str, words: str
) -> None:
    interval = {"StartTime": START, "EndTime": cloud.now()}
    answered, text = refusal(cloudwatch.get_metric_data, MetricDataQueries=queries, **interval)
    assert answered == code
    assert words in text


def test_several_time_series_at_once_are_refused_by_name(
    cloud: LocalCloud, cloudwatch: Any, refusal: Refusal, name: str
) -> None:
    queries = [*usage(name, shards=1)[:2], {"Id": "e1", "Expression": "METRICS() * 2"}]
    interval = {"StartTime": START, "EndTime": cloud.now()}
    answer = refusal(cloudwatch.get_metric_data, MetricDataQueries=queries, **interval)
    assert answer[0] == "NotImplemented"
    assert "metric math that results in several time series" in answer[1]
