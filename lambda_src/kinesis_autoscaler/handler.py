"""Entry point: messages of the work queue, or one by hand, say which streams to look at."""

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics

from common.errors import Rejected, TransientError
from kinesis_autoscaler import messages
from kinesis_autoscaler.gateway import Gateway, connect
from kinesis_autoscaler.measure import NAMESPACE, add_to, write_streams
from kinesis_autoscaler.run import Run
from kinesis_autoscaler.settings import Settings, read_settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

RESERVE = timedelta(seconds=12)
"""What a run keeps of its time: to finish the stream that it is at, and to send the others back to the queue."""

logger = Logger()
metrics = Metrics(namespace=NAMESPACE)


@cache
def load(variables: frozenset[tuple[str, str]]) -> Settings:
    """The settings that these environment variables hold; read once."""
    return read_settings(dict(variables))


@cache
def gateway(variables: frozenset[tuple[str, str]], deployment: str) -> Gateway:
    """The gateway for these settings; its clients are made once, and its pace is kept from run to run."""
    return connect(load(variables), deployment)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """AWS Lambda's entry point; see `from_queue` and `by_hand` for what is returned and raised, Settings for settings.

    Raises ConfigurationError, by which every message of the queue is delivered again, when the settings are wrong.
    """
    variables = frozenset((name, value) for name, value in os.environ.items() if name == "SETTINGS")
    settings, deployment = load(variables), context.function_name

    def in_time() -> bool:
        return timedelta(milliseconds=context.get_remaining_time_in_millis()) > RESERVE

    run = Run(gateway(variables, deployment), settings, deployment, datetime.now(UTC), in_time)
    return from_queue(run, event) if isinstance(event, dict) and "Records" in event else by_hand(run, event)


def from_queue(run: Run, event: dict[str, Any]) -> dict[str, Any]:
    """Deal with a batch of the work queue; returns `{"batchItemFailures": [{"itemIdentifier"}]}`.

    A message that says nothing that could be done is among them: the queue hands it to the failure queue in the end.
    Raises Rejected when the batch is not SQS's.
    """
    if any(record.get("eventSource") != "aws:sqs" for record in event["Records"]):
        raise Rejected("Nothing but the work queue may call this function: subscribe it instead. Nothing was done.")
    wanted, failures = {}, []
    # Powertools' SQSEvent would be imported with the events of every other service: a third of a cold start more.
    for record in event["Records"]:
        message_id = record["messageId"]
        try:
            wanted[message_id] = messages.parse(record["body"], run.deployment)
        except Rejected as error:
            logger.error("message", extra={"message_id": message_id, "reason": str(error)})
            failures.append(message_id)
    failures += run.work(wanted)
    report(run)
    return {"batchItemFailures": [{"itemIdentifier": failure} for failure in failures]}


def by_hand(run: Run, event: object) -> dict[str, Any]:
    """Deal with one message that is the event itself; returns `{"dry_run", "time", "decisions": [see Result.row]}`.

    Raises Rejected for anything else, and TransientError when a message could not be sent or a tick failed.
    """
    run.work({"by hand": messages.read(event, run.deployment)})
    rows = report(run)
    if run.troubles:
        raise TransientError("; ".join(run.troubles))
    return {"dry_run": run.settings.dry_run, "time": run.now.isoformat(timespec="seconds"), "decisions": rows}


def report(run: Run) -> list[dict[str, Any]]:
    """Log a line for each decision, and write the figures; returns what was logged."""
    rows = [result.row(run.now, dry_run=run.settings.dry_run) for result in run.results]
    for result, row in zip(run.results, rows, strict=True):
        log = logger.error if result.failed else logger.info
        log("stream", extra=row)
    add_to(metrics, run.now, run.results, run.managed)
    metrics.flush_metrics()
    write_streams(run.now, run.results, run.ticked)
    return rows
