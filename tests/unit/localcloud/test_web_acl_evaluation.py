"""What a web ACL does with a request, by its statements, their forwarded addresses and its rules' priority."""

import base64
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.wafv2.evaluation import DEFAULT_ACTION, Action, Verdict, evaluate
from localcloud.wafv2.geography import country
from localcloud.wafv2.statements import Surroundings
from localcloud.wafv2.web_request import WebRequest

CHECKER = "198.51.100.7"
HEADER = "X-Geofence-Client-Ip"
SET = "arn:aws:wafv2:eu-central-1:123456789012:regional/ipset/checker/1"
COUNTRIES = {"192.0.2.10": "DE", "192.0.2.20": "FR", CHECKER: "US", "2001:db8::1": "DE"}
AROUND = Surroundings({SET: [f"{CHECKER}/32", "2001:db8:1::/48"]}, COUNTRIES.get)

GERMANY: dict[str, Any] = {"GeoMatchStatement": {"CountryCodes": ["DE"]}}
CHECKER_SET: dict[str, Any] = {"IPSetReferenceStatement": {"ARN": SET}}


def forwarded(fallback: str = "NO_MATCH", codes: tuple[str, ...] = ("DE",)) -> dict[str, Any]:
    config = {"HeaderName": HEADER, "FallbackBehavior": fallback}
    return {"GeoMatchStatement": {"CountryCodes": list(codes), "ForwardedIPConfig": config}}


def ip_set(position: str, fallback: str = "NO_MATCH") -> dict[str, Any]:
    config = {"HeaderName": HEADER, "FallbackBehavior": fallback, "Position": position}
    return {"IPSetReferenceStatement": {"ARN": SET, "IPSetForwardedIPConfig": config}}


def field(component: dict[str, Any], constraint: str, text: str, *steps: str) -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "FieldToMatch": component,
            "PositionalConstraint": constraint,
            "SearchString": base64.b64encode(text.encode()).decode(),
            "TextTransformations": [{"Priority": n, "Type": step} for n, step in enumerate(steps or ("NONE",))],
        }
    }


def rule(name: str, priority: int, statement: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    visibility = {"MetricName": name, "CloudWatchMetricsEnabled": True, "SampledRequestsEnabled": False}
    return {
        "Name": name,
        "Priority": priority,
        "Statement": statement,
        "Action": action,
        "VisibilityConfig": visibility,
    }


def judge(
    *rules: dict[str, Any], default: dict[str, Any] | None = None, address: str = CHECKER, **request: Any
) -> Verdict:
    acl = {"Rules": list(rules), "DefaultAction": default or {"Block": {}}}
    headers = request.pop("headers", ())
    return evaluate(acl, WebRequest(address, "GET", request.pop("target", "/live/check"), headers), AROUND)


def admits(statement: dict[str, Any], *headers: str, address: str = CHECKER, **request: Any) -> bool:
    sent = [(HEADER, value) for value in headers]
    verdict = judge(rule("admit", 0, statement, {"Allow": {}}), address=address, headers=sent, **request)
    return verdict.action is Action.ALLOW


@pytest.mark.parametrize(
    ("value", "admitted"),
    [
        ("192.0.2.10", True),
        ("192.0.2.20", False),
        ("192.0.2.10, 192.0.2.20", True),
        ("192.0.2.20, 192.0.2.10", False),
        ("192.0.2.30", False),
        ("2001:db8::1", True),
        ("2001:DB8:0::1", True),
        ("2001:db8::1%eth0", False),
        ("192.0.2.10;192.0.2.10", False),
        ("192.0.2.10:443", False),
        ("garbage", False),
        ("", False),
        (", 192.0.2.10", False),
    ],
)
def test_the_country_of_the_first_forwarded_address(value: str, admitted: bool) -> None:
    assert admits(forwarded(), value) is admitted


@pytest.mark.parametrize("value", ["garbage", "", "192.0.2.10:443"])
def test_the_fallback_decides_the_statement_over_an_invalid_address(value: str) -> None:
    assert admits(forwarded("MATCH"), value)
    assert not admits({"NotStatement": {"Statement": forwarded("MATCH")}}, value)
    assert admits({"NotStatement": {"Statement": forwarded("NO_MATCH")}}, value)


@pytest.mark.parametrize(
    "statement",
    [
        forwarded("MATCH"),
        {"NotStatement": {"Statement": forwarded("NO_MATCH")}},
        {"OrStatement": {"Statements": [CHECKER_SET, forwarded("MATCH")]}},
        ip_set("ANY", "MATCH"),
    ],
)
def test_without_the_header_a_rule_is_not_applied_at_all(statement: dict[str, Any]) -> None:
    assert not admits(statement)
    blocking = judge(rule("block", 0, statement, {"Block": {}}), default={"Allow": {}})
    assert (blocking.action, blocking.decided) == (Action.ALLOW, DEFAULT_ACTION)


def test_without_forwarded_addresses_the_connection_counts_whatever_a_header_says() -> None:
    assert admits(GERMANY, CHECKER, address="192.0.2.10")
    assert not admits(GERMANY, "192.0.2.10", address=CHECKER)
    assert admits(CHECKER_SET, "192.0.2.10", address=CHECKER)
    assert not admits(CHECKER_SET, CHECKER, address="192.0.2.10")


@pytest.mark.parametrize(
    ("position", "value", "admitted"),
    [
        ("FIRST", f"{CHECKER}, 192.0.2.1", True),
        ("FIRST", f"192.0.2.1, {CHECKER}", False),
        ("LAST", f"192.0.2.1, {CHECKER}", True),
        ("LAST", f"{CHECKER}, 192.0.2.1", False),
        ("ANY", f"192.0.2.1, {CHECKER}, garbage", True),
        ("ANY", ", ".join([CHECKER, *["192.0.2.1"] * 10]), False),
        ("FIRST", "2001:db8:1::9", True),
    ],
)
def test_an_ip_set_looks_at_the_position_it_is_told(position: str, value: str, admitted: bool) -> None:
    assert admits(ip_set(position), value) is admitted


def test_an_invalid_address_leaves_an_ip_set_to_its_fallback() -> None:
    assert admits(ip_set("FIRST", "MATCH"), "garbage")
    assert not admits(ip_set("FIRST"), f"garbage, {CHECKER}")


def test_and_or_not() -> None:
    fence = {"AndStatement": {"Statements": [CHECKER_SET, forwarded()]}}
    assert admits(fence, "192.0.2.10")
    assert not admits(fence, "192.0.2.10", address="192.0.2.1")
    assert not admits(fence, "192.0.2.20")
    either = {"OrStatement": {"Statements": [forwarded(codes=("FR",)), forwarded(codes=("DE",))]}}
    assert admits(either, "192.0.2.10")
    assert admits(either, "192.0.2.20")
    assert not admits(either, CHECKER)


@pytest.mark.parametrize(
    ("statement", "admitted"),
    [
        (field({"UriPath": {}}, "EXACTLY", "/live/check"), True),
        (field({"UriPath": {}}, "EXACTLY", "/check"), False),
        (field({"UriPath": {}}, "ENDS_WITH", "/check"), True),
        (field({"UriPath": {}}, "STARTS_WITH", "/LIVE", "UPPERCASE"), True),
        (field({"QueryString": {}}, "CONTAINS", "b=2"), True),
        (field({"SingleQueryArgument": {"Name": "A"}}, "EXACTLY", "x y"), True),
        (field({"SingleQueryArgument": {"Name": "c"}}, "CONTAINS", ""), False),
        (field({"Method": {}}, "EXACTLY", "get", "LOWERCASE"), True),
        (field({"SingleHeader": {"Name": "x-geofence-client-ip"}}, "STARTS_WITH", "192."), True),
        (field({"SingleHeader": {"Name": "x-other"}}, "CONTAINS", ""), False),
    ],
)
def test_a_string_match_on_a_component(statement: dict[str, Any], admitted: bool) -> None:
    assert admits(statement, "192.0.2.10", target="/live/check?a=x%20y&b=2") is admitted


def test_rules_go_by_priority_and_the_first_that_decides_ends_it() -> None:
    verdict = judge(
        rule("late", 9, CHECKER_SET, {"Allow": {}}),
        rule("early", 1, CHECKER_SET, {"Block": {}}),
        rule("other", 0, GERMANY, {"Allow": {}}),
    )
    assert (verdict.action, verdict.decided) == (Action.BLOCK, "early")


def test_a_count_decides_nothing() -> None:
    verdict = judge(rule("watch", 0, CHECKER_SET, {"Count": {}}), rule("admit", 1, CHECKER_SET, {"Allow": {}}))
    assert verdict == Verdict(Action.ALLOW, "admit", ("watch",))
    assert judge(rule("watch", 0, CHECKER_SET, {"Count": {}})).action is Action.BLOCK


def test_an_acl_without_rules_does_its_default() -> None:
    assert judge().action is Action.BLOCK
    assert judge(default={"Allow": {}}) == Verdict(Action.ALLOW, DEFAULT_ACTION)


def test_a_custom_response_is_the_one_of_the_action_that_blocked() -> None:
    headers = [{"Name": "x-geofence-decision", "Value": "blocked"}]
    default = {"Block": {"CustomResponse": {"ResponseCode": 403, "ResponseHeaders": headers}}}
    response = judge(default=default).response
    assert response is not None
    assert (response.status, response.headers) == (403, (("x-geofence-decision", "blocked"),))
    assert judge(rule("plain", 0, CHECKER_SET, {"Block": {}}), default=default).response is None


def test_the_body_of_a_custom_response_is_the_acls() -> None:
    bodies = {"sorry": {"ContentType": "APPLICATION_JSON", "Content": "{}"}}
    custom = {"ResponseCode": 418, "CustomResponseBodyKey": "sorry"}
    acl = {"DefaultAction": {"Block": {"CustomResponse": custom}}, "CustomResponseBodies": bodies}
    response = evaluate(acl, WebRequest(CHECKER, "GET", "/"), AROUND).response
    assert response is not None
    assert (response.status, response.body, response.content_type) == (418, "{}", "application/json")


def test_inserted_headers_come_from_every_rule_that_matched() -> None:
    def inserting(value: str) -> dict[str, Any]:
        return {"CustomRequestHandling": {"InsertHeaders": [{"Name": "rule", "Value": value}]}}

    verdict = judge(
        rule("watch", 0, CHECKER_SET, {"Count": inserting("watch")}),
        rule("admit", 1, CHECKER_SET, {"Allow": inserting("admit")}),
    )
    assert verdict.inserted == (("x-amzn-waf-rule", "watch"), ("x-amzn-waf-rule", "admit"))


@given(st.ip_addresses(), st.sampled_from([["DE"], ["US", "FR"], ["BR", "IN", "ZA", "JP"]]))
def test_with_the_real_table_admitted_means_in_a_listed_country(address: Any, codes: list[str]) -> None:
    around = Surroundings({}, country)
    acl = {
        "Rules": [rule("admit", 0, forwarded(codes=tuple(codes)), {"Allow": {}})],
        "DefaultAction": {"Block": {}},
    }
    verdict = evaluate(acl, WebRequest(CHECKER, "GET", "/", [(HEADER, str(address))]), around)
    assert (verdict.action is Action.ALLOW) is (country(str(address)) in codes)


@pytest.mark.parametrize("network", ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8", "127.0.0.0/8"])
def test_addresses_that_nobody_was_given_have_no_country(network: str) -> None:
    assert country(str(ipaddress.ip_network(network)[1])) is None


def test_the_table_knows_both_kinds_of_addresses() -> None:
    assert country("8.8.8.8") == "US"
    assert country("2001:4860:4860::8888") == "US"
