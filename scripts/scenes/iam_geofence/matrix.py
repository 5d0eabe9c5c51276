"""Who may call AWS from where, by the policies as they are deployed: the attached one, and its SCP."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from localcloud.client import LocalCloud
from policy_evaluation.decision import decide
from policy_evaluation.deployed import identity_policies
from policy_evaluation.policy import Policy
from policy_evaluation.request import Request
from scenes.iam_geofence import account

HOME, HOME_6 = "203.0.113.9", "2001:db8::9"
ACTION = "ec2:DescribeInstances"
"""EC2 is among the services that may leave aws:ViaAWSService out."""

ROWS = {
    "analyst, by the VPN": (account.ANALYST, {"aws:SourceIp": "{nat}", "aws:ViaAWSService": "false"}, True),
    "analyst, from home": (account.ANALYST, {"aws:SourceIp": HOME, "aws:ViaAWSService": "false"}, False),
    "analyst, from home, by IPv6": (account.ANALYST, {"aws:SourceIp": HOME_6, "aws:ViaAWSService": "false"}, False),
    "analyst, from home, no aws:ViaAWSService": (account.ANALYST, {"aws:SourceIp": HOME}, False),
    "analyst, nothing known of the request": (account.ANALYST, {}, False),
    "analyst's credentials, by a stranger's VPC endpoint": (
        account.ANALYST,
        {"aws:SourceVpc": "vpc-0stranger", "aws:SourceVpce": "vpce-0stranger", "aws:ViaAWSService": "false"},
        False,
    ),
    "a service on the analyst's behalf": (account.ANALYST, {"aws:SourceIp": HOME, "aws:ViaAWSService": "true"}, True),
    "break-glass, from home": (account.BREAK_GLASS, {"aws:SourceIp": HOME, "aws:ViaAWSService": "false"}, True),
    "a function's role, from its own VPC": (
        account.FUNCTION,
        {"aws:SourceVpc": "vpc-0application", "aws:ViaAWSService": "false"},
        True,
    ),
}
"""Who asks how, the role, what AWS knows of the request, and whether it should be allowed."""


def evaluate(cloud: LocalCloud, outputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each row with `who`, `wanted`, and what the attached policy and the SCP make of it: `policy`, `scp`."""
    users = sorted(set(outputs["trusted_addresses"]) - set(outputs["checker_addresses"]))[0]
    nat = str(ip_network(users).network_address)
    iam, scp = cloud.client("iam"), Policy.parse(outputs["scp_json"])
    everything = Policy.parse('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}')
    found = []
    for who, (role, context, wanted) in ROWS.items():
        known = {key: value.format(nat=nat) for key, value in context.items()}
        request = Request(account.arn_of(role), ACTION, context=known)
        found.append(
            {
                "who": who,
                "wanted": wanted,
                "policy": decide(request, identity_policies(iam, account.arn_of(role))).allowed,
                "scp": decide(request, [everything], scp_levels=[[everything], [everything, scp]]).allowed,
            }
        )
    return found
