"""A block reaches the bucket as it is; whatever S3 says instead becomes an error that says who mends it."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from athena_connectors.federation.errors import (
    AccessDenied,
    ConnectorError,
    EntityNotFound,
    InternalError,
    OperationTimeout,
    Throttled,
)
from athena_connectors.federation.model import SpillLocation
from athena_connectors.federation.read.put import ANSWER_SECONDS, CONNECT_SECONDS, connect, putting, require_bucket

OWNER = "123456789012"
LOCATION = SpillLocation("acme-spill", "athena/query/split.0", directory=False)
CONTENT = pa.py_buffer(b"block" * 1000)


def put_with(client: Any) -> None:
    putting(client, OWNER)(LOCATION, CONTENT)


def test_a_block_is_put_with_the_bucket_owner_that_is_expected(
    answering: Callable[..., Any], s3_success: Callable[[], AWSResponse]
) -> None:
    sent: list[tuple[str, str, str, bytes]] = []

    def receive(request: Any) -> AWSResponse:
        owner = request.headers["x-amz-expected-bucket-owner"].decode()
        sent.append((request.method, request.url, owner, request.body.read()))
        return s3_success()

    put_with(answering("s3", receive))
    ((method, url, owner, body),) = sent
    assert (method, owner) == ("PUT", OWNER)
    assert url.split("/", 3)[3] == "athena/query/split.0"
    assert url.split("/")[2].startswith("acme-spill.s3.")
    assert CONTENT.to_pybytes() in body  # it travels in chunks that name their size, a checksum after the last


@pytest.mark.parametrize(
    ("status", "code", "error", "says"),
    [
        (403, "AccessDenied", AccessDenied, "s3:PutObject"),
        (404, "NoSuchBucket", EntityNotFound, "belong to account 123456789012"),
        (503, "SlowDown", Throttled, "run fewer queries at a time"),
        (500, "InternalError", OperationTimeout, "Run the query again"),
        (400, "KMS.DisabledException", AccessDenied, "key of the bucket"),
        (400, "InvalidRequest", InternalError, "InvalidRequest"),
    ],
)
def test_a_refusal_says_what_was_refused_and_who_mends_it(
    answering: Callable[..., Any],
    s3_error: Callable[..., AWSResponse],
    status: int,
    code: str,
    error: type[ConnectorError],
    says: str,
) -> None:
    with pytest.raises(error, match=says) as refused:
        put_with(answering("s3", s3_error(status, code)))
    begin = f"{error.code}: Putting s3://acme-spill/athena/query/split.0 was refused with {code}: no"
    assert str(refused.value).startswith(begin)


@pytest.mark.parametrize(
    "failure",
    [ConnectTimeoutError(endpoint_url="https://s3"), EndpointConnectionError(endpoint_url="https://s3")],
    ids=lambda failure: type(failure).__name__,
)
def test_an_s3_that_is_not_reached_names_the_gateway_endpoint(
    answering: Callable[..., Any], failure: Exception
) -> None:
    client = answering("s3", failure)
    with pytest.raises(OperationTimeout, match="gateway endpoint for S3"):
        put_with(client)
    with pytest.raises(OperationTimeout, match="gateway endpoint for S3"):
        require_bucket(client, "acme-spill", OWNER)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (ReadTimeoutError(endpoint_url="https://s3"), OperationTimeout),
        (ConnectionClosedError(endpoint_url="https://s3"), OperationTimeout),
        (NoCredentialsError(), AccessDenied),
    ],
)
def test_an_s3_that_does_not_answer_is_no_success(
    answering: Callable[..., Any], failure: Exception, error: type[ConnectorError]
) -> None:
    with pytest.raises(error, match="Putting s3://acme-spill"):
        put_with(answering("s3", failure))


@pytest.mark.parametrize(("status", "error"), [(403, AccessDenied), (404, EntityNotFound)])
def test_a_bucket_of_somebody_else_is_found_out_before_anything_is_read(
    answering: Callable[..., Any],
    s3_error: Callable[..., AWSResponse],
    status: int,
    error: type[ConnectorError],
) -> None:
    with pytest.raises(error, match="belong to account 123456789012"):
        require_bucket(answering("s3", s3_error(status)), "acme-spill", OWNER)


def test_the_client_gives_up_within_seconds() -> None:
    config = connect(3).meta.config
    assert (config.connect_timeout, config.read_timeout) == (CONNECT_SECONDS, ANSWER_SECONDS) == (3, 20)
    assert config.max_pool_connections == 3
