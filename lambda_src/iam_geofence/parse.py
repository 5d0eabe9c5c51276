"""Client VPN's event as a ConnectRequest, by the Administrator Guide of AWS Client VPN ("Connection authorization")."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Network, ip_address

from iam_geofence.model import ConnectRequest, Malformed, Reason, Schema

NEWEST = Schema("v2")
ADDRESS_LIMIT = 45
"""The characters that the longest text of an IPv6 address has."""
_ECHOED = re.compile(r"[!-~]{1,255}")
_VERSION = re.compile(r"v[1-9][0-9]{0,2}")
_ENDPOINT = re.compile(r"cvpn-endpoint-[0-9A-Za-z]{1,64}")
_CONNECTION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,127}")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA assigns from; `is_global` also holds for multicast and for space that nobody has."""


def read_schema(event: object) -> Schema:
    """The schema to answer in, whatever `event` is: the one it names, or the newest that is known."""
    version = event.get("schema-version") if isinstance(event, Mapping) else None
    return Schema(version) if isinstance(version, str) and _ECHOED.fullmatch(version) else NEWEST


def read_connection(event: object) -> str:
    """The connection's id for the log, or nothing."""
    found = event.get("connection-id") if isinstance(event, Mapping) else None
    return found if isinstance(found, str) and _CONNECTION.fullmatch(found) else ""


def parse(event: object) -> ConnectRequest:
    """Raises Malformed. Versions after the newest known are read as that one: AWS has so far only added fields."""
    if not isinstance(event, Mapping):
        raise Malformed(Reason.EVENT, "the event is no JSON object")
    schema = read_schema(event)
    if event.get("schema-version") != schema.version or not _VERSION.fullmatch(schema.version):
        raise Malformed(Reason.SCHEMA, "schema-version is missing or not v1, v2 or a later one")
    return ConnectRequest(
        schema=schema,
        endpoint=_identifier(event, "endpoint-id", _ENDPOINT),
        connection=_identifier(event, "connection-id", _CONNECTION),
        username=_name(event, "username"),
        common_name=_name(event, "common-name"),
        address=canonical_address(event.get("public-ip")),
    )


def canonical_address(found: object) -> str:
    """One public address in its canonical text. Raises Malformed for lists, zones, embedded and special addresses."""
    if not isinstance(found, str):
        raise Malformed(Reason.ADDRESS, "public-ip is missing or no text")
    try:
        address = ip_address(found) if len(found) <= ADDRESS_LIMIT else None
    except ValueError:
        address = None
    if address is None or "%" in found:
        raise Malformed(Reason.ADDRESS, "public-ip is not one IP address")
    if isinstance(address, IPv4Address):
        public = address.is_global and not address.is_multicast
    else:
        public = address.is_global and address in _GLOBAL_UNICAST
    if not public:
        raise Malformed(Reason.ADDRESS, "public-ip is no public address")
    return str(address)


def _identifier(event: Mapping[str, object], field: str, pattern: re.Pattern[str]) -> str:
    found = event.get(field)
    if not (isinstance(found, str) and pattern.fullmatch(found)):
        raise Malformed(Reason.EVENT, f"{field} is missing or not of AWS's form")
    return found


def _name(event: Mapping[str, object], field: str) -> str:
    found = event.get(field)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise Malformed(Reason.EVENT, f"{field} is no text")
    return found
