"""Credentials from Secrets Manager: read when needed, kept briefly, read anew when the source refuses them."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import BotoCoreError, ClientError

from athena_connectors.federation.errors import InvalidCredentials
from athena_connectors.federation.read.refusal import connector_error

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT_SECONDS = 60
"""As long as the official connectors keep a secret (CachableSecretsManager)."""
ALLOW = (
    "It has to be in this Region, and the connector's role needs secretsmanager:GetSecretValue on it and kms:Decrypt "
    "on its key."
)
ROUTE = (
    "A function in a VPC reaches Secrets Manager by an interface endpoint for it in its subnets, or by a NAT gateway."
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A JSON secret; `values` has its keys in lower case, and never shows."""

    name: str
    values: dict[str, str] = field(repr=False)

    def get(self, *names: str) -> str | None:
        """The first of these (in lower case) that the secret has and that is not empty."""
        return next((self.values[name] for name in names if self.values.get(name)), None)


class Secrets:
    """The secrets that an environment of the function has read."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._provider = SecretsProvider(boto3_client=client)

    def read(self, name: str, *, fresh: bool = False) -> Secret:
        """The secret of that name or ARN; `fresh` asks Secrets Manager whatever is kept.

        Raises EntityNotFound, AccessDenied, OperationTimeout, Throttled, and InvalidCredentials where it is no JSON
        object.
        """
        return Secret(name, _values(name, self.text(name, fresh=fresh)))

    def text(self, name: str, *, fresh: bool = False) -> str:
        """The secret's text as it is. Raises as `read` does."""
        try:
            found = self._provider.get(name, max_age=KEPT_SECONDS, force_fetch=fresh)
        except GetParameterError as error:
            raise _explained(name, error.__cause__ or error.__context__ or error) from None
        if not isinstance(found, str):
            raise InvalidCredentials(f"The secret {name} is binary: store it as text.")
        return found


def _values(name: str, text: str) -> dict[str, str]:
    wanted = f'The secret {name} is no JSON object of texts, such as {{"username": "…", "password": "…"}}'
    try:
        # Numbers as they are spelled: a password may look like one.
        found = json.loads(text, parse_int=str, parse_float=str, strict=False)
    except ValueError:
        raise InvalidCredentials(f"{wanted}.") from None  # the error would quote the secret
    if not isinstance(found, dict):
        raise InvalidCredentials(f"{wanted}.")
    values: dict[str, str] = {}
    for key, value in found.items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidCredentials(f"{wanted}: {key} is not a text.")
        values[key.lower()] = value
    return values


def _explained(name: str, error: BaseException) -> Exception:
    if isinstance(error, ClientError | BotoCoreError):
        return connector_error(error, f"Reading the secret {name}", allow=ALLOW, route=ROUTE)
    return InvalidCredentials(f"The secret {name} cannot be read: {type(error).__name__}.")
