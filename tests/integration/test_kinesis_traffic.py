"""Traffic that is offered to a stream, on a clock that is moved: what it takes, rejects and publishes."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.client import LocalCloud, LocalCloudError

BEGINNING = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MEBIBYTES = 1024 * 1024
Sums = Callable[..., dict[datetime, float]]


@pytest.fixture(scope="module")
def moved() -> Iterator[LocalCloud]:
    with LocalCloud.start(time=BEGINNING) as running:
        yield running


@pytest.fixture
def stream(moved: LocalCloud, name: str) -> Iterator[str]:
    """A stream of two shards: 120 MiB and 120,000 records a minute."""
    kinesis = moved.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    yield name
    kinesis.delete_stream(StreamName=name)


@pytest.fixture
def start(moved: LocalCloud) -> datetime:
    """A full minute in the future."""
    return moved.now().replace(second=0, microsecond=0) + 2 * MINUTE


@pytest.fixture
def published(moved: LocalCloud, stream: str) -> Sums:
    """The statistic of a metric by minute, as far as it has appeared."""

    def statistics(metric: str, since: datetime, statistic: str = "Sum") -> dict[datetime, float]:
        points = moved.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Kinesis",
            MetricName=metric,
            Dimensions=[{"Name": "StreamName", "Value": stream}],
            StartTime=since,
            EndTime=moved.now() + MINUTE,
            Period=60,
            Statistics=[statistic],
        )["Datapoints"]
        return {point["Timestamp"]: point[statistic] for point in sorted(points, key=lambda point: point["Timestamp"])}

    return statistics


def test_a_stream_takes_what_its_shards_can_and_rejects_the_rest(
    moved: LocalCloud, stream: str, start: datetime, published: Sums
) -> None:
    ends = moved.kinesis_traffic(
        stream, start, bytes=[12 * MEBIBYTES, 120 * MEBIBYTES, 240 * MEBIBYTES], records=[6_000, 60_000, 120_000]
    )
    assert ends == start + 3 * MINUTE
    moved.advance(start + 5 * MINUTE)
    taken = list(published("IncomingRecords", start).values())
    rejected = list(published("WriteProvisionedThroughputExceeded", start).values())
    assert taken == pytest.approx([6_000, 60_000 * 0.940215, 60_000], abs=2)
    assert rejected == pytest.approx([0, 60_000 * 0.059785, 60_000], abs=2)
    size = list(published("IncomingBytes", start).values())
    assert size == pytest.approx([12 * MEBIBYTES, 120 * MEBIBYTES * 0.940215, 120 * MEBIBYTES], rel=1e-4)
    assert list(published("PutRecords.ThrottledRecords", start).values()) == rejected
    assert list(published("PutRecords.TotalRecords", start).values()) == [6_000, 60_000, 120_000]


def test_metrics_appear_a_minute_after_theirs_has_ended(
    moved: LocalCloud, stream: str, start: datetime, published: Sums
) -> None:
    moved.kinesis_traffic(stream, start, bytes=[100, 100], records=[1, 1])
    moved.advance(start + 2 * MINUTE - timedelta(seconds=5))
    assert published("IncomingRecords", start) == {}
    moved.advance(start + 2 * MINUTE + timedelta(seconds=5))
    assert published("IncomingRecords", start) == {start: 1.0}


def test_points_are_spread_over_their_minutes_and_silence_has_no_metrics(
    moved: LocalCloud, stream: str, start: datetime, published: Sums
) -> None:
    moved.kinesis_traffic(
        stream, start, seconds_per_point=300, bytes=[5_000, 0], records=[50, 0], iterator_age_ms=[None, 90_000]
    )
    moved.advance(start + 13 * MINUTE)
    assert list(published("IncomingRecords", start).values()) == [10] * 5
    ages = published("GetRecords.IteratorAgeMilliseconds", start, "Maximum")
    assert ages == {start + minute * MINUTE: 90_000 for minute in range(5, 10)}


def test_more_shards_take_more(moved: LocalCloud, stream: str, start: datetime, published: Sums) -> None:
    moved.kinesis_traffic(stream, start, bytes=[0] * 10, records=[180_000] * 10)
    moved.advance(start)
    moved.client("kinesis").update_shard_count(StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    moved.advance(start + 12 * MINUTE)
    rejected = list(published("WriteProvisionedThroughputExceeded", start).values())
    assert rejected[0] > 50_000
    assert rejected[-1] < 400


def test_a_hot_shard_rejects_what_the_others_could_take(
    moved: LocalCloud, stream: str, start: datetime, published: Sums
) -> None:
    moved.kinesis_traffic(stream, start, bytes=[0], records=[80_000], hot_share=1.0)
    moved.advance(start + 3 * MINUTE)
    assert list(published("WriteProvisionedThroughputExceeded", start).values()) == pytest.approx([20_000], rel=0.05)


def test_records_that_are_really_put_are_counted(moved: LocalCloud, stream: str, published: Sums) -> None:
    before = moved.now() - MINUTE
    kinesis = moved.client("kinesis")
    kinesis.put_record(StreamName=stream, Data=b"four", PartitionKey="p")
    kinesis.put_records(StreamName=stream, Records=[{"Data": b"four", "PartitionKey": "p"}] * 2)
    moved.advance(3 * MINUTE)
    assert sum(published("IncomingRecords", before).values()) == 3
    assert sum(published("IncomingBytes", before).values()) == 15


def test_an_alarm_sees_throttling(moved: LocalCloud, stream: str, start: datetime) -> None:
    cloudwatch = moved.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=stream,
        Namespace="AWS/Kinesis",
        MetricName="WriteProvisionedThroughputExceeded",
        Dimensions=[{"Name": "StreamName", "Value": stream}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    moved.kinesis_traffic(stream, start, bytes=[0] * 9, records=[200_000] * 9)
    moved.advance(start + 6 * MINUTE)
    assert cloudwatch.describe_alarms(AlarmNames=[stream])["MetricAlarms"][0]["StateValue"] == "ALARM"


def test_new_traffic_takes_the_place_of_the_old(
    moved: LocalCloud, stream: str, start: datetime, published: Sums
) -> None:
    moved.kinesis_traffic(stream, start, bytes=[0] * 60, records=[10] * 60)
    moved.kinesis_traffic(stream, start + MINUTE, bytes=[0], records=[7])
    moved.advance(start + 6 * MINUTE)
    assert published("IncomingRecords", start) == {start + MINUTE: 7.0}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"records": [1, 2]}, "same length"),
        ({"records": [-1]}, "not negative"),
        ({"seconds_per_point": 90}, "multiple of 60"),
        ({"hot_share": 2}, "between 0 and 1"),
        ({"start": BEGINNING - MINUTE}, "in the past"),
        ({"start": BEGINNING + timedelta(days=365, seconds=1)}, "full minute"),
    ],
)
def test_refuses_traffic_that_makes_no_sense(moved: LocalCloud, stream: str, body: dict[str, Any], reason: str) -> None:
    with pytest.raises(LocalCloudError, match=reason):
        moved.kinesis_traffic(stream, **{"bytes": [1], "records": [1]} | body)


def test_refuses_traffic_for_nothing(moved: LocalCloud) -> None:
    with pytest.raises(LocalCloudError, match="no stream 'absent'"):
        moved.kinesis_traffic("absent", bytes=[1], records=[1])
