"""What an operator decides for all streams: one JSON document in the environment. What is decided for one stream is in
its alarms, or on the tags by which it is discovered.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from common.errors import ConfigurationError
from common.settings import from_document, one_of, text, true_or_false
from kinesis_autoscaler.description import block_minutes
from kinesis_autoscaler.model import AlarmSettings, Bounds, Direction, Policy

DAY_SECONDS = 24 * 3600
WEEK_SECONDS = 7 * DAY_SECONDS
"""API_PutMetricAlarm: an alarm evaluates at most a day of periods that are shorter than an hour, otherwise a week."""

ALARMS = {
    (Policy.STEP, Direction.UP): "scale-up",
    (Policy.STEP, Direction.DOWN): "scale-down",
    (Policy.TARGET, Direction.UP): "target-up",
    (Policy.TARGET, Direction.DOWN): "target-down",
}


@dataclass(frozen=True, slots=True)
class Discovery:
    """How streams are scaled that are found by their tag, as far as their other tags say nothing else."""

    bounds: Bounds
    policy: Annotated[Policy, one_of(Policy)]
    block_minutes: Annotated[int, block_minutes()]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the whole function.

    `topic_arn`: whom alarms tell. `queue_url`: where messages about streams go. `state_table`: a DynamoDB table.
    `alarms`: by the names of ALARMS. `discovery`: None looks for no tags. `dry_run` resizes nothing.
    """

    topic_arn: Annotated[str, text()]
    queue_url: Annotated[str, text()]
    state_table: Annotated[str, text()]
    dry_run: Annotated[bool, true_or_false()]
    alarms: dict[str, AlarmSettings]
    discovery: Discovery | None = None

    def alarm(self, policy: Policy, direction: Direction) -> AlarmSettings:
        """When an alarm of a discovered stream goes off."""
        return self.alarms[ALARMS[policy, direction]]

    @classmethod
    def parse(cls, document: object) -> "Settings":
        """From parsed JSON. Raises ConfigurationError, which names everything that is wrong at once."""
        settings = from_document(cls, document)
        problems = settings._contradictions()
        if problems:
            raise ConfigurationError(f"The settings are wrong: {'; '.join(problems)}.")
        return settings

    def _contradictions(self) -> list[str]:
        problems = [f"alarms.{name} is missing" for name in sorted(set(ALARMS.values()) - self.alarms.keys())]
        problems += [f"alarms.{name} is not known" for name in sorted(self.alarms.keys() - set(ALARMS.values()))]
        for name, alarm in self.alarms.items():
            problems += [f"alarms.{name}.{problem}" for problem in _contradictions(alarm)]
        if self.discovery and self.discovery.bounds.minimum > self.discovery.bounds.maximum:
            problems.append("discovery.bounds.minimum must not exceed discovery.bounds.maximum")
        return problems


def _contradictions(alarm: AlarmSettings) -> list[str]:
    """What of it AWS would not take."""
    longest = DAY_SECONDS if alarm.period_seconds < 3600 else WEEK_SECONDS
    rules = {
        "period_seconds must be a multiple of 60": alarm.period_seconds % 60 != 0,
        "datapoints_to_alarm must not exceed evaluation_periods": alarm.datapoints_to_alarm > alarm.evaluation_periods,
        "evaluation_periods must not reach back further than a day, or a week with periods of an hour and more": (
            alarm.period_seconds * alarm.evaluation_periods > longest
        ),
    }
    return [problem for problem, holds in rules.items() if holds]


def read_settings(variables: Mapping[str, str]) -> Settings:
    """The settings that the environment `variables` holds.

    Raises ConfigurationError when there are none, or when they are wrong.
    """
    if not (content := variables.get("SETTINGS")):
        raise ConfigurationError("SETTINGS is missing: apply the module.")
    try:
        document = json.loads(content)
    except ValueError as error:
        raise ConfigurationError(f"SETTINGS is no JSON ({error}): apply the module again.") from error
    return Settings.parse(document)
