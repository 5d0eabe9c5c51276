"""What came of one stream, as it is logged, measured and returned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinesis_autoscaler.model import AlarmState, Decision, Direction, Outcome


@dataclass(frozen=True, slots=True)
class Result:
    """`shards` are those that were open before, None where that is not known; `states` those of its alarms then.

    `again`: it failed for a reason that may pass, and is to be tried again.
    """

    stream: str
    decision: Decision
    shards: int | None
    states: Mapping[Direction, AlarmState]
    again: bool = False

    @property
    def failed(self) -> bool:
        """Whether somebody, or another attempt, has to put something right."""
        return self.decision.outcome is Outcome.FAILED

    def row(self, now: datetime, *, dry_run: bool) -> dict[str, Any]:
        """As a log line and an answer show it."""
        decision = self.decision
        return {
            "stream": self.stream,
            "outcome": decision.outcome.value,
            "rule": decision.rule,
            "reason": decision.reason,
            "shards_before": self.shards,
            "shards": decision.shards,
            "wanted": decision.wanted,
            "usage": decision.usage,
            "calls_left": decision.memory.calls_left(now),
            "goal": decision.memory.goal,
            "dry_run": dry_run,
            "alarms": {direction.value: state.value for direction, state in self.states.items()},
        }
