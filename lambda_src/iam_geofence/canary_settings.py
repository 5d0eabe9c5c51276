"""What Terraform puts into the environment of the canary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from common.errors import ConfigurationError
from common.settings import Accepts, from_environment, text
from iam_geofence.model import Malformed
from iam_geofence.parse import canonical_address
from iam_geofence.settings import Check


def public_address() -> Accepts:
    """One public IP address; its canonical text is what is kept."""

    def parse(found: str) -> str:
        try:
            return canonical_address(found)
        except Malformed as error:
            raise ValueError(found) from error

    return Accepts("one public IP address", parse)


@dataclass(frozen=True, slots=True)
class CanarySettings:
    """For the controls: CHECK_… as the connect handler's, PERMITTED_ADDRESS and, with it, ENDPOINT_ID.

    `permitted_address` is known to be admitted (the positive control), at the Client VPN endpoint `endpoint_id`.
    """

    check: Check
    permitted_address: Annotated[str | None, public_address()] = None
    endpoint_id: Annotated[str | None, text()] = None


def read_canary_settings(environment: Mapping[str, str]) -> CanarySettings:
    """Raises ConfigurationError, which names everything that is wrong at once."""
    settings = from_environment(CanarySettings, environment)
    if settings.permitted_address and not settings.endpoint_id:
        raise ConfigurationError(
            "ENDPOINT_ID is missing: the check answers about PERMITTED_ADDRESS only for an endpoint that it knows."
        )
    return settings
