"""Who may reach AWS from where, by the policies that the module renders.

The published form is an example of its time in the IAM User Guide ("AWS: Denies access to AWS based on the source IP"),
which scopes nothing and knows neither VPC endpoints nor services that supply no aws:ViaAWSService.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_evaluation.decision import decide
from policy_evaluation.policy import Policy
from policy_evaluation.request import Request

pytestmark = pytest.mark.xdist_group("geofence_matrix")  # they share a plan
ROOT = Path(__file__).resolve().parents[2]
NAT = "198.51.100.7"
HOME = "203.0.113.9"
VPC = "vpc-0123456789abcdef0"
REGION, ELSEWHERE = "eu-central-1", "us-east-1"
ACCOUNT = "111122223333"
HUMAN = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef"
PLAIN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SERVICE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/app"
BREAK_GLASS = f"arn:aws:iam::{ACCOUNT}:role/break-glass"
HUMANS = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", "arn:aws:iam::*:role/break-glass"]

ASKED = {"aws:RequestedRegion": REGION}
ON_VPN = {**ASKED, "aws:SourceIp": NAT, "aws:ViaAWSService": "false"}
OFF_VPN = {**ASKED, "aws:SourceIp": HOME, "aws:ViaAWSService": "false"}
OFF_VPN_6 = {**ASKED, "aws:SourceIp": "2001:db8::9", "aws:ViaAWSService": "false"}
OUR_ENDPOINT = {**ASKED, "aws:SourceVpc": VPC, "aws:SourceVpce": "vpce-1", "aws:ViaAWSService": "false"}
OUR_VPC_ELSEWHERE = {**OUR_ENDPOINT, "aws:RequestedRegion": ELSEWHERE}
THEIR_ENDPOINT = {**ASKED, "aws:SourceVpc": "vpc-0theirs", "aws:SourceVpce": "vpce-9", "aws:ViaAWSService": "false"}
FORWARDED = {**ASKED, "aws:SourceIp": HOME, "aws:ViaAWSService": "true"}
KEY_ABSENT = {**ASKED, "aws:SourceIp": HOME}
OTHER_VPC = {**ASKED, "aws:SourceVpc": "vpc-0app", "aws:ViaAWSService": "false"}

OFFLINE = {
    "aws": {
        "region": REGION,
        "access_key": "test",
        "secret_key": "test",
        "skip_credentials_validation": True,
        "skip_requesting_account_id": True,
        "skip_metadata_api_check": True,
    }
}
"""A provider that asks nobody: the module's texts need none."""

ALLOW = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


@dataclass(frozen=True, slots=True)
class Texts:
    """One form of the policies: what is attached to a role, and its SCP."""

    deny: Policy
    scp: Policy


@pytest.fixture(scope="module")
def rendered(
    tmp_path_factory: pytest.TempPathFactory,
    terraform: Callable[..., subprocess.CompletedProcess[str]],
    initialise: Callable[[Path], None],
) -> dict[str, Texts]:
    """Both forms, as a plan of the module has them."""
    root = tmp_path_factory.mktemp("rendered")
    source = ROOT / "modules" / "iam_geofence" / "policies"
    shutil.copytree(source, root / "policies", ignore=shutil.ignore_patterns(".terraform", "tests", "examples"))
    shutil.copy(source / ".terraform.lock.hcl", root)
    strict = {
        "vpc_ids": [VPC],
        "region": REGION,
        "break_glass_role_arns": [BREAK_GLASS],
        "human_principal_arns": HUMANS,
    }
    calls = {
        form: {"source": "./policies", "form": form, "addresses": [f"{NAT}/32"], **more}
        for form, more in (("strict", strict), ("published", {}))
    }
    outputs = {form: {"value": f"${{[module.{form}.deny_policy_json, module.{form}.scp_json]}}"} for form in calls}
    (root / "main.tf.json").write_text(json.dumps({"provider": OFFLINE, "module": calls, "output": outputs}))
    initialise(root)
    planned = terraform(root, "plan", "-no-color", "-out=plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    shown = json.loads(terraform(root, "show", "-json", "plan").stdout)["planned_values"]["outputs"]
    return {form: Texts(*(Policy.parse(text) for text in item["value"])) for form, item in shown.items()}


def attached(policy: Policy, principal: str, context: dict[str, str], action: str = "ec2:DescribeInstances") -> bool:
    """Whether a role that may do anything still may, with the policy attached."""
    return decide(Request(principal, action, context=context), [ALLOW, policy]).allowed


def under(scp: Policy, principal: str, context: dict[str, str]) -> bool:
    """Whether a role that may do anything still may, in an account under the SCP."""
    request = Request(principal, "ec2:DescribeInstances", context=context)
    return decide(request, [ALLOW], scp_levels=[[ALLOW], [ALLOW, scp]]).allowed


@pytest.mark.parametrize(
    ("principal", "context", "published", "published_scp", "strict", "strict_scp"),
    [
        pytest.param(HUMAN, ON_VPN, True, True, True, True, id="human on the VPN by NAT"),
        pytest.param(HUMAN, OFF_VPN, False, False, False, False, id="human off the VPN, IPv4"),
        pytest.param(HUMAN, OFF_VPN_6, False, False, False, False, id="human off the VPN, IPv6"),
        pytest.param(HUMAN, OUR_ENDPOINT, False, False, True, True, id="human on the VPN by our endpoint"),
        pytest.param(HUMAN, OUR_VPC_ELSEWHERE, False, False, False, False, id="a VPC of our id in another Region"),
        pytest.param(HUMAN, THEIR_ENDPOINT, False, False, False, False, id="human credentials by another's endpoint"),
        pytest.param(HUMAN, FORWARDED, True, True, True, True, id="a service on the human's behalf"),
        pytest.param(HUMAN, KEY_ABSENT, True, True, False, False, id="human off the VPN, no ViaAWSService"),
        pytest.param(PLAIN_ROLE, OTHER_VPC, False, False, False, True, id="a function's role in another VPC"),
        pytest.param(SERVICE_ROLE, OTHER_VPC, False, True, False, True, id="a service role"),
        pytest.param(BREAK_GLASS, OFF_VPN, False, False, True, True, id="break-glass"),
    ],
)
def test_the_matrix(
    rendered: dict[str, Texts],
    principal: str,
    context: dict[str, str],
    published: bool,
    published_scp: bool,
    strict: bool,
    strict_scp: bool,
) -> None:
    assert attached(rendered["published"].deny, principal, context) is published
    assert under(rendered["published"].scp, principal, context) is published_scp
    assert attached(rendered["strict"].deny, principal, context) is strict
    assert under(rendered["strict"].scp, principal, context) is strict_scp


def test_a_managed_policy_is_scoped_by_where_it_is_attached(rendered: dict[str, Texts]) -> None:
    assert not attached(rendered["strict"].deny, PLAIN_ROLE, OFF_VPN)
    assert attached(rendered["strict"].scp, PLAIN_ROLE, OFF_VPN)


def test_data_planes_inside_a_vpc_are_spared(rendered: dict[str, Texts]) -> None:
    for action in ("rds-db:connect", "elasticfilesystem:ClientMount"):
        assert attached(rendered["strict"].deny, HUMAN, OFF_VPN, action)


@pytest.mark.parametrize(
    "absent", list(chain.from_iterable(combinations(sorted(OFF_VPN | THEIR_ENDPOINT), n) for n in range(6)))
)
def test_off_the_vpn_no_absent_key_opens_the_strict_fence(rendered: dict[str, Texts], absent: tuple[str, ...]) -> None:
    context = {key: value for key, value in (OFF_VPN | THEIR_ENDPOINT).items() if key not in absent}
    assert not attached(rendered["strict"].deny, HUMAN, context)
    assert not under(rendered["strict"].scp, HUMAN, context)


@given(st.ip_addresses().map(str).filter(lambda address: address != NAT))
def test_no_other_address_is_inside(rendered: dict[str, Texts], address: str) -> None:
    assert not under(rendered["strict"].scp, HUMAN, {**OFF_VPN, "aws:SourceIp": address})
