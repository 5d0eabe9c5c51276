"""What Client VPN keeps of one account and Region: endpoints with their networks, routes, rules and connections.

Nothing here knows of moto or of requests. A change is under way for TRANSITION on the cloud's clock; who looks later
sees it completed. AWS takes five to fifteen minutes over an association, and says of none how long it takes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network
from typing import Any

TRANSITION = timedelta(seconds=1)
TERMINATED_KEPT = timedelta(minutes=60)
"""How long a terminated connection is described (API_DescribeClientVpnConnections)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A status that is `before` until the moment `at`, and `after` from then on."""

    before: str
    after: str
    at: datetime

    def status(self, now: datetime) -> str:
        """The status at that moment."""
        return self.after if now >= self.at else self.before


@dataclass(slots=True)
class Association:
    """A subnet that an endpoint is associated with. `zone`: of the subnet."""

    id: str
    subnet_id: str
    vpc_id: str
    zone: str
    change: Change


@dataclass(slots=True)
class Route:
    """A route of an endpoint. `origin`: `associate` of the one that comes with a subnet, else `add-route`."""

    destination: IPv4Network
    subnet_id: str
    origin: str
    description: str
    change: Change


@dataclass(slots=True)
class Rule:
    """Who may reach a network: a group, or everybody (`group_id` empty)."""

    destination: IPv4Network
    group_id: str
    description: str
    change: Change


@dataclass(slots=True)
class Connection:
    """A client's connection; `ended` while it is active: None. `public_ip` and `device` appear in the log alone."""

    id: str
    username: str
    common_name: str
    client_ip: str
    public_ip: str
    device: str
    statuses: list[str]
    established: datetime
    expires: datetime
    ended: datetime | None = None


@dataclass(slots=True)
class Endpoint:
    """A Client VPN endpoint. `settings`: what DescribeClientVpnEndpoints answers of it and requests set, as it is."""

    id: str
    region: str
    created: datetime
    settings: dict[str, Any]
    handler_change: Change | None = None
    deleted: Change | None = None
    associations: dict[str, Association] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    connections: dict[str, Connection] = field(default_factory=dict)

    @property
    def client_cidr(self) -> IPv4Network:
        """The addresses that clients get."""
        return IPv4Network(self.settings["ClientCidrBlock"])

    @property
    def dns_name(self) -> str:
        """The name that clients reach it by, without the label that they put before it."""
        return f"{self.id}.prod.clientvpn.{self.region}.amazonaws.com"

    def status(self, now: datetime) -> str:
        """`pending-associate` until an association is complete, then `available`; at the end `deleting`, `deleted`."""
        if self.deleted:
            return self.deleted.status(now)
        return "available" if self.associated(now) else "pending-associate"

    def associated(self, now: datetime) -> dict[str, Association]:
        """The complete associations, by subnet."""
        found = (item for item in self.associations.values() if item.change.status(now) == "associated")
        return {item.subnet_id: item for item in found}

    def active(self) -> list[Connection]:
        """The connections that have not ended."""
        return [connection for connection in self.connections.values() if connection.ended is None]

    def forget(self, now: datetime) -> None:
        """Drop what is gone by now."""
        self.associations = {
            key: item for key, item in self.associations.items() if item.change.status(now) != "disassociated"
        }
        self.routes = [item for item in self.routes if item.change.status(now) != "deleted"]
        self.rules = [item for item in self.rules if item.change.status(now) != "revoked"]
        self.connections = {
            key: item
            for key, item in self.connections.items()
            if item.ended is None or now - item.ended < TERMINATED_KEPT
        }


@dataclass(slots=True)
class ClientVpn:
    """The endpoints of one account and Region, and the answers to requests that had a client token."""

    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[Any, dict[str, Any]]] = field(default_factory=dict)

    def forget(self, now: datetime) -> None:
        """Drop what is gone by now."""
        self.endpoints = {key: item for key, item in self.endpoints.items() if item.status(now) != "deleted"}
        for endpoint in self.endpoints.values():
            endpoint.forget(now)
