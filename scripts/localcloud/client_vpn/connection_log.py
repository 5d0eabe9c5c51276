"""The connection log in CloudWatch Logs: one JSON object per event, all values text ("Connection logging")."""

import json
from datetime import datetime
from typing import Any

from moto.logs.models import logs_backends

from localcloud.client_vpn.model import Connection, Endpoint

NOTHING = "NA"


def stamp(moment: datetime) -> str:
    """A time as Client VPN writes it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def write_connected(backend: Any, endpoint: Endpoint, connection: Connection) -> None:
    """A client that was let in."""
    started = {
        "connection-attempt-status": "successful",
        "connection-start-time": stamp(connection.established),
        "connection-duration-seconds": "0",
    }
    _write(backend, endpoint, connection, connection.established, started)


def write_failed(backend: Any, endpoint: Endpoint, connection: Connection, reason: str, at: datetime) -> None:
    """A client that was not let in; `reason` is the word for it in the log."""
    _write(
        backend,
        endpoint,
        connection,
        at,
        {"connection-attempt-status": "failed", "connection-attempt-failure-reason": reason, "client-ip": NOTHING},
    )


def write_ended(backend: Any, endpoint: Endpoint, connection: Connection, at: datetime) -> None:
    """The end of a connection."""
    ended = {
        "connection-log-type": "connection-reset",
        "connection-start-time": stamp(connection.established),
        "connection-end-time": stamp(at),
        "connection-duration-seconds": str(int((at - connection.established).total_seconds())),
    }
    _write(backend, endpoint, connection, at, ended)


def _write(backend: Any, endpoint: Endpoint, connection: Connection, at: datetime, event: dict[str, str]) -> None:
    """Write one entry, if the endpoint has a log that still exists: as on AWS, it is lost otherwise."""
    options = endpoint.settings["ConnectionLogOptions"]
    if not options["Enabled"]:
        return
    entry: dict[str, Any] = {
        "connection-log-type": "connection-attempt",
        "connection-attempt-status": NOTHING,
        "connection-reset-status": NOTHING,
        "connection-attempt-failure-reason": NOTHING,
        "connection-id": connection.id,
        "client-vpn-endpoint-id": endpoint.id,
        "transport-protocol": endpoint.settings["TransportProtocol"],
        "connection-start-time": NOTHING,
        "connection-last-update-time": stamp(at),
        "client-ip": connection.client_ip,
        "common-name": connection.common_name or NOTHING,
        "device-type": connection.device,
        "device-ip": connection.public_ip,
        "port": "50096",
        "ingress-bytes": "0",
        "egress-bytes": "0",
        "ingress-packets": "0",
        "egress-packets": "0",
        "connection-end-time": NOTHING,
        "connection-duration-seconds": NOTHING,
    }
    if connection.username:
        entry["username"] = connection.username
    if connection.statuses:
        entry["posture-compliance-statuses"] = connection.statuses
    logs = logs_backends[backend.account_id][backend.region_name]
    group, stream = options["CloudwatchLogGroup"], options["CloudwatchLogStream"]
    if group in logs.groups and stream in logs.groups[group].streams:
        line = {"timestamp": int(at.timestamp() * 1000), "message": json.dumps(entry | event)}
        logs.put_log_events(group, stream, [line])
