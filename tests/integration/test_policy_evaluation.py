"""Decisions by the policies that an account and its organization hold."""

import json
from typing import Any

import pytest

from localcloud.client import LocalCloud
from policy_evaluation.decision import Reason, decide
from policy_evaluation.deployed import identity_policies, scp_levels
from policy_evaluation.errors import UnsupportedError
from policy_evaluation.request import Request

INSIDE, OUTSIDE = {"aws:SourceIp": "198.51.100.7"}, {"aws:SourceIp": "203.0.113.9"}
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {
    "Sid": "OutsideTheFence",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"NotIpAddressIfExists": {"aws:SourceIp": "198.51.100.7/32"}},
}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def iam(cloud: LocalCloud) -> Any:
    return cloud.client("iam")


def test_attached_and_inline_policies_of_a_role(iam: Any, name: str) -> None:
    role = iam.create_role(RoleName=name, Path="/geofenced/", AssumeRolePolicyDocument=document(ALLOW))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(ALLOW))
    arn = iam.create_policy(PolicyName=name, PolicyDocument=document(ALLOW))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    asked = Request(role, "s3:ListAllMyBuckets", context=OUTSIDE)
    assert decide(asked, identity_policies(iam, role)).allowed
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(DENY), SetAsDefault=True)
    decision = decide(asked, identity_policies(iam, role))
    assert (decision.reason, decision.sid) == (Reason.DENIED, "OutsideTheFence")
    assert decide(Request(role, "s3:ListAllMyBuckets", context=INSIDE), identity_policies(iam, role)).allowed


def test_a_user_has_the_policies_of_its_groups(iam: Any, name: str) -> None:
    user = iam.create_user(UserName=name)["User"]["Arn"]
    assert identity_policies(iam, user) == []
    iam.create_group(GroupName=name)
    iam.put_group_policy(GroupName=name, PolicyName="own", PolicyDocument=document(ALLOW))
    iam.add_user_to_group(GroupName=name, UserName=name)
    assert decide(Request(user, "s3:ListAllMyBuckets"), identity_policies(iam, user)).allowed


def test_a_permissions_boundary_is_refused_by_name(iam: Any, name: str) -> None:
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    trust = document(ALLOW)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, PermissionsBoundary=boundary)["Role"]["Arn"]
    with pytest.raises(UnsupportedError, match=f"boundary of {role}"):
        identity_policies(iam, role)


def test_every_level_of_an_organization_down_to_the_account(cloud: LocalCloud) -> None:
    management = "555566667777"
    organizations = cloud.client("organizations", account=management)
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    unit = organizations.create_organizational_unit(ParentId=root, Name="people")["OrganizationalUnit"]["Id"]
    status = organizations.create_account(Email="a@example.com", AccountName="a")["CreateAccountStatus"]
    member = status["AccountId"]
    organizations.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)
    scp = organizations.create_policy(
        Content=document(DENY), Description="fence", Name="fence", Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=scp, TargetId=unit)
    levels = scp_levels(organizations, member)
    assert len(levels) == 3
    user = Request(f"arn:aws:iam::{member}:root", "s3:ListAllMyBuckets", context=OUTSIDE)
    assert decide(user, [], scp_levels=levels).sid == "OutsideTheFence"
    assert decide(Request(str(user.principal), user.action, context=INSIDE), [], scp_levels=levels).allowed
    assert scp_levels(organizations, management) == []
