"""Who gets in: callers from a dozen countries, a fence that is tampered with in four ways, and who may call AWS."""

from collections.abc import Mapping
from typing import Any

from localcloud.client import LocalCloud
from progress import Progress
from report import Chapter
from scenes import SceneError
from scenes.iam_geofence import account, callers, matrix, story, tampering
from scenes.iam_geofence.promises import PERMITTED, broken

WAITING = 2
"""Environments of the handler that have started before anybody connects."""


def variables(prepared: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from example.tfvars: what is in the account, whom the policy is for, and environments that wait."""
    return {
        "provisioned_concurrency": WAITING,
        "vpn": {
            "client_cidr": "10.100.0.0/22",
            "server_certificate_arn": prepared["certificate_arn"],
            "authentication": {"saml": {"provider_arn": prepared["provider_arn"]}},
            "authorized": {"platform": {"group_id": callers.GROUP}},
        },
        "policy": {
            "break_glass_role_arns": [account.arn_of(account.BREAK_GLASS)],
            "human_principal_arns": [account.arn_of(account.ANALYST)],
            "keeper_role_arns": [account.arn_of(account.KEEPER)],
            "attached_role_names": [account.ANALYST, account.BREAK_GLASS],
        },
    }


def prepare(cloud: LocalCloud, progress: Progress) -> dict[str, Any]:
    """Give the account what the fence needs: a server certificate, an identity provider, and roles of people."""
    with progress.step("a server certificate, an identity provider, and the roles of an analyst and of others"):
        return account.furnish(cloud)


def play(
    cloud: LocalCloud, outputs: Mapping[str, Any], prepared: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Let callers come, tamper with the web ACL, and ask who may call AWS. Raises SceneError for a broken promise."""
    with progress.step("callers from a dozen countries, and some that pretend"):
        came = callers.come(cloud, outputs)
        sampled = callers.sample(cloud, outputs, PERMITTED)
    tried = []
    for attempt in tampering.ATTEMPTS:
        with progress.step(f"the web ACL is {attempt}, and mended"):
            tried.append(tampering.tamper(cloud, outputs, attempt))
    facts = {
        "waiting": callers.waiting(cloud, outputs),
        "callers": came,
        "sampled": sampled,
        "tampering": tried,
        "matrix": matrix.evaluate(cloud, outputs),
        "capacity": outputs["web_acl_capacity"],
        "deny_policy_bytes": outputs["deny_policy_bytes"],
        "scp_bytes": outputs["scp_bytes"],
    }
    story.tell(facts, progress.console)
    if problems := broken(facts):
        raise SceneError("\n".join(problems))
    return facts


def draw(facts: Mapping[str, Any]) -> Chapter:
    """The scene's part of the report."""
    return story.chapter(facts)
