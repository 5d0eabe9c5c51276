"""The subnets that an endpoint is associated with, and its routes.

Sources: API_AssociateClientVpnTargetNetwork, API_DisassociateClientVpnTargetNetwork, API_CreateClientVpnRoute,
API_DeleteClientVpnRoute and "Rules and best practices"; codes from "Error codes for the Amazon EC2 API".
"""

from datetime import datetime
from ipaddress import IPv4Network
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.ec2.utils import random_id

from localcloud.client_vpn import sessions, settings
from localcloud.client_vpn.endpoints import default_security_groups, refuse_overlap
from localcloud.client_vpn.model import Association, Endpoint, Route
from localcloud.client_vpn.requests import changing, endpoint_of, idempotent, invalid, listed
from localcloud.extensions import AwsError, adds

NARROWEST_SUBNET, FEWEST_ADDRESSES = 27, 20
MOST_ROUTES = 100
"""Per association ("Client VPN quotas"; adjustable on AWS)."""
EVERYWHERE = IPv4Network("0.0.0.0/0")


@adds(EC2Response, "AssociateClientVpnTargetNetwork")
@idempotent
def associate_client_vpn_target_network(self: Any) -> ActionResult:
    """AssociateClientVpnTargetNetwork: one subnet per zone, all of one VPC; the VPC's own route comes with it."""
    if not (subnet_id := self._get_param("SubnetId")):
        raise NotImplementedError("an association without SubnetId")
    with endpoint_of(self) as (endpoint, now):
        subnet = self.ec2_backend.get_subnet(subnet_id)
        _refuse_subnet(self, endpoint, subnet)
        association = Association(
            random_id("cvpn-assoc"),
            subnet_id,
            subnet.vpc_id,
            subnet.availability_zone,
            changing(now, "associating", "associated"),
        )
        endpoint.associations[association.id] = association
        if not endpoint.settings.get("VpcId"):
            endpoint.settings["VpcId"] = subnet.vpc_id
            endpoint.settings["SecurityGroupIds"] = default_security_groups(self, subnet.vpc_id)
        endpoint.routes += [
            Route(network, subnet_id, "associate", "Default Route", changing(now, "creating", "active"))
            for network in settings.vpc_networks(self, subnet.vpc_id)
        ]
        status = {"Code": association.change.status(now)}
    return ActionResult({"AssociationId": association.id, "Status": status})


def _refuse_subnet(self: Any, endpoint: Endpoint, subnet: Any) -> None:
    for other in endpoint.associations.values():
        if other.subnet_id == subnet.id:
            message = f"The subnet {subnet.id} is already associated with {endpoint.id}."
            raise AwsError("InvalidClientVpnDuplicateAssociationException", message)
        if other.zone == subnet.availability_zone:
            message = f"{other.subnet_id}, of the same Availability Zone {other.zone}, is already associated."
            raise AwsError("InvalidClientVpnSubnetId.DuplicateAz", message)
    vpc_id = endpoint.settings.get("VpcId")
    if vpc_id and subnet.vpc_id != vpc_id:
        raise AwsError("InvalidClientVpnSubnetId.NotFound", f"The subnet {subnet.id} is none of {vpc_id}.")
    try:
        refuse_overlap("VPC", settings.vpc_networks(self, subnet.vpc_id), endpoint.client_cidr)
    except AwsError as error:
        raise AwsError("InvalidClientVpnSubnetId.OverlappingCidr", error.message) from error
    if subnet.cidr.prefixlen > NARROWEST_SUBNET or subnet.available_ip_address_count < FEWEST_ADDRESSES:
        raise invalid(
            f"The subnet {subnet.id} must be a /{NARROWEST_SUBNET} or wider, with {FEWEST_ADDRESSES} free addresses."
        )


@adds(EC2Response, "DisassociateClientVpnTargetNetwork")
def disassociate_client_vpn_target_network(self: Any) -> ActionResult:
    """DisassociateClientVpnTargetNetwork: the subnet's routes go with it, and with the last subnet all connections."""
    with endpoint_of(self) as (endpoint, now):
        association = endpoint.associations.get(self._get_param("AssociationId"))
        if association is None:
            raise _no_association(self._get_param("AssociationId"))
        association.change = changing(now, "disassociating", "disassociated")
        endpoint.routes = [route for route in endpoint.routes if route.subnet_id != association.subnet_id]
        if not endpoint.associated(now):
            for connection in endpoint.active():
                sessions.end(self.ec2_backend, endpoint, connection, now)
        status = {"Code": association.change.status(now)}
    return ActionResult({"AssociationId": association.id, "Status": status})


@adds(EC2Response, "DescribeClientVpnTargetNetworks")
def describe_client_vpn_target_networks(self: Any) -> ActionResult:
    """DescribeClientVpnTargetNetworks: with pages and filters."""
    with endpoint_of(self) as (endpoint, now):
        wanted = self._get_param("AssociationIds", [])
        for association_id in wanted:
            if association_id not in endpoint.associations:
                raise _no_association(association_id)
        found = [
            {
                "AssociationId": item.id,
                "ClientVpnEndpointId": endpoint.id,
                "VpcId": item.vpc_id,
                "TargetNetworkId": item.subnet_id,
                "SecurityGroups": endpoint.settings["SecurityGroupIds"],
                "Status": {"Code": item.change.status(now)},
            }
            for item in endpoint.associations.values()
            if not wanted or item.id in wanted
        ]
        return listed(
            self,
            "ClientVpnTargetNetworks",
            found,
            lambda item: str(item["AssociationId"]),
            {
                "association-id": lambda item: str(item["AssociationId"]),
                "target-network-id": lambda item: str(item["TargetNetworkId"]),
                "vpc-id": lambda item: str(item["VpcId"]),
            },
        )


@adds(EC2Response, "ApplySecurityGroupsToClientVpnTargetNetwork")
def apply_security_groups_to_client_vpn_target_network(self: Any) -> ActionResult:
    """ApplySecurityGroupsToClientVpnTargetNetwork: other groups for the endpoint's VPC, in place of those it has."""
    with endpoint_of(self) as (endpoint, _):
        vpc_id = self._get_param("VpcId")
        if vpc_id != endpoint.settings.get("VpcId"):
            raise invalid(f"The endpoint {endpoint.id} is not in {vpc_id}.")
        groups = settings.security_groups(self, self._get_param("SecurityGroupIds", []), vpc_id)
        endpoint.settings["SecurityGroupIds"] = groups
    return ActionResult({"SecurityGroupIds": groups})


@adds(EC2Response, "CreateClientVpnRoute")
@idempotent
def create_client_vpn_route(self: Any) -> ActionResult:
    """CreateClientVpnRoute: through a subnet whose association is complete."""
    subnet_id = self._get_param("TargetVpcSubnetId")
    if subnet_id in (None, "local"):
        raise NotImplementedError("a route between clients, or without TargetVpcSubnetId")
    destination = settings.network_of("DestinationCidrBlock", self._get_param("DestinationCidrBlock"))
    with endpoint_of(self) as (endpoint, now):
        if subnet_id not in endpoint.associated(now):
            message = f"The subnet {subnet_id} is not associated with {endpoint.id}, or not yet."
            raise AwsError("InvalidClientVpnActiveAssociationNotFound", message)
        if _route(endpoint, destination, subnet_id):
            message = f"The route {destination} through {subnet_id} exists already."
            raise AwsError("InvalidClientVpnDuplicateRoute", message)
        if destination != EVERYWHERE:
            refuse_overlap("route", [destination], endpoint.client_cidr)
        if sum(route.subnet_id == subnet_id for route in endpoint.routes) >= MOST_ROUTES:
            message = f"There are {MOST_ROUTES} routes through {subnet_id}, which is the limit."
            raise AwsError("ClientVpnRouteLimitExceeded", message)
        description = self._get_param("Description") or ""
        route = Route(destination, subnet_id, "add-route", description, changing(now, "creating", "active"))
        endpoint.routes.append(route)
        return ActionResult({"Status": {"Code": route.change.status(now)}})


@adds(EC2Response, "DeleteClientVpnRoute")
def delete_client_vpn_route(self: Any) -> ActionResult:
    """DeleteClientVpnRoute: only of a route that was added; those of the VPC go with their association."""
    destination = settings.network_of("DestinationCidrBlock", self._get_param("DestinationCidrBlock"))
    with endpoint_of(self) as (endpoint, now):
        route = _route(endpoint, destination, self._get_param("TargetVpcSubnetId"))
        if route is None:
            raise AwsError("InvalidClientVpnRouteNotFound", f"The route {destination} does not exist.")
        if route.origin == "associate":
            raise invalid(f"The route {destination} came with its subnet, and goes with it.")
        route.change = changing(now, "deleting", "deleted")
        return ActionResult({"Status": {"Code": route.change.status(now)}})


@adds(EC2Response, "DescribeClientVpnRoutes")
def describe_client_vpn_routes(self: Any) -> ActionResult:
    """DescribeClientVpnRoutes: with pages and filters."""
    with endpoint_of(self) as (endpoint, now):
        return listed(
            self,
            "Routes",
            [_described(endpoint, route, now) for route in endpoint.routes],
            lambda item: f"{item['DestinationCidr']} {item['TargetSubnet']}",
            {
                "destination-cidr": lambda item: str(item["DestinationCidr"]),
                "origin": lambda item: str(item["Origin"]),
                "target-subnet": lambda item: str(item["TargetSubnet"]),
            },
        )


def _described(endpoint: Endpoint, route: Route, now: datetime) -> dict[str, Any]:
    return {
        "ClientVpnEndpointId": endpoint.id,
        "DestinationCidr": str(route.destination),
        "TargetSubnet": route.subnet_id,
        "Type": "Nat",
        "Origin": route.origin,
        "Description": route.description,
        "Status": {"Code": route.change.status(now)},
    }


def _route(endpoint: Endpoint, destination: IPv4Network, subnet_id: str) -> Route | None:
    found = (item for item in endpoint.routes if (item.destination, item.subnet_id) == (destination, subnet_id))
    return next(found, None)


def _no_association(association_id: str) -> AwsError:
    return AwsError("InvalidClientVpnAssociationIdNotFound", f"Association {association_id} does not exist")
