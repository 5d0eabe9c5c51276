"""VPN_001; https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-authorization.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import LATER, blocks, number, value

RULE = {
    "id": "VPN_001",
    "severity": "high",
    "title": "Client VPN connect handlers are named and timed so that they are heard",
    "why": "Client VPN invokes functions whose name begins with AWSClientVPN- only, and hangs up after 30 seconds. Any "
    "other name is refused during apply, and a function that may run for longer is cut off without its reason "
    "in the log: nobody gets in, and nothing says why.",
    "fix": """\
resource "aws_lambda_function" "connect" {
  function_name = "AWSClientVPN-team-connect"
  timeout       = 20
}
""",
    "links": ["https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-authorization.html"],
}

PREFIX = "AWSClientVPN-"
WAITS_SECONDS = 30


class HandlerCanAnswer(BaseResourceCheck):
    """Judges endpoints by the handler that they name, and functions of that name by their timeout."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.NETWORKING],
            supported_resources=["aws_ec2_client_vpn_endpoint", "aws_lambda_function"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN for other functions, and for an endpoint without a handler or with one that apply will name."""
        if "client_cidr_block" in conf:
            return _of_endpoint(conf)
        name = value(conf, "function_name")
        if not isinstance(name, str) or not name.startswith(PREFIX):
            return CheckResult.UNKNOWN
        timeout = number(conf, "timeout")
        if timeout is None:  # Lambda's default is three seconds.
            return CheckResult.UNKNOWN if value(conf, "timeout") is LATER else CheckResult.PASSED
        return CheckResult.PASSED if timeout < WAITS_SECONDS else CheckResult.FAILED


def _of_endpoint(conf: dict[str, list[Any]]) -> CheckResult:
    for options in blocks(conf, "client_connect_options"):
        arn = value(options, "lambda_function_arn")
        if value(options, "enabled") in (True, "true") and isinstance(arn, str):
            return CheckResult.PASSED if f":function:{PREFIX}" in arn else CheckResult.FAILED
    return CheckResult.UNKNOWN


check = HandlerCanAnswer()
