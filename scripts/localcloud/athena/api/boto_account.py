"""The account of a query, by boto3 and the local cloud's own endpoint: faults and limits are met as on AWS."""

import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.athena.engine.account import Functions, Invoked, Missing, Throttled
from localcloud.athena.query.failure import QueryFailed

LONGEST_INVOCATION_SECONDS = 900 + 30
Lookup = Callable[[str], tuple[str, Functions] | None]


class BotoAccount:
    """An account and Region of the local cloud that runs in this process; `lookup` finds catalogs."""

    def __init__(self, account: str, region: str, lookup: Lookup) -> None:
        self._account, self._region = account, region
        self.functions = lookup
        self._lambda, self._s3 = client("lambda", account, region), client("s3", account, region)

    def invoke(self, function: str, payload: bytes) -> Invoked:
        """Invoke a function and wait for it."""
        try:
            answer = self._lambda.invoke(FunctionName=function, Payload=payload)
        except ClientError as error:
            match error.response["Error"]["Code"]:
                case "TooManyRequestsException":
                    raise Throttled(error.response["Error"]["Message"]) from error
                case "ResourceNotFoundException":
                    raise Missing(error.response["Error"]["Message"]) from error
            raise QueryFailed(f"GENERIC_USER_ERROR: LambdaFunction[{function}] cannot be invoked: {error}") from error
        return Invoked(answer["Payload"].read(), answer.get("FunctionError"))

    def get_object(self, bucket: str, key: str) -> bytes:
        """The bytes of an object."""
        try:
            content: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise Missing(f"s3://{bucket}/{key}: {error}") from error
        return content

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        """Write an object. Raises QueryFailed when that is refused."""
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=content)
        except ClientError as error:
            raise QueryFailed(f"Access denied when writing output to url: s3://{bucket}/{key}: {error}") from error

    def has_bucket(self, bucket: str) -> bool:
        """Whether the bucket is there, for this account."""
        try:
            self._s3.head_bucket(Bucket=bucket)
        except ClientError:
            return False
        return True

    def list_objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        """Keys and sizes, in order. Raises QueryFailed when there is no such bucket."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        try:
            return [(item["Key"], item["Size"]) for page in pages for item in page.get("Contents", [])]
        except ClientError as error:
            raise QueryFailed(f"HIVE_CURSOR_ERROR: Cannot list s3://{bucket}/{prefix}: {error}") from error

    def lake_table(self, schema: str, table: str) -> dict[str, Any]:
        """A table of Glue's catalog."""
        try:
            found: dict[str, Any] = self._glue.get_table(DatabaseName=schema, Name=table)["Table"]
        except ClientError as error:
            raise Missing(f"{schema}.{table}: {error}") from error
        return found

    def lake_tables(self, schema: str) -> list[dict[str, Any]]:
        """All tables of a schema of Glue's catalog. Raises Missing."""
        pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=schema)
        try:
            return [table for page in pages for table in page["TableList"]]
        except ClientError as error:
            raise Missing(f"{schema}: {error}") from error

    def lake_schemas(self) -> list[dict[str, Any]]:
        """All schemas of Glue's catalog."""
        pages = self._glue.get_paginator("get_databases").paginate()
        return [schema for page in pages for schema in page["DatabaseList"]]

    def lake_partitions(self, schema: str, table: str) -> Iterator[dict[str, Any]]:
        """All partitions of a table of Glue's catalog."""
        for page in self._glue.get_paginator("get_partitions").paginate(DatabaseName=schema, TableName=table):
            yield from page["Partitions"]

    @property
    def _glue(self) -> Any:
        return client("glue", self._account, self._region)


def client(service: str, account: str, region: str) -> Any:
    """A client that any thread may use. They are kept: reading the models of a service takes as long as a query."""
    with _building:
        return _client(service, account, region)


@cache
def _session() -> Any:
    return boto3.Session()


@cache
def _client(service: str, account: str, region: str) -> Any:
    waiting: dict[str, Any] = {"read_timeout": LONGEST_INVOCATION_SECONDS, "retries": {"total_max_attempts": 1}}
    return _session().client(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
        aws_access_key_id=account,
        aws_secret_access_key="test",  # noqa: S106 - the local cloud looks at none
        config=Config(max_pool_connections=16, proxies={}, **(waiting if service == "lambda" else {})),
    )


_building = threading.Lock()
"""Building a client is not thread-safe."""
