"""What somebody may do to the web ACL, who is let in then, which alarms go off, and what mending it does."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from localcloud.client import LocalCloud
from scenes.iam_geofence.callers import OFFICE, connect, reason

PERMITTED, ELSEWHERE = OFFICE, "8.8.8.8"
NOTICED_WITHIN = timedelta(minutes=11)
"""Two runs of the canary, and the periods of the alarms."""

Undo = Callable[[], None]
_VISIBLE = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "other"}


def tamper(cloud: LocalCloud, outputs: Mapping[str, Any], attempt: str) -> dict[str, Any]:
    """Do it, let callers come, wait until the alarms know, undo it; returns what was seen."""
    endpoint, undo = outputs["vpn_endpoint_id"], ATTEMPTS[attempt](cloud, outputs)
    found: dict[str, Any] = {"attempt": attempt}
    # An environment asks its control every five minutes: whoever comes right after the change meets an older proof.
    cloud.advance(timedelta(minutes=5, seconds=30))
    for who, address in (("permitted", PERMITTED), ("elsewhere", ELSEWHERE)):
        answer = connect(cloud, endpoint, address)
        found |= {f"{who}_admitted": answer["allowed"], f"{who}_reason": reason(answer["statuses"])}
    cloud.advance(NOTICED_WITHIN)
    found["alarms"] = alarms(cloud, outputs)
    undo()
    cloud.advance(NOTICED_WITHIN)
    return found | {
        "admitted_after": connect(cloud, endpoint, PERMITTED)["allowed"],
        "alarms_after": alarms(cloud, outputs),
    }


def alarms(cloud: LocalCloud, outputs: Mapping[str, Any]) -> list[str]:
    """The alarms of the fence that are on, by the end of their names.

    Without deny-ratio, which is about who connected within the last hour.
    """
    fence = outputs["canary_function_name"].removesuffix("-canary")
    found = cloud.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
    names = [alarm["AlarmName"].removeprefix("AWSClientVPN-") for alarm in found]
    own = {name.removeprefix(f"{fence}-") for name in names if name.startswith(f"{fence}-")}
    return sorted(own - {"deny-ratio"})


def _detach(cloud: LocalCloud, outputs: Mapping[str, Any]) -> Undo:
    waf, stage = cloud.client("wafv2"), _stage(outputs)
    waf.disassociate_web_acl(ResourceArn=stage)
    return lambda: waf.associate_web_acl(WebACLArn=outputs["web_acl_arn"], ResourceArn=stage)


def _replace(cloud: LocalCloud, outputs: Mapping[str, Any]) -> Undo:
    waf, stage = cloud.client("wafv2"), _stage(outputs)
    other = waf.create_web_acl(
        Name="other", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=_VISIBLE, Rules=[]
    )["Summary"]
    waf.associate_web_acl(WebACLArn=other["ARN"], ResourceArn=stage)

    def undo() -> None:
        waf.associate_web_acl(WebACLArn=outputs["web_acl_arn"], ResourceArn=stage)
        lock = waf.get_web_acl(Name="other", Scope="REGIONAL", Id=other["Id"])["LockToken"]
        waf.delete_web_acl(Name="other", Scope="REGIONAL", Id=other["Id"], LockToken=lock)

    return undo


def _open(cloud: LocalCloud, outputs: Mapping[str, Any]) -> Undo:
    return _update(cloud, outputs, lambda acl: {"Rules": [], "DefaultAction": {"Allow": {}}})


def _empty(cloud: LocalCloud, outputs: Mapping[str, Any]) -> Undo:
    return _update(cloud, outputs, lambda acl: {"Rules": []})


def _count(cloud: LocalCloud, outputs: Mapping[str, Any]) -> Undo:
    def counting(acl: Mapping[str, Any]) -> dict[str, Any]:
        return {"Rules": [{**rule, "Action": {"Count": {}}} for rule in acl["Rules"]]}

    return _update(cloud, outputs, counting)


def _forget_checker(cloud: LocalCloud, outputs: Mapping[str, Any]) -> Undo:
    """Take the checker's addresses out of the set that the rule trusts."""
    waf = cloud.client("wafv2")
    name = outputs["web_acl_arn"].rsplit("/", 2)[1]
    (listed,) = [item for item in waf.list_ip_sets(Scope="REGIONAL")["IPSets"] if item["Name"] == name]
    key = {"Name": name, "Scope": "REGIONAL", "Id": listed["Id"]}
    kept = waf.get_ip_set(**key)["IPSet"]["Addresses"]

    def write(addresses: list[str]) -> None:
        waf.update_ip_set(LockToken=waf.get_ip_set(**key)["LockToken"], Addresses=addresses, **key)

    write([])
    return lambda: write(kept)


def _update(
    cloud: LocalCloud, outputs: Mapping[str, Any], changed: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> Undo:
    waf = cloud.client("wafv2")
    _, name, identifier = outputs["web_acl_arn"].rsplit("/", 2)
    key = {"Name": name, "Scope": "REGIONAL", "Id": identifier}
    acl = waf.get_web_acl(**key)["WebACL"]
    kept = {part: acl[part] for part in ("DefaultAction", "Rules", "VisibilityConfig", "Description")}

    def write(definition: Mapping[str, Any]) -> None:
        waf.update_web_acl(LockToken=waf.get_web_acl(**key)["LockToken"], **key, **definition)

    write({**kept, **changed(acl)})
    return lambda: write(kept)


def _stage(outputs: Mapping[str, Any]) -> str:
    """The ARN of the stage that `check_url` leads to."""
    host, stage = outputs["check_url"].removeprefix("https://").split("/")[:2]
    api, _, region = host.split(".")[:3]
    return f"arn:aws:apigateway:{region}::/restapis/{api}/stages/{stage}"


ATTEMPTS: dict[str, Callable[[LocalCloud, Mapping[str, Any]], Undo]] = {
    "detached": _detach,
    "replaced by one that allows everybody": _replace,
    "opened, with no rule and everybody allowed": _open,
    "emptied of its rules": _empty,
    "set to count": _count,
    "without the checker's addresses": _forget_checker,
}
"""What is done to the web ACL; each returns what undoes it."""
