"""AWS by boto3, which no file outside this package imports; model.py's nouns go in and come out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import boto3

from kinesis_autoscaler.gateway.alarms import Alarms
from kinesis_autoscaler.gateway.calls import CONFIG, ONCE, Calls
from kinesis_autoscaler.gateway.consumer import Consumers
from kinesis_autoscaler.gateway.discovery import Tagged
from kinesis_autoscaler.gateway.limits import Limits
from kinesis_autoscaler.gateway.memory import Memories
from kinesis_autoscaler.gateway.metrics import TrafficReader
from kinesis_autoscaler.gateway.queue import Queue
from kinesis_autoscaler.gateway.streams import Streams
from kinesis_autoscaler.settings import Settings

__all__ = ["Gateway", "connect"]


@dataclass(frozen=True, slots=True)
class Gateway:
    """All of AWS that the function reads and changes."""

    alarms: Alarms
    streams: Streams
    limits: Limits
    memory: Memories
    metrics: TrafficReader
    queue: Queue
    tagged: Tagged
    consumers: Consumers


def connect(
    settings: Settings,
    deployment: str,
    session: boto3.Session | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Gateway:
    """A gateway to the function's own account and Region; `deployment` is its name, `clock` and `sleep` its pace's."""
    session = session or boto3.Session()
    calls = Calls(clock, sleep)
    kinesis = session.client("kinesis", config=CONFIG)
    cloudwatch = session.client("cloudwatch", config=CONFIG)
    return Gateway(
        Alarms(cloudwatch, deployment, calls),
        Streams(kinesis, session.client("kinesis", config=ONCE), calls),
        Limits(kinesis, calls, clock),
        Memories(session.client("dynamodb", config=CONFIG), settings.state_table, calls),
        TrafficReader(cloudwatch, calls),
        Queue(session.client("sqs", config=CONFIG), settings.queue_url, calls),
        # Most runs need neither of these, and a cold start should not pay for them.
        Tagged(cache(lambda: session.client("resourcegroupstaggingapi", config=CONFIG)), calls),
        Consumers(cache(lambda: session.client("lambda", config=CONFIG)), calls),
    )
