"""Which method a path belongs to, and whom the resource policy of an API lets in."""

import json
from typing import Any

import pytest

from localcloud.apigateway.access import refusal
from localcloud.apigateway.rest_apis import spelled_out
from localcloud.apigateway.routing import route

ARN = "arn:aws:execute-api:eu-central-1:123456789012:abcdefghij/live/GET/check"
INSIDE, OUTSIDE = "198.51.100.7", "203.0.113.9"
FROM_INSIDE = {"IpAddress": {"aws:SourceIp": [f"{INSIDE}/32"]}}
FROM_ELSEWHERE = {"NotIpAddress": {"aws:SourceIp": [f"{INSIDE}/32"]}}


def statement(**changes: Any) -> dict[str, Any]:
    plain = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return {**plain, **changes}


def refused(*statements: dict[str, Any], source: str = INSIDE) -> str | None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return refusal(spelled_out(policy, ARN.split("/")[0]), ARN, source, "test")


def test_without_a_policy_everybody_may() -> None:
    assert refusal(None, ARN, OUTSIDE, "") is None


def test_with_a_policy_only_whom_it_allows() -> None:
    assert refused(statement(Condition=FROM_INSIDE)) is None
    message = refused(statement(Condition=FROM_INSIDE), source=OUTSIDE)
    shown = "arn:aws:execute-api:eu-central-1:********9012:abcdefghij/live/GET/check"
    assert message == f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {shown}"


def test_a_deny_is_said_to_be_one() -> None:
    message = refused(statement(), statement(Effect="Deny", Condition=FROM_ELSEWHERE), source=OUTSIDE)
    assert str(message).endswith("with an explicit deny")
    assert refused(statement(), statement(Effect="Deny", Condition=FROM_ELSEWHERE)) is None


@pytest.mark.parametrize(
    ("resource", "admitted"),
    [
        ("execute-api:/*", True),
        ("execute-api:/live/GET/check", True),
        ("execute-api:/live/GET/*", True),
        ("execute-api:/test/*", False),
        (["execute-api:/test/*", "execute-api:/live/*"], True),
        ("arn:aws:execute-api:eu-central-1:123456789012:abcdefghij/*", True),
        ("arn:aws:execute-api:eu-central-1:123456789012:other/*", False),
        ("*", True),
    ],
)
def test_abbreviated_and_full_names_of_methods(resource: Any, admitted: bool) -> None:
    assert (refused(statement(Resource=resource)) is None) is admitted


def resource(path: str, *methods: str) -> dict[str, Any]:
    return {"id": path, "path": path, "resourceMethods": {name: {"httpMethod": name} for name in methods}}


RESOURCES: list[Any] = [
    resource("/"),
    resource("/{proxy+}", "ANY"),
    resource("/check", "GET", "ANY"),
    resource("/check/{policy}", "GET"),
    resource("/check/strict", "POST"),
]


@pytest.mark.parametrize(
    ("method", "path", "found", "values"),
    [
        ("GET", "/check", "/check GET", {}),
        ("PUT", "/check", "/check ANY", {}),
        ("GET", "/check/a%20b", "/check/{policy} GET", {"policy": "a b"}),
        ("GET", "/check/a/b", "/{proxy+} ANY", {"proxy": "check/a/b"}),
        ("GET", "/check/strict", None, None),
        ("POST", "/check/strict", "/check/strict POST", {}),
        ("GET", "/", None, None),
    ],
)
def test_the_method_that_answers(method: str, path: str, found: str | None, values: Any) -> None:
    chosen = route(RESOURCES, method, path)
    assert (f"{chosen.resource['path']} {chosen.method['httpMethod']}" if chosen else None) == found
    assert (dict(chosen.path) if chosen else None) == values
