"""VPCs by boto3: what others stand on stays, and a NAT gateway needs a way out."""

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.client import LocalCloud

Refusal = Callable[..., tuple[str, str]]


@pytest.fixture
def ec2(cloud: LocalCloud) -> Any:
    return cloud.client("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    return str(ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def subnet(ec2: Any, vpc: str) -> str:
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.0.0/24")["Subnet"]["SubnetId"])


@pytest.fixture
def internet_gateway(ec2: Any, vpc: str) -> str:
    gateway = str(ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return gateway


@pytest.fixture
def address(ec2: Any) -> str:
    return str(ec2.allocate_address(Domain="vpc")["AllocationId"])


def test_a_network_comes_down_in_its_order_only(
    ec2: Any, refusal: Refusal, vpc: str, subnet: str, internet_gateway: str, address: str
) -> None:
    created = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    (gateway,) = ec2.describe_nat_gateways(NatGatewayIds=[created])["NatGateways"]
    assert (gateway["State"], gateway["NatGatewayAddresses"][0]["AllocationId"]) == ("available", address)
    attached = {"InternetGatewayId": internet_gateway, "VpcId": vpc}
    assert refusal(ec2.release_address, AllocationId=address)[0] == "InvalidIPAddress.InUse"
    assert refusal(ec2.detach_internet_gateway, **attached)[0] == "DependencyViolation"
    assert refusal(ec2.delete_subnet, SubnetId=subnet)[0] == "DependencyViolation"
    ec2.delete_nat_gateway(NatGatewayId=created)
    ec2.release_address(AllocationId=address)
    ec2.delete_subnet(SubnetId=subnet)
    assert refusal(ec2.delete_vpc, VpcId=vpc)[0] == "DependencyViolation"
    ec2.detach_internet_gateway(**attached)
    group = ec2.create_security_group(GroupName="users", Description="users", VpcId=vpc)["GroupId"]
    assert refusal(ec2.delete_vpc, VpcId=vpc)[0] == "DependencyViolation"
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)
    assert refusal(ec2.describe_vpcs, VpcIds=[vpc])[0] == "InvalidVpcID.NotFound"


def test_a_nat_gateway_without_a_way_out_fails_and_keeps_no_address(ec2: Any, subnet: str, address: str) -> None:
    created = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    (gateway,) = ec2.describe_nat_gateways(NatGatewayIds=[created])["NatGateways"]
    assert (gateway["State"], gateway["FailureCode"]) == ("failed", "Gateway.NotAttached")
    ec2.release_address(AllocationId=address)


def test_a_nat_gateway_needs_an_address_of_its_own(
    ec2: Any, refusal: Refusal, subnet: str, internet_gateway: str, address: str
) -> None:
    assert refusal(ec2.create_nat_gateway, SubnetId=subnet)[0] == "MissingParameter"
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
    code, _ = refusal(ec2.create_nat_gateway, SubnetId=subnet, AllocationId=address)
    assert code == "Resource.AlreadyAssociated"
    assert ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["State"] == "available"
    assert refusal(ec2.delete_nat_gateway, NatGatewayId="nat-00000000")[0] == "NatGatewayNotFound"
