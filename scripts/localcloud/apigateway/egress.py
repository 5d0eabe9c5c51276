"""From which address a function reaches the internet.

"Giving Lambda functions access to resources in an Amazon VPC" in the Lambda Developer Guide, "NAT gateways" and "Route
tables" in the VPC User Guide. Network ACLs and the destination's own address are not looked at: a route counts that
leads everywhere, and a security group that lets 443 out to everywhere.
"""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.ec2.models import ec2_backends

AMAZON_ADDRESS = "52.94.76.1"
"""What a function outside a VPC comes from: one of Amazon's, and nobody's to allow."""
ANYWHERE = "0.0.0.0/0"
HTTPS = 443


@dataclass(slots=True)
class Place:
    """Where a function runs: subnets and security groups, none outside a VPC.

    Its connections take the subnets in turn, so that each of them has to work.
    """

    account: str
    region: str
    subnet_ids: Sequence[str] = ()
    security_group_ids: Sequence[str] = ()
    _turns: Any = field(init=False, repr=False)
    _lock: threading.Lock = field(init=False, repr=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._turns = itertools.cycle(self.subnet_ids)

    def source_address(self) -> str | None:
        """The public address of the next connection; None when it gets nowhere.

        Raises NotImplementedError where an interface endpoint would take it.
        """
        if not self.subnet_ids:
            return AMAZON_ADDRESS
        with self._lock:
            subnet_id = next(self._turns)
        backend: Any = ec2_backends[self.account][self.region]
        subnet = backend.get_subnet(subnet_id)
        _refuse_endpoints(backend, subnet.vpc_id, self.region)
        groups = [backend.get_security_group_from_id(group_id) for group_id in self.security_group_ids]
        if not any(_lets_out(rule) for group in groups if group for rule in group.egress_rules):
            return None
        gateway = getattr(_default_route(backend, subnet), "nat_gateway", None)
        return _public_address(backend, gateway) if gateway else None


def _refuse_endpoints(backend: Any, vpc_id: str, region: str) -> None:
    for endpoint in backend.vpc_end_points.values():
        is_ours = endpoint.vpc_id == vpc_id and endpoint.service_name == f"com.amazonaws.{region}.execute-api"
        if is_ours and endpoint.private_dns_enabled:
            raise NotImplementedError("a private DNS name of an execute-api endpoint")


def _lets_out(rule: Any) -> bool:
    covers = rule.ip_protocol == "-1" or (
        rule.ip_protocol == "tcp" and int(rule.from_port) <= HTTPS <= int(rule.to_port)
    )
    return covers and rule.ip_range.get("CidrIp") == ANYWHERE


def _default_route(backend: Any, subnet: Any) -> Any:
    """The route of a subnet that leads everywhere; None when there is none."""
    tables = [table for table in backend.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = [table for table in tables if subnet.id in table._associations.values()]
    main = [table for table in tables if table.main_association_id is not None]
    for table in own or main:
        return next((route for route in table.routes if route.destination_cidr_block == ANYWHERE), None)
    return None


def _public_address(backend: Any, gateway: Any) -> str | None:
    """The Elastic IP of a NAT gateway that works: public, available, in a subnet whose way leads to the internet."""
    outward = _default_route(backend, backend.get_subnet(gateway.subnet_id))
    leads_out = outward is not None and outward.gateway is not None and outward.gateway.id.startswith("igw-")
    if gateway.state != "available" or gateway.connectivity_type == "private" or not leads_out:
        return None
    return next((item["publicIp"] for item in gateway.address_set if item.get("publicIp")), None)
