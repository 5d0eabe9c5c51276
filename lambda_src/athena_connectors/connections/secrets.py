"""Credentials from Secrets Manager: read when needed, kept briefly, read anew when the source refuses them."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import BotoCoreError, ClientError

from athena_connectors.federation.errors import AccessDenied, EntityNotFound, InvalidCredentials, OperationTimeout

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT_SECONDS = 60
"""As long as the official connectors keep a secret (CachableSecretsManager)."""


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

        Raises EntityNotFound, AccessDenied, OperationTimeout, and InvalidCredentials where it is no JSON object.
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
    if isinstance(error, ClientError):
        code: Any = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            return EntityNotFound(f"There is no secret {name} in this Region and account (or it is being deleted).")
        if code in ("AccessDeniedException", "DecryptionFailure"):
            return AccessDenied(
                f"The connector's role may not read the secret {name} ({code}): "
                "grant it secretsmanager:GetSecretValue, and kms:Decrypt of the secret's key."
            )
        return InvalidCredentials(f"The secret {name} cannot be read: {code}.")
    if isinstance(error, BotoCoreError):
        return OperationTimeout(
            f"Secrets Manager cannot be reached to read {name} ({type(error).__name__}): "
            "the connector's subnets need a route to it, by NAT or by an interface endpoint."
        )
    return InvalidCredentials(f"The secret {name} cannot be read: {type(error).__name__}.")
