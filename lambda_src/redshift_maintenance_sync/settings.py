"""What an operator decides: one JSON document, in the environment or, when it is too large for that, in S3."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from zoneinfo import ZoneInfo

from common.errors import ConfigurationError
from common.settings import (
    from_document,
    from_environment,
    one_of,
    text,
    time_zone,
    true_or_false,
    whole_number,
)
from redshift_maintenance_sync.model import DEFAULT_GROUP, Alignment, Cluster, Day, ForeignDeferments, Mode, Week


@dataclass(frozen=True, slots=True)
class Schedule:
    """When maintenance may happen: weekly, at this local time, for so many minutes (AWS: 30 minutes to 24 hours).

    Mode `interval`: at most `deferment_days` after the last one; 0 aligns windows only. Mode `calendar`: in that `week`
    of the month. `deferment_cap_days`: Redshift's own limit, 45 in the management guide, 60 in the newest API model.
    """

    mode: Annotated[Mode, one_of(Mode)]
    day: Annotated[Day, one_of(Day)]
    hour: Annotated[int, whole_number(0, 23)]
    minute: Annotated[int, whole_number(0, 59)]
    window_minutes: Annotated[int, whole_number(30, 1440)]
    time_zone: Annotated[ZoneInfo, time_zone()]
    deferment_cap_days: Annotated[int, whole_number(45, 60)]
    deferment_days: Annotated[int | None, whole_number(0, 60)] = None
    week: Annotated[Week | None, one_of(Week)] = None

    @property
    def defers(self) -> bool:
        """Whether maintenance is deferred at all, or only windows are aligned."""
        return self.mode is Mode.CALENDAR or self.deferment_days != 0

    def contradictions(self) -> list[str]:
        """What of it cannot be meant together."""
        calendar = self.mode is Mode.CALENDAR
        rules = {
            "mode calendar needs week": calendar and self.week is None,
            "mode calendar takes no deferment_days": calendar and self.deferment_days is not None,
            "mode interval needs deferment_days": not calendar and self.deferment_days is None,
            "mode interval takes no week": not calendar and self.week is not None,
            "deferment_days must not exceed deferment_cap_days": (self.deferment_days or 0) > self.deferment_cap_days,
        }
        return [problem for problem, holds in rules.items() if holds]


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the clusters of one group."""

    schedule: Schedule
    alignment: Alignment
    foreign_deferments: ForeignDeferments

    @property
    def defers(self) -> bool:
        """Whether maintenance is deferred at all, or only windows are aligned."""
        return self.schedule.defers

    @property
    def adopts(self) -> bool:
        """Whether deferments of others are moved to the common date."""
        return self.foreign_deferments is ForeignDeferments.ADOPT


@dataclass(frozen=True, slots=True)
class Selector:
    """Which clusters are looked after: those that carry all of `tags`, and not `opt_out_tag`."""

    tags: dict[str, Annotated[str, text()]]
    opt_out_tag: Annotated[str, text()]

    def admits(self, cluster: Cluster) -> bool:
        """Whether `cluster` is one of them."""
        return cluster.carries(self.tags) and not cluster.opted_out(self.opt_out_tag)


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """A group's clusters, which carry all of `tags`, and their own schedule."""

    tags: dict[str, Annotated[str, text()]]
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class MemberAccount:
    """Another account: the role to assume there, and the external id that it asks for."""

    role_arn: Annotated[str, text()]
    external_id: Annotated[str | None, text()] = None


@dataclass(frozen=True, slots=True)
class AnnouncementSettings:
    """Where dates are announced, and how many days ahead they are called to mind; calendars go to `bucket`, if any."""

    topic_arn: Annotated[str, text()]
    days_ahead: tuple[Annotated[int, whole_number(1, 60)], ...]
    prefix: Annotated[str, text()] = "maintenance/"
    bucket: Annotated[str | None, text()] = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the whole function.

    `schedule` is that of the clusters that no named group claims. `regions` and `accounts` (besides the function's own,
    by id) are where clusters are looked for. `state_table`: a DynamoDB table. `dry_run` changes nothing.
    """

    selector: Selector
    schedule: Schedule
    groups: dict[str, GroupSettings]
    regions: tuple[Annotated[str, text()], ...]
    accounts: dict[str, MemberAccount]
    alignment: Annotated[Alignment, one_of(Alignment)]
    foreign_deferments: Annotated[ForeignDeferments, one_of(ForeignDeferments)]
    state_table: Annotated[str, text()]
    dry_run: Annotated[bool, true_or_false()]
    announcements: AnnouncementSettings | None = None

    def rules(self) -> dict[str, Rules]:
        """The rules of every group by its name, those of the unclaimed clusters included."""
        schedules = {name: group.schedule for name, group in self.groups.items()} | {DEFAULT_GROUP: self.schedule}
        return {name: Rules(schedule, self.alignment, self.foreign_deferments) for name, schedule in schedules.items()}

    @classmethod
    def parse(cls, document: object) -> "Settings":
        """From parsed JSON. Raises ConfigurationError, which names everything that is wrong at once."""
        settings = from_document(cls, document)
        problems = list(settings._contradictions())
        if problems:
            raise ConfigurationError(f"The settings are wrong: {'; '.join(problems)}.")
        return settings

    def _contradictions(self) -> list[str]:
        problems = [f"schedule: {problem}" for problem in self.schedule.contradictions()]
        for name, group in self.groups.items():
            problems += [f"groups.{name}.schedule: {problem}" for problem in group.schedule.contradictions()]
            if not group.tags:
                problems.append(f"groups.{name}.tags must name at least one tag")
        seed = self.alignment is Alignment.SEED
        modes = {rules.schedule.mode for rules in self.rules().values()}
        rules = {
            f"groups.{DEFAULT_GROUP} is the name of the clusters that no group claims": DEFAULT_GROUP in self.groups,
            "regions must name at least one Region": not self.regions,
            "alignment seed needs mode interval": seed and Mode.CALENDAR in modes,
            "alignment seed cannot adopt foreign_deferments: it does nothing while any deferment stands": (
                seed and self.foreign_deferments is ForeignDeferments.ADOPT
            ),
        }
        return problems + [problem for problem, holds in rules.items() if holds]


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the settings are: inline, or in an S3 object (`<bucket>/<key>`) whose SHA-256 (hex) is known."""

    settings: Annotated[str | None, text()] = None
    settings_object: Annotated[str | None, text()] = None
    settings_sha256: Annotated[str | None, text()] = None


def read_settings(variables: Mapping[str, str], fetch: Callable[[str, str], bytes]) -> Settings:
    """The settings that the environment `variables` holds or points to; `fetch` reads an object of a bucket.

    Raises ConfigurationError when there are none, when they are not those that were deployed, or when they are wrong.
    """
    environment = from_environment(Environment, variables)
    if environment.settings is not None:
        return Settings.parse(_json(environment.settings, "SETTINGS"))
    if environment.settings_object is None or environment.settings_sha256 is None:
        raise ConfigurationError(
            "SETTINGS is missing, and so is SETTINGS_OBJECT with SETTINGS_SHA256: apply the module."
        )
    content = fetch(*environment.settings_object.split("/", 1))
    if sha256(content).hexdigest() != environment.settings_sha256:
        raise ConfigurationError(
            f"{environment.settings_object} is not what was deployed (its SHA-256 is another): apply the module again."
        )
    return Settings.parse(_json(content.decode(), environment.settings_object))


def _json(content: str, where: str) -> object:
    try:
        return json.loads(content)
    except ValueError as error:
        raise ConfigurationError(f"{where} is no JSON ({error}): apply the module again.") from error
