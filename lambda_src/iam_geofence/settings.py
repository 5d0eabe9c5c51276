"""What Terraform puts into the environment of the connect handler and of the canary."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from common.errors import ConfigurationError
from common.settings import Accepts, from_environment, one_of, text, true_or_false
from iam_geofence.model import Expectation, Malformed, Mode, Question
from iam_geofence.parse import canonical_address


def config_hash() -> Accepts:
    """Twelve hexadecimal digits, which change with the configuration."""

    def parse(found: str) -> str:
        if len(found) != 12 or not set(found) <= set("0123456789abcdef"):
            raise ValueError(found)
        return found

    return Accepts("12 lower-case hexadecimal digits", parse)


def public_address() -> Accepts:
    """One public IP address; its canonical text is what is kept."""

    def parse(found: str) -> str:
        try:
            return canonical_address(found)
        except Malformed as error:
            raise ValueError(found) from error

    return Accepts("one public IP address", parse)


@dataclass(frozen=True, slots=True)
class Check:
    """Where the check is (`host` may end in `:<port>`) and what proves that an answer is its: API, stage, web ACL."""

    host: Annotated[str, text()]
    stage: Annotated[str, text()]
    api_id: Annotated[str, text()]
    web_acl_arn: Annotated[str, text()]

    def expect(self, question: Question) -> Expectation:
        """What the answer to `question` must say to admit."""
        return Expectation(
            nonce=question.nonce,
            acl=self.web_acl_arn,
            api=self.api_id,
            stage=self.stage,
            endpoint=question.endpoint,
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """For connecting: CHECK_HOST, CHECK_STAGE, CHECK_API_ID, CHECK_WEB_ACL_ARN, MODE, CONFIG_HASH, LOG_USER_DATA.

    `log_user_data`: addresses and names are logged as they are; otherwise a keyed hash of the address.
    """

    check: Check
    mode: Annotated[Mode, one_of(Mode)]
    config_hash: Annotated[str, config_hash()]
    log_user_data: Annotated[bool, true_or_false()] = False


@dataclass(frozen=True, slots=True)
class CanarySettings:
    """The canary's: CHECK_… as above, PERMITTED_ADDRESS and, with it, ENDPOINT_ID.

    `permitted_address` is known to be admitted (the positive control), at the Client VPN endpoint `endpoint_id`.
    """

    check: Check
    permitted_address: Annotated[str | None, public_address()] = None
    endpoint_id: Annotated[str | None, text()] = None


@cache
def load() -> Settings:
    """The connect handler's settings, read once. Raises ConfigurationError."""
    return from_environment(Settings, os.environ)


def read_canary_settings(environment: Mapping[str, str]) -> CanarySettings:
    """Raises ConfigurationError, which names everything that is wrong at once."""
    settings = from_environment(CanarySettings, environment)
    if settings.permitted_address and not settings.endpoint_id:
        raise ConfigurationError(
            "ENDPOINT_ID is missing: the check answers about PERMITTED_ADDRESS only for an endpoint that it knows."
        )
    return settings
