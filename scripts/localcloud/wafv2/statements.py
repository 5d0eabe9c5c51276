"""Whether a rule's statement matches a request.

"Using rule statements in AWS WAF" and "Using forwarded IP addresses in AWS WAF" in the AWS WAF Developer Guide,
API_ForwardedIPConfig and API_IPSetForwardedIPConfig. What cannot be evaluated is refused when a web ACL is put
(`definition.py`), so that it never comes here.
"""

import base64
import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.wafv2.web_request import WebRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_ADDRESSES = 10
"""How many addresses of a header AWS WAF looks at for the position ANY: the last ones."""

TRANSFORMATIONS: Mapping[str, Callable[[str], str]] = {
    "NONE": lambda text: text,
    "LOWERCASE": str.lower,
    "UPPERCASE": str.upper,
}
CONSTRAINTS: Mapping[str, Callable[[str, str], bool]] = {
    "EXACTLY": lambda text, wanted: text == wanted,
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": lambda text, wanted: wanted in text,
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What statements refer to: the addresses of each IP set by its ARN, and the country of an address."""

    ip_sets: Mapping[str, Sequence[str]]
    country: Callable[[str], str | None]


def parts(statement: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every statement within `statement`, itself included: its kind and its body."""
    for kind, body in statement.items():
        yield kind, body
        nested = body.get("Statements", []) + ([body["Statement"]] if "Statement" in body else [])
        for inner in nested:
            yield from parts(inner)


def applies(statement: Mapping[str, Any], request: WebRequest) -> bool:
    """Whether AWS WAF applies a rule with this statement at all: every header for forwarded addresses is there.

    A rule that is not applied neither matches nor does its fallback count.
    """
    headers = (
        config["HeaderName"]
        for _, body in parts(statement)
        for config in (body.get("ForwardedIPConfig"), body.get("IPSetForwardedIPConfig"))
        if config
    )
    return all(request.header(name) is not None for name in headers)


def matches(statement: Mapping[str, Any], request: WebRequest, around: Surroundings) -> bool:
    """Whether a statement, which `applies`, matches the request."""
    ((kind, body),) = statement.items()
    match kind:
        case "AndStatement":
            return all(matches(inner, request, around) for inner in body["Statements"])
        case "OrStatement":
            return any(matches(inner, request, around) for inner in body["Statements"])
        case "NotStatement":
            return not matches(body["Statement"], request, around)
        case "GeoMatchStatement":
            return _matches_country(body, request, around)
        case "IPSetReferenceStatement":
            return _matches_ip_set(body, request, around)
        case "ByteMatchStatement":
            return _matches_bytes(body, request)
        case _:
            raise NotImplementedError(f"the statement {kind}")


def _matches_country(body: Mapping[str, Any], request: WebRequest, around: Surroundings) -> bool:
    config = body.get("ForwardedIPConfig")
    if not config:
        return around.country(request.address) in body["CountryCodes"]
    address = _address((request.header(config["HeaderName"]) or "").split(",")[0])
    if address is None:
        return bool(config["FallbackBehavior"] == "MATCH")
    return around.country(str(address)) in body["CountryCodes"]


def _matches_ip_set(body: Mapping[str, Any], request: WebRequest, around: Surroundings) -> bool:
    networks = [ipaddress.ip_network(text, strict=False) for text in around.ip_sets[body["ARN"]]]
    config = body.get("IPSetForwardedIPConfig")
    if not config:
        address = ipaddress.ip_address(request.address)
        return any(address in network for network in networks)
    elements = (request.header(config["HeaderName"]) or "").split(",")
    chosen = {"FIRST": elements[:1], "LAST": elements[-1:], "ANY": elements[-MOST_ADDRESSES:]}[config["Position"]]
    addresses = [parsed for parsed in map(_address, chosen) if parsed is not None]
    if not addresses:
        return bool(config["FallbackBehavior"] == "MATCH")
    return any(address in network for address in addresses for network in networks)


def _matches_bytes(body: Mapping[str, Any], request: WebRequest) -> bool:
    text = _component(body["FieldToMatch"], request)
    if text is None:
        return False
    for step in sorted(body["TextTransformations"], key=lambda item: int(item["Priority"])):
        text = TRANSFORMATIONS[step["Type"]](text)
    wanted = base64.b64decode(body["SearchString"]).decode()
    return CONSTRAINTS[body["PositionalConstraint"]](text, wanted)


def _component(field: Mapping[str, Any], request: WebRequest) -> str | None:
    ((kind, body),) = field.items()
    match kind:
        case "SingleHeader":
            return request.header(body["Name"])
        case "SingleQueryArgument":
            return request.argument(body["Name"])
        case "UriPath":
            return request.path
        case "QueryString":
            return request.query
        case "Method":
            return request.method
        case _:
            raise NotImplementedError(f"the request component {kind}")


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return None if getattr(address, "scope_id", None) else address
