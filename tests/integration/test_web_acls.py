"""Web ACLs and IP sets in an account: what AWS WAF refuses, replaces and forgets."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.client import LocalCloud

VISIBILITY = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True, "MetricName": "fence"}
Refusal = Callable[..., tuple[str, str]]


@pytest.fixture
def waf(cloud: LocalCloud) -> Any:
    return cloud.client("wafv2")


def rule(statement: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": "admit",
        "Priority": 0,
        "Action": {"Allow": {}},
        "VisibilityConfig": VISIBILITY,
        "Statement": statement,
    }


def geo(count: int = 1) -> dict[str, Any]:
    codes = ["DE", "FR", "US", "GB", "IT", "ES", "NL", "BE"] * 8
    return {"GeoMatchStatement": {"CountryCodes": codes[:count]}}


def definition(name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    shared = {"Scope": "REGIONAL", "DefaultAction": {"Block": {}}, "VisibilityConfig": VISIBILITY}
    return {"Name": name, "Rules": list(rules), **shared}


def create(waf: Any, name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    summary: dict[str, Any] = waf.create_web_acl(**definition(name, *rules))["Summary"]
    return summary


def described(waf: Any, summary: dict[str, Any]) -> dict[str, Any]:
    named = {"Name": summary["Name"], "Scope": "REGIONAL", "Id": summary["Id"]}
    answer: dict[str, Any] = waf.get_web_acl(**named)
    return answer


def test_a_statement_of_more_than_fifty_countries_is_refused(waf: Any, name: str, refusal: Refusal) -> None:
    code, message = refusal(waf.create_web_acl, **definition(name, rule(geo(51))))
    assert code == "ValidationException"
    assert "Member must have length less than or equal to 50" in message


def test_what_cannot_be_evaluated_is_not_stored(waf: Any, name: str, refusal: Refusal) -> None:
    rate = {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}}
    code, message = refusal(waf.create_web_acl, **definition(name, rule(rate)))
    assert (code, "RateBasedStatement" in message) == ("NotImplemented", True)
    assert name not in [acl["Name"] for acl in waf.list_web_acls(Scope="REGIONAL")["WebACLs"]]


def test_the_capacity_is_what_the_rules_take(waf: Any, name: str) -> None:
    rules = [rule({"OrStatement": {"Statements": [geo(), geo(), geo()]}})]
    assert described(waf, create(waf, name, *rules))["WebACL"]["Capacity"] == 3
    assert waf.check_capacity(Scope="REGIONAL", Rules=rules)["Capacity"] == 3


def test_an_update_replaces_everything_and_leaves_no_rule_behind(waf: Any, name: str) -> None:
    summary = create(waf, name, rule(geo()))
    waf.update_web_acl(Id=summary["Id"], LockToken=summary["LockToken"], **definition(name))
    acl = described(waf, summary)["WebACL"]
    assert (acl["Rules"], acl["Capacity"]) == ([], 0)


def test_a_second_acl_of_a_name_is_refused(waf: Any, name: str, refusal: Refusal) -> None:
    create(waf, name)
    assert refusal(waf.create_web_acl, **definition(name))[0] == "WAFDuplicateItemException"


def test_only_what_exists_is_associated(waf: Any, name: str, refusal: Refusal) -> None:
    acl = create(waf, name)["ARN"]
    stage = "arn:aws:apigateway:us-east-1::/restapis/abcdefghij/stages/live"
    code, _ = refusal(waf.associate_web_acl, WebACLArn=acl, ResourceArn=stage)
    assert code == "WAFNonexistentItemException"
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=stage)


def test_an_ip_set_is_checked_and_stays_while_it_is_used(waf: Any, name: str, refusal: Refusal) -> None:
    shared = {"Name": name, "Scope": "REGIONAL", "IPAddressVersion": "IPV4"}
    assert refusal(waf.create_ip_set, Addresses=["198.51.100.7"], **shared)[0] == "WAFInvalidParameterException"
    made = waf.create_ip_set(Addresses=["198.51.100.7/32"], **shared)["Summary"]
    assert refusal(waf.create_ip_set, Addresses=[], **shared)[0] == "WAFDuplicateItemException"
    key = {"Name": name, "Scope": "REGIONAL", "Id": made["Id"]}
    changed = {**key, "Addresses": ["2001:db8::/32"], "LockToken": made["LockToken"]}
    assert refusal(waf.update_ip_set, **changed)[0] == "WAFInvalidParameterException"
    acl = create(waf, name, rule({"IPSetReferenceStatement": {"ARN": made["ARN"]}}))
    assert refusal(waf.delete_ip_set, LockToken=made["LockToken"], **key)[0] == "WAFAssociatedItemException"
    waf.delete_web_acl(Name=name, Scope="REGIONAL", Id=acl["Id"], LockToken=acl["LockToken"])
    waf.delete_ip_set(LockToken=made["LockToken"], **key)
    with pytest.raises(ClientError):
        waf.get_ip_set(**key)
