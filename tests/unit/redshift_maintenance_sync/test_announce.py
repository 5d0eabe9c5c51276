"""What is told of a group's date, when, and in which words; and the calendar that goes with it."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from redshift_maintenance_sync.announce import (
    Announcement,
    GroupDate,
    Kind,
    Replacement,
    Straggler,
    Told,
    announce,
    calendar,
)

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DATE = datetime(2026, 12, 19, 5, tzinfo=UTC)
DAY = timedelta(days=1)
SALES = "123456789012/eu-central-1/sales"
PROD = GroupDate("prod", DATE, 30, ZoneInfo("Europe/Berlin"), (SALES,))
FIXED = Replacement(SALES, "REDSHIFT-EVENT-3601", NOW, "A node of sales will be replaced on 2026-11-30.\nBe ready.")
DEFERRABLE = Replacement(SALES, "REDSHIFT-EVENT-3602", NOW - DAY, "A node of sales is to be replaced.")
TOLD = Told(DATE, 30, sequence=3, version=7)


def tell(
    now: datetime = NOW, group_date: GroupDate = PROD, told: Told = TOLD, *replacements: Replacement
) -> tuple[list[Announcement], Told]:
    return announce(now, (14, 7, 1), "blue-sync", group_date, replacements, told)


def only(announcements: list[Announcement]) -> Announcement:
    (announcement,) = announcements
    return announcement


def test_the_first_date_is_told() -> None:
    announcements, told = tell(told=Told())
    announcement = only(announcements)
    assert told == Told(DATE, 30, sequence=0, version=1)
    assert (announcement.kind, announcement.group) == (Kind.SCHEDULED, "prod")
    assert announcement.subject == "Redshift maintenance of prod: Sat 2026-12-19 05:00 UTC"
    assert "Saturday 2026-12-19 06:00 to 06:30 Europe/Berlin (Saturday 2026-12-19 05:00 to 05:30 UTC)" in (
        announcement.text
    )
    assert announcement.document == {
        "kind": "scheduled",
        "group": "prod",
        "date": "2026-12-19T05:00:00+00:00",
        "window_end": "2026-12-19T05:30:00+00:00",
        "time_zone": "Europe/Berlin",
        "clusters": [SALES],
        "exceptions": [],
        "sequence": 0,
        "uid": "prod@blue-sync.redshift-maintenance-sync",
        "deployment": "blue-sync",
    }
    assert json.loads(json.dumps(announcement.document)) == announcement.document


def test_a_date_that_replaces_one_to_come_is_told_with_both() -> None:
    sooner = replace(PROD, date=DATE - 7 * DAY)
    announcements, told = tell(group_date=sooner)
    announcement = only(announcements)
    assert announcement.kind is Kind.MOVED
    assert announcement.subject == "Redshift maintenance of prod moved to Sat 2026-12-12 05:00 UTC"
    assert "From: Saturday 2026-12-19 06:00 to 06:30 Europe/Berlin" in announcement.text
    assert "To:   Saturday 2026-12-12 06:00 to 06:30 Europe/Berlin" in announcement.text
    assert announcement.document["moved_from"] == "2026-12-19T05:00:00+00:00"
    assert announcement.document["moved_from_end"] == "2026-12-19T05:30:00+00:00"
    assert told == Told(DATE - 7 * DAY, 30, sequence=4, version=8)


def test_another_length_of_the_window_is_told_with_both() -> None:
    longer = replace(PROD, window_minutes=90)
    announcements, told = tell(group_date=longer)
    announcement = only(announcements)
    assert announcement.kind is Kind.MOVED
    assert announcement.subject == "Redshift maintenance of prod, Sat 2026-12-19 05:00 UTC: now 90 minutes"
    assert "From: Saturday 2026-12-19 06:00 to 06:30 Europe/Berlin" in announcement.text
    assert "To:   Saturday 2026-12-19 06:00 to 07:30 Europe/Berlin" in announcement.text
    assert announcement.document["moved_from_end"] == "2026-12-19T05:30:00+00:00"
    assert announcement.document["window_end"] == "2026-12-19T06:30:00+00:00"
    assert told == Told(DATE, 90, sequence=4, version=8)
    assert tell(NOW + DAY, longer, told) == ([], told)


def test_a_window_that_is_open_is_not_told_to_be_another_but_the_calendar_shows_it() -> None:
    announcements, told = tell(DATE + timedelta(minutes=1), replace(PROD, window_minutes=90))
    assert announcements == []
    assert (told.window_minutes, told.sequence) == (90, 4)


def test_the_date_after_one_that_has_passed_was_not_moved() -> None:
    announcements, told = tell(told=Told(NOW - DAY, 30, sequence=3, days=frozenset({14, 7, 1}), version=7))
    assert only(announcements).kind is Kind.SCHEDULED
    assert told == Told(DATE, 30, sequence=4, version=8)


@pytest.mark.parametrize(
    ("ahead", "days", "told_then", "says"),
    [
        (timedelta(days=14, minutes=1), set(), set(), None),
        (timedelta(days=14), set(), {14}, "in 14 days"),
        (timedelta(days=13), {14}, {14}, None),
        (timedelta(days=6), {14}, {14, 7}, "in 6 days"),
        (timedelta(days=1), {14, 7}, {14, 7, 1}, "tomorrow"),
        (timedelta(hours=2), set(), {14, 7, 1}, "today"),
        (timedelta(days=10), {1}, {14, 1}, None),
        (timedelta(0), {14, 7}, {14, 7}, None),
        (timedelta(days=-1), set(), set(), None),
    ],
)
def test_a_date_is_called_to_mind_once_for_each_of_the_days_ahead(
    ahead: timedelta, days: set[int], told_then: set[int], says: str | None
) -> None:
    announcements, told = tell(DATE - ahead, told=replace(TOLD, days=frozenset(days)))
    assert told.days == told_then
    assert told.sequence == TOLD.sequence, "the date has not changed"
    if says is None:
        assert announcements == []
    else:
        announcement = only(announcements)
        assert announcement.kind is Kind.REMINDER
        assert announcement.subject == f"Redshift maintenance of prod {says}: Sat 2026-12-19 05:00 UTC"


def test_who_hears_of_a_new_date_is_not_reminded_of_it_at_once() -> None:
    announcements, told = tell(DATE - 5 * DAY, told=Told())
    assert only(announcements).kind is Kind.SCHEDULED
    assert told.days == {14, 7}
    assert tell(DATE - 4 * DAY, told=told) == ([], told)
    assert only(tell(DATE - DAY, told=told)[0]).kind is Kind.REMINDER


def test_a_window_that_is_over_is_not_told() -> None:
    announcements, told = tell(DATE + timedelta(minutes=30), told=Told())
    assert announcements == []
    assert (told.date, told.sequence) == (DATE, 0), "the calendar shows it"
    assert only(tell(DATE + timedelta(minutes=29), told=Told())[0]).kind is Kind.SCHEDULED


@pytest.mark.parametrize("group_date", [replace(PROD, date=None), replace(PROD, members=())])
def test_a_group_without_a_date_or_clusters_tells_of_replacements_alone(group_date: GroupDate) -> None:
    assert tell(group_date=group_date, told=TOLD) == ([], TOLD)
    announcements, told = tell(NOW, group_date, TOLD, FIXED)
    announcement = only(announcements)
    assert (announcement.kind, announcement.document["date"]) == (Kind.REPLACEMENT, None)
    assert (told.date, told.sequence) == (TOLD.date, TOLD.sequence)


def test_replacements_are_told_as_what_they_are_and_once() -> None:
    announcements, told = tell(NOW, PROD, TOLD, FIXED, DEFERRABLE, FIXED)
    first, second = announcements
    assert first.subject == "Redshift replaces a node of sales, which can be deferred"
    assert "owner of the cluster can defer it" in first.text
    assert second.subject == "Redshift replaces a node of sales, which cannot be moved"
    assert "Nobody can defer or move it" in second.text
    assert "A node of sales will be replaced on 2026-11-30. Be ready." in second.text
    assert second.document["kind"] == "replacement"
    assert second.document["replacement"] == {
        "cluster": SALES,
        "event_id": "REDSHIFT-EVENT-3601",
        "at": "2026-11-24T10:00:00+00:00",
        "message": FIXED.message,
        "deferrable": False,
    }
    assert first.document["replacement"]["deferrable"] is True
    assert (told.sequence, told.version) == (TOLD.sequence, TOLD.version + 1)
    assert tell(NOW + DAY, PROD, told, FIXED, DEFERRABLE) == ([], told)
    again = replace(FIXED, at=NOW + DAY)
    assert len(tell(NOW + DAY, PROD, told, FIXED, again)[0]) == 1, "each report of Redshift's is one"


def test_replacements_are_forgotten_once_redshift_reports_them_no_more() -> None:
    far = replace(PROD, date=NOW + 40 * DAY)
    _, told = tell(NOW, far, replace(TOLD, date=far.date), FIXED)
    assert tell(NOW + 15 * DAY - timedelta(minutes=1), far, told) == ([], told)
    announcements, told = tell(NOW + 15 * DAY, far, told)
    assert (announcements, told.replacements) == ([], frozenset())
    assert tell(NOW + 15 * DAY, far, told, FIXED) == ([], told), "too old to be news"


def test_another_event_is_no_replacement() -> None:
    with pytest.raises(ValueError, match="REDSHIFT-EVENT-2003 does not report"):
        replace(FIXED, event_id="REDSHIFT-EVENT-2003")


def test_texts_name_twenty_clusters_and_count_the_others() -> None:
    members = tuple(f"123456789012/us-east-1/c{number:02}" for number in range(23))
    text = only(tell(group_date=replace(PROD, members=members), told=Told())[0]).text
    assert "Clusters (23):\n  123456789012/us-east-1/c00\n" in text
    assert "c19\n  and 3 more" in text
    assert "c20" not in text
    assert (
        "more" not in only(tell(group_date=replace(PROD, members=members[:20]), told=Told())[0]).text.split("\n\n")[2]
    )


def test_clusters_that_do_not_follow_are_told_with_the_reason() -> None:
    paused = Straggler("123456789012/us-east-1/paused", None, "it is paused")
    foreign = Straggler("123456789012/us-east-1/foreign", DATE + DAY, "deferred by\nsomebody else")
    group_date = replace(PROD, members=(SALES, paused.key), exceptions=(paused, foreign))
    announcement = only(tell(group_date=group_date, told=Told())[0])
    assert "Clusters (1):\n  123456789012/eu-central-1/sales\n\nNot on this date (2):" in announcement.text
    assert "/foreign: deferred by somebody else (its own date: 2026-12-20 05:00 UTC)" in announcement.text
    assert "/paused: it is paused\n" in announcement.text
    assert announcement.document["clusters"] == [SALES]
    assert announcement.document["exceptions"] == [
        {
            "cluster": foreign.key,
            "announced": "2026-12-20T05:00:00+00:00",
            "reason": "deferred by\nsomebody else",
        },
        {"cluster": paused.key, "announced": None, "reason": "it is paused"},
    ]


def test_a_group_in_utc_is_told_one_time_and_a_window_past_midnight_two_days() -> None:
    late = replace(PROD, date=DATE.replace(hour=23, minute=45), time_zone=ZoneInfo("UTC"))
    text = only(tell(group_date=late, told=Told())[0]).text
    assert "When: Saturday 2026-12-19 23:45 to Sunday 2026-12-20 00:15 UTC\n" in text


def test_subjects_are_what_sns_takes() -> None:
    group_date = replace(PROD, group="g" * 32, members=("x",))
    long = replace(FIXED, cluster=f"123456789012/us-east-1/{'ä' * 63}")
    told = (
        tell(group_date=group_date, told=Told())[0]
        + tell(group_date=group_date, told=Told(DATE + DAY, 30))[0]
        + tell(DATE - 14 * DAY, group_date)[0]
        + tell(NOW, PROD, TOLD, long)[0]
    )
    assert [item.kind for item in told] == list(Kind)
    for announcement in told:
        assert announcement.subject.isascii()
        assert announcement.subject.isprintable()
        assert 0 < len(announcement.subject) <= 100


def entry(text: str) -> Any:
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return event


def test_the_calendar_is_one_that_calendars_read() -> None:
    group_date = replace(PROD, members=tuple(f"123456789012/us-east-1/c{number}" for number in range(30)))
    text = calendar("blue-sync", group_date, TOLD, NOW)
    whole = Calendar.from_ical(text)
    assert (whole["METHOD"], whole["VERSION"]) == ("PUBLISH", "2.0")
    event = entry(text)
    assert event["UID"] == "prod@blue-sync.redshift-maintenance-sync"
    assert event["SEQUENCE"] == 3
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (DATE, DATE + timedelta(minutes=30))
    assert event["DTSTAMP"].dt == NOW
    assert event["STATUS"] == "CONFIRMED"
    assert event["SUMMARY"] == "Redshift maintenance: prod"
    assert "ORGANIZER" in event, "RFC 5546 demands one of what is published"
    assert "and 10 more" in event["DESCRIPTION"]
    assert not event.errors
    assert "DTSTART:20261219T050000Z\r\n" in text, "in UTC, which needs no VTIMEZONE"


def test_the_lines_of_the_calendar_are_folded() -> None:
    lines = calendar("b" * 64, replace(PROD, members=("x" * 300,)), TOLD, NOW).encode().split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert any(line.startswith(b" ") for line in lines)
    assert not any(b"\n" in line for line in lines)


def test_a_group_without_a_date_has_no_calendar() -> None:
    with pytest.raises(ValueError, match="prod has no date"):
        calendar("blue-sync", replace(PROD, date=None), TOLD, NOW)


STEPS = st.lists(
    st.tuples(
        st.timedeltas(timedelta(0), timedelta(days=20)),
        st.none() | st.integers(-2, 60),
        st.lists(st.tuples(st.sampled_from([FIXED, DEFERRABLE]), st.integers(0, 16)), max_size=2),
    ),
    max_size=12,
)


@given(STEPS)
def test_sequence_never_falls_and_nothing_is_told_twice(
    steps: list[tuple[timedelta, int | None, list[tuple[Replacement, int]]]],
) -> None:
    now, told, uids, heard = NOW, Told(), set(), []
    for passed, days, reports in steps:
        now += passed
        group_date = replace(PROD, date=None if days is None else now + days * DAY)
        events = [replace(event, at=now - age * DAY) for event, age in reports]
        announcements, after = tell(now, group_date, told, *events)
        assert tell(now, group_date, after, *events) == ([], after)
        changed = after.date != told.date
        assert after.sequence == told.sequence + changed
        assert after.version == told.version + (after != told)
        assert sum(item.kind is not Kind.REPLACEMENT for item in announcements) <= 1, "one word of the date at a time"
        uids |= {item.document["uid"] for item in announcements}
        heard += [str(item.document["replacement"]) for item in announcements if item.kind is Kind.REPLACEMENT]
        if group_date.date is not None:
            event = entry(calendar("blue-sync", group_date, after, now))
            assert event["SEQUENCE"] == after.sequence
            uids.add(str(event["UID"]))
        told = after
    assert uids <= {"prod@blue-sync.redshift-maintenance-sync"}
    assert len(heard) == len(set(heard))


def test_a_cold_start_does_not_pay_for_the_calendar() -> None:
    code = (
        "import sys; import redshift_maintenance_sync.handler, redshift_maintenance_sync.announce, "
        "redshift_maintenance_sync.gateway.announcements; print('icalendar' in sys.modules)"
    )
    path = f"import sys; sys.path[:0] = {[entry for entry in sys.path if entry]!r}; "
    asked = subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=False)
    assert (asked.stdout, asked.stderr) == ("False\n", "")
