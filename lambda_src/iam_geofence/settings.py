"""What Terraform puts into the environment of the connect handler, and of the canary in part."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from common.settings import Accepts, from_environment, one_of, text, true_or_false
from iam_geofence.model import Expectation, Mode, Question


def config_hash() -> Accepts:
    """Twelve hexadecimal digits, which change with the configuration."""

    def parse(found: str) -> str:
        if len(found) != 12 or not set(found) <= set("0123456789abcdef"):
            raise ValueError(found)
        return found

    return Accepts("12 lower-case hexadecimal digits", parse)


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


@cache
def load() -> Settings:
    """The connect handler's settings, read once. Raises ConfigurationError."""
    return from_environment(Settings, os.environ)
