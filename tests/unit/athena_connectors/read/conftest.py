"""A split to read, a source that does as it is told, a bucket, and AWS when it does not do what it is asked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from threading import Event
from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from athena_connectors.federation.model import (
    Constraints,
    EncryptionKey,
    Envelope,
    Identity,
    ReadRecords,
    Serde,
    SpillLocation,
    Split,
    TableName,
)

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


SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])
LOCATION = SpillLocation("acme-spill", "athena/query/split", directory=True)


@pytest.fixture(scope="session")
def make_request() -> Callable[..., ReadRecords]:
    """One split of a table of ids and names; blocks of 10,000 bytes, none inline."""

    def made(**more: Any) -> ReadRecords:
        key = EncryptionKey(bytes(range(32)), bytes(range(12)))
        defaults = ReadRecords(
            Envelope("query", "sales", Identity(), Serde.V6),
            TableName("PUBLIC", "CUSTOMERS"),
            SCHEMA,
            Split(LOCATION, key, {}),
            Constraints(),
            max_block_bytes=10_000,
            max_inline_bytes=0,
        )
        return replace(defaults, **more)

    return made


@pytest.fixture(scope="session")
def customers() -> Callable[[int, int], pa.RecordBatch]:
    """Rows from one id up to another."""

    def made(first: int, end: int) -> pa.RecordBatch:
        ids = range(first, end)
        return pa.RecordBatch.from_pydict({"id": list(ids), "name": [f"customer {number}" for number in ids]})

    return made


class Cursor:
    """A query at a source: gives what `script` yields; what it does when cancelled is the script's to say."""

    statement = "SELECT"
    queued_seconds = None

    def __init__(self, script: Callable[[Event], Iterator[pa.RecordBatch]]) -> None:
        self.cancelled = Event()
        self.closed = Event()
        self._script = script

    def batches(self) -> Iterator[pa.RecordBatch]:
        return self._script(self.cancelled)

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        self.closed.set()


@pytest.fixture(scope="session")
def querying() -> Callable[[Callable[[Event], Iterator[pa.RecordBatch]]], Cursor]:
    """A cursor whose batches a script gives, which is told when it is cancelled."""
    return Cursor


class Bucket:
    """What was put, by key, in the order in which it came."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, location: SpillLocation, content: pa.Buffer) -> None:
        assert (location.bucket, location.directory) == (LOCATION.bucket, False)
        self.objects[location.key] = content.to_pybytes()

    def rows(self, blocks: Sequence[SpillLocation], request: ReadRecords) -> pa.Table:
        """What Athena reads from the blocks of an answer."""
        key = request.split.key
        contents = [self.objects[block.key] for block in blocks]
        if key is not None:
            contents = [AESGCM(key.key).decrypt(key.nonce, content, None) for content in contents]
        batches = [pa.ipc.read_record_batch(pa.py_buffer(content), request.schema) for content in contents]
        return pa.Table.from_batches(batches, request.schema)


@pytest.fixture
def bucket() -> Bucket:
    """An empty spill bucket."""
    return Bucket()
