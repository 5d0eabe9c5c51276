"""Who may reach which network through an endpoint (API_AuthorizeClientVpnIngress, API_RevokeClientVpnIngress)."""

from datetime import datetime
from ipaddress import IPv4Network
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response

from localcloud.client_vpn import settings
from localcloud.client_vpn.model import Endpoint, Rule
from localcloud.client_vpn.requests import changing, endpoint_of, idempotent, listed
from localcloud.extensions import AwsError, adds

MOST_RULES = 200
"""Per endpoint ("Client VPN quotas"; adjustable on AWS)."""


@adds(EC2Response, "AuthorizeClientVpnIngress")
@idempotent
def authorize_client_vpn_ingress(self: Any) -> ActionResult:
    """AuthorizeClientVpnIngress: for one group, or for all."""
    destination, group_id = _named(self, "AuthorizeAllGroups")
    with endpoint_of(self) as (endpoint, now):
        if _rule(endpoint, destination, group_id):
            message = f"The rule for {destination} exists already."
            raise AwsError("InvalidClientVpnDuplicateAuthorizationRule", message)
        if len(endpoint.rules) >= MOST_RULES:
            message = f"The endpoint has {MOST_RULES} authorization rules, which is the limit."
            raise AwsError("ClientVpnAuthorizationRuleLimitExceeded", message)
        description = self._get_param("Description") or ""
        rule = Rule(destination, group_id, description, changing(now, "authorizing", "active"))
        endpoint.rules.append(rule)
        return ActionResult({"Status": {"Code": rule.change.status(now)}})


@adds(EC2Response, "RevokeClientVpnIngress")
def revoke_client_vpn_ingress(self: Any) -> ActionResult:
    """RevokeClientVpnIngress: of one group, or of all."""
    destination, group_id = _named(self, "RevokeAllGroups")
    with endpoint_of(self) as (endpoint, now):
        rule = _rule(endpoint, destination, group_id)
        if rule is None:
            message = f"There is no rule for {destination} and that group."
            raise AwsError("InvalidClientVpnEndpointAuthorizationRuleNotFound", message)
        rule.change = changing(now, "revoking", "revoked")
        return ActionResult({"Status": {"Code": rule.change.status(now)}})


@adds(EC2Response, "DescribeClientVpnAuthorizationRules")
def describe_client_vpn_authorization_rules(self: Any) -> ActionResult:
    """DescribeClientVpnAuthorizationRules: with pages and filters."""
    with endpoint_of(self) as (endpoint, now):
        return listed(
            self,
            "AuthorizationRules",
            [_described(endpoint, rule, now) for rule in endpoint.rules],
            lambda item: f"{item['DestinationCidr']} {item['GroupId']}",
            {
                "description": lambda item: str(item["Description"]),
                "destination-cidr": lambda item: str(item["DestinationCidr"]),
                "group-id": lambda item: str(item["GroupId"]),
            },
        )


def _described(endpoint: Endpoint, rule: Rule, now: datetime) -> dict[str, Any]:
    return {
        "ClientVpnEndpointId": endpoint.id,
        "Description": rule.description,
        "GroupId": rule.group_id,
        "AccessAll": not rule.group_id,
        "DestinationCidr": str(rule.destination),
        "Status": {"Code": rule.change.status(now)},
    }


def _named(self: Any, everybody: str) -> tuple[IPv4Network, str]:
    """The network and the group of a request, "" for all groups: exactly one of the two is given."""
    group_id, all_groups = self._get_param("AccessGroupId") or "", self._get_bool_param(everybody, False)
    if bool(group_id) is all_groups:
        raise AwsError("InvalidParameterCombination", f"Specify either AccessGroupId or {everybody}.")
    return settings.network_of("TargetNetworkCidr", self._get_param("TargetNetworkCidr")), group_id


def _rule(endpoint: Endpoint, destination: IPv4Network, group_id: str) -> Rule | None:
    found = (rule for rule in endpoint.rules if (rule.destination, rule.group_id) == (destination, group_id))
    return next(found, None)
