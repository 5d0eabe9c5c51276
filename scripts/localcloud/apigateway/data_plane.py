"""A request to a deployed stage: its web ACL first, then the resource policy, then the method.

"Use AWS WAF to protect your REST APIs in API Gateway" says in which order.
"""

import re
import sys
import traceback
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from moto.apigateway.models import apigateway_backends

from localcloud import clock
from localcloud.apigateway import access, deployments
from localcloud.apigateway.answer import (
    Answer,
    forbidden,
    gateway_response,
    internal_error,
    missing_token,
    not_emulated,
)
from localcloud.apigateway.mock_integration import JSON, respond
from localcloud.apigateway.routing import Route, route
from localcloud.apigateway.template import Exchange
from localcloud.wafv2 import web_acls
from localcloud.wafv2.evaluation import Action, Verdict
from localcloud.wafv2.web_request import WebRequest
from policy_evaluation.errors import PolicyError

HOST = re.compile(r"([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\.amazonaws\.com")


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived: `source` is the address that it came from, `target` path and query as sent."""

    source: str
    host: str
    method: str
    target: str
    headers: Sequence[tuple[str, str]] = ()
    body: str = ""

    def header(self, name: str) -> str:
        """The first header of that name, in any case; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def answer(received: Received) -> Answer:
    """Answer a request to an API; every answer carries the headers of API Gateway."""
    request_id = str(uuid.uuid4())
    try:
        answered = _answer(received, request_id)
    except (NotImplementedError, PolicyError) as error:
        answered = not_emulated(str(error))
    except Exception:  # whatever broke, a client of an API gets an answer of its kind
        traceback.print_exc(file=sys.stderr)
        answered = internal_error()
    common = (("x-amzn-RequestId", request_id), ("x-amz-apigw-id", uuid.uuid4().hex[:15] + "="))
    return replace(answered, headers=(*common, *answered.headers))


def _answer(received: Received, request_id: str) -> Answer:
    host = HOST.fullmatch(received.host.removesuffix(":443").lower())
    found = _api(*host.groups()) if host else None
    _, stage_name, *rest = urlsplit(received.target).path.split("/")
    if found is None or stage_name not in found[1].stages:
        return forbidden()
    account, api = found
    region, stage = api.region_name, api.stages[stage_name]
    judged = web_acls.judge(
        account,
        region,
        deployments.stage_arn(region, api.id, stage_name),
        WebRequest(received.source, received.method, received.target, received.headers),
    )
    if judged and judged[1].action is Action.BLOCK:
        return _blocked(judged[1])
    snapshot = deployments.deployed(api, stage)
    path = "/" + "/".join(rest)
    chosen = route(snapshot.resources, received.method, path) if snapshot else None
    if snapshot is None or chosen is None:
        return missing_token()
    arn = f"arn:aws:execute-api:{region}:{account}:{api.id}/{stage_name}/{received.method}{path}"
    if refused := access.refusal(snapshot.policy, arn, received.source, received.header("User-Agent")):
        return gateway_response(403, "AccessDeniedException", refused)
    context = _context(received, request_id, account, api, stage, chosen)
    if judged:
        acl, verdict = judged
        context |= {"webaclArn": acl, "wafResponseCode": "WAF_ALLOW"}
        received = replace(received, headers=[*received.headers, *verdict.inserted])
    return respond(chosen.method, _exchange(received, context, chosen, stage), _content_type(received))


def _api(api_id: str, region: str) -> tuple[str, Any] | None:
    """The account and moto's API of that id, unless it has no public endpoint."""
    for account in list(apigateway_backends):
        api = apigateway_backends[account][region].apis.get(api_id)
        if api and not api.disableExecuteApiEndpoint and "PRIVATE" not in api.endpoint_configuration.get("types", []):
            return account, api
    return None


def _blocked(verdict: Verdict) -> Answer:
    response = verdict.response
    if response is None:
        return forbidden()
    typed = (("Content-Type", response.content_type),) if response.content_type else ()
    return Answer(response.status, response.body, (*typed, *response.headers))


def _content_type(received: Received) -> str:
    return received.header("Content-Type").split(";")[0].strip() or JSON


def _context(received: Received, request_id: str, account: str, api: Any, stage: Any, chosen: Route) -> dict[str, Any]:
    """`$context`, as far as it does not depend on a web ACL. What a request has not is not in it."""
    now = clock.now()
    user_agent = received.header("User-Agent")
    return {
        "accountId": account,
        "apiId": api.id,
        "deploymentId": stage.deployment_id,
        "domainName": received.host,
        "domainPrefix": received.host.split(".")[0],
        "extendedRequestId": uuid.uuid4().hex[:15] + "=",
        "httpMethod": received.method,
        "identity": {"sourceIp": received.source, **({"userAgent": user_agent} if user_agent else {})},
        "path": urlsplit(received.target).path,
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "requestTime": f"{now:%d/%b/%Y:%H:%M:%S} +0000",
        "requestTimeEpoch": int(now.timestamp() * 1000),
        "resourceId": chosen.resource["id"],
        "resourcePath": chosen.resource["path"],
        "stage": stage.name,
    }


def _exchange(received: Received, context: dict[str, Any], chosen: Route, stage: Any) -> Exchange:
    headers = dict(received.headers)
    claimed = received.header("X-Forwarded-For")
    headers = {name: value for name, value in headers.items() if name.lower() != "x-forwarded-for"}
    headers["X-Forwarded-For"] = f"{claimed}, {received.source}" if claimed else received.source
    query: Mapping[str, str] = dict(parse_qsl(urlsplit(received.target).query, keep_blank_values=True))
    return Exchange(context, chosen.path, query, headers, received.body, stage.variables)
