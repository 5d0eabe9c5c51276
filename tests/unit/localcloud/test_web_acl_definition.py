"""What AWS WAF refuses in a definition, what is refused here by name, and what rules cost."""

from itertools import islice
from typing import Any

import pytest
from botocore.session import get_session

from localcloud.wafv2.definition import DefinitionError, check, check_addresses

SET = "arn:aws:wafv2:us-east-1:123456789012:regional/ipset/checker/1"
COUNTRIES = get_session().get_service_model("wafv2").shape_for("CountryCode").enum
GEO: dict[str, Any] = {"GeoMatchStatement": {"CountryCodes": ["DE"]}}
ORIGIN: dict[str, Any] = {"IPSetReferenceStatement": {"ARN": SET}}
CONFIG = {"HeaderName": "X-Client", "FallbackBehavior": "NO_MATCH"}
MATCH: dict[str, Any] = {
    "FieldToMatch": {"UriPath": {}},
    "PositionalConstraint": "EXACTLY",
    "SearchString": "YQ==",
    "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
}


def geo(count: int, **more: Any) -> dict[str, Any]:
    return {"GeoMatchStatement": {"CountryCodes": list(islice(COUNTRIES, count)), **more}}


def of(kind: str, *statements: dict[str, Any]) -> dict[str, Any]:
    return {kind: {"Statements": list(statements)}}


def byte_match(**changes: Any) -> dict[str, Any]:
    return {"ByteMatchStatement": {**MATCH, **changes}}


def acl(statement: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    visibility = {"MetricName": "fence"}
    rule = {"Name": "admit", "Priority": 0, "Action": {"Allow": {}}, "VisibilityConfig": visibility}
    rules = [{**rule, "Statement": statement or GEO, **changes.pop("rule", {})}]
    return {"DefaultAction": {"Block": {}}, "Rules": rules, "VisibilityConfig": visibility, **changes}


def units(definition: dict[str, Any]) -> int:
    return check(definition, COUNTRIES, {SET})


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (GEO, 1),
        (ORIGIN, 1),
        (of("AndStatement", ORIGIN, geo(50, ForwardedIPConfig=CONFIG)), 2),
        (of("AndStatement", ORIGIN, of("OrStatement", *[geo(50)] * 5)), 6),
        ({"NotStatement": {"Statement": GEO}}, 1),
        ({"IPSetReferenceStatement": {"ARN": SET, "IPSetForwardedIPConfig": {**CONFIG, "Position": "ANY"}}}, 5),
        ({"IPSetReferenceStatement": {"ARN": SET, "IPSetForwardedIPConfig": {**CONFIG, "Position": "LAST"}}}, 1),
        (byte_match(), 2),
        (byte_match(PositionalConstraint="CONTAINS", TextTransformations=[{"Priority": 0, "Type": "LOWERCASE"}]), 20),
    ],
)
def test_what_a_statement_costs(statement: dict[str, Any], expected: int) -> None:
    assert units(acl(statement)) == expected


@pytest.mark.parametrize(
    ("definition", "code", "named"),
    [
        (acl(geo(51)), "ValidationException", "rules.1.member.statement.geoMatchStatement.countryCodes"),
        (
            acl(of("AndStatement", ORIGIN, of("OrStatement", GEO, geo(60)))),
            "ValidationException",
            "statements.2.member.orStatement.statements.2.member.geoMatch.* less than or equal to 50",
        ),
        (acl(geo(0)), "ValidationException", "greater than or equal to 1"),
        (acl({"GeoMatchStatement": {"CountryCodes": ["UK"]}}), "ValidationException", "UK"),
        (acl(of("OrStatement", GEO)), "WAFInvalidParameterException", "OR_STATEMENT"),
        (acl(of("AndStatement", GEO)), "WAFInvalidParameterException", "AND_STATEMENT"),
        (acl(GEO | ORIGIN), "WAFInvalidParameterException", "exactly one value"),
        (acl({"NotStatement": {"Statement": {}}}), "WAFInvalidParameterException", "exactly one value"),
        (
            acl(geo(1, ForwardedIPConfig={**CONFIG, "HeaderName": "X_Client"})),
            "WAFInvalidParameterException",
            "HEADER_NAME",
        ),
        (
            acl(geo(1, ForwardedIPConfig={**CONFIG, "FallbackBehavior": "no"})),
            "WAFInvalidParameterException",
            "FALLBACK",
        ),
        (acl({"IPSetReferenceStatement": {"ARN": f"{SET}0"}}), "WAFNonexistentItemException", "does not exist"),
        (acl(byte_match(TextTransformations=[])), "WAFInvalidParameterException", "TEXT_TRANSFORMATION"),
        (acl(rule={"Action": {}}), "WAFInvalidParameterException", "RULE_ACTION"),
        (acl(rule={"Name": "no name"}), "WAFInvalidParameterException", "no name"),
        (acl(DefaultAction={"Allow": {}, "Block": {}}), "WAFInvalidParameterException", "DEFAULT_ACTION"),
        (acl(VisibilityConfig={"MetricName": "All"}), "WAFInvalidParameterException", "METRIC_NAME"),
        (acl(Rules=acl()["Rules"] * 2), "WAFInvalidParameterException", "same name"),
        (
            acl(DefaultAction={"Block": {"CustomResponse": {"ResponseCode": 99}}}),
            "WAFInvalidParameterException",
            "200 to 599",
        ),
        (
            acl(DefaultAction={"Block": {"CustomResponse": {"ResponseCode": 403, "CustomResponseBodyKey": "x"}}}),
            "WAFInvalidParameterException",
            "CUSTOM_RESPONSE_BODY",
        ),
        (
            acl(
                DefaultAction={
                    "Block": {
                        "CustomResponse": {
                            "ResponseCode": 403,
                            "ResponseHeaders": [{"Name": "Content-Type", "Value": "a"}],
                        }
                    }
                }
            ),
            "WAFInvalidParameterException",
            "content-type",
        ),
        (
            acl(of("OrStatement", *[byte_match(PositionalConstraint="CONTAINS")] * 501)),
            "WAFLimitsExceededException",
            "5010 WCUs",
        ),
    ],
)
def test_what_aws_refuses(definition: dict[str, Any], code: str, named: str) -> None:
    with pytest.raises(DefinitionError, match=named) as caught:
        units(definition)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("definition", "named"),
    [
        (acl({"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}}), "RateBasedStatement"),
        (acl({"LabelMatchStatement": {"Scope": "LABEL", "Key": "a"}}), "LabelMatchStatement"),
        (acl(of("AndStatement", GEO, {"AsnMatchStatement": {"AsnList": [1]}})), "AsnMatchStatement"),
        (acl({"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "x"}}), "ManagedRuleGroupStatement"),
        (acl(rule={"Action": {"Captcha": {}}}), "Captcha"),
        (acl(rule={"OverrideAction": {"None": {}}}), "OverrideAction"),
        (acl(byte_match(FieldToMatch={"Body": {}})), "Body"),
        (acl(byte_match(PositionalConstraint="CONTAINS_WORD")), "CONTAINS_WORD"),
        (acl(byte_match(TextTransformations=[{"Priority": 0, "Type": "URL_DECODE"}])), "URL_DECODE"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_by_name(definition: dict[str, Any], named: str) -> None:
    with pytest.raises(NotImplementedError, match=named):
        units(definition)


@pytest.mark.parametrize("text", ["192.0.2.1", "0.0.0.0/0", "2001:db8::/32", "garbage/8"])
def test_an_ip_set_holds_networks_of_its_version(text: str) -> None:
    with pytest.raises(DefinitionError, match=text):
        check_addresses(["198.51.100.7/32", text], "IPV4")
