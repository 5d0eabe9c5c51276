"""Entry point: one run over all clusters, each time the EventBridge schedule ticks."""

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from common.errors import Rejected, TransientError
from redshift_maintenance_sync.decide import announced_end, decide
from redshift_maintenance_sync.gateway import Gateway, connect
from redshift_maintenance_sync.model import Decision, Outcome, Unavailable
from redshift_maintenance_sync.settings import Settings

logger = Logger()
gateway = cache(connect)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """AWS Lambda's entry point; see `run` for what is returned and raised, and Settings for the environment."""
    settings = Settings.parse(os.environ)
    check(event)
    return run(settings, gateway(), datetime.now(UTC).replace(microsecond=0))


def check(event: object) -> None:
    """Raises Rejected unless `event` is a scheduled event of EventBridge."""
    if not isinstance(event, dict):
        raise Rejected(f"An EventBridge scheduled event is a JSON object, not {event!r:.200}. Nothing was changed.")
    tick = EventBridgeEvent(event)
    expected = {"source": "aws.events", "detail-type": "Scheduled Event"}
    wrong = [
        f"{key} is {tick.get(key)!r:.100}, not {value!r}" for key, value in expected.items() if tick.get(key) != value
    ]
    if wrong:
        raise Rejected(f"Not an EventBridge scheduled event: {', '.join(wrong)}. Nothing was changed.")


def run(settings: Settings, redshift: Gateway, now: datetime) -> dict[str, Any]:
    """Bring every cluster in line; `now` is in UTC.

    Returns `{"dry_run", "time", "clusters": [{"cluster", "outcome", "reason", "window", "deferred_until"}]}`, where the
    window and the end of the deferment are those after this run (in a dry run: those it would have set).
    Raises TransientError when the clusters cannot be read, or, once all were seen to, when some of them failed.
    """
    clusters = redshift.clusters()
    last_completed = redshift.last_completed_maintenance()
    end = announced_end(now, clusters)

    results = []
    for cluster in clusters:
        try:
            result = act(decide(now, settings, cluster, last_completed, end), redshift, settings.dry_run)
        except Exception as error:  # the one place where a cluster's trouble is kept from the other clusters
            logger.exception("cluster failed unexpectedly", extra={"cluster": cluster.identifier})
            reason = f"{type(error).__name__}: {error}"
            result = Decision(cluster, window=None, deferment=None, outcome=Outcome.FAILED, reason=reason)
        log = logger.error if result.outcome is Outcome.FAILED else logger.info
        log("cluster", extra=_row(result, now))
        results.append(result)

    logger.info("run", extra={"dry_run": settings.dry_run, "outcomes": Counter(result.outcome for result in results)})
    failures = [
        f"{result.cluster.identifier} ({result.reason})" for result in results if result.outcome is Outcome.FAILED
    ]
    if failures:
        raise TransientError(f"{len(failures)} of {len(results)} clusters failed: {', '.join(failures)}")
    time = _timestamp(now)
    return {"dry_run": settings.dry_run, "time": time, "clusters": [_row(result, now) for result in results]}


def act(decision: Decision, redshift: Gateway, dry_run: bool) -> Decision:
    """Do what was decided, the window first; returns what was done, which is less when AWS did not go along."""
    if decision.outcome is not Outcome.CHANGED:
        return decision
    if dry_run:
        return replace(decision, outcome=Outcome.PLANNED)
    cluster = decision.cluster.identifier
    done = replace(decision, window=None, deferment=None)
    try:
        if decision.window:
            redshift.set_window(cluster, decision.window)
            done = replace(done, window=decision.window)
        if decision.deferment:
            redshift.defer(cluster, decision.deferment)
            done = replace(done, deferment=decision.deferment)
    except (Unavailable, TransientError) as error:
        outcome = Outcome.SKIPPED if isinstance(error, Unavailable) else Outcome.FAILED
        so_far = f"; the window was set to {done.window} before" if done.window else ""
        return replace(done, outcome=outcome, reason=f"{error}{so_far}")
    return done


def _row(result: Decision, now: datetime) -> dict[str, Any]:
    window = result.window or result.cluster.window
    deferment = result.deferment or result.cluster.standing_deferment(now)
    return {
        "cluster": result.cluster.identifier,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "window": str(window) if window else None,
        "deferred_until": _timestamp(deferment.end) if deferment else None,
    }


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
