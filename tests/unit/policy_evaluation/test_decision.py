"""How statements, policies and levels of an organization become one decision."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_evaluation.decision import Reason, decide
from policy_evaluation.errors import PolicyError, UnsupportedError
from policy_evaluation.policy import Policy
from policy_evaluation.request import Request

ROLE = "arn:aws:iam::111122223333:role/ops"
BUCKET = "arn:aws:s3:::lake"
LIST = Request(ROLE, "s3:ListBucket", BUCKET)
EVERYTHING: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(**changes: Any) -> Policy:
    statement = {**EVERYTHING, **changes}
    return Policy.parse({"Version": "2012-10-17", "Statement": [{k: v for k, v in statement.items() if v is not None}]})


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"Action": "S3:list*"}, True),
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, False),
        ({"Action": None, "NotAction": "s3:*"}, False),
        ({"Action": None, "NotAction": ["iam:*", "sts:*"]}, True),
        ({"Resource": BUCKET}, True),
        ({"Resource": "arn:aws:s3:::LAKE"}, False),
        ({"Resource": "arn:aws:s3:::l?k*"}, True),
        ({"Resource": "arn:*:lake"}, None),
        ({"Resource": None, "NotResource": BUCKET}, False),
        ({"Resource": None, "NotResource": "arn:aws:s3:::other"}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalArn": ROLE, "aws:PrincipalAccount": "111122223333"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}}, False),
    ],
)
def test_which_statements_apply(changes: dict[str, Any], allowed: bool | None) -> None:
    if allowed is None:
        with pytest.raises(PolicyError, match="neither an ARN"):
            decide(LIST, [policy(**changes)])
    else:
        assert decide(LIST, [policy(**changes)]).allowed is allowed


def test_nobody_may_do_what_no_policy_allows() -> None:
    assert decide(LIST, []).reason is Reason.NOT_ALLOWED


def test_a_deny_wins_and_is_named() -> None:
    decision = decide(LIST, [policy(), policy(Effect="Deny", Sid="Fence")])
    assert (decision.reason, decision.sid) == (Reason.DENIED, "Fence")


def test_every_level_of_the_organization_must_allow() -> None:
    assert decide(LIST, [policy()], scp_levels=[[policy()], [policy(Action="s3:*")]]).allowed
    refused = decide(LIST, [policy()], scp_levels=[[policy()], [policy(Action="ec2:*")], [policy()]])
    assert refused.reason is Reason.NOT_ALLOWED_BY_SCP
    assert decide(LIST, [policy()], scp_levels=[[policy()], []]).reason is Reason.NOT_ALLOWED_BY_SCP


def test_a_service_control_policy_gives_nothing() -> None:
    assert decide(LIST, [], scp_levels=[[policy()]]).reason is Reason.NOT_ALLOWED


def test_a_deny_at_any_level_wins() -> None:
    deny = policy(Effect="Deny", Sid="OffTheVpn")
    for levels in ([[policy(), deny], [policy()]], [[policy()], [policy(), deny]]):
        assert decide(LIST, [policy()], scp_levels=levels).reason is Reason.DENIED


def test_service_linked_roles_are_not_restricted_by_the_organization() -> None:
    linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    request = Request(linked, "s3:ListBucket", BUCKET)
    assert decide(request, [policy()], scp_levels=[[policy(Effect="Deny")]]).allowed


def test_the_root_user_needs_no_policy_and_is_restricted_by_the_organization() -> None:
    root = Request("arn:aws:iam::111122223333:root", "s3:ListBucket", BUCKET)
    assert decide(root, []).allowed
    assert not decide(root, [], scp_levels=[[policy(), policy(Effect="Deny")]]).allowed


@pytest.mark.parametrize(
    ("principal", "admitted"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": ROLE}, True),
        ({"AWS": "111122223333"}, True),
        ({"AWS": "arn:aws:iam::111122223333:root"}, True),
        ({"AWS": "arn:aws:iam::111122223333:role/*"}, False),
        ({"AWS": "arn:aws:iam::444455556666:root"}, False),
        ({"Service": "ec2.amazonaws.com"}, False),
    ],
)
def test_whom_the_policy_of_a_resource_names(principal: Any, admitted: bool) -> None:
    assert decide(LIST, [], resource=policy(Principal=principal)).allowed is admitted
    denied = decide(LIST, [policy()], resource=policy(Principal=principal, Effect="Deny"))
    assert denied.allowed is not admitted


def test_an_anonymous_caller_is_nobody_but_everybody() -> None:
    anonymous = Request(None, "execute-api:Invoke", "arn:aws:execute-api:us-east-1:111122223333:a/live/GET/check")
    assert decide(anonymous, [], resource=policy(Principal="*")).allowed
    assert not decide(anonymous, [], resource=policy(Principal={"AWS": ROLE})).allowed
    with_key = policy(Principal="*", Condition={"StringLike": {"aws:PrincipalArn": "*"}})
    assert not decide(anonymous, [], resource=with_key).allowed


@given(
    st.lists(st.sampled_from(["s3:*", "s3:List*", "ec2:*", "*"]), max_size=4),
    st.lists(st.sampled_from(["s3:*", "s3:Get*", "ec2:*"]), max_size=4),
    st.lists(st.lists(st.sampled_from(["s3:*", "ec2:*", "*"]), max_size=2), max_size=3),
)
def test_allowed_means_allowed_everywhere_and_denied_nowhere(
    allows: list[str], denies: list[str], levels: list[list[str]]
) -> None:
    own = [policy(Action=item) for item in allows] + [policy(Action=item, Effect="Deny") for item in denies]
    decision = decide(LIST, own, scp_levels=[[policy(Action=item) for item in level] for level in levels])
    about = {"s3:*", "s3:List*", "*"}
    assert decision.allowed is (
        not about.isdisjoint(allows)
        and about.isdisjoint(denies)
        and all(not about.isdisjoint(level) for level in levels)
    )


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ({"Effect": "allow", "Action": "*", "Resource": "*"}, "allow"),
        ({"Effect": "Allow", "Resource": "*"}, "Action or NotAction"),
        ({"Effect": "Allow", "Action": "*", "NotAction": "*"}, "Action or NotAction"),
        ({"Effect": "Allow", "Action": "*", "Ressource": "*"}, "Ressource"),
    ],
)
def test_a_malformed_statement_is_named(statement: dict[str, Any], named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        Policy.parse({"Statement": statement})


@pytest.mark.parametrize("document", ["{", "[]", "{}", '{"Statement": []}'])
def test_a_malformed_document_is_refused(document: str) -> None:
    with pytest.raises(PolicyError):
        Policy.parse(document)


def test_not_principal_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="NotPrincipal"):
        decide(LIST, [], resource=policy(NotPrincipal={"AWS": ROLE}))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"principal": "ops", "action": "s3:ListBucket"}, "ops"),
        ({"principal": ROLE, "action": "s3:*"}, "one action"),
        ({"principal": ROLE, "action": "s3:ListBucket", "context": {"AWS:PrincipalArn": "x"}}, "aws:principalarn"),
    ],
)
def test_a_request_that_cannot_be_is_refused(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        Request(**arguments)
