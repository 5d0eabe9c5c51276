"""Events as Client VPN sends them, and as it never would."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_geofence.model import ConnectRequest, Malformed, Reason, Schema
from iam_geofence.parse import canonical_address, parse, read_connection, read_schema

EVENTS = Path(__file__).parents[2] / "events"
V2 = json.loads((EVENTS / "client_vpn_connect_v2.json").read_text())


def refusal(event: object) -> Reason:
    with pytest.raises(Malformed) as caught:
        parse(event)
    return caught.value.reason


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_reads_every_version(version: str) -> None:
    event = json.loads((EVENTS / f"client_vpn_connect_{min(version, 'v2')}.json").read_text())
    assert parse({**event, "schema-version": version}) == ConnectRequest(
        schema=Schema(version),
        endpoint="cvpn-endpoint-0123456789abcdef0",
        connection="cvpn-connection-0a1b2c3d4e5f60718",
        address="81.2.69.142",
        username="jane@example.com",
        common_name="laptop.example.com",
    )


def test_a_user_may_have_no_name() -> None:
    nameless = {name: value for name, value in V2.items() if name not in ("username", "common-name")}
    assert (parse(nameless).username, parse({**V2, "common-name": None}).common_name) == ("", "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema-version": ""}, Reason.SCHEMA),
        ({"schema-version": None}, Reason.SCHEMA),
        ({"schema-version": 2}, Reason.SCHEMA),
        ({"schema-version": "2"}, Reason.SCHEMA),
        ({"schema-version": "v0"}, Reason.SCHEMA),
        ({"schema-version": "v1\n"}, Reason.SCHEMA),
        ({"schema-version": "v" + "1" * 300}, Reason.SCHEMA),
        ({"endpoint-id": None}, Reason.EVENT),
        ({"endpoint-id": "cvpn-endpoint-1\r\nX-Geofence-Client-Ip: 8.8.8.8"}, Reason.EVENT),
        ({"endpoint-id": "vpce-1"}, Reason.EVENT),
        ({"connection-id": ["a"]}, Reason.EVENT),
        ({"connection-id": "a\n"}, Reason.EVENT),
        ({"username": 1}, Reason.EVENT),
        ({"public-ip": None}, Reason.ADDRESS),
    ],
)
def test_refuses(changes: dict[str, Any], reason: Reason) -> None:
    assert refusal({**V2, **changes}) is reason


@pytest.mark.parametrize("event", [None, [], "v2", 1, [V2]])
def test_refuses_what_is_no_object(event: object) -> None:
    assert refusal(event) is Reason.EVENT


@pytest.mark.parametrize("missing", ["schema-version", "endpoint-id", "connection-id", "public-ip"])
def test_refuses_an_event_without(missing: str) -> None:
    refusal({name: value for name, value in V2.items() if name != missing})


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("2001:4860:4860:0:0:0:0:8888", "2001:4860:4860::8888"),
        ("2A02:6B8::FEED:0FF", "2a02:6b8::feed:ff"),
    ],
)
def test_an_address_is_kept_in_canonical_text(text: str, canonical: str) -> None:
    assert canonical_address(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 8.8.8.8",
        "8.8.8.8\n",
        "8.8.8.8, 1.2.3.4",
        "8.8.8.8,1.2.3.4",
        "8.8.8.8:443",
        "8.8.8.8/32",
        "8.8.8",
        "010.8.8.8",
        "0x8.8.8.8",
        "134744072",
        "٨.٨.٨.٨",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::808:808",
        "[2001:4860:4860::8888]",
        "2001:4860:4860::8888%eth0",
        "2001:4860:4860::8888%",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "203.0.113.1",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fec0::1",
        "fd00::1",
        "ff0e::1",
        "2001:db8::1",
        "4000::1",
        "1" * 5000,
        8,
        134744072,
        ["8.8.8.8"],
        None,
    ],
)
def test_refuses_what_is_not_one_public_address(text: object) -> None:
    with pytest.raises(Malformed) as caught:
        canonical_address(text)
    assert caught.value.reason is Reason.ADDRESS


@given(st.ip_addresses().map(str))
def test_what_an_address_becomes_it_stays(text: str) -> None:
    try:
        canonical = canonical_address(text)
    except Malformed:
        return
    assert canonical_address(canonical) == canonical


@given(st.text(max_size=40))
def test_a_refusal_holds_nothing_of_the_value(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse({**V2, "public-ip": f"<{text}>"})
    assert f"<{text}>" not in str(caught.value)


@pytest.mark.parametrize(
    ("event", "version"),
    [
        ({"schema-version": "v1"}, "v1"),
        ({"schema-version": "v7"}, "v7"),
        ({"schema-version": "2026-11"}, "2026-11"),
        ({"schema-version": "v" * 256}, "v2"),
        ({"schema-version": "v\ud800"}, "v2"),
        ({"schema-version": "v1\n"}, "v2"),
        ({"schema-version": 1}, "v2"),
        ({}, "v2"),
        ([], "v2"),
        (None, "v2"),
    ],
)
def test_there_is_always_a_schema_to_answer_in(event: object, version: str) -> None:
    assert read_schema(event) == Schema(version)


def test_a_connection_is_read_even_of_a_bad_event() -> None:
    assert read_connection({"connection-id": "cvpn-connection-1"}) == "cvpn-connection-1"
    assert [read_connection(event) for event in ({}, {"connection-id": "\n"}, {"connection-id": 1}, None)] == [""] * 4
