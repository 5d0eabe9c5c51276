"""What AWS WAF refuses in a web ACL or an IP set, and what cannot be evaluated here (NotImplementedError).

API_WebACL, API_Rule, API_Statement and the types that they name in the AWS WAF API Reference. That a statement takes
fifty countries at most is in no model: the service says so.
"""

import ipaddress
import re
from collections.abc import Collection, Mapping
from typing import Any

from localcloud.wafv2 import capacity
from localcloud.wafv2.statements import CONSTRAINTS, TRANSFORMATIONS

MOST_COUNTRIES = 50
MOST_RESPONSE_HEADERS = 10
NAME = re.compile(r"[\w\-]{1,128}", re.ASCII)
METRIC_NAME = re.compile(r"[\w#:.\-/]{1,255}", re.ASCII)
RESERVED_METRIC_NAMES = {"All", "Default_Action"}
HEADER_NAME = re.compile(r"[a-zA-Z0-9-]{1,255}")
EVALUATED = {
    "AndStatement",
    "OrStatement",
    "NotStatement",
    "GeoMatchStatement",
    "IPSetReferenceStatement",
    "ByteMatchStatement",
}
COMPONENTS = {"SingleHeader", "SingleQueryArgument", "UriPath", "QueryString", "Method"}


class DefinitionError(Exception):
    """What AWS WAF answers to a bad definition: `code` is the name of its exception."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check(web_acl: Mapping[str, Any], countries: Collection[str], ip_sets: Collection[str]) -> int:
    """Check a web ACL in the shape of the API; returns its capacity units.

    `countries`: the codes that the API's model knows; `ip_sets`: ARNs of the IP sets that exist.
    """
    rules = web_acl.get("Rules") or []
    _check_visibility(web_acl.get("VisibilityConfig"))
    _check_action("DefaultAction", web_acl.get("DefaultAction"), {"Allow", "Block"}, web_acl)
    for what in ("Name", "Priority"):
        values = [rule.get(what) for rule in rules]
        if len(set(values)) != len(values):
            raise _invalid(f"You have used the same {what.lower()} for more than one rule", "RULE", what)
    for position, rule in enumerate(rules, 1):
        _check_rule(rule, position, web_acl, countries, ip_sets)
    units = capacity.units(rules)
    if units > capacity.MOST_UNITS:
        message = f"The web ACL takes {units} WCUs, more than the {capacity.MOST_UNITS} that one may take."
        raise DefinitionError("WAFLimitsExceededException", message)
    return units


def check_addresses(addresses: list[str], version: str) -> None:
    """Check the addresses of an IP set: CIDRs of one version, without the network /0."""
    for text in addresses:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            network = None
        if network is None or "/" not in text or network.prefixlen == 0 or f"IPV{network.version}" != version:
            raise _invalid(f"{text} is no CIDR of {version} with a prefix of at least /1", "IP_ADDRESS", text)


def _check_rule(
    rule: Mapping[str, Any],
    position: int,
    web_acl: Mapping[str, Any],
    countries: Collection[str],
    ip_sets: Collection[str],
) -> None:
    if not NAME.fullmatch(rule.get("Name", "")):
        raise _invalid("A rule's name is 1 to 128 letters, digits, _ and -", "RULE", str(rule.get("Name")))
    _check_visibility(rule.get("VisibilityConfig"))
    if rule.get("OverrideAction"):
        raise NotImplementedError("OverrideAction, and with it rule groups")
    _check_action("Action", rule.get("Action"), {"Allow", "Block", "Count"}, web_acl)
    _check_statement(rule.get("Statement"), f"rules.{position}.member.statement", countries, ip_sets)


def _check_statement(statement: Any, path: str, countries: Collection[str], ip_sets: Collection[str]) -> None:
    kind, body = _only("Statement", statement, "STATEMENT")
    match kind:
        case "AndStatement" | "OrStatement":
            nested = body.get("Statements") or []
            if len(nested) < 2:
                field = "AND_STATEMENT" if kind == "AndStatement" else "OR_STATEMENT"
                raise _invalid(f"{kind} needs at least two statements", field, kind)
            for position, inner in enumerate(nested, 1):
                where = f"{path}.{_camel(kind)}.statements.{position}.member"
                _check_statement(inner, where, countries, ip_sets)
        case "NotStatement":
            _check_statement(body.get("Statement"), f"{path}.notStatement.statement", countries, ip_sets)
        case "GeoMatchStatement":
            _check_countries(body.get("CountryCodes") or [], f"{path}.geoMatchStatement.countryCodes", countries)
            _check_forwarded(body.get("ForwardedIPConfig"), "FORWARDED_IP_CONFIG")
        case "IPSetReferenceStatement":
            if body.get("ARN") not in ip_sets:
                message = "AWS WAF could not perform the operation because your resource does not exist."
                raise DefinitionError("WAFNonexistentItemException", message)
            config = body.get("IPSetForwardedIPConfig")
            _check_forwarded(config, "IP_SET_FORWARDED_IP_CONFIG")
            if config and config.get("Position") not in ("FIRST", "LAST", "ANY"):
                raise _invalid("The position is FIRST, LAST or ANY", "POSITION", str(config.get("Position")))
        case "ByteMatchStatement":
            _check_bytes(body)
        case _:
            raise NotImplementedError(f"the statement {kind}")


def _check_countries(codes: list[str], path: str, countries: Collection[str]) -> None:
    shown = f"Value '[{', '.join(codes)}]' at '{path}' failed to satisfy constraint"
    if len(codes) > MOST_COUNTRIES:
        message = f"Member must have length less than or equal to {MOST_COUNTRIES}"
        raise DefinitionError("ValidationException", f"1 validation error detected: {shown}: {message}")
    if not codes:
        message = "Member must have length greater than or equal to 1"
        raise DefinitionError("ValidationException", f"1 validation error detected: {shown}: {message}")
    if unknown := [code for code in codes if code not in countries]:
        message = f"Member must satisfy enum value set, unlike {', '.join(unknown)}"
        raise DefinitionError("ValidationException", f"1 validation error detected: {shown}: {message}")


def _check_forwarded(config: Mapping[str, Any] | None, field: str) -> None:
    if config is None:
        return
    if not HEADER_NAME.fullmatch(config.get("HeaderName", "")):
        raise _invalid("A header's name is 1 to 255 letters, digits and -", "HEADER_NAME", field)
    if config.get("FallbackBehavior") not in ("MATCH", "NO_MATCH"):
        raise _invalid("The fallback is MATCH or NO_MATCH", "FALLBACK_BEHAVIOR", field)


def _check_bytes(body: Mapping[str, Any]) -> None:
    kind, _ = _only("FieldToMatch", body.get("FieldToMatch"), "FIELD_TO_MATCH")
    if kind not in COMPONENTS:
        raise NotImplementedError(f"the request component {kind}")
    if body.get("PositionalConstraint") not in CONSTRAINTS:
        raise NotImplementedError(f"the positional constraint {body.get('PositionalConstraint')}")
    if body.get("PreParseTextTransformations"):
        raise NotImplementedError("PreParseTextTransformations")
    steps = body.get("TextTransformations") or []
    if not steps:
        raise _invalid("A string match needs at least one transformation", "TEXT_TRANSFORMATION", "TextTransformations")
    if unknown := [step["Type"] for step in steps if step["Type"] not in TRANSFORMATIONS]:
        raise NotImplementedError(f"the text transformation {unknown[0]}")


def _check_action(what: str, action: Any, known: set[str], web_acl: Mapping[str, Any]) -> None:
    kind, body = _only(what, action, "DEFAULT_ACTION" if what == "DefaultAction" else "RULE_ACTION")
    if kind not in known:
        raise NotImplementedError(f"the action {kind}")
    custom = body.get("CustomResponse")
    if not custom:
        return
    if not 200 <= int(custom.get("ResponseCode", 0)) <= 599:
        raise _invalid("A response's status is 200 to 599", "CUSTOM_RESPONSE", str(custom.get("ResponseCode")))
    headers = custom.get("ResponseHeaders") or []
    if len(headers) > MOST_RESPONSE_HEADERS:
        raise _invalid(f"A response has at most {MOST_RESPONSE_HEADERS} headers", "CUSTOM_RESPONSE", "ResponseHeaders")
    names = [item["Name"].lower() for item in headers]
    if "content-type" in names or len(set(names)) != len(names):
        raise _invalid("Headers differ, and none is content-type", "CUSTOM_RESPONSE", "ResponseHeaders")
    key = custom.get("CustomResponseBodyKey")
    if key and key not in (web_acl.get("CustomResponseBodies") or {}):
        raise _invalid("There is no body of that key", "CUSTOM_RESPONSE_BODY", key)


def _check_visibility(config: Any) -> None:
    name = (config or {}).get("MetricName", "")
    if not METRIC_NAME.fullmatch(name) or name in RESERVED_METRIC_NAMES:
        raise _invalid("A metric's name is 1 to 255 characters and not reserved", "METRIC_NAME", name)


def _only(what: str, choice: Any, field: str) -> tuple[str, Mapping[str, Any]]:
    """Kind and body of what must be exactly one of several."""
    chosen = {kind: body for kind, body in (choice or {}).items() if body is not None}
    if len(chosen) != 1:
        message = "You have used none or multiple values for a field that requires exactly one value."
        raise _invalid(message.removesuffix("."), field, what)
    ((kind, body),) = chosen.items()
    return kind, body


def _invalid(reason: str, field: str, parameter: str) -> DefinitionError:
    message = f"Error reason: {reason}., field: {field}, parameter: {parameter}"
    return DefinitionError("WAFInvalidParameterException", message)


def _camel(kind: str) -> str:
    return kind[0].lower() + kind[1:]
