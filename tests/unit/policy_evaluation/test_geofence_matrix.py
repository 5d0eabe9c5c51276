"""Who may reach AWS from where: the deny of the published design against one that says what an absent key means.

The published JSON is an example of its time in the IAM User Guide ("AWS: Denies access to AWS based on the source IP"),
which scopes nothing and knows neither VPC endpoints nor services that supply no aws:ViaAWSService.
"""

from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_evaluation.decision import decide
from policy_evaluation.policy import Policy
from policy_evaluation.request import Request

NAT = "198.51.100.7"
HOME = "203.0.113.9"
VPC = "vpc-0fence"
ACCOUNT = "111122223333"
HUMAN = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef"
PLAIN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SERVICE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/app"
BREAK_GLASS = f"arn:aws:iam::{ACCOUNT}:role/break-glass"
HUMANS = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", "arn:aws:iam::*:role/break-glass"]

DATA_PLANES = ["dax:*", "rds-db:connect", "kafka-cluster:*", "neptune-db:*", "es:ES*", "elasticfilesystem:Client*"]
PUBLISHED: dict[str, Any] = {
    "Sid": "OutsideTheFence",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"NotIpAddress": {"aws:SourceIp": [f"{NAT}/32"]}, "Bool": {"aws:ViaAWSService": "false"}},
}
STRICT: dict[str, Any] = {
    "Sid": "OutsideTheFence",
    "Effect": "Deny",
    "NotAction": DATA_PLANES,
    "Resource": "*",
    "Condition": {
        "BoolIfExists": {"aws:ViaAWSService": "false"},
        "NotIpAddressIfExists": {"aws:SourceIp": [f"{NAT}/32"]},
        "StringNotEqualsIfExists": {"aws:SourceVpc": [VPC]},
        "ArnNotLikeIfExists": {"aws:PrincipalArn": [BREAK_GLASS]},
    },
}


def with_condition(statement: dict[str, Any], operator: str, key: str, values: list[str]) -> dict[str, Any]:
    return {**statement, "Condition": {**statement["Condition"], operator: {key: values}}}


PUBLISHED_SCP = with_condition(
    PUBLISHED, "ArnNotLikeIfExists", "aws:PrincipalArn", ["arn:aws:iam::*:role/service-role/*"]
)
STRICT_SCP = with_condition(STRICT, "ArnLike", "aws:PrincipalArn", HUMANS)

ON_VPN = {"aws:SourceIp": NAT, "aws:ViaAWSService": "false"}
OFF_VPN = {"aws:SourceIp": HOME, "aws:ViaAWSService": "false"}
OFF_VPN_6 = {"aws:SourceIp": "2001:db8::9", "aws:ViaAWSService": "false"}
OUR_ENDPOINT = {"aws:SourceVpc": VPC, "aws:SourceVpce": "vpce-1", "aws:ViaAWSService": "false"}
THEIR_ENDPOINT = {"aws:SourceVpc": "vpc-0theirs", "aws:SourceVpce": "vpce-9", "aws:ViaAWSService": "false"}
FORWARDED = {"aws:SourceIp": HOME, "aws:ViaAWSService": "true"}
KEY_ABSENT = {"aws:SourceIp": HOME}
OTHER_VPC = {"aws:SourceVpc": "vpc-0app", "aws:ViaAWSService": "false"}

ALLOW = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def allowed(statement: dict[str, Any], principal: str, context: dict[str, str], *, scp: bool) -> bool:
    deny = Policy.parse({"Statement": [statement]})
    request = Request(principal, "ec2:DescribeInstances", context=context)
    if scp:
        return decide(request, [ALLOW], scp_levels=[[ALLOW], [ALLOW, deny]]).allowed
    return decide(request, [ALLOW, deny]).allowed


@pytest.mark.parametrize(
    ("principal", "context", "published", "published_scp", "strict_scp"),
    [
        pytest.param(HUMAN, ON_VPN, True, True, True, id="human on the VPN by NAT"),
        pytest.param(HUMAN, OFF_VPN, False, False, False, id="human off the VPN, IPv4"),
        pytest.param(HUMAN, OFF_VPN_6, False, False, False, id="human off the VPN, IPv6"),
        pytest.param(HUMAN, OUR_ENDPOINT, False, False, True, id="human on the VPN by our endpoint"),
        pytest.param(HUMAN, THEIR_ENDPOINT, False, False, False, id="human credentials by another's endpoint"),
        pytest.param(HUMAN, FORWARDED, True, True, True, id="a service on the human's behalf"),
        pytest.param(HUMAN, KEY_ABSENT, True, True, False, id="human off the VPN, no ViaAWSService"),
        pytest.param(PLAIN_ROLE, OTHER_VPC, False, False, True, id="a function's role in another VPC"),
        pytest.param(SERVICE_ROLE, OTHER_VPC, False, True, True, id="a service role"),
        pytest.param(BREAK_GLASS, OFF_VPN, False, False, True, id="break-glass"),
    ],
)
def test_the_matrix(
    principal: str, context: dict[str, str], published: bool, published_scp: bool, strict_scp: bool
) -> None:
    assert allowed(PUBLISHED, principal, context, scp=False) is published
    assert allowed(PUBLISHED_SCP, principal, context, scp=True) is published_scp
    assert allowed(STRICT_SCP, principal, context, scp=True) is strict_scp


def test_a_managed_policy_is_scoped_by_where_it_is_attached() -> None:
    assert not allowed(STRICT, PLAIN_ROLE, OFF_VPN, scp=False)
    assert allowed(with_condition(STRICT, "ArnLike", "aws:PrincipalArn", HUMANS), PLAIN_ROLE, OFF_VPN, scp=False)


def test_data_planes_inside_a_vpc_are_spared() -> None:
    deny = Policy.parse({"Statement": [STRICT]})
    for action in ("rds-db:connect", "elasticfilesystem:ClientMount"):
        assert decide(Request(HUMAN, action, context=OFF_VPN), [ALLOW, deny]).allowed


@pytest.mark.parametrize(
    "absent", list(chain.from_iterable(combinations(sorted(OFF_VPN | THEIR_ENDPOINT), n) for n in range(5)))
)
def test_off_the_vpn_no_absent_key_opens_the_strict_fence(absent: tuple[str, ...]) -> None:
    context = {key: value for key, value in (OFF_VPN | THEIR_ENDPOINT).items() if key not in absent}
    assert not allowed(STRICT, HUMAN, context, scp=False)
    assert not allowed(STRICT_SCP, HUMAN, context, scp=True)


@given(st.ip_addresses().map(str).filter(lambda address: address != NAT))
def test_no_other_address_is_inside(address: str) -> None:
    assert not allowed(STRICT_SCP, HUMAN, {**OFF_VPN, "aws:SourceIp": address}, scp=True)
