from datetime import UTC, datetime
from typing import Any

import pytest
from matplotlib.colors import to_hex

from scenes.redshift_maintenance_sync import draw, picture, ticks
from scenes.redshift_maintenance_sync.inbox import Alarm, Notice, fired
from scenes.redshift_maintenance_sync.promises import broken


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"clusters": 8}, "nine clusters are looked at, not 8"),
        ({"runs": 364}, "365 times, not 364"),
        ({"one_announced_date": False}, "one announced date"),
        ({"joined": {}}, "joins the date of the others"),
        ({"second_tick_changed": 2}, "the second tick changes nothing, not 2 clusters"),
        ({"second_tick_writes": 1}, "the second tick writes nothing, not 1 things"),
        ({"alarms_fired": []}, "the alarm unexpected-maintenance"),
    ],
)
def test_a_broken_promise_is_named(facts: dict[str, Any], change: dict[str, Any], sentence: str) -> None:
    assert broken(facts) == []
    (said,) = broken({**facts, **change})
    assert sentence in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"unannounced": 1}, "no maintenance is unannounced, not 1"),
        ({"as_announced": 1}, "all other maintenance comes when it was announced, not 1 of 3"),
        ({"mandatory": 0, "maintenances": 2}, "one node is replaced, not 0"),
        ({"maintenances": 1, "as_announced": 0}, "not 0 of 1"),
    ],
)
def test_our_rule_has_to_keep_every_date(facts: dict[str, Any], change: dict[str, int], sentence: str) -> None:
    facts["year"]["ours"] |= change
    (said,) = broken(facts)
    assert sentence in said


def test_alarms_go_off_and_are_over() -> None:
    day = [datetime(2026, 1, number, tzinfo=UTC) for number in range(1, 6)]
    notices = [
        Notice("errors", day[0], "INSUFFICIENT_DATA", "OK"),
        Notice("drift", day[0], "OK", "ALARM"),
        Notice("silent", day[1], "INSUFFICIENT_DATA", "ALARM"),
        Notice("drift", day[2], "ALARM", "OK"),
        Notice("drift", day[3], "OK", "ALARM"),
    ]
    assert fired(notices) == [
        Alarm("drift", day[0], day[2]),
        Alarm("silent", day[1], None),
        Alarm("drift", day[3], None),
    ]
    alarm = Alarm("ours-drift", day[0], None)
    assert alarm.as_facts("ours") == {"alarm": "drift", "off": "2026-01-01T00:00:00+00:00", "over": None}


@pytest.mark.parametrize(
    ("reason", "short"),
    [
        ("window a becomes b; deferred until c, maintenance is announced for d (the next date)", "the next date"),
        (
            "window a becomes b; deferred until c by close (somebody else's), maintenance is announced for d",
            "deferred until c by close (somebody else's)",
        ),
        ("its status is 'paused', changes need 'available'; tried again in the next run", "its status is 'paused'"),
        ("opted out by its tag t", "opted out by its tag t"),
    ],
)
def test_reasons_are_cut_to_what_has_no_column(reason: str, short: str) -> None:
    assert ticks.short(reason) == short


def test_rows_show_both_sides_of_a_change(facts: dict[str, Any]) -> None:
    ((name, window, deferred, following, outcome, reason),) = ticks.rows(facts)
    assert (name, outcome, reason) == ("sales", "changed", "at most 30 days after <the last>")
    assert window == "mon:03:00-mon:03:30\nsat:05:00-sat:05:30"
    assert deferred == "-\n2026-01-31 04:30"
    assert following == "2026-01-12 03:00\n2026-01-31 05:00"
    facts["after"] = facts["before"]
    assert ticks.rows(facts)[0][1] == "mon:03:00-mon:03:30"


def test_what_differs_is_named() -> None:
    assert ticks.differing({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 3, "d": 4}) == ["b", "c", "d"]
    look = {"window": "w", "deferred_until": None}
    assert ticks.settings({"a": {**look, "next_maintenance": 1}}) == ticks.settings(
        {"a": {**look, "next_maintenance": 2}}
    )


def test_the_calendar_marks_what_was_kept_and_what_was_not(facts: dict[str, Any]) -> None:
    chapter = draw(facts)
    ours, published = chapter.pictures[0].figure.axes
    assert [label.get_text() for label in ours.get_yticklabels()] == ["sales", "sandbox"]
    assert _marks(ours) == {picture.KEPT: 1, picture.MANDATORY: 1, picture.EARLIER: 1}
    assert _marks(published) == {picture.MISSED: 1, picture.UNTOLD: 1, picture.EARLIER: 1}


def _marks(axes: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in axes.lines:
        if line.get_marker() in {"o", "D", "X", "s"} and line.get_markerfacecolor() != "none":
            colour = to_hex(line.get_markerfacecolor())
            found[colour] = found.get(colour, 0) + 1
    return found


def test_panels_say_their_figures_and_fit(facts: dict[str, Any]) -> None:
    (shown,) = draw(facts).pictures
    ours, published = shown.figure.axes
    assert "3 maintenances: 2 when announced, 1 mandatory; largest error 0 hours" in ours.get_title(loc="left")
    assert "2 on another day (typically 5 days off, at most 7.3)" in published.get_title(loc="left")
    shown.figure.draw_without_rendering()
    width = shown.figure.bbox.width
    for title in (ours, published):
        assert title._left_title.get_window_extent().x1 < width
    assert "3 maintenances: 0 when announced" in shown.description
