"""AWS as it is when it does not do what it is asked."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


class _Raw(BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def response(status: int, body: bytes = b"") -> AWSResponse:
    """What HTTP brought."""
    return AWSResponse("https://aws", status, {}, _Raw(body))


@pytest.fixture(scope="session")
def answering() -> Callable[..., Any]:
    """A client of a service that gets `answer` for every request: an error to raise, a response, or a function."""

    def made(service: str, answer: Any) -> Any:
        def before_send(request: Any, **_: object) -> AWSResponse:
            given = answer(request) if callable(answer) else answer
            if isinstance(given, Exception):
                raise given
            return given

        client = boto3.client(service, config=ONCE)
        client.meta.events.register("before-send", before_send)
        return client

    return made


@pytest.fixture(scope="session")
def s3_error() -> Callable[..., AWSResponse]:
    """S3's refusal with a status, and a code but to HEAD, whose answer has no body."""

    def made(status: int, code: str = "") -> AWSResponse:
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>" if code else ""
        return response(status, body.encode())

    return made


@pytest.fixture(scope="session")
def s3_success() -> Callable[[], AWSResponse]:
    """S3's answer to an object that was put."""
    return lambda: response(200)
