"""Asks Athena now and then whether the query still runs: nobody reads the rows of one that was cancelled."""

import random
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from threading import Event
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from athena_connectors.federation.read.refusal import THROTTLED

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

DELAYS = (1, 1, 2, 3, 5, 8, 13, 21, 34)
LAST_DELAY = 55
"""Seconds, as the official connectors wait: many splits of a query ask the same API."""
JITTER = 0.25
"""The splits of a query begin together; they are not to ask together."""
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")

StateOf = Callable[[str], str | None]
"""The state of a query; None where Athena does not tell just now. Raises Unwatchable."""


class Unwatchable(Exception):  # noqa: N818 - it says what the query is
    """Athena will not tell the state of this query, however often it is asked."""


def connect() -> "AthenaClient":
    """A client that tries once, and not for long: the next look comes anyway."""
    once = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.client("athena", config=once)


def states(client: "AthenaClient") -> StateOf:
    """How to ask Athena."""

    def state_of(query_id: str) -> str | None:
        try:
            execution = client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        except ClientError as error:
            code = error.response["Error"].get("Code", "?")
            if code in THROTTLED or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                return None
            raise Unwatchable(f"{code}: {error.response['Error'].get('Message', '')}") from error
        except BotoCoreError:
            return None
        return execution.get("Status", {}).get("State")

    return state_of


def delays(uniform: Callable[[float, float], float] = random.uniform) -> Iterator[float]:
    """Seconds to wait before each look."""
    return (seconds * uniform(1 - JITTER, 1 + JITTER) for seconds in chain(DELAYS, repeat(LAST_DELAY)))


def await_end(state_of: StateOf, query_id: str, stop: Event, waits: Iterator[float]) -> str | None:
    """The state in which the query ended, or None once `stop` is set. Raises Unwatchable."""
    for seconds in waits:
        if stop.wait(seconds):
            return None
        state = state_of(query_id)
        if state in ENDED:
            return state
    return None
