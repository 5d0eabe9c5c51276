from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scenes.redshift_maintenance_sync.figures import count
from scenes.redshift_maintenance_sync.fleet import FLEET, HISTORY, beginning, happenings
from scenes.redshift_maintenance_sync.year import Line, Maintained, joined, pass_time, read

Runs = Callable[..., list[dict[str, Any]]]


def moment(day: int, hour: int = 5) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def done(day: int, mandatory: bool = False) -> dict[str, Any]:
    return {"cluster": "sales", "started": moment(day).isoformat(), "mandatory": mandatory}


@pytest.mark.parametrize(
    ("announced", "maintained", "found"),
    [
        pytest.param([10, 10, 10], [done(10)], [10], id="on the date"),
        pytest.param([9, 9, None, None, None, None], [done(14)], [9], id="later, with nothing announced meanwhile"),
        pytest.param([None, None, None], [done(10)], [None], id="never announced"),
        pytest.param([10, 10, 10, 10, None, None], [done(10), done(14)], [10, None], id="a date is kept once"),
        pytest.param([10, 10, 10, 17, 17], [done(10), done(17)], [10, 17], id="each its own"),
        pytest.param([17, 17, 17, 17], [done(10, mandatory=True), done(17)], [17, 17], id="mandatory keeps none"),
        pytest.param([10, 11, 11], [done(10)], [11], id="the last word before it counts"),
        pytest.param([9, 17, 17], [done(7)], [None], id="a word after it does not"),
    ],
)
def test_a_maintenance_keeps_the_date_announced_last(
    runs: Runs, announced: list[int | None], maintained: list[dict[str, Any]], found: list[int | None]
) -> None:
    line = read(runs(*announced), maintained)["sales"]
    assert [item.announced for item in line.maintained] == [day and moment(day) for day in found]


def test_a_line_holds_dates_and_deferments_once(runs: Runs) -> None:
    line = read(runs(10, 10, None, 17), [])["sales"]
    assert line.announced == [moment(10), moment(17)]
    half_an_hour = timedelta(minutes=30)
    assert line.deferred == [(moment(7, 10), moment(10) - half_an_hour), (moment(10, 10), moment(17) - half_an_hour)]


def test_figures_tell_kept_dates_from_missed_ones(begins: datetime) -> None:
    kept, missed = Maintained(moment(10), False, moment(10)), Maintained(moment(22), False, moment(17))
    worse = Maintained(moment(31), False, moment(24))
    untold, mandatory = Maintained(moment(23), False, None), Maintained(moment(24), True, moment(31))
    before = Maintained(moment(5), False, None)
    figures = count([Line(maintained=[before, kept, missed]), Line(maintained=[untold, mandatory, worse])], begins)
    assert figures.as_facts("days") == {
        "maintenances": 5,
        "as_announced": 1,
        "on_another_day": 2,
        "unannounced": 1,
        "mandatory": 1,
        "largest_error_days": 7.0,
        "typical_error_days": 5.0,
    }
    assert figures.as_facts("hours")["largest_error_hours"] == 168.0


@pytest.mark.parametrize(("minutes", "kept"), [(30, 1), (31, 0), (-30, 1), (-31, 0)])
def test_half_an_hour_is_as_announced(begins: datetime, minutes: int, kept: int) -> None:
    late = Maintained(moment(10) + timedelta(minutes=minutes), False, moment(10))
    assert count([Line(maintained=[late])], begins).as_announced == kept


def test_figures_of_nothing(begins: datetime) -> None:
    assert count([], begins).as_facts("hours")["largest_error_hours"] == 0


def test_who_joins_has_the_date_of_another_or_not() -> None:
    def result(*rows: tuple[str, str, str | None]) -> dict[str, Any]:
        clusters = [dict(zip(("cluster", "outcome", "announced"), row, strict=True)) for row in rows]
        return {"time": "t", "clusters": clusters}

    results = [
        result(("labs", "skipped", None), ("sales", "unchanged", "a")),
        result(("labs", "changed", "a"), ("sales", "unchanged", "a")),
        result(("labs", "changed", "c"), ("sales", "unchanged", "b"), ("archive", "changed", "d")),
    ]
    found = joined(results, ["labs", "archive"])
    assert {name: (row["announced"], row["is_common"]) for name, row in found.items()} == {
        "labs": ("a", True),
        "archive": ("d", False),
    }


def test_happenings_of_one_moment_need_one_move_of_the_clock(begins: datetime) -> None:
    log: list[Any] = []

    class Clock:
        def advance(self, to: datetime, progress: Any) -> None:
            log.append(to)

    later = begins + timedelta(days=1)
    found = [(begins, lambda cloud: log.append(1)), (begins, lambda cloud: log.append(2))]
    pass_time(Clock(), found, later, lambda now: None)  # type: ignore[arg-type]
    assert log == [begins, 1, 2, later]


def test_the_sync_begins_on_a_tuesday_two_weeks_later(begins: datetime) -> None:
    started = begins - HISTORY
    assert beginning(started) == beginning(started + timedelta(minutes=10)) == begins
    for hours in range(0, 24 * 8, 5):
        found = beginning(started + timedelta(hours=hours))
        assert (found.weekday(), found.hour) == (1, 10)
        assert timedelta(days=12) < found - (started + timedelta(hours=hours)) < timedelta(days=21)


def test_a_year_is_nine_clusters_with_everything_that_can_happen(begins: datetime) -> None:
    found = [at for at, _ in happenings(begins, begins + timedelta(days=365))]
    assert found == sorted(found)
    assert len(found) == 3 + 17
    assert len(FLEET) == 9
