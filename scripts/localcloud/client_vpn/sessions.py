"""Connections that stand: how they are described, terminated, and end by themselves when the session is over.

Sources: API_DescribeClientVpnConnections, API_TerminateClientVpnConnections, "Maximum VPN session duration".
"""

from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response

from localcloud.client_vpn import connection_log
from localcloud.client_vpn.model import Connection, Endpoint
from localcloud.client_vpn.requests import endpoint_of, everywhere, listed, locked
from localcloud.cloudwatch import vended_metrics
from localcloud.extensions import AwsError, adds
from localcloud.timeline import Source

MOST_TERMINATED = 5
"""Connections of one user that one request ends."""


@adds(EC2Response, "DescribeClientVpnConnections")
def describe_client_vpn_connections(self: Any) -> ActionResult:
    """DescribeClientVpnConnections: active ones, and those of the last 60 minutes."""
    with endpoint_of(self) as (endpoint, now):
        return listed(
            self,
            "Connections",
            [_described(endpoint, connection, now) for connection in endpoint.connections.values()],
            lambda item: str(item["ConnectionId"]),
            {
                "connection-id": lambda item: str(item["ConnectionId"]),
                "username": lambda item: str(item["Username"]),
            },
        )


@adds(EC2Response, "TerminateClientVpnConnections")
def terminate_client_vpn_connections(self: Any) -> ActionResult:
    """TerminateClientVpnConnections: one connection, or those of one user."""
    connection_id, username = self._get_param("ConnectionId"), self._get_param("Username")
    if bool(connection_id) is bool(username):
        raise AwsError("InvalidParameterCombination", "Specify either ConnectionId or Username.")
    with endpoint_of(self) as (endpoint, now):
        if connection_id:
            chosen = [item for item in endpoint.active() if item.id == connection_id]
            missing = AwsError("InvalidClientVpnConnection.IdNotFound", f"No connection {connection_id} is active.")
        else:
            chosen = [item for item in endpoint.active() if item.username == username]
            missing = AwsError("InvalidClientVpnConnection.UserNotFound", f"{username} has no active connection.")
        if not chosen:
            raise missing
        if len(chosen) > MOST_TERMINATED:
            message = f"{username} has {len(chosen)} connections; one request ends at most {MOST_TERMINATED}."
            raise AwsError("ClientVpnTerminateConnectionsLimitExceeded", message)
        for connection in chosen:
            end(self.ec2_backend, endpoint, connection, now)
        statuses = [
            {
                "ConnectionId": connection.id,
                "PreviousStatus": {"Code": "active"},
                "CurrentStatus": {"Code": "terminating"},
            }
            for connection in chosen
        ]
        answer = {"ClientVpnEndpointId": endpoint.id, "ConnectionStatuses": statuses}
        return ActionResult(answer | ({"Username": username} if username else {}))


def end(backend: Any, endpoint: Endpoint, connection: Connection, at: datetime) -> None:
    """End an active connection, and say so in the log."""
    connection.ended = at
    connection_log.write_ended(backend, endpoint, connection, at)
    vended_metrics.record_active_connections(backend.region_name, endpoint.id, len(endpoint.active()), at)


def _described(endpoint: Endpoint, connection: Connection, now: datetime) -> dict[str, Any]:
    return {
        "ClientVpnEndpointId": endpoint.id,
        "Timestamp": connection_log.stamp(now),
        "ConnectionId": connection.id,
        "Username": connection.username,
        "CommonName": connection.common_name,
        "ConnectionEstablishedTime": connection_log.stamp(connection.established),
        "ClientIp": connection.client_ip,
        "IngressBytes": "0",
        "EgressBytes": "0",
        "IngressPackets": "0",
        "EgressPackets": "0",
        "Status": {"Code": "terminated" if connection.ended else "active"},
        "ConnectionEndTime": connection_log.stamp(connection.ended) if connection.ended else "-",
        "PostureComplianceStatuses": connection.statuses,
    }


def _expiring() -> list[tuple[datetime, Any, Endpoint, Connection]]:
    """Every active connection with the moment at which its session is over, soonest first."""
    active = [
        (connection.expires, backend, endpoint, connection)
        for backend, vpn in everywhere()
        for endpoint in vpn.endpoints.values()
        for connection in endpoint.active()
    ]
    return sorted(active, key=lambda item: item[0])


def _next_due() -> datetime | None:
    with locked():
        return next((expires for expires, *_ in _expiring()), None)


def _run_due(until: datetime) -> None:
    with locked():
        for expires, backend, endpoint, connection in _expiring():
            if expires <= until:
                end(backend, endpoint, connection, expires)


SESSIONS = Source("Client VPN sessions", _next_due, _run_due)
