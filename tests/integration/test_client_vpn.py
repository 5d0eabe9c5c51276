"""Client VPN by boto3: what AWS documents of endpoints, networks, rules and connections holds on the local cloud."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deployment import create_function, zipped
from localcloud.client import LocalCloud, LocalCloudError

Refusal = Callable[..., tuple[str, str]]
TRANSITION = timedelta(seconds=1)
CLIENT_CIDR = "10.64.0.0/20"
HANDLER = """
import time

MESSAGE = {"v1": "error-msg-on-failed-posture-compliance"}

def handler(event, context):
    match event["common-name"]:
        case "raises": raise ValueError("broken")
        case "sleeps": time.sleep(5)
        case "mumbles": return {"allow": True}
    allow = event["common-name"] != "refused"
    shown = MESSAGE.get(event["schema-version"], "error-msg-on-denied-connection")
    return {"allow": allow, shown: "" if allow else "Not from there.",
            "posture-compliance-statuses": ["compliant" if allow else "denied", "cfg:1"],
            "schema-version": event["schema-version"]}
"""


@pytest.fixture(scope="module")
def cloud(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """A local cloud of these tests' own: they move its clock."""
    with LocalCloud.start(environment=runtimes) as running:
        yield running


@pytest.fixture
def ec2(cloud: LocalCloud) -> Any:
    return cloud.client("ec2")


@pytest.fixture(scope="module")
def certificate(cloud: LocalCloud) -> str:
    """The ARN of a certificate that outlives the tests."""
    return _import_certificate(cloud, timedelta(days=3650))


def _import_certificate(cloud: LocalCloud, valid: timedelta) -> str:
    """The ARN of a certificate of its own authority that is valid for so long."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vpn.example.com")])
    now = cloud.now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + valid)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    imported = cloud.client("acm").import_certificate(
        Certificate=signed.public_bytes(pem),
        PrivateKey=key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
    )
    return str(imported["CertificateArn"])


@pytest.fixture(scope="module")
def vpc(cloud: LocalCloud) -> str:
    """A VPC of 10.20.0.0/16."""
    return str(cloud.client("ec2").create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture(scope="module")
def subnets(cloud: LocalCloud, vpc: str) -> dict[str, str]:
    """Its subnets: a and b in a zone each, a2 in the zone of a, small of 16 addresses."""
    blocks = {"a": "10.20.0.0/24", "b": "10.20.1.0/24", "a2": "10.20.2.0/24", "small": "10.20.3.0/28"}
    create = cloud.client("ec2").create_subnet
    return {
        name: create(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"us-east-1{'b' if name == 'b' else 'a'}")["Subnet"][
            "SubnetId"
        ]
        for name, block in blocks.items()
    }


@pytest.fixture(scope="module")
def handler(cloud: LocalCloud) -> str:
    """The ARN of a handler that decides by the common name."""
    return create_function(cloud, "AWSClientVPN-decides", zipped(HANDLER), "payload.handler", Timeout=2)


@pytest.fixture
def arguments(certificate: str) -> dict[str, Any]:
    """What an endpoint needs."""
    mutual = {"ClientRootCertificateChainArn": certificate}
    return {
        "ClientCidrBlock": CLIENT_CIDR,
        "ServerCertificateArn": certificate,
        "AuthenticationOptions": [{"Type": "certificate-authentication", "MutualAuthentication": mutual}],
        "ConnectionLogOptions": {"Enabled": False},
    }


@pytest.fixture
def create(cloud: LocalCloud, ec2: Any, arguments: dict[str, Any]) -> Iterator[Callable[..., str]]:
    """Creates endpoints that are gone after the test."""
    created = []

    def create_endpoint(**settings: Any) -> str:
        created.append(str(ec2.create_client_vpn_endpoint(**arguments | settings)["ClientVpnEndpointId"]))
        return created[-1]

    yield create_endpoint
    standing = [item["ClientVpnEndpointId"] for item in ec2.describe_client_vpn_endpoints()["ClientVpnEndpoints"]]
    for endpoint in set(created) & set(standing):
        for item in ec2.describe_client_vpn_target_networks(ClientVpnEndpointId=endpoint)["ClientVpnTargetNetworks"]:
            ec2.disassociate_client_vpn_target_network(
                ClientVpnEndpointId=endpoint, AssociationId=item["AssociationId"]
            )
    cloud.advance(TRANSITION)
    for endpoint in set(created) & set(standing):
        ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=endpoint)
    cloud.advance(TRANSITION)


@pytest.fixture
def describe(ec2: Any) -> Callable[[str], dict[str, Any]]:
    """The one endpoint of that id."""

    def describe_endpoint(endpoint: str) -> dict[str, Any]:
        (found,) = ec2.describe_client_vpn_endpoints(ClientVpnEndpointIds=[endpoint])["ClientVpnEndpoints"]
        return dict(found)

    return describe_endpoint


@pytest.fixture
def associate(cloud: LocalCloud, ec2: Any, subnets: dict[str, str]) -> Callable[..., str]:
    """Associates an endpoint with a subnet and waits until it is; returns the association's id."""

    def associate_subnet(endpoint: str, subnet: str = "a") -> str:
        answer = ec2.associate_client_vpn_target_network(ClientVpnEndpointId=endpoint, SubnetId=subnets[subnet])
        assert answer["Status"]["Code"] == "associating"
        cloud.advance(TRANSITION)
        return str(answer["AssociationId"])

    return associate_subnet


# Endpoints


def test_a_new_endpoint_has_what_was_asked_and_waits_for_a_subnet(
    cloud: LocalCloud, ec2: Any, create: Callable[..., str], describe: Any, handler: str, vpc: str, certificate: str
) -> None:
    group = ec2.create_security_group(GroupName="users", Description="users", VpcId=vpc)["GroupId"]
    asked = {
        "Description": "to the office",
        "VpcId": vpc,
        "TransportProtocol": "tcp",
        "VpnPort": 1194,
        "SplitTunnel": True,
        "SessionTimeoutHours": 8,
        "DisconnectOnSessionTimeout": True,
        "ClientLoginBannerOptions": {"Enabled": True, "BannerText": "Guten Tag"},
        "ClientRouteEnforcementOptions": {"Enforced": True},
        "DnsServers": ["10.20.0.2"],
    }
    tags = [{"Key": "owner", "Value": "platform"}]
    endpoint = create(
        **asked,
        SecurityGroupIds=[group],
        ClientConnectOptions={"Enabled": True, "LambdaFunctionArn": handler},
        TagSpecifications=[{"ResourceType": "client-vpn-endpoint", "Tags": tags}],
    )
    described = describe(endpoint)
    assert {name: described[name] for name in asked} == asked
    assert described["ClientConnectOptions"]["Status"]["Code"] == "applying"
    assert (described["SecurityGroupIds"], described["Tags"]) == ([group], tags)
    assert described["Status"]["Code"] == "pending-associate"
    assert described["ServerCertificateArn"] == certificate
    (option,) = described["AuthenticationOptions"]
    assert option["MutualAuthentication"] == {"ClientRootCertificateChain": certificate}
    cloud.advance(TRANSITION)
    assert describe(endpoint)["ClientConnectOptions"]["Status"]["Code"] == "applied"
    ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=endpoint)
    cloud.advance(TRANSITION)
    ec2.delete_security_group(GroupId=group)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ClientCidrBlock": "10.64.0.0/23"}, "/12 to /22"),
        ({"ClientCidrBlock": "10.0.0.0/11"}, "/12 to /22"),
        ({"ClientCidrBlock": "10.64.0.1/20"}, "host bits"),
        ({"ClientCidrBlock": "everywhere"}, "prefix length"),
        ({"ServerCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/none"}, "does not exist"),
        ({"AuthenticationOptions": []}, "authentication"),
        ({"AuthenticationOptions": [{"Type": "federated-authentication"}]}, "lacks its option"),
        ({"ConnectionLogOptions": {"Enabled": True, "CloudwatchLogGroup": "none"}}, "none does not exist"),
        ({"SessionTimeoutHours": 9}, "8, 10, 12, 24"),
        ({"VpnPort": 444}, "443, 1194"),
        ({"DnsServers": ["10.0.0.2", "10.0.0.3", "10.0.0.4"]}, "at most 2"),
        ({"ClientLoginBannerOptions": {"Enabled": True, "BannerText": "x" * 1401}}, "1400"),
        ({"SecurityGroupIds": ["sg-1"]}, "without specifying Vpc Id"),
        ({"SelfServicePortal": "enabled"}, "directory or SAML"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_an_impossible_endpoint_is_refused(
    ec2: Any, refusal: Refusal, arguments: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    code, message = refusal(ec2.create_client_vpn_endpoint, **arguments | change)
    assert code == "InvalidParameterValue"
    assert said in message
    assert ec2.describe_client_vpn_endpoints()["ClientVpnEndpoints"] == []


def test_an_expired_certificate_is_refused(
    cloud: LocalCloud, ec2: Any, refusal: Refusal, arguments: dict[str, Any]
) -> None:
    expiring = _import_certificate(cloud, timedelta(hours=1))
    cloud.advance(timedelta(hours=1))
    code, message = refusal(ec2.create_client_vpn_endpoint, **arguments | {"ServerCertificateArn": expiring})
    assert (code, "is EXPIRED" in message) == ("InvalidParameterValue", True)


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("arn:aws:lambda:us-east-1:123456789012:function:decides", "must begin with AWSClientVPN-"),
        ("arn:aws:lambda:us-east-1:123456789012:function:AWSClientVPN-none", "does not exist"),
        ("arn:aws:lambda:us-east-1:123456789012:function:AWSClientVPN-decides:live", "does not exist"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:AWSClientVPN-decides", "Region and account"),
        ("arn:aws:lambda:us-east-1:210987654321:function:AWSClientVPN-decides", "Region and account"),
        ("AWSClientVPN-decides", "not the ARN"),
    ],
)
def test_an_impossible_handler_is_refused(
    ec2: Any, refusal: Refusal, arguments: dict[str, Any], handler: str, arn: str, said: str
) -> None:
    options = {"Enabled": True, "LambdaFunctionArn": arn}
    code, message = refusal(ec2.create_client_vpn_endpoint, **arguments, ClientConnectOptions=options)
    assert code == "InvalidParameterValue"
    assert said in message


def test_what_is_not_emulated_is_refused_by_name(ec2: Any, refusal: Refusal, arguments: dict[str, Any]) -> None:
    for name, value in {"EndpointIpAddressType": "dual-stack", "DevicePostureOptions": {"Enabled": True}}.items():
        code, message = refusal(ec2.create_client_vpn_endpoint, **arguments, **{name: value})
        assert (code, name in message) == ("NotImplemented", True)
    assert refusal(ec2.get_client_vpn_endpoint_authorization_policy, ClientVpnEndpointId="x")[0] == "NotImplemented"


def test_a_region_has_five_endpoints(
    ec2: Any, create: Callable[..., str], refusal: Refusal, arguments: dict[str, Any]
) -> None:
    for number in range(5):
        create(ClientCidrBlock=f"10.{64 + number}.0.0/20")
    assert refusal(ec2.create_client_vpn_endpoint, **arguments)[0] == "ClientVpnEndpointLimitExceeded"


def test_a_repeated_client_token_creates_nothing(
    ec2: Any, create: Callable[..., str], refusal: Refusal, arguments: dict[str, Any], name: str
) -> None:
    assert create(ClientToken=name) == create(ClientToken=name)
    code, _ = refusal(ec2.create_client_vpn_endpoint, **arguments, ClientToken=name, VpnPort=1194)
    assert code == "IdempotentParameterMismatch"


def test_an_endpoint_is_modified(
    ec2: Any, create: Callable[..., str], describe: Any, refusal: Refusal, handler: str, vpc: str
) -> None:
    endpoint = create(Description="before", DnsServers=["10.20.0.2"], SplitTunnel=True)
    handled = {"Enabled": True, "LambdaFunctionArn": handler}
    changes = {"SessionTimeoutHours": 10, "VpnPort": 1194, "SplitTunnel": False, "VpcId": vpc}
    assert ec2.modify_client_vpn_endpoint(
        ClientVpnEndpointId=endpoint, **changes, ClientConnectOptions=handled, DnsServers={"Enabled": False}
    )["Return"]
    described = describe(endpoint)
    assert {name: described[name] for name in changes} == changes
    assert described["ClientConnectOptions"] == {**handled, "Status": {"Code": "applying"}}
    assert (described["DnsServers"], described["Description"]) == ([], "before")
    assert len(described["SecurityGroupIds"]) == 1
    code, _ = refusal(ec2.modify_client_vpn_endpoint, ClientVpnEndpointId=endpoint, SessionTimeoutHours=1)
    assert code == "InvalidParameterValue"


def test_tags_come_and_go(ec2: Any, create: Callable[..., str], describe: Any, refusal: Refusal) -> None:
    endpoint = create()
    ec2.create_tags(Resources=[endpoint], Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    ec2.delete_tags(Resources=[endpoint], Tags=[{"Key": "a"}])
    assert describe(endpoint)["Tags"] == [{"Key": "b", "Value": "2"}]
    (tag,) = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [endpoint]}])["Tags"]
    assert tag["ResourceType"] == "client-vpn-endpoint"
    other = "cvpn-endpoint-00000000000000000"
    code, _ = refusal(ec2.create_tags, Resources=[other], Tags=[{"Key": "a", "Value": "1"}])
    assert code == "InvalidClientVpnEndpointId.NotFound"


def test_an_endpoint_without_subnets_is_deleted(
    cloud: LocalCloud, ec2: Any, create: Callable[..., str], associate: Callable[..., str], refusal: Refusal
) -> None:
    endpoint = create()
    association = associate(endpoint)
    code, message = refusal(ec2.delete_client_vpn_endpoint, ClientVpnEndpointId=endpoint)
    assert (code, association in message) == ("ClientVpnEndpointAssociationExists", True)
    ec2.disassociate_client_vpn_target_network(ClientVpnEndpointId=endpoint, AssociationId=association)
    cloud.advance(TRANSITION)
    gone: dict[str, Any] = {"ClientVpnEndpointId": endpoint, "AssociationIds": [association]}
    code, _ = refusal(ec2.describe_client_vpn_target_networks, **gone)
    assert code == "InvalidClientVpnAssociationIdNotFound"
    assert ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=endpoint)["Status"]["Code"] == "deleting"
    cloud.advance(TRANSITION)
    for operation in (ec2.delete_client_vpn_endpoint, ec2.describe_client_vpn_routes):
        assert refusal(operation, ClientVpnEndpointId=endpoint)[0] == "InvalidClientVpnEndpointId.NotFound"


def test_the_clients_configuration_names_the_endpoint_and_its_authority(ec2: Any, create: Callable[..., str]) -> None:
    endpoint = create(TransportProtocol="tcp")
    text = ec2.export_client_vpn_client_configuration(ClientVpnEndpointId=endpoint)["ClientConfiguration"]
    assert f"remote {endpoint}.prod.clientvpn.us-east-1.amazonaws.com 443\n" in text
    assert "proto tcp\n" in text
    assert "<ca>\n-----BEGIN CERTIFICATE-----" in text


# Networks


def test_an_association_makes_the_endpoint_available_and_brings_its_route(
    ec2: Any,
    create: Callable[..., str],
    describe: Any,
    associate: Callable[..., str],
    subnets: dict[str, str],
    vpc: str,
) -> None:
    endpoint = create()
    association = associate(endpoint)
    described = describe(endpoint)
    assert (described["Status"]["Code"], described["VpcId"]) == ("available", vpc)
    assert described["AssociatedTargetNetworks"] == [{"NetworkId": subnets["a"], "NetworkType": "vpc"}]
    (network,) = ec2.describe_client_vpn_target_networks(ClientVpnEndpointId=endpoint, AssociationIds=[association])[
        "ClientVpnTargetNetworks"
    ]
    assert (network["Status"]["Code"], network["TargetNetworkId"]) == ("associated", subnets["a"])
    (route,) = ec2.describe_client_vpn_routes(ClientVpnEndpointId=endpoint)["Routes"]
    assert (route["DestinationCidr"], route["Origin"], route["Status"]["Code"]) == (
        "10.20.0.0/16",
        "associate",
        "active",
    )


@pytest.mark.parametrize(
    ("subnet", "expected"),
    [
        ("a", "InvalidClientVpnDuplicateAssociationException"),
        ("a2", "InvalidClientVpnSubnetId.DuplicateAz"),
        ("b", None),
    ],
)
def test_a_zone_has_one_subnet(
    ec2: Any,
    create: Callable[..., str],
    associate: Callable[..., str],
    refusal: Refusal,
    subnets: dict[str, str],
    subnet: str,
    expected: str | None,
) -> None:
    endpoint = create()
    associate(endpoint)
    if expected is None:
        associate(endpoint, subnet)
        return
    arguments = {"ClientVpnEndpointId": endpoint, "SubnetId": subnets[subnet]}
    assert refusal(ec2.associate_client_vpn_target_network, **arguments)[0] == expected


def test_a_subnet_that_does_not_fit_is_refused(
    ec2: Any, create: Callable[..., str], refusal: Refusal, subnets: dict[str, str], vpc: str
) -> None:
    endpoint, overlapping = create(), create(ClientCidrBlock="10.16.0.0/12")
    elsewhere = ec2.create_subnet(
        VpcId=ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"], CidrBlock="10.30.0.0/24"
    )
    ec2.modify_client_vpn_endpoint(ClientVpnEndpointId=endpoint, VpcId=vpc)
    cases = [
        (endpoint, subnets["small"], "InvalidParameterValue"),
        (endpoint, elsewhere["Subnet"]["SubnetId"], "InvalidClientVpnSubnetId.NotFound"),
        (endpoint, "subnet-00000000", "InvalidSubnetID.NotFound"),
        (overlapping, subnets["a"], "InvalidClientVpnSubnetId.OverlappingCidr"),
    ]
    for of, subnet, expected in cases:
        code, _ = refusal(ec2.associate_client_vpn_target_network, ClientVpnEndpointId=of, SubnetId=subnet)
        assert code == expected
    code, message = refusal(ec2.modify_client_vpn_endpoint, ClientVpnEndpointId=overlapping, VpcId=vpc)
    assert (code, "overlaps" in message) == ("InvalidParameterValue", True)


def test_routes_need_their_association_and_go_with_it(
    cloud: LocalCloud,
    ec2: Any,
    create: Callable[..., str],
    associate: Callable[..., str],
    refusal: Refusal,
    subnets: dict[str, str],
) -> None:
    endpoint = create()
    route = {"ClientVpnEndpointId": endpoint, "DestinationCidrBlock": "0.0.0.0/0", "TargetVpcSubnetId": subnets["a"]}
    assert refusal(ec2.create_client_vpn_route, **route)[0] == "InvalidClientVpnActiveAssociationNotFound"
    association = associate(endpoint)
    assert ec2.create_client_vpn_route(**route)["Status"]["Code"] == "creating"
    assert refusal(ec2.create_client_vpn_route, **route)[0] == "InvalidClientVpnDuplicateRoute"
    to_clients = route | {"DestinationCidrBlock": "10.64.8.0/24"}
    assert refusal(ec2.create_client_vpn_route, **to_clients)[0] == "InvalidParameterValue"
    to_vpc = route | {"DestinationCidrBlock": "10.20.0.0/16"}
    assert refusal(ec2.delete_client_vpn_route, **to_vpc)[0] == "InvalidParameterValue"
    assert ec2.delete_client_vpn_route(**route)["Status"]["Code"] == "deleting"
    cloud.advance(TRANSITION)
    assert refusal(ec2.delete_client_vpn_route, **route)[0] == "InvalidClientVpnRouteNotFound"
    ec2.create_client_vpn_route(**route)
    added = [{"Name": "origin", "Values": ["add-route"]}]
    assert len(ec2.describe_client_vpn_routes(ClientVpnEndpointId=endpoint, Filters=added)["Routes"]) == 1
    ec2.disassociate_client_vpn_target_network(ClientVpnEndpointId=endpoint, AssociationId=association)
    assert ec2.describe_client_vpn_routes(ClientVpnEndpointId=endpoint)["Routes"] == []


def test_rules_are_for_a_group_or_for_all(
    cloud: LocalCloud, ec2: Any, create: Callable[..., str], refusal: Refusal
) -> None:
    rule = {"ClientVpnEndpointId": create(), "TargetNetworkCidr": "10.20.0.0/16"}
    group, everybody = {"AccessGroupId": "engineers"}, {"AuthorizeAllGroups": True}
    for wrong in ({}, group | everybody):
        assert refusal(ec2.authorize_client_vpn_ingress, **rule, **wrong)[0] == "InvalidParameterCombination"
    assert ec2.authorize_client_vpn_ingress(**rule, **group, Description="ours")["Status"]["Code"] == "authorizing"
    ec2.authorize_client_vpn_ingress(**rule, **everybody)
    code = refusal(ec2.authorize_client_vpn_ingress, **rule, **everybody)[0]
    assert code == "InvalidClientVpnDuplicateAuthorizationRule"
    cloud.advance(TRANSITION)
    ours = [{"Name": "group-id", "Values": ["engineers"]}]
    (found,) = ec2.describe_client_vpn_authorization_rules(
        ClientVpnEndpointId=rule["ClientVpnEndpointId"], Filters=ours
    )["AuthorizationRules"]
    assert (found["AccessAll"], found["Description"], found["Status"]["Code"]) == (False, "ours", "active")
    assert ec2.revoke_client_vpn_ingress(**rule, RevokeAllGroups=True)["Status"]["Code"] == "revoking"
    cloud.advance(TRANSITION)
    code = refusal(ec2.revoke_client_vpn_ingress, **rule, RevokeAllGroups=True)[0]
    assert code == "InvalidClientVpnEndpointAuthorizationRuleNotFound"


def test_rules_come_in_pages(ec2: Any, create: Callable[..., str], refusal: Refusal) -> None:
    endpoint = create()
    wanted = [f"10.20.{number}.0/24" for number in range(7)]
    for network in wanted:
        ec2.authorize_client_vpn_ingress(
            ClientVpnEndpointId=endpoint, TargetNetworkCidr=network, AuthorizeAllGroups=True
        )
    paginator = ec2.get_paginator("describe_client_vpn_authorization_rules")
    pages = list(paginator.paginate(ClientVpnEndpointId=endpoint, PaginationConfig={"PageSize": 5}))
    assert [len(page["AuthorizationRules"]) for page in pages] == [5, 2]
    assert sorted(rule["DestinationCidr"] for page in pages for rule in page["AuthorizationRules"]) == wanted
    describe = ec2.describe_client_vpn_authorization_rules
    for wrong, expected in [
        ({"NextToken": "x"}, "InvalidPaginationToken"),
        ({"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue"),
    ]:
        assert refusal(describe, ClientVpnEndpointId=endpoint, **wrong)[0] == expected


def test_what_an_endpoint_stands_on_stays(
    cloud: LocalCloud,
    ec2: Any,
    create: Callable[..., str],
    associate: Callable[..., str],
    refusal: Refusal,
    subnets: dict[str, str],
    certificate: str,
    vpc: str,
    name: str,
) -> None:
    group = ec2.create_security_group(GroupName=name, Description="users", VpcId=vpc)["GroupId"]
    associate(create(VpcId=vpc, SecurityGroupIds=[group]))
    assert refusal(ec2.delete_subnet, SubnetId=subnets["a"])[0] == "DependencyViolation"
    assert refusal(ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    acm = cloud.client("acm")
    assert refusal(acm.delete_certificate, CertificateArn=certificate)[0] == "ResourceInUseException"


def test_other_security_groups_are_applied(
    ec2: Any,
    create: Callable[..., str],
    describe: Any,
    associate: Callable[..., str],
    refusal: Refusal,
    vpc: str,
    name: str,
) -> None:
    endpoint = create()
    associate(endpoint)
    group = ec2.create_security_group(GroupName=name, Description="users", VpcId=vpc)["GroupId"]
    apply = ec2.apply_security_groups_to_client_vpn_target_network
    apply(ClientVpnEndpointId=endpoint, VpcId=vpc, SecurityGroupIds=[group])
    assert describe(endpoint)["SecurityGroupIds"] == [group]
    code, _ = refusal(apply, ClientVpnEndpointId=endpoint, VpcId=vpc, SecurityGroupIds=["sg-00000000"])
    assert code == "InvalidSecurityGroupID.NotFound"


# Connections


@pytest.fixture
def log(cloud: LocalCloud, name: str) -> Callable[[], list[dict[str, Any]]]:
    """What is in the connection log of the test's endpoint."""
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="connections")

    def entries() -> list[dict[str, Any]]:
        found = logs.get_log_events(logGroupName=name, logStreamName="connections", startFromHead=True)["events"]
        return [json.loads(event["message"]) for event in found]

    return entries


@pytest.fixture
def endpoint(
    create: Callable[..., str], associate: Callable[..., str], log: Callable[[], Any], handler: str, name: str
) -> str:
    """An available endpoint with the handler, sessions of eight hours and a connection log."""
    created = create(
        SessionTimeoutHours=8,
        ClientConnectOptions={"Enabled": True, "LambdaFunctionArn": handler},
        ConnectionLogOptions={"Enabled": True, "CloudwatchLogGroup": name, "CloudwatchLogStream": "connections"},
    )
    associate(created)
    return created


def test_an_admitted_client_is_connected(
    cloud: LocalCloud, ec2: Any, endpoint: str, log: Callable[[], list[dict[str, Any]]]
) -> None:
    answer = cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name="laptop", platform="win")
    assert (answer["allowed"], answer["reason"], answer["statuses"]) == (True, None, ["compliant", "cfg:1"])
    (connection,) = ec2.describe_client_vpn_connections(ClientVpnEndpointId=endpoint)["Connections"]
    assert connection["ConnectionId"] == answer["connection_id"]
    assert (connection["Status"]["Code"], connection["CommonName"]) == ("active", "laptop")
    assert connection["PostureComplianceStatuses"] == ["compliant", "cfg:1"]
    assert "198.51.100.7" not in connection.values()
    assert _statistic(cloud, endpoint, "ActiveConnectionsCount", "Maximum") == 1
    (entry,) = log()
    expected = {
        "connection-log-type": "connection-attempt",
        "connection-attempt-status": "successful",
        "connection-attempt-failure-reason": "NA",
        "connection-id": answer["connection_id"],
        "client-vpn-endpoint-id": endpoint,
        "client-ip": connection["ClientIp"],
        "device-ip": "198.51.100.7",
        "device-type": "win",
        "posture-compliance-statuses": ["compliant", "cfg:1"],
        "connection-end-time": "NA",
    }
    assert {key: entry[key] for key in expected} == expected


@pytest.mark.parametrize("schema", ["v1", "v2", "v3"])
def test_the_handler_may_answer_in_each_schema(cloud: LocalCloud, endpoint: str, schema: str) -> None:
    denied = cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name="refused", schema=schema)
    assert (denied["reason"], denied["message"]) == ("client-connect-failed", "Not from there.")


@pytest.mark.parametrize(
    ("common_name", "reason", "metric"),
    [
        ("refused", "client-connect-failed", "DeniedConnections"),
        ("raises", "client-connect-handler-other-execution-error", "OtherExecutionErrors"),
        ("sleeps", "client-connect-handler-timed-out", "Timeouts"),
        ("mumbles", "client-connect-handler-invalid-response", "InvalidResponses"),
    ],
)
def test_whatever_is_no_yes_denies(
    cloud: LocalCloud,
    ec2: Any,
    endpoint: str,
    log: Callable[[], list[dict[str, Any]]],
    common_name: str,
    reason: str,
    metric: str,
) -> None:
    answer = cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name=common_name)
    shown = "Not from there." if common_name == "refused" else "Error establishing connection."
    assert (answer["allowed"], answer["reason"]) == (False, reason)
    assert answer["message"].startswith(shown)
    assert ec2.describe_client_vpn_connections(ClientVpnEndpointId=endpoint)["Connections"] == []
    (entry,) = log()
    assert (entry["connection-attempt-status"], entry["connection-attempt-failure-reason"]) == ("failed", reason)
    assert entry["client-ip"] == entry["connection-start-time"] == "NA"
    assert _statistic(cloud, endpoint, f"ClientConnectHandler{metric}") == 1


def test_a_throttled_or_deleted_handler_denies(
    cloud: LocalCloud, create: Callable[..., str], associate: Callable[..., str], name: str
) -> None:
    functions = cloud.client("lambda")
    function = f"AWSClientVPN-{name}"
    arn = create_function(cloud, function, zipped(HANDLER), "payload.handler")
    endpoint = create(ClientConnectOptions={"Enabled": True, "LambdaFunctionArn": arn})
    associate(endpoint)
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    answer = cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name="laptop")
    assert answer["reason"] == "client-connect-handler-throttled"
    functions.delete_function(FunctionName=function)
    answer = cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name="laptop")
    assert answer["reason"] == "client-connect-handler-other-execution-error"


def _statistic(cloud: LocalCloud, endpoint: str, metric: str, statistic: str = "Sum") -> float:
    now = cloud.now()
    answer = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/ClientVPN",
        MetricName=metric,
        Dimensions=[{"Name": "Endpoint", "Value": endpoint}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=[statistic],
    )
    return float(max(point[statistic] for point in answer["Datapoints"]))


def test_a_handler_may_be_an_alias(
    cloud: LocalCloud, create: Callable[..., str], associate: Callable[..., str], name: str
) -> None:
    functions = cloud.client("lambda")
    function = f"AWSClientVPN-{name}"
    create_function(cloud, function, zipped(HANDLER), "payload.handler")
    version = functions.publish_version(FunctionName=function)["Version"]
    arn = functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)["AliasArn"]
    endpoint = create(ClientConnectOptions={"Enabled": True, "LambdaFunctionArn": arn})
    associate(endpoint)
    assert cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name="laptop")["allowed"]
    (invocation,) = [item for item in cloud.invocations() if item["function"] == function]
    assert invocation["version"] == version


def test_a_session_ends_on_the_clock(
    cloud: LocalCloud, ec2: Any, endpoint: str, log: Callable[[], list[dict[str, Any]]]
) -> None:
    cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name="laptop")
    cloud.advance(timedelta(hours=8) - timedelta(minutes=1))
    (connection,) = ec2.describe_client_vpn_connections(ClientVpnEndpointId=endpoint)["Connections"]
    assert connection["Status"]["Code"] == "active"
    cloud.advance(timedelta(minutes=1))
    (connection,) = ec2.describe_client_vpn_connections(ClientVpnEndpointId=endpoint)["Connections"]
    assert connection["Status"]["Code"] == "terminated"
    entry = log()[-1]
    assert entry["connection-log-type"] == "connection-reset"
    assert entry["connection-duration-seconds"] == str(8 * 3600)
    cloud.advance(timedelta(minutes=61))
    assert ec2.describe_client_vpn_connections(ClientVpnEndpointId=endpoint)["Connections"] == []


def test_connections_are_terminated(
    cloud: LocalCloud, ec2: Any, endpoint: str, refusal: Refusal, log: Callable[[], list[dict[str, Any]]]
) -> None:
    first, second = (
        cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name=name)["connection_id"] for name in ("a", "b")
    )
    terminate = ec2.terminate_client_vpn_connections
    answer = terminate(ClientVpnEndpointId=endpoint, ConnectionId=first)["ConnectionStatuses"]
    assert [item["ConnectionId"] for item in answer] == [first]
    code, _ = refusal(terminate, ClientVpnEndpointId=endpoint, ConnectionId=first)
    assert code == "InvalidClientVpnConnection.IdNotFound"
    code, _ = refusal(terminate, ClientVpnEndpointId=endpoint, Username="nobody")
    assert code == "InvalidClientVpnConnection.UserNotFound"
    found = ec2.describe_client_vpn_connections(ClientVpnEndpointId=endpoint)["Connections"]
    assert {item["ConnectionId"]: item["Status"]["Code"] for item in found} == {first: "terminated", second: "active"}
    (association,) = ec2.describe_client_vpn_target_networks(ClientVpnEndpointId=endpoint)["ClientVpnTargetNetworks"]
    ec2.disassociate_client_vpn_target_network(ClientVpnEndpointId=endpoint, AssociationId=association["AssociationId"])
    found = ec2.describe_client_vpn_connections(ClientVpnEndpointId=endpoint)["Connections"]
    assert {item["Status"]["Code"] for item in found} == {"terminated"}
    assert [entry["connection-id"] for entry in log()[-2:]] == [first, second]


def test_who_does_not_authenticate_is_not_asked_about(
    cloud: LocalCloud, endpoint: str, log: Callable[[], list[dict[str, Any]]]
) -> None:
    answer = cloud.vpn_connect(endpoint, public_ip="198.51.100.7", common_name="laptop", authenticates=False)
    assert (answer["allowed"], answer["statuses"]) == (False, [])
    assert log() == []
    assert _statistic(cloud, endpoint, "AuthenticationFailures") == 1


def test_users_of_a_saml_provider_come_with_groups(
    cloud: LocalCloud, create: Callable[..., str], associate: Callable[..., str], name: str
) -> None:
    document = "<EntityDescriptor/>".ljust(1000)
    provider = cloud.client("iam").create_saml_provider(Name=name, SAMLMetadataDocument=document)["SAMLProviderArn"]
    echo = "def handler(event, context):\n    raise ValueError(event)\n"
    arn = create_function(cloud, f"AWSClientVPN-{name}", zipped(echo), "payload.handler")
    endpoint = create(
        AuthenticationOptions=[
            {"Type": "federated-authentication", "FederatedAuthentication": {"SAMLProviderArn": provider}}
        ],
        SelfServicePortal="enabled",
        ClientConnectOptions={"Enabled": True, "LambdaFunctionArn": arn},
    )
    associate(endpoint)
    for schema in ("v1", "v2"):
        cloud.vpn_connect(endpoint, public_ip="198.51.100.7", username="ann", groups=["engineers"], schema=schema)
    asked = [
        item["result"]["errorMessage"] for item in cloud.invocations() if item["function"] == f"AWSClientVPN-{name}"
    ]
    assert ["'groups': ['engineers']" in message for message in asked] == [False, True]
    assert all("'username': 'ann'" in message and "'public-ip': '198.51.100.7'" in message for message in asked)


def test_who_cannot_connect_is_told_why(cloud: LocalCloud, create: Callable[..., str], endpoint: str) -> None:
    pending = create()
    client = {"public_ip": "198.51.100.7", "common_name": "laptop"}
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("cvpn-endpoint-00000000000000000", client, "404"),
        (pending, client, "409 .*pending-associate"),
        (endpoint, client | {"public_ip": "nowhere"}, "400 .*nowhere"),
        (endpoint, client | {"username": "ann"}, "400 .*certificate alone"),
        (endpoint, client | {"common_name": ""}, "400 .*common_name"),
        (endpoint, client | {"groups": ["engineers"]}, "400 .*Groups"),
        (endpoint, client | {"schema": "v9"}, "400 .*v1, v2, v3"),
    ]
    for of, arguments, said in cases:
        with pytest.raises(LocalCloudError, match=said):
            cloud.vpn_connect(of, **arguments)
