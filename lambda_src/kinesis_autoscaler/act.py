"""Do what was decided about one stream, in an order in which a crash at any point is healed by the next look.

A resize is remembered before it is asked for, so that none is ever forgotten. Everything else is remembered after it
was done: doing it twice changes nothing.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler.definition import Described, rewrite
from kinesis_autoscaler.gateway import Gateway
from kinesis_autoscaler.model import Decision, Direction, Memory, Outcome, StreamSettings
from kinesis_autoscaler.rearm import left_alone
from kinesis_autoscaler.refusals import BeingChanged, Gone, Overtaken, Refused, Throttled

Pair = Mapping[Direction, Described]
"""The alarms of the stream: two, or the one that is left where somebody has deleted the other."""

SOON = timedelta(seconds=30)
"""When to look again at a stream that somebody else changes."""


def resize(aws: Gateway, now: datetime, pair: Pair, memory: Memory, decision: Decision, shards: int) -> Decision:
    """Ask for the `shards` of `decision`; `memory` is what was remembered before. Returns what came of it.

    What AWS refuses is an outcome, not tried again before something else wakes the function, and no call of the day.
    Raises Throttled, which is none either, and TransientError when nobody knows whether AWS has taken it: that is one.
    """
    stream = _stream_of(pair)
    try:
        remembered = aws.memory.remember(stream, decision.memory, now)
    except Overtaken:
        reason = "Another run decides about this stream at the same time."
        return _instead(decision, Outcome.WAITING, "overtaken", reason, memory)
    before = replace(memory, version=remembered.version)
    try:
        aws.streams.resize(stream, shards)
    except BeingChanged as error:
        unasked = _instead(decision, Outcome.WAITING, "changing", f"AWS is changing the stream: {error}", before)
        instead = replace(unasked, retry_after=SOON)
    except Gone:
        instead = _instead(decision, Outcome.UNMANAGED, "vanished", "The stream was deleted meanwhile.", before)
    except Refused as error:
        reason = f"{decision.reason} AWS refuses it: {error}"
        instead = _let_fire(aws, now, pair, replace(before, goal=None), Outcome.REFUSED, "refused", reason)
    except ConfigurationError as error:
        instead = _let_fire(aws, now, pair, before, Outcome.FAILED, "settings", f"{decision.reason} But {error}.")
    except Throttled:
        _remember(aws, now, stream, remembered, before)
        raise
    else:
        return replace(decision, memory=remembered)
    _remember(aws, now, stream, remembered, instead.memory)
    return instead


def carry_out(
    aws: Gateway, now: datetime, pair: Pair, memory: Memory, decision: Decision, settings: StreamSettings | None = None
) -> Decision:
    """Write and re-arm the alarms as `decision` says; `memory` is what was remembered before. Returns what came of it.

    With `settings` their consumer is given its share before: its trouble makes the outcome FAILED, but keeps no alarm
    from being written. Raises TransientError and ConfigurationError; alarms that could not be written are not re-armed.
    """
    trouble = _reserve(aws, settings, decision) if settings and decision.rewrite else None
    for direction in decision.rewrite:
        park = decision.park and direction is Direction.DOWN
        aws.alarms.put(rewrite(pair[direction], decision.alarm_shards or 1, park=park))
    _rearm(aws, pair, decision)
    _remember(aws, now, _stream_of(pair), memory, decision.memory)
    if trouble:
        return replace(decision, outcome=Outcome.FAILED, rule="consumer", reason=f"{decision.reason} {trouble}")
    return decision


def _stream_of(pair: Pair) -> str:
    return next(iter(pair.values())).stream


def _instead(decision: Decision, outcome: Outcome, rule: str, reason: str, memory: Memory) -> Decision:
    return Decision(outcome, rule, reason, memory, usage=decision.usage, wanted=decision.wanted)


def _let_fire(
    aws: Gateway, now: datetime, pair: Pair, memory: Memory, outcome: Outcome, rule: str, reason: str
) -> Decision:
    states = {direction: described.state for direction, described in pair.items()}
    decision = left_alone(now, states, memory, outcome, rule, reason)
    _rearm(aws, pair, decision)
    return decision


def _rearm(aws: Gateway, pair: Pair, decision: Decision) -> None:
    for direction in decision.rearm:
        with suppress(Gone):  # an alarm that was deleted need not fire
            aws.alarms.rearm(pair[direction].name, f"{decision.outcome.capitalize()}: {decision.reason}")


def _remember(aws: Gateway, now: datetime, stream: str, before: Memory, after: Memory) -> None:
    """Write what has changed. Another run that has written meanwhile knows what is newer."""
    if replace(after, version=before.version) == before:
        return
    with suppress(Overtaken):
        aws.memory.remember(stream, replace(after, version=before.version), now)


def _reserve(aws: Gateway, settings: StreamSettings, decision: Decision) -> str | None:
    """Give the consumer its share of concurrency; returns what went wrong, as a sentence."""
    consumer = settings.consumer
    if consumer is None or decision.alarm_shards is None:
        return None
    concurrency = consumer.per_shard * decision.alarm_shards
    try:
        aws.consumers.reserve(consumer.function_name, concurrency)
    except (ConfigurationError, TransientError) as error:
        return (
            f"But {consumer.function_name} keeps the concurrency that it had, {concurrency} were to be reserved: "
            f"{error}. Reserve it by hand, or it is tried again with the next resize."
        )
    return None
