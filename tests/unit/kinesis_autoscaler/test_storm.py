"""A thousand streams whose alarms go off in the same five minutes: two workers, AWS's rates, nothing lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from busy_account import Account, every

from kinesis_autoscaler import handler as entry
from kinesis_autoscaler.gateway import connect
from kinesis_autoscaler.model import Bounds
from kinesis_autoscaler.run import Run
from kinesis_autoscaler.settings import Settings

STREAMS = 1000
TIMEOUT = 60
VISIBILITY = 360
BATCH = 25
MINUTE = 60


@pytest.fixture
def worker(account: Account, make_function_settings: Callable[..., Settings]) -> Callable[[float], Callable[[], None]]:
    """A worker that polls the queue until so many seconds have passed, as Lambda's event source mapping does."""

    def made(until: float) -> Callable[[], None]:
        settings = make_function_settings()
        aws = connect(settings, account.deployment, account, account.clock, account.clock.sleep)

        def work() -> None:
            for _ in every(account.clock, 1, until):
                while received := account.receive(BATCH, VISIBILITY):
                    began = account.clock()
                    invoke(received, began)
                    assert account.clock() - began < TIMEOUT, "Lambda would have ended it"

        def invoke(received: list[dict[str, object]], began: float) -> None:
            def in_time() -> bool:
                return timedelta(seconds=TIMEOUT - (account.clock() - began)) > entry.RESERVE

            records = [
                {"messageId": message["id"], "body": message["body"], "eventSource": "aws:sqs"} for message in received
            ]
            run = Run(aws, settings, account.deployment, account.clock.now, in_time)
            failures = entry.from_queue(run, {"Records": records})["batchItemFailures"]
            failed = {failure["itemIdentifier"] for failure in failures}
            account.delete([message for message in received if message["id"] not in failed])

        return work

    return made


def test_a_thousand_alarms_in_five_minutes_are_worked_off(
    account: Account, add_stream: Callable[..., None], worker: Callable[[float], Callable[[], None]]
) -> None:
    for index in range(STREAMS):
        add_stream(f"stream-{index:04}", 2, load=1.6, bounds=Bounds(1, 16))

    def evaluate() -> None:
        for _ in every(account.clock, MINUTE, 16 * MINUTE):
            account.evaluate()

    def tick() -> None:
        for _ in every(account.clock, 15 * MINUTE, 16 * MINUTE):
            account.put_message({"kind": "tick"})

    account.clock.run(worker(16 * MINUTE), worker(16 * MINUTE), evaluate, tick)

    resized = {what[0]: at for action, what, at in account.done if action == "UpdateShardCount"}
    assert len(resized) == STREAMS
    assert max(resized.values()) < 5 * MINUTE
    assert {stream.count for stream in account.streams.values()} == {4}, "each was doubled, and none twice"
    written: dict[str, float] = {}
    for action, what, at in account.done:
        if action == "PutMetricAlarm":
            written.setdefault(what, at)
    assert len(written) == 2 * STREAMS
    assert max(written.values()) < 15 * MINUTE
    for alarm in account.alarms.values():
        assert {query["Expression"] for query in alarm["Metrics"] if query["Id"] == "s1"} == {"4"}
        assert alarm["StateValue"] != "ALARM"
    # Two workers may ask for the account's limits in the same second; that keeps no stream from growing.
    assert account.throttled.keys() <= {"DescribeLimits"}
    assert account.dead == []
