"""Do what was decided, several clusters at a time; one cluster's trouble is kept from the others."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial

from aws_lambda_powertools import Logger

from common.errors import TransientError
from redshift_maintenance_sync.gateway import WORKERS, Gateway
from redshift_maintenance_sync.model import Decision, NotDeferrable, Outcome, Unavailable

logger = Logger()


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
        reason=f"{error}; maintenance is announced for {timestamp(target)}, the next window",
        deferment=None,
        state=decision.if_refused,
        announced=target,
        drifted=True,
    )


def _stopped(done: Decision, decision: Decision, outcome: Outcome, why: str) -> Decision:
    """What a cluster is like after AWS or another run has stopped its change half-way."""
    so_far = [f"the window was set to {done.window} before"] if done.window else []
    so_far += [f"it was deferred until {timestamp(done.deferment.end)} before"] if done.deferment else []
    announced = decision.announced if done.deferment == decision.deferment else None
    return replace(done, outcome=outcome, reason="; ".join([why, *so_far]), announced=announced, drifted=True)


def timestamp(moment: datetime) -> str:
    """A time (UTC) as log lines and results show it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
