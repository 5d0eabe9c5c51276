"""The environment, as Terraform writes it and as it must not be."""

import pytest

from common.errors import ConfigurationError
from common.settings import from_environment
from iam_geofence.canary_settings import CanarySettings, read_canary_settings
from iam_geofence.model import Mode, Question
from iam_geofence.settings import Check, Settings

CHECK = {
    "CHECK_HOST": "abc123.execute-api.us-east-1.amazonaws.com",
    "CHECK_STAGE": "live",
    "CHECK_API_ID": "abc123",
    "CHECK_WEB_ACL_ARN": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/fence/0a1b2c3d",
}
ENVIRONMENT = {**CHECK, "MODE": "enforce", "CONFIG_HASH": "0123456789ab", "LOG_USER_DATA": "false"}


def test_reads_what_the_module_writes(check: Check) -> None:
    settings = from_environment(Settings, ENVIRONMENT)
    assert settings.check.stage == check.stage
    assert (settings.mode, settings.config_hash, settings.log_user_data) == (Mode.ENFORCE, "0123456789ab", False)


@pytest.mark.parametrize("name", [*CHECK, "MODE", "CONFIG_HASH"])
def test_everything_that_decides_is_needed(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is missing"):
        from_environment(Settings, {key: value for key, value in ENVIRONMENT.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHECK_WEB_ACL_ARN", ""),
        ("MODE", "off"),
        ("CONFIG_HASH", "0123456789AB"),
        ("CONFIG_HASH", "x"),
        ("LOG_USER_DATA", "1"),
    ],
)
def test_refuses(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        from_environment(Settings, {**ENVIRONMENT, name: value})


def test_an_answer_is_expected_for_its_question(check: Check) -> None:
    expected = check.expect(Question("8.8.8.8", "cvpn-endpoint-1", "c", "0f"))
    assert expected.proof() == {
        "nonce": "0f",
        "waf": "WAF_ALLOW",
        "acl": check.web_acl_arn,
        "api": "abc123",
        "stage": "live",
        "endpoint": "cvpn-endpoint-1",
    }


def test_the_canary_knows_what_must_be_admitted_only_with_an_endpoint() -> None:
    check = from_environment(CanarySettings, CHECK).check
    assert read_canary_settings(CHECK) == CanarySettings(check)
    addresses = {"DRILL_ADDRESS": "203.0.113.1", "PERMITTED_ADDRESS": "2001:4860:4860:0::8888"}
    every = {**CHECK, **addresses, "ENDPOINT_ID": "cvpn-endpoint-1"}
    assert read_canary_settings(every) == CanarySettings(
        check, "203.0.113.1", "2001:4860:4860::8888", "cvpn-endpoint-1"
    )
    for name, address in addresses.items():
        with pytest.raises(ConfigurationError, match="ENDPOINT_ID is missing"):
            read_canary_settings({**CHECK, name: address})
    with pytest.raises(ConfigurationError, match="one public IP address is accepted"):
        read_canary_settings({**every, "PERMITTED_ADDRESS": "10.0.0.1"})
