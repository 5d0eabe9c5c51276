"""What Terraform puts into the environment of the canary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from common.errors import ConfigurationError
from common.settings import Accepts, from_environment, text
from iam_geofence.fence import new_nonce
from iam_geofence.model import Malformed, Question
from iam_geofence.parse import canonical_address
from iam_geofence.settings import Check

NOBODY = "canary"
"""Stands for the connection and, in the negative control, for an endpoint: the web ACL blocks before either is read."""


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
    """For the controls: CHECK_… as the connect handler's, DRILL_ADDRESS, PERMITTED_ADDRESS and, with them, ENDPOINT_ID.

    The web ACL's rule lets `drill_address` pass, which is nobody's, beside the permitted countries: as long as that
    rule does anything. `permitted_address` is somebody's in such a country. Both at the Client VPN endpoint
    `endpoint_id`.
    """

    check: Check
    drill_address: Annotated[str | None, text()] = None
    permitted_address: Annotated[str | None, public_address()] = None
    endpoint_id: Annotated[str | None, text()] = None

    def positive_controls(self) -> dict[str, Question]:
        """What is asked about each address that must be admitted, by `drill` and `permitted`."""
        if self.endpoint_id is None:
            return {}
        addresses = {"drill": self.drill_address, "permitted": self.permitted_address}
        return {
            name: Question(address, self.endpoint_id, NOBODY, new_nonce())
            for name, address in addresses.items()
            if address
        }


def read_canary_settings(environment: Mapping[str, str]) -> CanarySettings:
    """Raises ConfigurationError, which names everything that is wrong at once."""
    settings = from_environment(CanarySettings, environment)
    if (settings.drill_address or settings.permitted_address) and not settings.endpoint_id:
        raise ConfigurationError(
            "ENDPOINT_ID is missing: the check answers about DRILL_ADDRESS and PERMITTED_ADDRESS only for an endpoint "
            "that it knows."
        )
    return settings
