"""What an endpoint may be set to, and what must exist for it.

Sources: API_CreateClientVpnEndpoint, API_ModifyClientVpnEndpoint, "Rules and best practices" and "Custom connection
authorization" in the Client VPN Administrator Guide.
"""

from collections.abc import Iterable, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Any

from moto.acm.exceptions import CertificateNotFound
from moto.acm.models import acm_backends
from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.utils import get_backend
from moto.ds.models import ds_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends

from localcloud.client_vpn.requests import invalid
from localcloud.extensions import AwsError

WIDEST_CLIENT_CIDR, NARROWEST_CLIENT_CIDR = 12, 22
SESSION_HOURS = (8, 10, 12, 24)
PORTS = (443, 1194)
MOST_DNS_SERVERS, MOST_SECURITY_GROUPS, LONGEST_BANNER = 2, 5, 1400
HANDLER_PREFIX = "AWSClientVPN-"
USER_TYPES = {"directory-service-authentication", "federated-authentication"}
REFUSED = ("TransitGatewayConfiguration", "DevicePostureOptions")


def refuse_unknown(self: Any) -> None:
    """Refuse by name what is not emulated: IPv6, transit gateways, device posture, policy contexts in the log."""
    for name in REFUSED:
        if self._get_param(name):
            raise NotImplementedError(name)
    for name in ("EndpointIpAddressType", "TrafficIpAddressType"):
        if self._get_param(name, "ipv4") != "ipv4":
            raise NotImplementedError(f"{name} {self._get_param(name)}")
    if (self._get_param("ConnectionLogOptions") or {}).get("IncludeAuthorizationPolicyContext"):
        raise NotImplementedError("IncludeAuthorizationPolicyContext")


def client_cidr(text: str | None) -> IPv4Network:
    """The addresses for clients: /12 to /22."""
    if not text:
        raise AwsError("MissingParameter", "The request must contain the parameter ClientCidrBlock")
    network = network_of("ClientCidrBlock", text)
    if not WIDEST_CLIENT_CIDR <= network.prefixlen <= NARROWEST_CLIENT_CIDR:
        limits = f"/{WIDEST_CLIENT_CIDR} to /{NARROWEST_CLIENT_CIDR}"
        raise invalid(f"The client CIDR range {text} must have a size of {limits}.")
    return network


def network_of(name: str, text: str) -> IPv4Network:
    """A network in CIDR notation, without host bits."""
    try:
        if "/" not in text:
            raise AddressValueError("it has no prefix length")
        return IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise invalid(f"{name} {text} is not an IPv4 network in CIDR notation: {error}.") from error


def authentication(self: Any, options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How clients authenticate, as it is described: by certificate, by directory or SAML, or by both kinds."""
    kinds = [option.get("Type") for option in options]
    users = [kind for kind in kinds if kind in USER_TYPES]
    if not options or len(users) > 1 or kinds.count("certificate-authentication") > 1:
        raise invalid("An endpoint has certificate authentication, one kind of user-based authentication, or both.")
    return [_authentication(self, option) for option in options]


def _authentication(self: Any, option: Mapping[str, Any]) -> dict[str, Any]:
    match option:
        case {
            "Type": "certificate-authentication",
            "MutualAuthentication": {"ClientRootCertificateChainArn": str(arn)},
        }:
            certificate(self, arn)
            return {"Type": option["Type"], "MutualAuthentication": {"ClientRootCertificateChain": arn}}
        case {"Type": "directory-service-authentication", "ActiveDirectory": {"DirectoryId": str(directory)}}:
            if directory not in ds_backends[self.current_account][self.region].directories:
                raise invalid(f"The directory {directory} does not exist.")
            return {"Type": option["Type"], "ActiveDirectory": {"DirectoryId": directory}}
        case {
            "Type": "federated-authentication",
            "FederatedAuthentication": {"SAMLProviderArn": str(provider), **more},
        }:
            given = {"SamlProviderArn": provider}
            if portal := more.get("SelfServiceSAMLProviderArn"):
                given["SelfServiceSamlProviderArn"] = str(portal)
            known = {item.arn for item in iam_backends[self.current_account]["aws"].saml_providers.values()}
            if missing := sorted(set(given.values()) - known):
                raise invalid(f"The SAML provider {missing[0]} does not exist.")
            return {"Type": option["Type"], "FederatedAuthentication": given}
        case _:
            raise invalid(f"The authentication of type {option.get('Type')} lacks its option, or is none that exists.")


def certificate(self: Any, arn: str) -> str:
    """The ARN of a certificate that may be used: issued, in ACM, in the endpoint's account and Region."""
    found = stored_certificate(self, arn)
    if found.status != "ISSUED":
        raise invalid(f"Certificate {arn} is {found.status}, not ISSUED.")
    return arn


def stored_certificate(self: Any, arn: str) -> Any:
    """moto's certificate of that ARN, expired or not."""
    try:
        return acm_backends[self.current_account][self.region].get_certificate(arn)
    except CertificateNotFound as error:
        raise invalid(f"Certificate {arn} does not exist") from error


def connection_log(self: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Where connections are logged. A stream that is not named is created, as AWS does; the group must exist."""
    if not options.get("Enabled"):
        return {"Enabled": False}
    group, stream = options.get("CloudwatchLogGroup"), options.get("CloudwatchLogStream")
    logs = logs_backends[self.current_account][self.region]
    if group not in logs.groups:
        raise invalid(f"The log group {group} does not exist.")
    if stream and stream not in logs.groups[group].streams:
        raise invalid(f"The log stream {stream} does not exist in {group}.")
    return {"Enabled": True, "CloudwatchLogGroup": group, "CloudwatchLogStream": stream}


def handler(self: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The client connect handler: a function of that name, in the endpoint's account and Region."""
    if not options.get("Enabled"):
        return {"Enabled": False}
    arn = options.get("LambdaFunctionArn") or ""
    match arn.split(":"):
        case ["arn", _, "lambda", region, account, "function", name, *qualifier] if len(qualifier) <= 1:
            pass
        case _:
            raise invalid(f"LambdaFunctionArn {arn!r} is not the ARN of a function.")
    if (region, account) != (self.region, self.current_account):
        raise invalid(f"The function {arn} must be in the endpoint's Region and account.")
    if not name.startswith(HANDLER_PREFIX):
        raise invalid(f"The name of the function {name} must begin with {HANDLER_PREFIX}.")
    try:
        get_backend(account, region).get_function(arn)
    except (UnknownFunctionException, UnknownAliasException) as error:
        raise invalid(f"The function {arn} does not exist.") from error
    return {"Enabled": True, "LambdaFunctionArn": arn}


def banner(options: Mapping[str, Any]) -> dict[str, Any]:
    """The text that clients are shown."""
    if not options.get("Enabled"):
        return {"Enabled": False}
    text = options.get("BannerText") or ""
    if not 1 <= len(text.encode()) <= LONGEST_BANNER:
        raise invalid(f"BannerText must have 1 to {LONGEST_BANNER} characters in UTF-8, not {len(text.encode())}.")
    return {"Enabled": True, "BannerText": text}


def dns_servers(addresses: list[str]) -> list[str]:
    """At most two addresses."""
    if len(addresses) > MOST_DNS_SERVERS:
        raise invalid(f"An endpoint has at most {MOST_DNS_SERVERS} DNS servers, not {len(addresses)}.")
    for address in addresses:
        try:
            IPv4Address(address)
        except AddressValueError as error:
            raise invalid(f"The DNS server {address} is not an IPv4 address.") from error
    return addresses


def security_groups(self: Any, group_ids: list[str], vpc_id: str | None) -> list[str]:
    """One to five groups of the endpoint's VPC."""
    if not vpc_id:
        raise invalid("Security Groups cannot be specified without specifying Vpc Id")
    if not 1 <= len(group_ids) <= MOST_SECURITY_GROUPS:
        raise invalid(f"An endpoint has 1 to {MOST_SECURITY_GROUPS} security groups, not {len(group_ids)}.")
    for group_id in group_ids:
        group = self.ec2_backend.get_security_group_from_id(group_id)
        if group is None or group.vpc_id != vpc_id:
            raise AwsError("InvalidSecurityGroupID.NotFound", f"The security group {group_id} is none of {vpc_id}.")
    return group_ids


def one_of(name: str, value: Any, allowed: Iterable[Any]) -> Any:
    """The value, which must be one of those."""
    if value not in allowed:
        raise invalid(f"{name} must be one of {', '.join(map(str, allowed))}, not {value}.")
    return value


def vpc_networks(self: Any, vpc_id: str) -> list[IPv4Network]:
    """The IPv4 networks of a VPC, which must exist."""
    vpc = self.ec2_backend.get_vpc(vpc_id)
    return [IPv4Network(item["cidr_block"]) for item in vpc.get_cidr_block_association_set()]
