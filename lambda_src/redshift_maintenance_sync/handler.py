"""Entry point: one run over all clusters, each time the EventBridge schedule ticks."""

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from common.errors import Rejected, TransientError
from redshift_maintenance_sync.decide import plan
from redshift_maintenance_sync.gateway import WORKERS, Gateway, connect, fetch_object
from redshift_maintenance_sync.measure import add_to
from redshift_maintenance_sync.model import (
    Alignment,
    Decision,
    NotDeferrable,
    Outcome,
    Place,
    Sight,
    State,
    Unavailable,
)
from redshift_maintenance_sync.settings import Settings, read_settings

logger = Logger()
metrics = Metrics(namespace="Groundcrew/redshift_maintenance_sync")


@cache
def load(variables: frozenset[tuple[str, str]]) -> Settings:
    """The settings that these environment variables hold or point to; read once."""
    return read_settings(dict(variables), fetch_object)


@cache
def gateway(variables: frozenset[tuple[str, str]], account: str, name: str) -> Gateway:
    """The gateway for these settings; its clients are made once."""
    return connect(load(variables), account, name)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """AWS Lambda's entry point; see `run` for what is returned and raised, and Settings for what is configured."""
    check(event)
    variables = frozenset((name, value) for name, value in os.environ.items() if name.startswith("SETTINGS"))
    settings = load(variables)
    account = context.invoked_function_arn.split(":")[4]
    now = datetime.now(UTC).replace(microsecond=0)
    return run(settings, gateway(variables, account, context.function_name), now)


def check(event: object) -> None:
    """Raises Rejected unless `event` is a scheduled event of EventBridge."""
    if not isinstance(event, dict):
        raise Rejected(f"An EventBridge scheduled event is a JSON object, not {event!r:.200}. Nothing was changed.")
    expected = {"source": "aws.events", "detail-type": "Scheduled Event"}
    wrong = [
        f"{key} is {event.get(key)!r:.100}, not {value!r}" for key, value in expected.items() if event.get(key) != value
    ]
    if wrong:
        raise Rejected(f"Not an EventBridge scheduled event: {', '.join(wrong)}. Nothing was changed.")


def run(settings: Settings, aws: Gateway, now: datetime) -> dict[str, Any]:
    """Bring every cluster in line; `now` is in UTC.

    Returns `{"dry_run", "time", "places": [{"account", "region", "outcome", "reason"}], "clusters": [{"account",
    "region", "cluster", "group", "outcome", "reason", "phase", "window", "deferred_until", "announced"}]}`, where phase
    is as it was found and the rest as it is after this run (in a dry run: as it would be).
    Raises TransientError when the states cannot be read, or, once everything else was done, when some places could not
    be looked at or some clusters failed.
    """
    states = remembered(settings, aws)
    seen = look(aws)
    fleet = [observed for sight in seen for observed in sight.observed(states[sight.place])]
    out_of_sight = [state for sight in seen if sight.error for state in states[sight.place].values()]
    results = carry_out(plan(now, settings, fleet, out_of_sight), aws, settings.dry_run)

    for sight in seen:
        if sight.error:
            logger.error("place", extra=_place_row(sight))
    for result in results:
        log = logger.error if result.outcome is Outcome.FAILED else logger.info
        log("cluster", extra=_row(result, now))
    outcomes = Counter(result.outcome for result in results)
    logger.info("run", extra={"dry_run": settings.dry_run, "places": len(seen), "outcomes": outcomes})
    add_to(metrics, now, results, states, failed_places=sum(bool(sight.error) for sight in seen))
    metrics.flush_metrics()
    raise_failures(seen, results)
    return {
        "dry_run": settings.dry_run,
        "time": _timestamp(now),
        "places": [_place_row(sight) for sight in seen],
        "clusters": [_row(result, now) for result in results],
    }


def raise_failures(seen: Sequence[Sight], results: Sequence[Decision]) -> None:
    """Raises TransientError that names the places and the clusters that failed, if any did."""
    places = [f"{sight.place.scope} ({sight.error})" for sight in seen if sight.error]
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    clusters = [f"{result.cluster.key} ({result.reason})" for result in failed]
    problems = [f"{len(places)} of {len(seen)} places failed: {', '.join(places)}"] if places else []
    problems += [f"{len(clusters)} of {len(results)} clusters failed: {', '.join(clusters)}"] if clusters else []
    if problems:
        raise TransientError("; ".join(problems))


def remembered(settings: Settings, aws: Gateway) -> dict[Place, dict[str, State]]:
    """What is remembered of the clusters of each place; raises TransientError."""
    # The published rule remembers nothing, and windows alone have no date to remember.
    uses = settings.alignment is Alignment.WINDOW and any(rules.defers for rules in settings.rules().values())
    with ThreadPoolExecutor(WORKERS) as workers:
        found = workers.map(aws.states, aws.places) if uses else ({} for _ in aws.places)
        return dict(zip(aws.places, found, strict=True))


def look(aws: Gateway) -> list[Sight]:
    """Look at every place, several at a time; one that cannot be looked at does not keep the others from it."""
    with ThreadPoolExecutor(WORKERS) as workers:
        return list(workers.map(partial(_look_at, aws), aws.places))


def _look_at(aws: Gateway, place: Place) -> Sight:
    try:
        return Sight(place, tuple(aws.clusters(place)), aws.events(place))
    except TransientError as error:
        return Sight(place, error=str(error))


def carry_out(decisions: Sequence[Decision], aws: Gateway, dry_run: bool) -> list[Decision]:
    """Do what was decided, several clusters at a time; returns what was done, in the same order."""
    if dry_run:
        return [_planned(decision) for decision in decisions]
    with ThreadPoolExecutor(WORKERS) as workers:
        return list(workers.map(partial(_act, aws), decisions))


def _planned(decision: Decision) -> Decision:
    if decision.outcome is not Outcome.CHANGED:
        return replace(decision, state=None)
    return replace(decision, outcome=Outcome.PLANNED, state=None, drifted=True)


def _act(aws: Gateway, decision: Decision) -> Decision:
    """Change one cluster, its window first and its state last; returns what was done, which is less when AWS refuses.

    The state says what has come to pass: it is written only once everything it says is true.
    """
    cluster = decision.cluster
    done = replace(decision, window=None, deferment=None, state=None)
    try:
        if decision.window:
            aws.set_window(cluster, decision.window)
            done = replace(done, window=decision.window)
        if decision.deferment:
            try:
                aws.defer(cluster, decision.deferment)
                done = replace(done, deferment=decision.deferment)
            except NotDeferrable as error:
                decision = _give_way(decision, error)
                done = replace(decision, window=done.window, state=None)
        if decision.state:
            aws.remember(cluster, decision.state)
            done = replace(done, state=decision.state)
    except Unavailable as error:
        return _stopped(done, decision, Outcome.SKIPPED, str(error))
    except TransientError as error:
        return _stopped(done, decision, Outcome.FAILED, str(error))
    except Exception as error:  # the one place where a cluster's trouble is kept from the other clusters
        logger.exception("cluster failed unexpectedly", extra={"cluster": cluster.key})
        return _stopped(done, decision, Outcome.FAILED, f"{type(error).__name__}: {error}")
    return done


def _give_way(decision: Decision, error: NotDeferrable) -> Decision:
    """Redshift insists on the next window: so that is what is announced and remembered."""
    if decision.if_refused is None:
        raise error
    target = decision.if_refused.target
    return replace(
        decision,
        outcome=Outcome.SKIPPED,
        reason=f"{error}; maintenance is announced for {_timestamp(target)}, the next window",
        deferment=None,
        state=decision.if_refused,
        announced=target,
        drifted=True,
    )


def _stopped(done: Decision, decision: Decision, outcome: Outcome, why: str) -> Decision:
    """What a cluster is like after AWS or another run has stopped its change half-way."""
    so_far = [f"the window was set to {done.window} before"] if done.window else []
    so_far += [f"it was deferred until {_timestamp(done.deferment.end)} before"] if done.deferment else []
    announced = decision.announced if done.deferment == decision.deferment else None
    return replace(done, outcome=outcome, reason="; ".join([why, *so_far]), announced=announced, drifted=True)


def _row(result: Decision, now: datetime) -> dict[str, Any]:
    window = result.window or result.cluster.window
    standing = [result.deferment] if result.deferment else result.cluster.standing_deferments(now)
    return {
        "account": result.cluster.place.account,
        "region": result.cluster.place.region,
        "cluster": result.cluster.identifier,
        "group": result.group,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "phase": result.phase.value if result.phase else None,
        "window": str(window) if window else None,
        "deferred_until": _timestamp(standing[-1].end) if standing else None,
        "announced": _timestamp(result.announced) if result.announced else None,
    }


def _place_row(sight: Sight) -> dict[str, Any]:
    return {
        "account": sight.place.account,
        "region": sight.place.region,
        "outcome": "failed" if sight.error else "read",
        "reason": sight.error or f"{len(sight.clusters)} clusters",
    }


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
