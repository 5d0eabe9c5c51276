"""Keep the alarms of discovered streams as their tags have it: make, change and delete those that the function owns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler import definition, description
from kinesis_autoscaler.definition import Described
from kinesis_autoscaler.gateway import Gateway
from kinesis_autoscaler.gateway.alarms import Pairs
from kinesis_autoscaler.model import (
    AlarmState,
    Bounds,
    Decision,
    Direction,
    Memory,
    Outcome,
    StreamSettings,
    StreamStatus,
)
from kinesis_autoscaler.result import Result
from kinesis_autoscaler.settings import Settings
from kinesis_autoscaler.tags import TAG, read_tags


@dataclass(frozen=True, slots=True)
class Discoverer:
    """Compares tags and alarms. `deployment`: the function's name. `in_time`: whether there is time for another."""

    aws: Gateway
    settings: Settings
    deployment: str
    in_time: Callable[[], bool]

    def discover(self, pairs: Pairs) -> tuple[list[Result], bool]:
        """What came of the streams whose alarms differ from their tags, and whether all were dealt with in time.

        `pairs` are all alarms there are. Raises ConfigurationError and TransientError when tags cannot be read: then
        nothing is changed. A stream whose tags are wrong keeps the alarms that it has.
        """
        discovery = self.settings.discovery
        tagged = self.aws.tagged.streams(TAG) if discovery else {}
        results: list[Result] = []
        kept = set()
        for name, tags in sorted(tagged.items()):
            pair = pairs.get(name, {})
            try:
                wanted = read_tags(name, tags, self.settings, discovery) if discovery else None
                if wanted is None:
                    continue
                kept.add(name)
                if _owned_by_others(pair) or _as_wanted(pair, wanted):
                    continue
                if results and not self.in_time():
                    return results, False
                results.append(self._bring_in_line(wanted, pair))
            except ConfigurationError as error:
                kept.add(name)
                results.append(
                    _result(name, pair, Outcome.FAILED, "tags", f"{error}. Its alarms are left as they are.")
                )
            except TransientError as error:
                results.append(_result(name, pair, Outcome.FAILED, "aws", f"{error}. Tried again by the next tick."))
        return results + self._forget({name: pair for name, pair in pairs.items() if name not in kept}), True

    def _bring_in_line(self, wanted: StreamSettings, pair: Mapping[Direction, Described]) -> Result:
        stream = self.aws.streams.summary(wanted.name)
        if stream is None or stream.status is StreamStatus.DELETING:
            return _result(wanted.name, pair, Outcome.UNMANAGED, "vanished", "The stream is gone, or being deleted.")
        if stream.on_demand:
            reason = "The stream is on-demand: AWS scales it; take its tag off, or make it provisioned."
            return _result(wanted.name, pair, Outcome.UNMANAGED, "on-demand", reason)
        if stream.status is not StreamStatus.ACTIVE:
            reason = f"The stream is {stream.status.lower()}: its alarms are made by the next tick."
            return _result(wanted.name, pair, Outcome.WAITING, "changing", reason)
        for direction in Direction:
            park = direction is Direction.DOWN and stream.open_shards <= wanted.bounds.minimum
            self.aws.alarms.put(
                definition.make(
                    self.deployment,
                    wanted,
                    direction,
                    stream.open_shards,
                    self.settings.topic_arn,
                    park=park,
                    discovered=True,
                )
            )
            # It went on by what it was before, and is believed only if it goes on again.
            if direction in pair and pair[direction].state is AlarmState.ALARM:
                self.aws.alarms.rearm(pair[direction].name, "Its definition has changed with the tags of its stream.")
        reason = (
            f"Its alarms are {'changed' if pair else 'made'} for its tags: {wanted.policy}, {_words(wanted.bounds)}."
        )
        return _result(wanted.name, pair, Outcome.REPAIRED, "discovered", reason)

    def _forget(self, unwanted: Pairs) -> list[Result]:
        """Delete the alarms of ours whose streams are not tagged any more."""
        ours = {name: pair for name, pair in unwanted.items() if pair and not _owned_by_others(pair)}
        if ours:
            self.aws.alarms.delete([described.name for pair in ours.values() for described in pair.values()])
        reason = "It is not tagged any more: its alarms are deleted."
        return [_result(name, pair, Outcome.UNMANAGED, "untagged", reason) for name, pair in ours.items()]


def _words(bounds: Bounds) -> str:
    return f"{bounds.minimum} to {bounds.maximum} shards"


def _owned_by_others(pair: Mapping[Direction, Described]) -> bool:
    """Whether one of the alarms was not made for a tag, or cannot be told to be."""
    return not all(_discovered(described) for described in pair.values())


def _discovered(described: Described) -> bool:
    try:
        return description.parse(described.definition.get("AlarmDescription", "")).discovered
    except ConfigurationError:
        return False


def _as_wanted(pair: Mapping[Direction, Described], wanted: StreamSettings) -> bool:
    try:
        return bool(pair) and definition.read_settings(pair) == (wanted, True)
    except (ConfigurationError, TransientError):
        return False


def _result(name: str, pair: Mapping[Direction, Described], outcome: Outcome, rule: str, reason: str) -> Result:
    states = {direction: described.state for direction, described in pair.items()}
    return Result(name, Decision(outcome, rule, reason, Memory()), None, states)
