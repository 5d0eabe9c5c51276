"""The policies that an account holds, read by boto3 clients of IAM and Organizations, to `decide` with."""

from collections.abc import Iterator
from typing import Any

from policy_evaluation.errors import PolicyError, UnsupportedError
from policy_evaluation.policy import Policy

SCP = "SERVICE_CONTROL_POLICY"


def identity_policies(iam: Any, principal: str) -> list[Policy]:
    """The attached and inline policies of a role or a user by its ARN, and those of the user's groups.

    The root user has none. Raises UnsupportedError for a permissions boundary, which is not evaluated.
    """
    kind, _, path = principal.split(":", 5)[5].partition("/")
    name = path.rsplit("/", 1)[-1]
    match kind:
        case "root":
            return []
        case "role":
            _refuse_boundary(iam.get_role(RoleName=name)["Role"])
            return list(_of(iam, "role", name))
        case "user":
            _refuse_boundary(iam.get_user(UserName=name)["User"])
            groups = [group["GroupName"] for group in _pages(iam, "list_groups_for_user", "Groups", UserName=name)]
            return [*_of(iam, "user", name), *(policy for group in groups for policy in _of(iam, "group", group))]
        case _:
            raise PolicyError(f"{principal} is neither a role nor a user: name the role of a session.")


def scp_levels(organizations: Any, account: str) -> list[list[Policy]]:
    """The service control policies on the way from the organization's root to an account, which is the last.

    None for the management account, which they do not restrict. `organizations`: a client of the management account.
    """
    if organizations.describe_organization()["Organization"]["MasterAccountId"] == account:
        return []
    levels = [_scps(organizations, account)]
    child = account
    while parents := organizations.list_parents(ChildId=child)["Parents"]:
        child = parents[0]["Id"]
        levels.insert(0, _scps(organizations, child))
        if parents[0]["Type"] == "ROOT":
            break
    return levels


def _of(iam: Any, kind: str, name: str) -> Iterator[Policy]:
    key = {f"{kind.capitalize()}Name": name}
    for attached in _pages(iam, f"list_attached_{kind}_policies", "AttachedPolicies", **key):
        arn = attached["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        yield Policy.parse(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    for inline in _pages(iam, f"list_{kind}_policies", "PolicyNames", **key):
        yield Policy.parse(getattr(iam, f"get_{kind}_policy")(PolicyName=inline, **key)["PolicyDocument"])


def _scps(organizations: Any, target: str) -> list[Policy]:
    found = _pages(organizations, "list_policies_for_target", "Policies", TargetId=target, Filter=SCP)
    return [Policy.parse(organizations.describe_policy(PolicyId=item["Id"])["Policy"]["Content"]) for item in found]


def _pages(client: Any, operation: str, result: str, **arguments: str) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[result]


def _refuse_boundary(principal: dict[str, Any]) -> None:
    if "PermissionsBoundary" in principal:
        raise UnsupportedError(f"the permissions boundary of {principal['Arn']}")
