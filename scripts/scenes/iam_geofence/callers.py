"""Callers, and what becomes of them: from a dozen countries, with addresses that are none, and past the VPN."""

import json
import random
from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, ip_network
from typing import Any

import iptocc

from localcloud.client import LocalCloud

GROUP = "platform-team"
OFFICE = "129.132.1.1"
"""In Switzerland."""

ADDRESSES = (
    "193.170.0.1",
    OFFICE,
    "141.20.1.1",
    "1.1.1.1",
    "200.147.3.157",
    "61.135.169.121",
    "49.44.0.1",
    "202.12.27.33",
    "2.16.0.1",
    "77.88.8.8",
    "8.8.8.8",
    "41.0.0.1",
)
"""One in each of twelve countries, by iptocc's table."""

SAMPLED = 300
"""Addresses drawn at random, those that are not public among them: enough for some in each permitted country."""

MALFORMED = {
    "a list, as a spoofed X-Forwarded-For has": f"{OFFICE}, 8.8.8.8",
    "no address": "Zurich",
    "private": "10.0.0.7",
    "the canary's drill, which the web ACL lets pass": "203.0.113.1",
}


def come(cloud: LocalCloud, outputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each caller with `who`, `country`, `admitted` and `reason`."""
    endpoint = outputs["vpn_endpoint_id"]
    found = [_connect(cloud, endpoint, address) for address in ADDRESSES]
    found += [_invoke(cloud, outputs, who, address) for who, address in MALFORMED.items()]
    return [*found, _ask_as_vpn_user(cloud, outputs)]


def sample(cloud: LocalCloud, outputs: Mapping[str, Any], permitted: Collection[str], seed: int = 1) -> dict[str, Any]:
    """Random public addresses: how many were `asked`, how many `admitted`, and which were `wrong`."""
    chance = random.Random(seed)  # noqa: S311 - which addresses are asked about is no secret
    addresses = [address for _ in range(SAMPLED) if (address := IPv4Address(chance.getrandbits(32))).is_global]
    answers = {str(item): connect(cloud, outputs["vpn_endpoint_id"], str(item))["allowed"] for item in addresses}
    wrong = [item for item, admitted in answers.items() if admitted is not (iptocc.country_code(item) in permitted)]
    return {"asked": len(answers), "admitted": sum(answers.values()), "wrong": wrong}


def waiting(cloud: LocalCloud, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """How many environments of the handler wait (`ready`), and what callers had to start (`cold_starts`)."""
    name, qualifier = outputs["function_name"], outputs["function_arn"].rsplit(":", 1)[-1]
    config = cloud.client("lambda").get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)
    ran = [item for item in cloud.invocations() if item["function"] == name]
    return {
        "ready": config["AvailableProvisionedConcurrentExecutions"],
        "asked": len(ran),
        "cold_starts": sum(item["cold_start"] for item in ran),
    }


def connect(cloud: LocalCloud, endpoint: str, address: str) -> dict[str, Any]:
    """What Client VPN answers to a person who connects from `address`."""
    return cloud.vpn_connect(endpoint, public_ip=address, username="ada@example.com", groups=[GROUP])


def reason(statuses: list[str]) -> str:
    """The reason that the posture statuses give; of who is admitted they give none."""
    return next((status.removeprefix("reason:") for status in statuses if status.startswith("reason:")), "permitted")


def _connect(cloud: LocalCloud, endpoint: str, address: str) -> dict[str, Any]:
    answer = connect(cloud, endpoint, address)
    country = iptocc.country_code(address)
    return {
        "who": address,
        "country": country,
        "admitted": answer["allowed"],
        "reason": reason(answer["statuses"]),
    }


def _invoke(cloud: LocalCloud, outputs: Mapping[str, Any], who: str, address: str) -> dict[str, Any]:
    """Client VPN itself sends no such thing; whoever may invoke the function can."""
    event = {
        "connection-id": "cvpn-connection-0123456789abcdef0",
        "endpoint-id": outputs["vpn_endpoint_id"],
        "common-name": "",
        "username": "ada@example.com",
        "platform": "mac",
        "platform-version": "",
        "public-ip": address,
        "client-openvpn-version": "3.8.1",
        "groups": GROUP,
        "schema-version": "v2",
    }
    called = cloud.client("lambda").invoke(FunctionName=outputs["function_arn"], Payload=json.dumps(event))
    answer = json.load(called["Payload"])
    statuses = answer["posture-compliance-statuses"]
    return {"who": f"{address} ({who})", "country": "-", "admitted": answer["allow"], "reason": reason(statuses)}


def _ask_as_vpn_user(cloud: LocalCloud, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody inside asks the check itself, to learn which countries are permitted."""
    users = sorted(set(outputs["trusted_addresses"]) - set(outputs["checker_addresses"]))[0]
    headers = {
        "X-Geofence-Client-Ip": OFFICE,
        "X-Geofence-Nonce": "0" * 32,
        "X-Geofence-Connection": "cvpn-connection-0",
        "X-Geofence-Endpoint": outputs["vpn_endpoint_id"],
    }
    source = str(ip_network(users).network_address)
    answer = cloud.execute_api(source).request(outputs["check_url"], headers=headers)
    return {
        "who": f"{source} (a VPN user asks the check itself)",
        "country": "-",
        "admitted": answer.status == 200,
        "reason": f"status {answer.status}",
    }
