"""Whose account this machine's AWS configuration leads to."""

from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError, ClientError


class CredentialsError(Exception):
    """Nobody is signed in, or not any more; the message says what AWS or its SDK said."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls AWS: the account id, the ARN of the user or role, and the endpoint that said so."""

    account: str
    arn: str
    endpoint: str

    @classmethod
    def find(cls, region: str) -> "Caller":
        """Ask STS in `region`. Raises CredentialsError."""
        client = boto3.client("sts", region_name=region)
        try:
            identity = client.get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            raise CredentialsError(f"No usable AWS credentials ({error}).") from None
        return cls(identity["Account"], identity["Arn"], client.meta.endpoint_url)

    def __str__(self) -> str:
        return f"account {self.account} as {self.arn}, endpoint {self.endpoint}"
