"""Puts blocks into the spill bucket, whose owner is checked with every one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import pyarrow as pa
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from athena_connectors.federation.model import SpillLocation
from athena_connectors.federation.read.refusal import connector_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Put = Callable[[SpillLocation, pa.Buffer], None]
"""Returns once the content is there; the memory is used again then."""

CONNECT_SECONDS = 3
"""S3 in the same Region takes milliseconds; a subnet without a route takes for ever."""
ANSWER_SECONDS = 20
ATTEMPTS = 4

ROUTE = (
    "A function in a VPC reaches S3 by a gateway endpoint for S3 in the route table of each of its subnets, or by a "
    "NAT gateway: add one, and let the security group out on port 443."
)


def connect(connections: int) -> "S3Client":
    """A client that gives up within seconds, for so many threads at a time."""
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=connections,
    )
    return boto3.client("s3", config=config)


def putting(client: "S3Client", owner: str) -> Put:
    """What puts one block; `owner` is the account that the bucket has to belong to. Raises ConnectorError."""

    def put(location: SpillLocation, content: pa.Buffer) -> None:
        where = f"s3://{location.bucket}/{location.key}"
        try:
            client.put_object(
                Bucket=location.bucket,
                Key=location.key,
                Body=pa.BufferReader(content),  # a file, for botocore would copy a buffer
                ExpectedBucketOwner=owner,
            )
        except (ClientError, BotoCoreError) as error:
            allow = (
                f"The function's role needs s3:PutObject there, and kms:GenerateDataKey on the key of the bucket; the "
                f"bucket has to belong to account {owner}."
            )
            raise connector_error(error, f"Putting {where}", allow=allow, route=ROUTE) from error

    return put


def require_bucket(client: "S3Client", bucket: str, owner: str) -> None:
    """Ask for the bucket before anything is read for it. Raises ConnectorError, which names the mistake."""
    try:
        client.head_bucket(Bucket=bucket, ExpectedBucketOwner=owner)
    except (ClientError, BotoCoreError) as error:
        allow = (
            f"The spill bucket has to exist and to belong to account {owner}, and the function's role needs "
            "s3:ListBucket on it."
        )
        raise connector_error(error, f"Looking for the bucket {bucket}", allow=allow, route=ROUTE) from error
