"""Entry point: one run over all clusters, each time the EventBridge schedule ticks."""

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from common.errors import Rejected, TransientError
from redshift_maintenance_sync.act import carry_out, timestamp
from redshift_maintenance_sync.decide import plan
from redshift_maintenance_sync.gateway import WORKERS, Gateway, connect, fetch_object
from redshift_maintenance_sync.measure import add_to
from redshift_maintenance_sync.model import (
    Alignment,
    Decision,
    Outcome,
    Place,
    Sight,
    State,
)
from redshift_maintenance_sync.settings import Settings, read_settings

if TYPE_CHECKING:
    from redshift_maintenance_sync.announcement import Announcement

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
    return run(settings, gateway(variables, account, context.function_name), now, context.function_name)


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


def run(settings: Settings, aws: Gateway, now: datetime, deployment: str) -> dict[str, Any]:
    """Bring every cluster in line, and say so; `now` is in UTC, `deployment` the function's name.

    Returns `{"dry_run", "time", "places": [{"account", "region", "outcome", "reason"}], "clusters": [{"account",
    "region", "cluster", "group", "outcome", "reason", "phase", "window", "deferred_until", "announced"}],
    "announcements": [{"group", "kind", "subject"}]}`, where phase is as it was found and the rest as it is after this
    run (in a dry run: as it would be).
    Raises TransientError when the states cannot be read, or, once everything else was done, when some places could not
    be looked at, some clusters failed or something could not be announced.
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
    announced, unannounced = announce_news(settings, aws, now, deployment, seen, results)
    raise_failures(seen, results, unannounced)
    return {
        "dry_run": settings.dry_run,
        "time": timestamp(now),
        "places": [_place_row(sight) for sight in seen],
        "clusters": [_row(result, now) for result in results],
        "announcements": [
            {"group": item.group, "kind": item.kind.value, "subject": item.subject} for item in announced
        ],
    }


def announce_news(
    settings: Settings, aws: Gateway, now: datetime, deployment: str, seen: Sequence[Sight], results: Sequence[Decision]
) -> "tuple[list[Announcement], list[str]]":
    """Tell people what this run has found out; see `tell`."""
    if aws.announcements is None:
        return [], []
    # Who announces nothing need not pay for it at each cold start.
    from redshift_maintenance_sync.news import group_dates, replacements
    from redshift_maintenance_sync.tell import tell

    dates, replaced = group_dates(settings, now, results), replacements(seen, results)
    return tell(settings, aws, now, deployment, dates, replaced)


def raise_failures(seen: Sequence[Sight], results: Sequence[Decision], unannounced: Sequence[str]) -> None:
    """Raises TransientError that names the places, clusters and announcements that failed, if any did."""
    places = [f"{sight.place.scope} ({sight.error})" for sight in seen if sight.error]
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    clusters = [f"{result.cluster.key} ({result.reason})" for result in failed]
    problems = [f"{len(places)} of {len(seen)} places failed: {', '.join(places)}"] if places else []
    problems += [f"{len(clusters)} of {len(results)} clusters failed: {', '.join(clusters)}"] if clusters else []
    problems += unannounced
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
        "deferred_until": timestamp(standing[-1].end) if standing else None,
        "announced": timestamp(result.announced) if result.announced else None,
    }


def _place_row(sight: Sight) -> dict[str, Any]:
    return {
        "account": sight.place.account,
        "region": sight.place.region,
        "outcome": "failed" if sight.error else "read",
        "reason": sight.error or f"{len(sight.clusters)} clusters",
    }
