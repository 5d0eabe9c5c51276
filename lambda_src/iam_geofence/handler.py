"""Entry point: Client VPN's connect handler. Its response is always valid, and admits only what was proven."""

import os
import time
from contextlib import suppress
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from iam_geofence.fence import Fence
from iam_geofence.measure import NAMESPACE, count_decision
from iam_geofence.model import ConnectRequest, Decision, Malformed, Mode, Reason
from iam_geofence.parse import parse, read_connection, read_schema
from iam_geofence.respond import refuse, respond
from iam_geofence.settings import Settings, load

PREPAID = ("provisioned-concurrency", "snap-start")
"""The ways of starting in which nobody waits for the initialisation."""

logger = Logger()
metrics = Metrics(namespace=NAMESPACE)


def handler(event: object, context: LambdaContext) -> dict[str, Any]:
    """AWS Lambda's entry point; raises nothing, for Client VPN would not tell the user why. See `respond`."""
    try:
        return answer(event, context)
    except SystemExit:  # the platform ends this environment
        raise
    except BaseException as error:
        with suppress(BaseException):
            report_failure(event, error)
        return refuse(event)


@logger.inject_lambda_context(clear_state=True)
def answer(event: object, context: LambdaContext) -> dict[str, Any]:
    """Decide and say so."""
    settings = load()
    request, seconds = None, None
    try:
        request = parse(event)
    except Malformed as error:
        decision = Decision(error.reason, str(error))
    else:
        began = time.monotonic()
        decision = fence().judge(request)
        seconds = time.monotonic() - began
    logger.info("decision", extra=_row(settings, event, request, decision, seconds))
    count_decision(metrics, decision, settings.mode, seconds)
    return respond(read_schema(event), decision, settings.mode, settings.config_hash)


def report_failure(event: object, error: BaseException) -> None:
    """Say what failed; may fail itself."""
    metrics.clear_metrics()  # what a decision that came to nothing has left
    decision = Decision(Reason.ERROR, type(error).__name__)
    row = {"decision": "deny", "reason": decision.reason.value, "connection": read_connection(event)}
    try:
        logger.error("decision", exc_info=error, extra=row)
    finally:
        count_decision(metrics, decision, Mode.ENFORCE, None)


@cache
def fence() -> Fence:
    """The fence of this environment, with its one connection."""
    # http.client and ssl cost as much as all of this file: they are imported when somebody is to be judged.
    from iam_geofence.checker import Checker

    check = load().check
    return Fence(check, Checker(check.host, check.stage))


@cache
def hash_key() -> bytes:
    """Made in each environment and never told: hashes of one environment can be compared, and none can be looked up."""
    return os.urandom(32)


def keyed_hash(address: str) -> str:
    """HMAC-SHA256 in hexadecimal digits."""
    from hmac import digest  # loads OpenSSL, which is needed for the first question anyway, but not before it

    return digest(hash_key(), address.encode(), "sha256").hex()


def _row(
    settings: Settings, event: object, request: ConnectRequest | None, decision: Decision, seconds: float | None
) -> dict[str, Any]:
    """One line of the decision log."""
    row: dict[str, Any] = {
        "decision": decision.outcome(settings.mode).value,
        "reason": decision.reason.value,
        "detail": decision.detail,
        "mode": settings.mode.value,
        "config_hash": settings.config_hash,
        "connection": read_connection(event),
    }
    if seconds is not None:
        row["check_ms"] = round(seconds * 1000, 1)
    if request is None:
        return row
    row["endpoint"] = request.endpoint
    if settings.log_user_data:
        user = {"address": request.address, "username": request.username, "common_name": request.common_name}
        return {**row, **user}
    return {**row, "address_hash": keyed_hash(request.address)}


if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in PREPAID:
    fence()
