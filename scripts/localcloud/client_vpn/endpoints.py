"""Client VPN endpoints: create, describe, modify, delete, and the configuration that clients are given.

Sources: API_CreateClientVpnEndpoint, API_ModifyClientVpnEndpoint, API_DeleteClientVpnEndpoint and
API_ExportClientVpnClientConfiguration; codes from "Error codes for the Amazon EC2 API".
"""

from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv4Network
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.ec2.utils import random_id
from moto.logs.models import logs_backends

from localcloud.client_vpn import settings
from localcloud.client_vpn.model import Endpoint
from localcloud.client_vpn.requests import (
    changing,
    endpoint_not_found,
    endpoint_of,
    idempotent,
    invalid,
    listed,
    opened,
)
from localcloud.extensions import AwsError, adds

MOST_ENDPOINTS = 5
"""Per Region ("Client VPN quotas"; adjustable on AWS)."""
PORTAL = "https://self-service.clientvpn.amazonaws.com/endpoints/"
DEFAULTS: dict[str, Any] = {
    "VpnPort": 443,
    "SplitTunnel": False,
    "SessionTimeoutHours": 24,
    "DisconnectOnSessionTimeout": True,
    "ClientConnectOptions": {"Enabled": False},
    "ClientLoginBannerOptions": {"Enabled": False},
    "ClientRouteEnforcementOptions": {"Enforced": False},
}


@adds(EC2Response, "CreateClientVpnEndpoint")
@idempotent
def create_client_vpn_endpoint(self: Any) -> ActionResult:
    """CreateClientVpnEndpoint: pending until a subnet is associated."""
    settings.refuse_unknown(self)
    given: dict[str, Any] = {
        "ClientCidrBlock": str(settings.client_cidr(self._get_param("ClientCidrBlock"))),
        "AuthenticationOptions": settings.authentication(self, self._get_param("AuthenticationOptions", [])),
        "TransportProtocol": settings.one_of(
            "TransportProtocol", self._get_param("TransportProtocol", "udp"), ["tcp", "udp"]
        ),
        "VpnProtocol": "openvpn",
        "EndpointIpAddressType": "ipv4",
        "TrafficIpAddressType": "ipv4",
        "DnsServers": settings.dns_servers(self._get_param("DnsServers", [])),
        **DEFAULTS,
    }
    given |= _changes(self, given)
    with opened(self.ec2_backend) as (vpn, now):
        if len(vpn.endpoints) >= MOST_ENDPOINTS:
            message = f"There are {MOST_ENDPOINTS} Client VPN endpoints in this Region, which is the limit."
            raise AwsError("ClientVpnEndpointLimitExceeded", message)
        tags = self._parse_tag_specification("client-vpn-endpoint").get("client-vpn-endpoint", {})
        self.error_on_dryrun()
        endpoint = Endpoint(random_id("cvpn-endpoint"), self.region, now, given)
        _portal(endpoint, self._get_param("SelfServicePortal"))
        _create_stream(self, endpoint)
        if given["ClientConnectOptions"]["Enabled"]:
            endpoint.handler_change = changing(now, "applying", "applied")
        vpn.endpoints[endpoint.id] = endpoint
        self.ec2_backend.create_tags([endpoint.id], tags)
        status = {"Code": endpoint.status(now)}
    return ActionResult({"ClientVpnEndpointId": endpoint.id, "Status": status, "DnsName": f"*.{endpoint.dns_name}"})


@adds(EC2Response, "DescribeClientVpnEndpoints")
def describe_client_vpn_endpoints(self: Any) -> ActionResult:
    """DescribeClientVpnEndpoints: with pages and both filters."""
    with opened(self.ec2_backend) as (vpn, now):
        self.error_on_dryrun()
        wanted = self._get_param("ClientVpnEndpointIds", [])
        for endpoint_id in wanted:
            if endpoint_id not in vpn.endpoints:
                raise endpoint_not_found(endpoint_id)
        found = [_described(self, item, now) for item in vpn.endpoints.values() if not wanted or item.id in wanted]
        return listed(
            self,
            "ClientVpnEndpoints",
            found,
            lambda item: str(item["ClientVpnEndpointId"]),
            {
                "endpoint-id": lambda item: str(item["ClientVpnEndpointId"]),
                "transport-protocol": lambda item: str(item["TransportProtocol"]),
            },
        )


@adds(EC2Response, "ModifyClientVpnEndpoint")
def modify_client_vpn_endpoint(self: Any) -> ActionResult:
    """ModifyClientVpnEndpoint: what is not named stays as it is."""
    settings.refuse_unknown(self)
    with endpoint_of(self) as (endpoint, now):
        changes = _changes(self, endpoint.settings)
        if servers := self._get_param("DnsServers"):
            changes["DnsServers"] = settings.dns_servers(
                servers.get("CustomDnsServers", []) if servers.get("Enabled", True) else []
            )
        moved = changes.get("VpcId") not in (None, endpoint.settings.get("VpcId"))
        if moved and endpoint.associations:
            raise invalid("The VPC cannot be changed while the endpoint has associated subnets.")
        endpoint.settings |= changes
        _portal(endpoint, self._get_param("SelfServicePortal"))
        _create_stream(self, endpoint)
        if "ClientConnectOptions" in changes:
            endpoint.handler_change = changing(now, "applying", "applied")
    return ActionResult({"Return": True})


@adds(EC2Response, "DeleteClientVpnEndpoint")
def delete_client_vpn_endpoint(self: Any) -> ActionResult:
    """DeleteClientVpnEndpoint: refused while a subnet is associated."""
    with endpoint_of(self) as (endpoint, now):
        if endpoint.associations:
            associations = ", ".join(endpoint.associations)
            message = f"The endpoint that you're trying to delete has associations {associations}"
            raise AwsError("ClientVpnEndpointAssociationExists", message)
        endpoint.deleted = changing(now, "deleting", "deleted")
        self.ec2_backend.tags.pop(endpoint.id, None)
        return ActionResult({"Status": {"Code": endpoint.status(now)}})


@adds(EC2Response, "ExportClientVpnClientConfiguration")
def export_client_vpn_client_configuration(self: Any) -> ActionResult:
    """ExportClientVpnClientConfiguration: what OpenVPN clients read, with the authority of the server's certificate."""
    with endpoint_of(self) as (endpoint, _):
        bundle = settings.stored_certificate(self, endpoint.settings["ServerCertificateArn"])
        kinds = {option["Type"] for option in endpoint.settings["AuthenticationOptions"]}
        lines = [
            "client",
            "dev tun",
            f"proto {endpoint.settings['TransportProtocol']}",
            f"remote {endpoint.dns_name} {endpoint.settings['VpnPort']}",
            "remote-random-hostname",
            "resolv-retry infinite",
            "nobind",
            "remote-cert-tls server",
            "cipher AES-256-GCM",
            "verb 3",
            "<ca>",
            (bundle.chain or bundle.cert).decode().strip(),
            "</ca>",
            *(["auth-user-pass"] if "directory-service-authentication" in kinds else []),
            *(["auth-federate"] if "federated-authentication" in kinds else []),
            "reneg-sec 0",
        ]
    return ActionResult({"ClientConfiguration": "\n".join(lines) + "\n"})


def _changes(self: Any, present: dict[str, Any]) -> dict[str, Any]:
    """What a request to create or modify sets, judged together with the `present` settings."""
    read: dict[str, Callable[[Any], Any]] = {
        "ServerCertificateArn": lambda arn: settings.certificate(self, arn),
        "ConnectionLogOptions": lambda options: settings.connection_log(self, options),
        "ClientConnectOptions": lambda options: settings.handler(self, options),
        "ClientLoginBannerOptions": settings.banner,
        "ClientRouteEnforcementOptions": lambda options: {"Enforced": bool(options.get("Enforced"))},
        "SessionTimeoutHours": lambda hours: settings.one_of("SessionTimeoutHours", hours, settings.SESSION_HOURS),
        "VpnPort": lambda port: settings.one_of("VpnPort", port, settings.PORTS),
        "SplitTunnel": bool,
        "DisconnectOnSessionTimeout": bool,
        "Description": str,
        "VpcId": str,
    }
    changes = {name: judge(value) for name, judge in read.items() if (value := self._get_param(name)) is not None}
    vpc_id = changes.get("VpcId")
    if vpc_id:
        refuse_overlap("VPC", settings.vpc_networks(self, vpc_id), IPv4Network(present["ClientCidrBlock"]))
    if groups := self._get_param("SecurityGroupIds", []):
        changes["SecurityGroupIds"] = settings.security_groups(self, groups, vpc_id)
    elif vpc_id and vpc_id != present.get("VpcId"):
        changes["SecurityGroupIds"] = default_security_groups(self, vpc_id)
    return changes


def default_security_groups(self: Any, vpc_id: str) -> list[str]:
    """The default group of the VPC, which an endpoint has until it is given others."""
    return [self.ec2_backend.get_security_group_from_name("default", vpc_id).id]


def refuse_overlap(whose: str, networks: list[IPv4Network], client_cidr: IPv4Network) -> None:
    """Raise AwsError when one of the `networks` overlaps the addresses of the clients."""
    for network in networks:
        if network.overlaps(client_cidr):
            raise invalid(f"The client CIDR range {client_cidr} overlaps the {whose}'s {network}.")


def _portal(endpoint: Endpoint, wanted: str | None) -> None:
    """Turn the self-service portal on or off; it needs users who authenticate."""
    if wanted is None:
        return
    kinds = {option["Type"] for option in endpoint.settings["AuthenticationOptions"]}
    if settings.one_of("SelfServicePortal", wanted, ["enabled", "disabled"]) == "enabled":
        if not kinds & settings.USER_TYPES:
            raise invalid("The self-service portal needs authentication by directory or SAML.")
        endpoint.settings["SelfServicePortalUrl"] = PORTAL + endpoint.id
    else:
        endpoint.settings.pop("SelfServicePortalUrl", None)


def _create_stream(self: Any, endpoint: Endpoint) -> None:
    log = endpoint.settings["ConnectionLogOptions"]
    if log["Enabled"] and not log["CloudwatchLogStream"]:
        log["CloudwatchLogStream"] = f"{endpoint.id}-{endpoint.region}-{endpoint.created:%Y/%m/%d}"
        logs = logs_backends[self.current_account][self.region]
        if log["CloudwatchLogStream"] not in logs.groups[log["CloudwatchLogGroup"]].streams:
            logs.create_log_stream(log["CloudwatchLogGroup"], log["CloudwatchLogStream"])


def _described(self: Any, endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    described = {
        **endpoint.settings,
        "ClientVpnEndpointId": endpoint.id,
        "Status": {"Code": endpoint.status(now)},
        "CreationTime": f"{endpoint.created:%Y-%m-%dT%H:%M:%S}",
        "DnsName": f"*.{endpoint.dns_name}",
        "AssociatedTargetNetworks": [
            {"NetworkId": item.subnet_id, "NetworkType": "vpc"} for item in endpoint.associations.values()
        ],
        "Tags": self.ec2_backend.describe_tags(filters={"resource-id": [endpoint.id]}),
    }
    if endpoint.handler_change:
        status = {"Code": endpoint.handler_change.status(now)}
        described["ClientConnectOptions"] = {**endpoint.settings["ClientConnectOptions"], "Status": status}
    return described
