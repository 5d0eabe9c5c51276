"""The endpoints under /_localcloud/: what AWS does by itself or by time, done on request. JSON in, JSON out."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.request import Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from localcloud import DEFAULT_REGION, events, functions, redshift_events
from localcloud.refusal import RefusalError

PREFIX = "/_localcloud/"
Endpoint = Callable[..., Mapping[str, Any]]


def respond(environ: dict[str, Any]) -> Response:
    """Answer an admin request; an error is `{"error": "..."}` with a fitting status."""
    request = Request(environ)
    try:
        endpoint, arguments = ROUTES.bind_to_environ(environ).match()
        answer = endpoint(request, **arguments)
    except RefusalError as refusal:
        return _json({"error": str(refusal)}, refusal.status)
    except HTTPException as error:
        return _json({"error": f"{request.method} {request.path}: {error.description}"}, error.code or 500)
    return _json(answer, 200)


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _health(request: Request) -> Mapping[str, Any]:
    return {"status": "ok"}


def _tick(request: Request, rule: str) -> Mapping[str, Any]:
    return events.tick(rule, region=request.args.get("region", DEFAULT_REGION))


def _invocations(request: Request) -> Mapping[str, Any]:
    return {"invocations": functions.invocations()}


def _idle(request: Request) -> Mapping[str, Any]:
    text = request.args.get("timeout_seconds", "30")
    try:
        timeout = float(text)
    except ValueError as error:
        raise RefusalError(400, f"timeout_seconds must be a number, not {text!r}.") from error
    return {"idle": functions.wait_idle(timeout)}


def _add_redshift_event(request: Request, cluster: str) -> Mapping[str, Any]:
    try:
        event = json.loads(request.get_data())
    except ValueError as error:
        raise RefusalError(400, f"The body is not JSON: {error}") from error
    return redshift_events.add(cluster, event, region=request.args.get("region", DEFAULT_REGION))


ROUTES = Map(
    [
        Rule(f"{PREFIX}health", methods=["GET"], endpoint=_health),
        Rule(f"{PREFIX}rules/<rule>/tick", methods=["POST"], endpoint=_tick),
        Rule(f"{PREFIX}invocations", methods=["GET"], endpoint=_invocations),
        Rule(f"{PREFIX}idle", methods=["POST"], endpoint=_idle),
        Rule(f"{PREFIX}redshift/<cluster>/events", methods=["POST"], endpoint=_add_redshift_event),
    ]
)
