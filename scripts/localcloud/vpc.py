"""VPCs where moto is kinder than AWS: what others stand on cannot be taken away, and a way out needs its gateway.

Sources: API_DeleteSubnet, API_DeleteVpc, API_DeleteSecurityGroup, API_DetachInternetGateway, API_ReleaseAddress and
"Troubleshoot NAT gateways" in the VPC User Guide.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response

from localcloud.client_vpn.requests import opened
from localcloud.extensions import AwsError, corrects

moto_delete_subnet = EC2Response.delete_subnet
moto_delete_vpc = EC2Response.delete_vpc
moto_delete_security_group = EC2Response.delete_security_group
moto_release_address = EC2Response.release_address
moto_create_nat_gateway = EC2Response.create_nat_gateway
moto_detach_internet_gateway = EC2Response.detach_internet_gateway


@corrects(EC2Response, "DeleteSubnet")
def delete_subnet(self: Any) -> ActionResult:
    """DeleteSubnet: not while a NAT gateway stands in it or a Client VPN endpoint is associated with it."""
    subnet_id = self._get_param("SubnetId")
    with opened(self.ec2_backend) as (vpn, _):
        associated = {item.subnet_id for endpoint in vpn.endpoints.values() for item in endpoint.associations.values()}
    if subnet_id in associated | {gateway.subnet_id for gateway in _nat_gateways(self)}:
        raise _dependency(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    return moto_delete_subnet(self)


@corrects(EC2Response, "DeleteVpc")
def delete_vpc(self: Any) -> ActionResult:
    """DeleteVpc: not while an internet gateway is attached, or while it has security groups of its own."""
    vpc_id = self._get_param("VpcId")
    groups = self.ec2_backend.groups.get(vpc_id, {}).values()
    if _has_internet_gateway(self, vpc_id) or any(group.name != "default" for group in groups):
        raise _dependency(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    return moto_delete_vpc(self)


@corrects(EC2Response, "DeleteSecurityGroup")
def delete_security_group(self: Any) -> ActionResult:
    """DeleteSecurityGroup: not while a Client VPN endpoint has it."""
    group_id = self._get_param("GroupId")
    with opened(self.ec2_backend) as (vpn, _):
        used = {item for endpoint in vpn.endpoints.values() for item in endpoint.settings.get("SecurityGroupIds", [])}
    if group_id in used:
        raise _dependency(f"resource {group_id} has a dependent object")
    return moto_delete_security_group(self)


@corrects(EC2Response, "ReleaseAddress")
def release_address(self: Any) -> ActionResult:
    """ReleaseAddress: not while the address is associated."""
    given = (self._get_param("AllocationId"), self._get_param("PublicIp"))
    for address in self.ec2_backend.addresses:
        if address.association_id and (address.allocation_id == given[0] or address.public_ip == given[1]):
            raise AwsError("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
    return moto_release_address(self)


@corrects(EC2Response, "DetachInternetGateway")
def detach_internet_gateway(self: Any) -> ActionResult:
    """DetachInternetGateway: not while a NAT gateway of the VPC has a public address."""
    vpc_id = self._get_param("VpcId")
    if any(gateway.vpc_id == vpc_id and gateway.connectivity_type != "private" for gateway in _nat_gateways(self)):
        raise _dependency(
            f"Network {vpc_id} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway."
        )
    return moto_detach_internet_gateway(self)


@corrects(EC2Response, "CreateNatGateway")
def create_nat_gateway(self: Any) -> ActionResult:
    """CreateNatGateway: a public one needs an address, and fails where no internet gateway is attached."""
    public = self._get_param("ConnectivityType", "public") == "public"
    if public and not self._get_param("AllocationId"):
        raise AwsError("MissingParameter", "The request must include the AllocationId parameter.")
    result: ActionResult = moto_create_nat_gateway(self)
    gateway = result.result["NatGateway"]
    if public and not _has_internet_gateway(self, gateway.vpc_id):
        _let_go(self, gateway)
        gateway.state = "failed"
        gateway.failure_code = "Gateway.NotAttached"
        gateway.failure_message = f"Network {gateway.vpc_id} has no Internet gateway attached"
    return result


@corrects(EC2Response, "DeleteNatGateway")
def delete_nat_gateway(self: Any) -> ActionResult:
    """DeleteNatGateway: its address may be released then."""
    gateway_id = self._get_param("NatGatewayId")
    gateway = self.ec2_backend.nat_gateways.get(gateway_id)
    if gateway is None:
        raise AwsError("NatGatewayNotFound", f"NAT gateway {gateway_id} was not found")
    _let_go(self, gateway)
    gateway.state = "deleted"
    return ActionResult({"NatGatewayId": gateway_id})


def _let_go(self: Any, gateway: Any) -> None:
    """Give back the address and the network interface of a NAT gateway, if it has them still."""
    for address in self.ec2_backend.addresses:
        if address.eni is gateway._eni:
            self.ec2_backend.disassociate_address(address=address.public_ip)
    self.ec2_backend.enis.pop(gateway._eni.id, None)


def _nat_gateways(self: Any) -> list[Any]:
    return [item for item in self.ec2_backend.nat_gateways.values() if item.state not in ("deleted", "failed")]


def _has_internet_gateway(self: Any, vpc_id: str) -> bool:
    gateways = self.ec2_backend.internet_gateways.values()
    return any(gateway.vpc is not None and gateway.vpc.id == vpc_id for gateway in gateways)


def _dependency(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)
