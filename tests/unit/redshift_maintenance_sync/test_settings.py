"""The document that the Terraform module writes, where it is found, and what is refused of it."""

import copy
import json
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from common.errors import ConfigurationError
from redshift_maintenance_sync.model import Alignment, Day, ForeignDeferments, Mode, Week
from redshift_maintenance_sync.settings import (
    AnnouncementSettings,
    GroupSettings,
    MemberAccount,
    Schedule,
    Selector,
    Settings,
    read_settings,
)

SCHEDULE = {
    "mode": "interval",
    "day": "sat",
    "hour": 6,
    "minute": 0,
    "window_minutes": 30,
    "time_zone": "Australia/Sydney",
    "deferment_days": 45,
    "deferment_cap_days": 45,
    "week": None,
}
CALENDAR = {**SCHEDULE, "mode": "calendar", "week": "second", "deferment_days": None}
DOCUMENT = {
    "selector": {"tags": {"stage": "prod"}, "opt_out_tag": "out"},
    "schedule": SCHEDULE,
    "groups": {"canary": {"tags": {"ring": "0"}, "schedule": CALENDAR}},
    "regions": ["eu-central-1", "us-east-1"],
    "accounts": {"210987654321": {"role_arn": "arn:aws:iam::210987654321:role/sync", "external_id": None}},
    "alignment": "window",
    "foreign_deferments": "respect",
    "state_table": "states",
    "dry_run": True,
    "announcements": {
        "topic_arn": "arn:aws:sns:us-east-1:123456789012:t",
        "bucket": None,
        "prefix": "m/",
        "days_ahead": [7, 1],
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """DOCUMENT with another value at a path of keys, or without that key where the value is ...."""
    document: Any = copy.deepcopy(DOCUMENT)
    *parents, last = path.split("/")
    inner = document
    for key in parents:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return dict(document)


def test_reads_what_the_module_writes() -> None:
    sydney = ZoneInfo("Australia/Sydney")
    calendar = Schedule(Mode.CALENDAR, Day.SAT, 6, 0, 30, sydney, 45, week=Week.SECOND)
    found = Settings.parse(json.loads(json.dumps(DOCUMENT)))
    assert found == Settings(
        selector=Selector({"stage": "prod"}, "out"),
        schedule=Schedule(Mode.INTERVAL, Day.SAT, 6, 0, 30, sydney, 45, deferment_days=45),
        groups={"canary": GroupSettings({"ring": "0"}, calendar)},
        regions=("eu-central-1", "us-east-1"),
        accounts={"210987654321": MemberAccount("arn:aws:iam::210987654321:role/sync")},
        alignment=Alignment.WINDOW,
        foreign_deferments=ForeignDeferments.RESPECT,
        state_table="states",
        dry_run=True,
        announcements=AnnouncementSettings("arn:aws:sns:us-east-1:123456789012:t", (7, 1), "m/"),
    )
    assert set(found.rules()) == {"canary", "default"}
    assert found.rules()["canary"].schedule == calendar
    assert Settings.parse(changed("announcements", None)).announcements is None


@pytest.mark.parametrize("path", ["selector", "schedule", "schedule/mode", "groups/canary/tags", "regions", "dry_run"])
def test_everything_that_decides_is_needed(path: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{path.replace('/', '.')} is missing"):
        Settings.parse(changed(path, ...))


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("schedule/day", "saturday", "schedule.day is 'saturday', one of mon"),
        ("schedule/hour", 24, "schedule.hour is 24, a whole number from 0 to 23"),
        ("schedule/hour", 6.5, "schedule.hour is 6.5"),
        ("schedule/hour", True, "schedule.hour is True"),
        ("schedule/hour", None, "schedule.hour is None"),
        ("groups/canary/schedule/time_zone", "Mars/Olympus", "groups.canary.schedule.time_zone is 'Mars/Olympus'"),
        ("groups/canary/tags", ["a"], "groups.canary.tags is ['a'], an object is accepted"),
        ("regions", "us-east-1", "regions is 'us-east-1', a list is accepted"),
        ("regions", ["us-east-1", ""], "regions[1] is '', a text that is not empty is accepted"),
        ("accounts/210987654321/role", "x", "accounts.210987654321.role is not known"),
        ("announcements/days_ahead", [0], "announcements.days_ahead[0] is 0, a whole number from 1 to 60"),
        ("dry_run", "no", "dry_run is 'no', true or false is accepted"),
        ("state_table", " ", "state_table is ' '"),
    ],
)
def test_refuses(path: str, value: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.parse(changed(path, value))
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("schedule/week", "last", "schedule: mode interval takes no week"),
        ("schedule/deferment_days", None, "schedule: mode interval needs deferment_days"),
        ("schedule/deferment_days", 46, "schedule: deferment_days must not exceed deferment_cap_days"),
        ("groups/canary/schedule/week", None, "groups.canary.schedule: mode calendar needs week"),
        ("groups/canary/schedule/deferment_days", 7, "groups.canary.schedule: mode calendar takes no deferment_days"),
        ("groups/canary/tags", {}, "groups.canary.tags must name at least one tag"),
        ("groups/default", DOCUMENT["groups"]["canary"], "groups.default is the name of"),
        ("regions", [], "regions must name at least one Region"),
        ("alignment", "seed", "alignment seed needs mode interval"),
    ],
)
def test_refuses_what_contradicts_itself(path: str, value: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.parse(changed(path, value))
    assert problem in str(caught.value)


def test_the_published_rule_cannot_adopt() -> None:
    document = {**changed("alignment", "seed"), "groups": {}, "foreign_deferments": "adopt"}
    with pytest.raises(ConfigurationError, match="alignment seed cannot adopt"):
        Settings.parse(document)


def unfetched(bucket: str, key: str) -> bytes:
    raise AssertionError("nothing is to be fetched")


def test_settings_lie_in_the_environment() -> None:
    assert read_settings({"SETTINGS": json.dumps(DOCUMENT)}, unfetched) == Settings.parse(DOCUMENT)


def test_larger_settings_lie_in_an_object_that_is_checked() -> None:
    content = json.dumps(DOCUMENT).encode()
    variables = {"SETTINGS_OBJECT": "bucket/a/key.json", "SETTINGS_SHA256": sha256(content).hexdigest()}
    asked = []

    def fetch(bucket: str, key: str) -> bytes:
        asked.append((bucket, key))
        return content

    assert read_settings(variables, fetch) == Settings.parse(DOCUMENT)
    assert asked == [("bucket", "a/key.json")]
    with pytest.raises(ConfigurationError, match="is not what was deployed"):
        read_settings(variables, lambda bucket, key: content + b" ")


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({}, "SETTINGS is missing"),
        ({"SETTINGS_OBJECT": "bucket/key"}, "SETTINGS is missing"),
        ({"SETTINGS": "{"}, "SETTINGS is no JSON"),
        ({"SETTINGS": "[]"}, "the whole is [], an object is accepted"),
    ],
)
def test_settings_that_cannot_be_read_say_what_to_do(variables: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(variables, unfetched)
    assert problem in str(caught.value)
