"""Whether a query still runs is asked seldom, never all at once, and never at the cost of the read."""

from collections.abc import Callable, Iterator
from itertools import islice, repeat
from threading import Event
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from athena_connectors.federation.read.watch import Unwatchable, await_end, connect, delays, states

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


@pytest.fixture
def athena() -> Iterator[Stubber]:
    with Stubber(boto3.client("athena", config=ONCE)) as stub:
        yield stub


def answer(stub: Stubber, state: str) -> None:
    execution = {"QueryExecution": {"Status": {"State": state}}}
    stub.add_response("get_query_execution", execution, {"QueryExecutionId": "query"})


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_the_end_of_a_query_is_seen(athena: Stubber, state: str) -> None:
    answer(athena, "QUEUED")
    answer(athena, "RUNNING")
    answer(athena, state)
    assert await_end(states(athena.client), "query", Event(), repeat(0.0)) == state
    athena.assert_no_pending_responses()


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("InternalServerException", 500)])
def test_what_passes_is_asked_again(athena: Stubber, code: str, status: int) -> None:
    athena.add_client_error("get_query_execution", code, "later", status)
    answer(athena, "CANCELLED")
    assert await_end(states(athena.client), "query", Event(), repeat(0.0)) == "CANCELLED"


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidRequestException"])
def test_what_stays_is_not_asked_again(athena: Stubber, code: str) -> None:
    athena.add_client_error("get_query_execution", code, "never", 400)
    with pytest.raises(Unwatchable, match=f"{code}: never"):
        await_end(states(athena.client), "query", Event(), repeat(0.0))


def test_an_athena_that_is_not_reached_is_no_end(answering: Callable[..., Any]) -> None:
    client = answering("athena", ConnectTimeoutError(endpoint_url="https://athena"))
    assert states(client)("query") is None


def test_nobody_asks_once_reading_is_over(athena: Stubber) -> None:
    stop = Event()
    stop.set()
    assert await_end(states(athena.client), "query", stop, repeat(60.0)) is None


def test_looks_become_seldom() -> None:
    assert list(islice(delays(lambda least, most: (least + most) / 2), 11)) == [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 55]


def test_two_splits_do_not_ask_together() -> None:
    first, second = (list(islice(delays(), 20)) for _ in range(2))
    assert all(one != other for one, other in zip(first, second, strict=True))
    assert all(0.75 <= seconds <= 55 * 1.25 for seconds in first)


def test_the_client_tries_once() -> None:
    config = connect().meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 3)
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
