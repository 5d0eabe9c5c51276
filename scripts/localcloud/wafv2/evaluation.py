"""What a web ACL does with a request: its rules in the order of their priority, then its default action."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.wafv2 import statements
from localcloud.wafv2.statements import Surroundings
from localcloud.wafv2.web_request import WebRequest

DEFAULT_ACTION = "Default_Action"
"""What CloudWatch calls the rule when none decided."""
INSERTED_PREFIX = "x-amzn-waf-"
CONTENT_TYPES = {"TEXT_PLAIN": "text/plain", "TEXT_HTML": "text/html", "APPLICATION_JSON": "application/json"}


class Action(enum.Enum):
    """How a web ACL ends."""

    ALLOW = "Allow"
    BLOCK = "Block"


@dataclass(frozen=True, slots=True)
class CustomResponse:
    """What a blocked client gets instead of the protected resource's own 403."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a request.

    `decided` and `counted`: metric names of the rules that decided and that counted; `inserted`: headers for the
    protected resource; `response` only when blocked, and then perhaps.
    """

    action: Action
    decided: str
    counted: tuple[str, ...] = ()
    inserted: tuple[tuple[str, str], ...] = ()
    response: CustomResponse | None = None


def evaluate(web_acl: Mapping[str, Any], request: WebRequest, around: Surroundings) -> Verdict:
    """Evaluate a web ACL, in the shape of the API, that `definition.check` has accepted."""
    counted: list[str] = []
    inserted: list[tuple[str, str]] = []
    for rule in sorted(web_acl.get("Rules") or [], key=lambda item: int(item["Priority"])):
        statement = rule["Statement"]
        if not statements.applies(statement, request) or not statements.matches(statement, request, around):
            continue
        name = rule["VisibilityConfig"]["MetricName"]
        ((kind, body),) = rule["Action"].items()
        inserted += _inserted(body)
        if kind == "Count":
            counted.append(name)
            continue
        return _ended(web_acl, Action(kind), body, name, counted, inserted)
    ((kind, body),) = web_acl["DefaultAction"].items()
    return _ended(web_acl, Action(kind), body, DEFAULT_ACTION, counted, [*inserted, *_inserted(body)])


def _ended(
    web_acl: Mapping[str, Any],
    action: Action,
    body: Mapping[str, Any],
    decided: str,
    counted: list[str],
    inserted: list[tuple[str, str]],
) -> Verdict:
    response = _response(web_acl, body["CustomResponse"]) if body.get("CustomResponse") else None
    return Verdict(action, decided, tuple(counted), tuple(inserted), response)


def _inserted(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    handling = body.get("CustomRequestHandling") or {}
    return [(INSERTED_PREFIX + item["Name"], item["Value"]) for item in handling.get("InsertHeaders", [])]


def _response(web_acl: Mapping[str, Any], custom: Mapping[str, Any]) -> CustomResponse:
    headers = tuple((item["Name"], item["Value"]) for item in custom.get("ResponseHeaders") or [])
    key = custom.get("CustomResponseBodyKey")
    if not key:
        return CustomResponse(int(custom["ResponseCode"]), headers)
    body = (web_acl.get("CustomResponseBodies") or {})[key]
    return CustomResponse(int(custom["ResponseCode"]), headers, body["Content"], CONTENT_TYPES[body["ContentType"]])
