"""An AWS account in memory, on a clock of its own: streams, their alarms, a queue, and workers that take turns.

It is as strict as AWS where the Kinesis autoscaler could go wrong: requests are checked against botocore's models,
every action has a token bucket that holds a second's calls, and a stream is resized within Kinesis's rules.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from botocore.paginate import Paginator
from botocore.validate import ParamValidator

RATES = {
    "DescribeStreamSummary": 20,
    "UpdateShardCount": 10,
    "DescribeLimits": 1,
    "PutMetricAlarm": 3,
    "SetAlarmState": 3,
    "DescribeAlarms": 9,
}
LATENCY = 0.03
RECEIVES = 3
EPOCH = datetime(2026, 11, 24, 6, tzinfo=UTC)


class Clock:
    """Seconds that pass only while everybody sleeps; of several threads the one runs that wakes first."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._wakes: dict[int, float] = {}
        self._turns: dict[int, threading.Semaphore] = {}

    def __call__(self) -> float:
        return self.seconds

    @property
    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        me = threading.get_ident()
        if me not in self._wakes:  # a test without workers
            self.seconds += seconds
            return
        self._wakes[me] = self.seconds + seconds
        following = min(self._wakes, key=self._wakes.__getitem__)
        if following != me:
            self._turns[following].release()
            self._turns[me].acquire()
        self.seconds = max(self.seconds, self._wakes[me])

    def run(self, *workers: Callable[[], object]) -> None:
        """Run the workers side by side until all return; raises what one of them raised."""
        troubles: list[BaseException] = []
        gate = threading.Barrier(len(workers) + 1)

        def work(worker: Callable[[], object]) -> None:
            me = threading.get_ident()
            self._turns[me], self._wakes[me] = threading.Semaphore(0), self.seconds
            gate.wait()
            self._turns[me].acquire()
            try:
                worker()
            except BaseException as error:
                troubles.append(error)
            del self._wakes[me]
            if self._wakes:
                self._turns[min(self._wakes, key=self._wakes.__getitem__)].release()

        threads = [threading.Thread(target=work, args=(worker,), daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        gate.wait()
        self._turns[min(self._wakes, key=self._wakes.__getitem__)].release()
        for thread in threads:
            thread.join()
        if troubles:
            raise troubles[0]


@dataclass
class Shards:
    """A stream: `load` is what it is asked for, in full shards."""

    count: int
    load: float = 0.0
    mode: str = "PROVISIONED"
    status: str = "ACTIVE"
    target: int | None = None
    ready_at: float = 0.0
    resized_at: list[float] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


class Account:
    """What there is, and what was asked: `calls` and `throttled` by action, `done` as (action, what, seconds)."""

    def __init__(self, deployment: str, clock: Clock | None = None) -> None:
        self.deployment = deployment
        self.clock = clock or Clock()
        self.streams: dict[str, Shards] = {}
        self.alarms: dict[str, dict[str, Any]] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.reserved: dict[str, int] = {}
        self.metric_data: dict[tuple[str, str], list[float]] = {}
        self.queue: list[dict[str, Any]] = []
        self.dead: list[str] = []
        self.quota = 20_000
        self.calls: Counter[str] = Counter()
        self.throttled: Counter[str] = Counter()
        self.done: list[tuple[str, Any, float]] = []
        self.faults: list[tuple[str, str, str, int]] = []
        self._buckets = {action: (float(rate), 0.0) for action, rate in RATES.items()}
        self._sequence = 0

    def client(self, service: str, config: Any = None) -> "Client":
        """Stands in for a session's."""
        return Client(self, service)

    def fail(self, action: str, code: str, message: str = "as the test has it", times: int = 1000) -> None:
        """Let the next calls of an action fail."""
        self.faults.append((action, code, message, times))

    def forget_calls(self) -> None:
        """Count from here."""
        self.calls.clear()
        self.done.clear()

    def answer(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """One call, throttled above the action's rate."""
        self.clock.sleep(LATENCY)
        self.calls[action] += 1
        for index, (failing, code, message, times) in enumerate(self.faults):
            if failing == action and times:
                self.faults[index] = (failing, code, message, times - 1)
                raise error(action, code, message)
        if action in self._buckets:
            tokens, since = self._buckets[action]
            tokens = min(float(RATES[action]), tokens + (self.clock() - since) * RATES[action])
            self._buckets[action] = (tokens - 1 if tokens >= 1 else tokens, self.clock())
            if tokens < 1:
                self.throttled[action] += 1
                raise error(action, "Throttling", "Rate exceeded")
        found: dict[str, Any] = getattr(self, f"_{xform_name(action)}")(parameters)
        return found

    # Kinesis

    def _stream(self, action: str, name: str) -> Shards:
        if name not in self.streams:
            raise error(action, "ResourceNotFoundException", f"Stream {name} not found")
        stream = self.streams[name]
        if stream.target is not None and self.clock() >= stream.ready_at:
            stream.count, stream.target, stream.status = stream.target, None, "ACTIVE"
        return stream

    def _describe_stream_summary(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["StreamName"]
        stream = self._stream("DescribeStreamSummary", name)
        return {
            "StreamDescriptionSummary": {
                "StreamName": asked["StreamName"],
                "StreamARN": f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}",
                "StreamStatus": stream.status,
                "StreamModeDetails": {"StreamMode": stream.mode},
                "OpenShardCount": stream.count,
            }
        }

    def _update_shard_count(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["StreamName"]
        stream = self._stream("UpdateShardCount", name)
        refuse = partial(error, "UpdateShardCount")
        if stream.status != "ACTIVE":
            raise refuse("ResourceInUseException", f"Stream {name} is not ACTIVE, instead in state UPDATING")
        if stream.mode == "ON_DEMAND":
            raise refuse("ValidationException", "Request is invalid. Stream is in ON_DEMAND mode.")
        if not stream.count / 2 <= asked["TargetShardCount"] <= stream.count * 2:
            raise refuse("LimitExceededException", "UpdateShardCount cannot scale beyond twice or below half")
        if asked["TargetShardCount"] - stream.count + sum(other.count for other in self.streams.values()) > self.quota:
            raise refuse("LimitExceededException", "This request would exceed the shard limit for the account")
        if len([at for at in stream.resized_at if self.clock() - at < 24 * 3600]) >= 10:
            raise refuse("LimitExceededException", f"Operation Resharding has been called 10 times on {name}")
        stream.resized_at.append(self.clock())
        stream.status, stream.target = "UPDATING", asked["TargetShardCount"]
        stream.ready_at = self.clock() + 120 + 1.8 * max(stream.count, asked["TargetShardCount"])
        self.done.append(("UpdateShardCount", (asked["StreamName"], asked["TargetShardCount"]), self.clock()))
        return {}

    def _describe_limits(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"ShardLimit": self.quota, "OpenShardCount": sum(stream.count for stream in self.streams.values())}

    def _list_shards(self, asked: dict[str, Any]) -> dict[str, Any]:
        stream = self._stream("ListShards", asked["StreamName"])
        return {"Shards": [{"ShardId": f"shardId-{index:012}"} for index in range(stream.count)]}

    def _get_resources(self, asked: dict[str, Any]) -> dict[str, Any]:
        (wanted,) = asked["TagFilters"]
        return {
            "ResourceTagMappingList": [
                {
                    "ResourceARN": f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}",
                    "Tags": [{"Key": key, "Value": value} for key, value in stream.tags.items()],
                }
                for name, stream in self.streams.items()
                if wanted["Key"] in stream.tags
            ]
        }

    # CloudWatch

    def _describe_alarms(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "AlarmNames" in asked:
            found = [self.alarms[name] for name in asked["AlarmNames"] if name in self.alarms]
            return {"MetricAlarms": found}
        names = sorted(name for name in self.alarms if name.startswith(asked["AlarmNamePrefix"]))
        first = int(asked.get("NextToken", 0))
        page = names[first : first + asked["MaxRecords"]]
        more = {"NextToken": str(first + len(page))} if first + len(page) < len(names) else {}
        return {"MetricAlarms": [self.alarms[name] for name in page], **more}

    def _put_metric_alarm(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["AlarmName"]
        before = self.alarms.get(name, {"StateValue": "INSUFFICIENT_DATA", "StateUpdatedTimestamp": self.clock.now})
        kept = {key: before[key] for key in ("StateValue", "StateUpdatedTimestamp")}
        self.alarms[name] = {
            "AlarmArn": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}",
            **asked,
            **kept,
        }
        self.done.append(("PutMetricAlarm", name, self.clock()))
        return {}

    def _set_alarm_state(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["AlarmName"] not in self.alarms:
            raise error("SetAlarmState", "ResourceNotFound", "")
        self.set_state(asked["AlarmName"], asked["StateValue"])
        self.done.append(("SetAlarmState", asked["AlarmName"], self.clock()))
        return {}

    def _delete_alarms(self, asked: dict[str, Any]) -> dict[str, Any]:
        for name in asked["AlarmNames"]:
            self.alarms.pop(name, None)
        self.done.append(("DeleteAlarms", tuple(asked["AlarmNames"]), self.clock()))
        return {}

    def _get_metric_data(self, asked: dict[str, Any]) -> dict[str, Any]:
        results = []
        for query in asked["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            where = "/".join(dimension["Value"] for dimension in metric["Dimensions"])
            values = self.metric_data.get((where, metric["MetricName"]), [])
            period = timedelta(seconds=query["MetricStat"]["Period"])
            times = [asked["EndTime"] - period * (len(values) - index) for index in range(len(values))]
            kept = [(time, value) for time, value in zip(times, values, strict=True) if time >= asked["StartTime"]]
            results.append(
                {
                    "Id": query["Id"],
                    "Label": metric["MetricName"],
                    "StatusCode": "Complete",
                    "Timestamps": [time for time, _ in kept],
                    "Values": [value for _, value in kept],
                }
            )
        return {"MetricDataResults": results}

    def set_state(self, name: str, state: str) -> None:
        """Let an alarm go to a state; one that goes to ALARM tells its topic, and so the queue."""
        alarm = self.alarms[name]
        changed = alarm["StateValue"] != state
        self.alarms[name] = {**alarm, "StateValue": state, "StateUpdatedTimestamp": self.clock.now}
        if changed and state == "ALARM":
            self.put_message({"AlarmName": name, "NewStateValue": state})

    def evaluate(self) -> None:
        """Evaluate every alarm by the load of its stream and the shards that it computes with."""
        for name, alarm in list(self.alarms.items()):
            stream = alarm["Metrics"][0]["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
            (shards,) = [int(query["Expression"]) for query in alarm["Metrics"] if query["Id"] == "s1"]
            usage = self.streams[stream].load / shards if stream in self.streams else 0.0
            up = alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
            breached = usage >= alarm["Threshold"] if up else usage < alarm["Threshold"]
            self.set_state(name, "ALARM" if breached else "OK")

    # DynamoDB, SQS, Lambda

    def _get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["Key"]["stream"]["S"]
        return {"Item": self.items[name]} if name in self.items else {}

    def _batch_get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        ((table, request),) = asked["RequestItems"].items()
        names = [key["stream"]["S"] for key in request["Keys"]]
        return {"Responses": {table: [self.items[name] for name in names if name in self.items]}}

    def _put_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["Item"]["stream"]["S"]
        known = self.items.get(name)
        if known and known["version"] != asked["ExpressionAttributeValues"][":before"]:
            raise error("PutItem", "ConditionalCheckFailedException", "The conditional request failed")
        self.items[name] = asked["Item"]
        self.done.append(("PutItem", name, self.clock()))
        return {}

    def _send_message_batch(self, asked: dict[str, Any]) -> dict[str, Any]:
        for entry in asked["Entries"]:
            self.put_message(json.loads(entry["MessageBody"]), entry["DelaySeconds"])
        return {"Successful": []}

    def put_message(self, body: Any, delay: float = 0) -> None:
        """Put a message into the queue, as JSON."""
        self._sequence += 1
        message = {"id": str(self._sequence), "body": json.dumps(body), "visible": self.clock() + delay, "received": 0}
        self.queue.append(message)

    def receive(self, most: int, visibility: float) -> list[dict[str, Any]]:
        """The messages that are visible, at most so many; one that was received too often goes to `dead`."""
        found = []
        for message in [message for message in self.queue if message["visible"] <= self.clock()]:
            if message["received"] >= RECEIVES:
                self.queue.remove(message)
                self.dead.append(message["body"])
            elif len(found) < most:
                message["received"] += 1
                message["visible"] = self.clock() + visibility
                found.append(message)
        return found

    def delete(self, messages: list[dict[str, Any]]) -> None:
        """Delete messages that were received."""
        for message in messages:
            self.queue.remove(message)

    def bodies(self) -> list[Any]:
        """What is in the queue, with the seconds until it can be received."""
        return [(json.loads(message["body"]), message["visible"] - self.clock()) for message in self.queue]

    def _put_function_concurrency(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.reserved[asked["FunctionName"]] = asked["ReservedConcurrentExecutions"]
        self.done.append(("PutFunctionConcurrency", asked["FunctionName"], self.clock()))
        return {}


class Client:
    """A client of one service; requests that botocore's model does not know are refused as boto3 refuses them."""

    def __init__(self, account: Account, service: str) -> None:
        self._account = account
        self._model, self._paging = _models(service)
        self.meta = SimpleNamespace(service_model=self._model)
        self._actions = {xform_name(action): action for action in self._model.operation_names}

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        return partial(self._call, self._actions[name])

    def get_paginator(self, name: str) -> Any:
        action = self._actions[name]
        return Paginator(getattr(self, name), self._paging[action], self._model.operation_model(action))

    def _call(self, action: str, **parameters: Any) -> dict[str, Any]:
        shape = self._model.operation_model(action).input_shape
        report = ParamValidator().validate(parameters, shape) if shape else None
        if report and report.has_errors():
            raise ParamValidationError(report=report.generate_report())
        return self._account.answer(action, parameters)


@cache
def _models(service: str) -> tuple[Any, dict[str, Any]]:
    session = botocore.session.get_session()
    paging = session.get_component("data_loader").load_service_model(service, "paginators-1")["pagination"]
    return session.get_service_model(service), paging


def error(action: str, code: str, message: str) -> ClientError:
    """What boto3 raises."""
    return ClientError({"Error": {"Code": code, "Message": message}}, action)


def every(clock: Clock, seconds: float, until: float) -> Iterator[None]:
    """Once at each interval until the clock says so."""
    while clock() < until:
        yield
        clock.sleep(seconds)
