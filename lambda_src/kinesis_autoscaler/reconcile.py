"""Bring a group of streams in line: gather what is true, decide about each, do it.

Resizes come first, for traffic does not wait: alarms, of which AWS takes three a second, are written in between.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from aws_lambda_powertools import Logger

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler import act, hot
from kinesis_autoscaler.decide import decide
from kinesis_autoscaler.definition import Described, read_alarm, read_settings
from kinesis_autoscaler.gateway import Gateway
from kinesis_autoscaler.gateway.memory import parse
from kinesis_autoscaler.model import (
    Alarm,
    AlarmState,
    Decision,
    Direction,
    Memory,
    Outcome,
    Policy,
    Stream,
    StreamSettings,
    Traffic,
)
from kinesis_autoscaler.rearm import left_alone
from kinesis_autoscaler.refusals import BeingChanged, Gone
from kinesis_autoscaler.result import Result

TARGET_MINUTES = 180
STEP_MINUTES = 15
"""Traffic that is read: policy `target` sizes by it; `step` only tells hot shards from it."""

logger = Logger()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a stream before it is described itself; alarms and settings are those of `pair`."""

    pair: Mapping[Direction, Described]
    memory: Memory
    settings: StreamSettings
    alarms: dict[Direction, Alarm]


@dataclass(slots=True)
class Group:
    """The streams of one run at `now` (UTC). `ticked`: those that are looked at because a tick looks at all.

    `in_time`: whether there is time for another stream. `results`: what came of each, so far.
    """

    aws: Gateway
    now: datetime
    dry_run: bool
    ticked: Collection[str]
    in_time: Callable[[], bool]
    results: dict[str, Result] = field(default_factory=dict)

    def reconcile(self, names: Sequence[str]) -> list[str]:
        """Fill `results`; returns the names for which there was no time. One stream's trouble is kept from others."""
        known = self._know(names)
        traffic = self._traffic(known)
        left = []
        slow: dict[str, tuple[Stream | None, Decision]] = {}
        for index, (name, facts) in enumerate(known.items()):
            if index and not self.in_time():
                left.append(name)
                continue
            with self._contained(name, facts.pair, facts.memory):
                stream, decision = self._decide(name, facts, traffic.get(name))
                if decision.rewrite or decision.rearm:
                    slow[name] = stream, decision
                elif stream and decision.shards is not None:
                    self._note(name, facts, stream, self._resize(facts, stream, decision, decision.shards))
                else:
                    self._note(name, facts, stream, self._carry_out(facts, decision))
            if slow and self.aws.alarms.ready:
                self._act(known, slow)
        while slow and self.in_time():
            self._act(known, slow)
        return left + list(slow)

    def _act(self, known: Mapping[str, Known], slow: dict[str, tuple[Stream | None, Decision]]) -> None:
        """Carry out the first decision of `slow`, and take it out."""
        name = next(iter(slow))
        stream, decision = slow.pop(name)
        with self._contained(name, known[name].pair, known[name].memory):
            self._note(name, known[name], stream, self._carry_out(known[name], decision))

    def _know(self, names: Sequence[str]) -> dict[str, Known]:
        try:
            pairs, items = self.aws.alarms.of(names), self.aws.memory.of(names)
        except (ConfigurationError, TransientError) as error:
            self.results |= {name: _failed(name, {}, Memory(), error) for name in names}
            return {}
        known = {}
        for name in names:
            if name not in pairs:
                self.results[name] = _unmanaged(name)
                continue
            pair, memory = pairs[name], None
            with self._contained(name, pair):
                memory = parse(items.get(name))
            if memory is not None:
                with self._contained(name, pair, memory):
                    settings, _ = read_settings(pair)
                    alarms = {direction: read_alarm(described) for direction, described in pair.items()}
                    known[name] = Known(pair, memory, settings, alarms)
        return known

    def _traffic(self, known: Mapping[str, Known]) -> dict[str, Traffic]:
        """That of the streams that are decided by it: with policy `target` always, otherwise on a tick."""
        minutes = {
            name: TARGET_MINUTES if facts.settings.policy is Policy.TARGET else STEP_MINUTES
            for name, facts in known.items()
            if facts.settings.policy is Policy.TARGET or name in self.ticked
        }
        if not minutes:
            return {}
        try:
            return self.aws.metrics.traffic(minutes, self.now)
        except (ConfigurationError, TransientError) as error:
            # The alarms still tell which streams need more, and a busy stream should not wait for its figures.
            logger.error("traffic", extra={"streams": sorted(minutes), "reason": str(error)})
            return {}

    def _decide(self, name: str, facts: Known, traffic: Traffic | None) -> tuple[Stream | None, Decision]:
        stream = self.aws.streams.summary(name)
        decision = self._decided(facts, stream, traffic, None)
        if stream and decision.shards is not None and decision.shards > stream.open_shards:
            decision = self._decided(facts, stream, traffic, self._quota_left())
        if decision.outcome is Outcome.HOT:
            decision = replace(decision, reason=f"{decision.reason} {self._hot_shards(name)}")
        return stream, decision

    def _decided(
        self, facts: Known, stream: Stream | None, traffic: Traffic | None, quota_left: int | None
    ) -> Decision:
        return decide(
            self.now, facts.settings, stream, facts.alarms, facts.memory, traffic, quota_left, dry_run=self.dry_run
        )

    def _quota_left(self) -> int | None:
        """None when it cannot be read: then AWS itself refuses what is too much."""
        try:
            return self.aws.limits.left()
        except TransientError as error:
            logger.warning("quota", extra={"reason": str(error)})
            return None

    def _hot_shards(self, name: str) -> str:
        try:
            return hot.words(self.aws.metrics.shard_usage(name, self.aws.streams.open_shards(name), self.now))
        except (BeingChanged, ConfigurationError, Gone, TransientError) as error:
            return f"Which one, could not be read: {error}."

    def _resize(self, facts: Known, stream: Stream, decision: Decision, shards: int) -> Decision:
        done = act.resize(self.aws, self.now, facts.pair, facts.memory, decision, shards)
        if done.shards is not None:
            self.aws.limits.took(max(0, shards - stream.open_shards))
        return done

    def _carry_out(self, facts: Known, decision: Decision) -> Decision:
        settings = None if self.dry_run else facts.settings
        return act.carry_out(self.aws, self.now, facts.pair, facts.memory, decision, settings)

    def _note(self, name: str, facts: Known, stream: Stream | None, decision: Decision) -> None:
        self.results[name] = Result(name, decision, stream.open_shards if stream else None, _states(facts.pair))

    @contextmanager
    def _contained(
        self, name: str, pair: Mapping[Direction, Described], memory: Memory | None = None
    ) -> Iterator[None]:
        """Where trouble with one stream ends. `memory`: None where it could not be read."""
        try:
            yield
        except ConfigurationError as error:
            self.results[name] = self._misconfigured(name, pair, memory, error)
        except TransientError as error:
            self.results[name] = _failed(name, _states(pair), memory or Memory(), error)
        except Exception as error:  # the one place where a stream's trouble is kept from the other streams
            logger.exception("stream failed unexpectedly", extra={"stream": name})
            self.results[name] = _failed(name, _states(pair), memory or Memory(), error)

    def _misconfigured(
        self, name: str, pair: Mapping[Direction, Described], memory: Memory | None, error: ConfigurationError
    ) -> Result:
        """Nothing is done about the stream but that its alarms may fire again once somebody has corrected it."""
        states = _states(pair)
        failed = _failed(name, states, memory or Memory(), error)
        if memory is None:
            return failed
        decision = left_alone(self.now, states, memory, Outcome.FAILED, failed.decision.rule, failed.decision.reason)
        try:
            decision = act.carry_out(self.aws, self.now, pair, memory, decision)
        except (ConfigurationError, TransientError):
            return failed  # what it was first has to be corrected first
        return Result(name, decision, None, states)


def _states(pair: Mapping[Direction, Described]) -> dict[Direction, AlarmState]:
    return {direction: described.state for direction, described in pair.items()}


def _failed(name: str, states: Mapping[Direction, AlarmState], memory: Memory, error: Exception) -> Result:
    if isinstance(error, ConfigurationError):
        sentence = f"{str(error)[:1].upper()}{str(error)[1:].rstrip('.')}."
        return Result(name, Decision(Outcome.FAILED, "settings", sentence, memory), None, states)
    known = isinstance(error, TransientError)
    reason = str(error) if known else f"{type(error).__name__}: {error}"
    return Result(name, Decision(Outcome.FAILED, "aws" if known else "bug", reason, memory), None, states, again=True)


def _unmanaged(name: str) -> Result:
    reason = f"There are no alarms of the stream {name}: add it to the settings, or tag it where tags are looked for."
    return Result(name, Decision(Outcome.UNMANAGED, "unknown", reason, Memory()), None, {})
