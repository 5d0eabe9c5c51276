"""The fence as its root deploys it, where `make demo` deploys it otherwise.

In a network that is there, with people of a directory, a handler that is restored from a snapshot, and endpoints that
come later.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local_run import module_arguments
from localcloud.client import LocalCloud
from package import build_all
from payload import discover
from progress import Progress
from scenes.iam_geofence import account
from terraform import Workspace
from toolchain import FUNCTION_PYTHON, ROOT, machine_architecture

SOLUTION = "iam_geofence"
QUIET = Progress(Console(), quiet=True)
FIRST, LATER = "cvpn-endpoint-0aaaaaaaaaaaaaaaa", "cvpn-endpoint-0bbbbbbbbbbbbbbbb"
SWISS, AMERICAN = "129.132.1.1", "8.8.8.8"


@pytest.fixture
def cloud(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """An account of its own: endpoints of Client VPN are few."""
    with LocalCloud.start(environment=runtimes) as running:
        yield running


@pytest.fixture
def network(cloud: LocalCloud) -> dict[str, Any]:
    """A VPC with a subnet of the checker behind a NAT gateway, and one of the VPN in each of two zones."""
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    zones = ["us-east-1a", "us-east-1b", "us-east-1a", "us-east-1a"]
    first, second, checker, public = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{index}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for index, zone in enumerate(zones)
    )
    internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    route(ec2, vpc, public, GatewayId=internet)
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address["AllocationId"])["NatGateway"]["NatGatewayId"]
    route(ec2, vpc, checker, NatGatewayId=nat)
    return {
        "vpc_id": vpc,
        "checker_subnet_ids": [checker],
        "checker_addresses": [address["PublicIp"]],
        "vpn_subnet_ids": {"a": first, "b": second},
        "vpn_addresses": ["198.51.100.30"],
    }


def route(ec2: Any, vpc: str, subnet: str, **target: str) -> None:
    """Send what leaves the subnet to `target`."""
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)


@pytest.fixture
def workspace(cloud: LocalCloud, tmp_path: Path) -> Workspace:
    zips = tmp_path / "zips"
    assert build_all([discover(ROOT)[SOLUTION]], [machine_architecture()], FUNCTION_PYTHON, zips, QUIET)
    created = Workspace.create(SOLUTION, tmp_path / "work", cloud.environment())
    artifacts = {SOLUTION: {"path": str(zips / f"{SOLUTION}-{machine_architecture()}.zip")}}
    created.redirect_to_local_cloud(module_arguments(SOLUTION, machine_architecture(), artifacts))
    created.init(QUIET)
    return created


def planned(workspace: Workspace, variables: dict[str, Any]) -> dict[str, list[str]]:
    """What a plan with these variables over example.tfvars would do, by address."""
    own, plan = workspace.path / "own.tfvars.json", workspace.path / "plan"
    own.write_text(json.dumps(variables))
    workspace.plan(QUIET, plan, [str(workspace.path / "example.tfvars"), str(own)])
    shown = json.loads(plan.with_suffix(".json").read_text())["resource_changes"]
    actions = {change["address"]: change["change"]["actions"] for change in shown}
    return {address.rpartition("iam_geofence.")[2]: does for address, does in actions.items() if does != ["no-op"]}


def ask(cloud: LocalCloud, function: str, endpoint: str, address: str) -> tuple[bool, list[str]]:
    """Whether the handler admits the address at the endpoint, and the statuses that it gives."""
    event = {
        "connection-id": "cvpn-connection-0123456789abcdef0",
        "endpoint-id": endpoint,
        "common-name": "",
        "username": "ada",
        "platform": "mac",
        "platform-version": "",
        "public-ip": address,
        "client-openvpn-version": "3.8.1",
        "groups": "",
        "schema-version": "v2",
    }
    answer = json.load(cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))["Payload"])
    return answer["allow"], answer["posture-compliance-statuses"]


def test_directory_snapshot_and_an_endpoint_that_comes_later(
    cloud: LocalCloud, network: dict[str, Any], workspace: Workspace
) -> None:
    directory = cloud.client("ds").create_microsoft_ad(
        Name="corp.example.com",
        Password="Passw0rd-of-a-test",
        VpcSettings={"VpcId": network["vpc_id"], "SubnetIds": list(network["vpn_subnet_ids"].values())},
    )["DirectoryId"]
    variables: dict[str, Any] = {
        "vpn": {
            "client_cidr": "10.100.0.0/22",
            "server_certificate_arn": account.furnish(cloud)["certificate_arn"],
            "authentication": {"directory": {"directory_id": directory}},
            "authorized": {"staff": {"group_id": "S-1-5-21-1-2-3-1104"}},
            "active": False,
        },
        "existing_network": network,
        "endpoint_ids": [FIRST],
        "snap_start": True,
        "alarms": {},
    }
    planned(workspace, variables)
    workspace.apply(QUIET, workspace.path / "plan")
    assert planned(workspace, variables) == {}

    outputs = workspace.output()
    (endpoint,) = cloud.client("ec2").describe_client_vpn_endpoints()["ClientVpnEndpoints"]
    assert endpoint["AuthenticationOptions"] == [
        {"Type": "directory-service-authentication", "ActiveDirectory": {"DirectoryId": directory}}
    ]
    assert endpoint["ClientConnectOptions"]["LambdaFunctionArn"] == outputs["function_arn"]
    handler = outputs["function_arn"]
    assert ask(cloud, handler, endpoint["ClientVpnEndpointId"], SWISS)[0]
    assert not ask(cloud, handler, FIRST, AMERICAN)[0]
    admitted, statuses = ask(cloud, handler, LATER, SWISS)
    assert (admitted, "reason:proof-endpoint" in statuses) == (False, True)
    starts = [(item["cold_start"], item["restore_ms"] is not None) for item in cloud.invocations()]
    assert starts == [(False, True), (False, False), (False, False)]
    canary = cloud.client("lambda").invoke(FunctionName=outputs["canary_function_name"])
    assert json.load(canary["Payload"]) == {"negative": "country", "drill": "permitted"}

    variables["endpoint_ids"] = [FIRST, LATER]
    assert planned(workspace, variables) == {
        "aws_api_gateway_deployment.check": ["create", "delete"],
        "aws_api_gateway_integration.check": ["update"],
        "aws_api_gateway_stage.check": ["update"],
    }
    workspace.apply(QUIET, workspace.path / "plan")
    assert planned(workspace, variables) == {}
    assert ask(cloud, handler, LATER, SWISS)[0]
    assert not ask(cloud, handler, LATER, AMERICAN)[0]
