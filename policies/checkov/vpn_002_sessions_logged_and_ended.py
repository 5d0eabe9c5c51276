"""VPN_002; https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-working-max-duration.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import LATER, blocks, number, value

RULE = {
    "id": "VPN_002",
    "severity": "high",
    "title": "Client VPN sessions are logged, and end within a working day",
    "why": "What was decided about a caller holds until the session ends: by default 24 hours, after which a client "
    "with cached credentials reconnects. Without a log of connections nobody can say afterwards who was in, and from "
    "where.",
    "fix": """\
resource "aws_ec2_client_vpn_endpoint" "this" {
  session_timeout_hours = 8 # 8, 10, 12 or 24

  connection_log_options {
    enabled              = true
    cloudwatch_log_group = aws_cloudwatch_log_group.connections.name
  }
}
""",
    "links": [
        "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-working-max-duration.html",
        "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-logging.html",
    ],
}

LONGEST_HOURS = 12


class SessionsLoggedAndEnded(BaseResourceCheck):
    """Judges every endpoint."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.LOGGING],
            supported_resources=["aws_ec2_client_vpn_endpoint"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """A value that is not known yet counts for the endpoint: the next plan shows it."""
        logged = any(value(item, "enabled") in (True, "true", LATER) for item in blocks(conf, "connection_log_options"))
        hours = number(conf, "session_timeout_hours")
        ends = value(conf, "session_timeout_hours") is LATER or (hours is not None and hours <= LONGEST_HOURS)
        goes_on = value(conf, "disconnect_on_session_timeout") in (False, "false")
        return CheckResult.PASSED if logged and ends and not goes_on else CheckResult.FAILED


check = SessionsLoggedAndEnded()
