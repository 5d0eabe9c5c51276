"""The endpoints under /_localcloud/: what AWS does by itself or by time, done on request. JSON in, JSON out."""

import ipaddress
import json
import math
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from moto.core.request import Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from localcloud import DEFAULT_REGION, calls, clock, timeline
from localcloud.apigateway import certificates, listener
from localcloud.athena.api import executions
from localcloud.client_vpn import connect
from localcloud.eventbridge import rules
from localcloud.faults import switch
from localcloud.functions import invocations
from localcloud.kinesis import quota, traffic
from localcloud.redshift import events, maintenance
from localcloud.refusal import RefusalError
from localcloud.sts.caller import account_of

PREFIX = "/_localcloud/"
Endpoint = Callable[..., Mapping[str, Any]]

_unreached: datetime | None = None
"""Where the last request to move the clock was going when its time was up: another may go on, though it has passed."""


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
    except Exception as error:  # whatever broke, the client of this endpoint reads JSON
        traceback.print_exc(file=sys.stderr)
        return _json({"error": f"{type(error).__name__}: {error}"}, 500)
    return _json(answer, 200)


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _health(request: Request) -> Mapping[str, Any]:
    return {"status": "ok"}


def _tick(request: Request, rule: str) -> Mapping[str, Any]:
    return rules.tick(rule, region=request.args.get("region", DEFAULT_REGION))


def _invocations(request: Request) -> Mapping[str, Any]:
    return {"invocations": invocations.records()}


def _calls(request: Request) -> Mapping[str, Any]:
    if not (access_key := request.args.get("access_key")):
        raise RefusalError(400, "Whose calls? Name the access_key.")
    return {"calls": calls.of(access_key)}


def _execute_api(request: Request) -> Mapping[str, Any]:
    match _body(request):
        case {"source": str(source)}:
            try:
                address = str(ipaddress.ip_address(source))
            except ValueError as error:
                raise RefusalError(400, f"source must be an IP address, not {source!r}.") from error
        case _:
            raise RefusalError(400, 'The body must be {"source": "<the address to come from>"}.')
    port = listener.port(address, lambda: address)
    return {"host": listener.HOST, "port": port, "certificates": str(certificates.bundle())}


def _idle(request: Request) -> Mapping[str, Any]:
    within = _seconds("timeout_seconds", request.args.get("timeout_seconds", "30"))
    return {"idle": timeline.catch_up(settle=invocations.wait_idle, seconds=within)}


def _athena_query(request: Request, query: str) -> Mapping[str, Any]:
    if (detail := executions.detail(query)) is None:
        raise RefusalError(404, f"There is no query {query}.")
    return detail


def _add_redshift_event(request: Request, cluster: str) -> Mapping[str, Any]:
    return events.add(cluster, _body(request), **_place(request))


def _set_redshift_updates(request: Request, cluster: str) -> Mapping[str, Any]:
    match _body(request):
        case {"updates": str(updates)}:
            maintenance.set_updates(cluster, updates, **_place(request))
        case {"release": True}:
            maintenance.release(cluster, **_place(request))
        case _:
            raise RefusalError(400, 'The body must be {"updates": "always|never|released"} or {"release": true}.')
    return {}


def _announce_redshift_replacement(request: Request, cluster: str) -> Mapping[str, Any]:
    match _body(request):
        case {"deferrable": bool(deferrable)}:
            maintenance.announce_replacement(cluster, deferrable=deferrable, **_place(request))
        case _:
            raise RefusalError(400, 'The body must be {"deferrable": true or false}.')
    return {}


def _set_redshift_status(request: Request, cluster: str) -> Mapping[str, Any]:
    match _body(request):
        case {"status": str(status)}:
            maintenance.set_status(cluster, status, **_place(request))
        case _:
            raise RefusalError(400, 'The body must be {"status": "<a ClusterStatus>"}.')
    return {}


def _redshift_maintenance(request: Request) -> Mapping[str, Any]:
    return {"maintenance": maintenance.performed(**_place(request))}


def _offer_kinesis_traffic(request: Request, stream: str) -> Mapping[str, Any]:
    return traffic.offer(stream, _body(request), region=request.args.get("region", DEFAULT_REGION))


def _set_kinesis_shard_limit(request: Request) -> Mapping[str, Any]:
    match _body(request):
        case {"shard_limit": int(shards)} if shards >= 1 and not isinstance(shards, bool):
            quota.set_limit(shards, region=request.args.get("region", DEFAULT_REGION))
        case _:
            raise RefusalError(400, 'The body must be {"shard_limit": n}, n at least 1.')
    return {}


def _connect_client_vpn(request: Request, endpoint: str) -> Mapping[str, Any]:
    return connect.connect(endpoint, _body(request), region=request.args.get("region", DEFAULT_REGION))


def _faults(request: Request) -> Mapping[str, Any]:
    return switch.counts()


def _set_faults(request: Request) -> Mapping[str, Any]:
    return switch.put(_body(request))


def _clear_faults(request: Request) -> Mapping[str, Any]:
    return switch.clear()


def _clock(request: Request) -> Mapping[str, Any]:
    return {"now": clock.now().isoformat()}


def _advance(request: Request) -> Mapping[str, Any]:
    global _unreached
    body = _body(request)
    target = _target(body)
    within = _seconds("within_seconds", body.get("within_seconds", 20))
    reached = timeline.advance(target, settle=invocations.settle, seconds=within)
    _unreached = None if reached else target
    return {"now": clock.now().isoformat(), "reached": reached, "to": target.isoformat()}


def _target(body: Any) -> datetime:
    """The moment that a request to move the clock names; refused when it has passed."""
    now = clock.now()
    match body:
        case {"to": str(text), **others} if "by_seconds" not in others:
            try:
                target = datetime.fromisoformat(text)
            except ValueError as error:
                raise RefusalError(400, f"to must be a time in ISO 8601, not {text!r}.") from error
            if target.tzinfo is None:
                raise RefusalError(400, f"to must have an offset from UTC: {text} has none.")
        case {"by_seconds": seconds, **others} if "to" not in others:
            try:
                target = now + timedelta(seconds=_seconds("by_seconds", seconds))
            except OverflowError as error:
                raise RefusalError(400, f"by_seconds leads beyond the calendar: {seconds}.") from error
        case _:
            raise RefusalError(400, 'The body must be {"to": "<ISO 8601 with an offset>"} or {"by_seconds": n}.')
    if target < now and target != _unreached:
        raise RefusalError(
            409, f"Time runs forwards only: it is {now.isoformat()} already; start another local cloud with --time …"
        )
    return target


def _place(request: Request) -> dict[str, str]:
    """The account and the Region that the request is about."""
    return {
        "account": account_of(request.args.get("account")),
        "region": request.args.get("region", DEFAULT_REGION),
    }


def _body(request: Request) -> Any:
    try:
        return json.loads(request.get_data())
    except ValueError as error:
        raise RefusalError(400, f"The body is not JSON: {error}") from error


def _seconds(name: str, value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if not math.isfinite(seconds):
        raise RefusalError(400, f"{name} must be a number, not {value!r}.")
    return seconds


ROUTES = Map(
    [
        Rule(f"{PREFIX}health", methods=["GET"], endpoint=_health),
        Rule(f"{PREFIX}rules/<rule>/tick", methods=["POST"], endpoint=_tick),
        Rule(f"{PREFIX}invocations", methods=["GET"], endpoint=_invocations),
        Rule(f"{PREFIX}calls", methods=["GET"], endpoint=_calls),
        Rule(f"{PREFIX}execute-api", methods=["POST"], endpoint=_execute_api),
        Rule(f"{PREFIX}idle", methods=["POST"], endpoint=_idle),
        Rule(f"{PREFIX}clock", methods=["GET"], endpoint=_clock),
        Rule(f"{PREFIX}clock", methods=["POST"], endpoint=_advance),
        Rule(f"{PREFIX}athena/queries/<query>", methods=["GET"], endpoint=_athena_query),
        Rule(f"{PREFIX}faults", methods=["GET"], endpoint=_faults),
        Rule(f"{PREFIX}faults", methods=["POST"], endpoint=_set_faults),
        Rule(f"{PREFIX}faults", methods=["DELETE"], endpoint=_clear_faults),
        Rule(f"{PREFIX}kinesis/limits", methods=["POST"], endpoint=_set_kinesis_shard_limit),
        Rule(f"{PREFIX}kinesis/<stream>/traffic", methods=["POST"], endpoint=_offer_kinesis_traffic),
        Rule(f"{PREFIX}redshift/<cluster>/events", methods=["POST"], endpoint=_add_redshift_event),
        Rule(f"{PREFIX}redshift/<cluster>/updates", methods=["POST"], endpoint=_set_redshift_updates),
        Rule(f"{PREFIX}redshift/<cluster>/replacement", methods=["POST"], endpoint=_announce_redshift_replacement),
        Rule(f"{PREFIX}redshift/<cluster>/status", methods=["POST"], endpoint=_set_redshift_status),
        Rule(f"{PREFIX}client-vpn/<endpoint>/connections", methods=["POST"], endpoint=_connect_client_vpn),
        Rule(f"{PREFIX}redshift/maintenance", methods=["GET"], endpoint=_redshift_maintenance),
    ]
)
