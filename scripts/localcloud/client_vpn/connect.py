"""A client connects: authentication, the client connect handler, an address, the log and the metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.utils import random_id

from localcloud import ACCOUNT_ID
from localcloud.client_vpn import connection_log, settings
from localcloud.client_vpn.handler import ask
from localcloud.client_vpn.model import Connection, Endpoint
from localcloud.client_vpn.requests import opened
from localcloud.client_vpn.verdict import DEFAULT_MESSAGE, SCHEMAS, Decision
from localcloud.cloudwatch import vended_metrics
from localcloud.refusal import RefusalError

OPENVPN_VERSION = "3.8.1"
AUTHENTICATION_FAILED = "authentication-failed"
"""Our word: AWS does not document the one that its log has."""
DEFAULT_CLIENT: dict[str, Any] = {
    "username": "",
    "groups": [],
    "common_name": "",
    "platform": "mac",
    "platform_version": "",
    "schema": "v2",
    "authenticates": True,
}


@dataclass(frozen=True, slots=True)
class Client:
    """Who connects. `authenticates`: whether the client proves to be who it says it is."""

    public_ip: str
    username: str
    groups: list[str]
    common_name: str
    platform: str
    platform_version: str
    schema: str
    authenticates: bool

    @classmethod
    def parse(cls, body: Any) -> "Client":
        """Read the body of a request; raises RefusalError 400 for one that describes no client."""
        if not isinstance(body, dict) or not isinstance(body.get("public_ip"), str):
            raise RefusalError(400, 'The body must name the client\'s address: {"public_ip": "…"}.')
        client = DEFAULT_CLIENT | body
        if unknown := sorted(set(client) - {*DEFAULT_CLIENT, "public_ip"}):
            raise RefusalError(400, f"A client has no {', '.join(unknown)}.")
        texts = [value for name, value in client.items() if name not in ("groups", "authenticates")]
        groups, authenticates = client["groups"], client["authenticates"]
        if not isinstance(groups, list) or not all(isinstance(text, str) for text in [*texts, *groups]):
            raise RefusalError(400, "groups must be a list of texts, authenticates true or false, all others texts.")
        if not isinstance(authenticates, bool):
            raise RefusalError(400, f"authenticates must be true or false, not {authenticates!r}.")
        if client["schema"] not in SCHEMAS:
            raise RefusalError(400, f"schema must be one of {', '.join(SCHEMAS)}, not {client['schema']!r}.")
        try:
            ip_address(client["public_ip"])
        except ValueError as error:
            raise RefusalError(400, f"public_ip: {error}") from error
        return cls(**client)


def connect(endpoint_id: str, body: Any, *, region: str) -> Mapping[str, Any]:
    """Connect the client that `body` describes: `{"allowed", "reason", "message", "statuses", "connection_id"}`.

    `reason`: None, or what the connection log gives. Raises RefusalError 404 for an endpoint that does not exist, 409
    where no client gets as far as being asked who it is, 400 for a body that is wrong.
    """
    client = Client.parse(body)
    backend = ec2_backends[ACCOUNT_ID][region]
    with opened(backend) as (vpn, now):
        if endpoint_id not in vpn.endpoints:
            raise RefusalError(404, f"There is no Client VPN endpoint {endpoint_id} in {region}.")
        endpoint = vpn.endpoints[endpoint_id]
        _refuse(endpoint, client, now)
        connection = _attempt(endpoint, client, now)
    if not client.authenticates:
        return _turned_away(backend, endpoint, client, connection, now)
    options = endpoint.settings["ClientConnectOptions"]
    decision = Decision(None)
    # Nothing is kept locked meanwhile: the function may well ask about the endpoint.
    if options["Enabled"]:
        decision = ask(options["LambdaFunctionArn"], _event(endpoint, client, connection))
        vended_metrics.record_connect_handler(region, endpoint.id, decision.reason)
    connection.statuses = decision.statuses
    with opened(backend) as (_, now):
        vended_metrics.record_authentication(region, endpoint.id, failed=False)
        if decision.reason is None:
            _refuse(endpoint, client, now)  # the last subnet may have gone meanwhile
            _admit(backend, endpoint, connection, now)
        else:
            connection_log.write_failed(backend, endpoint, connection, decision.reason, now)
    return {
        "allowed": decision.reason is None,
        "reason": decision.reason,
        "message": decision.message,
        "statuses": decision.statuses,
        "connection_id": connection.id,
    }


def _kinds(endpoint: Endpoint) -> set[str]:
    return {option["Type"] for option in endpoint.settings["AuthenticationOptions"]}


def _refuse(endpoint: Endpoint, client: Client, now: datetime) -> None:
    """Raise RefusalError where AWS would not come to ask the handler, or would ask it otherwise than we can."""
    if endpoint.status(now) != "available":
        raise RefusalError(409, f"No client reaches {endpoint.id}: it is {endpoint.status(now)}.")
    if not endpoint.settings["DisconnectOnSessionTimeout"]:
        raise RefusalError(501, "Clients that reconnect by themselves at the end of a session are not emulated.")
    by_user = bool(_kinds(endpoint) & settings.USER_TYPES)
    if by_user is not bool(client.username):
        has = "needs a username" if by_user else "knows no usernames: clients authenticate by certificate alone"
        raise RefusalError(400, f"The endpoint {endpoint.id} {has}.")
    if "certificate-authentication" in _kinds(endpoint) and not client.common_name:
        raise RefusalError(400, f"Clients of {endpoint.id} have a certificate: give its common_name.")
    if client.groups and not by_user:
        raise RefusalError(400, "Groups come with a directory or with SAML.")


def _attempt(endpoint: Endpoint, client: Client, now: datetime) -> Connection:
    hours = timedelta(hours=endpoint.settings["SessionTimeoutHours"])
    return Connection(
        id=random_id("cvpn-connection"),
        username=client.username,
        common_name=client.common_name,
        client_ip="",
        public_ip=client.public_ip,
        device=client.platform,
        statuses=[],
        established=now,
        expires=now + hours,
    )


def _turned_away(
    backend: Any, endpoint: Endpoint, client: Client, connection: Connection, now: datetime
) -> Mapping[str, Any]:
    vended_metrics.record_authentication(endpoint.region, endpoint.id, failed=True)
    if client.username:  # "Failed mutual authentication attempts are not logged."
        connection_log.write_failed(backend, endpoint, connection, AUTHENTICATION_FAILED, now)
    return {
        "allowed": False,
        "reason": AUTHENTICATION_FAILED,
        "message": DEFAULT_MESSAGE,
        "statuses": [],
        "connection_id": connection.id,
    }


def _event(endpoint: Endpoint, client: Client, connection: Connection) -> dict[str, Any]:
    event: dict[str, Any] = {
        "connection-id": connection.id,
        "endpoint-id": endpoint.id,
        "common-name": client.common_name,
        "username": client.username,
        "platform": client.platform,
        "platform-version": client.platform_version,
        "public-ip": client.public_ip,
        "client-openvpn-version": OPENVPN_VERSION,
        "schema-version": client.schema,
    }
    return event if client.schema == "v1" else {**event, "groups": client.groups}


def _admit(backend: Any, endpoint: Endpoint, connection: Connection, now: datetime) -> None:
    taken = {other.client_ip for other in endpoint.active()}
    free = (str(address) for address in endpoint.client_cidr.hosts() if str(address) not in taken)
    connection.expires += now - connection.established
    connection.established = now
    connection.client_ip = next(free)
    endpoint.connections[connection.id] = connection
    connection_log.write_connected(backend, endpoint, connection)
    vended_metrics.record_active_connections(backend.region_name, endpoint.id, len(endpoint.active()), now)
