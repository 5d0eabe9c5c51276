"""Time moves from one due moment to the next, and stands still rather than pass over what failed."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from localcloud import timeline

BEGIN = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


class StandingClock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.moment = BEGIN

    def now(self) -> datetime:
        return self.moment

    def move_to(self, moment: datetime) -> None:
        assert moment >= self.moment, "time ran backwards"
        self.moment = moment


class Bell:
    """Rings every `period`; notes its name and the time in `rung`."""

    def __init__(self, name: str, period: timedelta, rung: list[tuple[str, timedelta, timedelta]]) -> None:
        self.name, self.period, self.rung = name, period, rung
        self.due: datetime | None = BEGIN + period

    def next_due(self) -> datetime | None:
        return self.due

    def run_due(self, until: datetime) -> None:
        while self.due is not None and self.due <= until:
            self.rung.append((self.name, self.due - BEGIN, timeline.clock.now() - BEGIN))
            self.due += self.period

    def source(self) -> timeline.Source:
        return timeline.Source(self.name, self.next_due, self.run_due)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> StandingClock:
    """A timeline without sources, on a clock that stands still."""
    standing = StandingClock()
    monkeypatch.setattr(timeline, "clock", standing)
    monkeypatch.setattr(timeline, "_sources", [])
    return standing


def settled(_: float) -> bool:
    return True


def test_due_moments_are_visited_in_order_at_their_own_time(clock: StandingClock) -> None:
    rung: list[tuple[str, timedelta, timedelta]] = []
    timeline.add(Bell("slow", 3 * HOUR, rung).source())
    timeline.add(Bell("quick", 2 * HOUR, rung).source())
    assert timeline.advance(BEGIN + 7 * HOUR, settle=settled, seconds=5)
    expected = [("quick", 2), ("slow", 3), ("quick", 4), ("slow", 6), ("quick", 6)]
    assert rung == [(name, hours * HOUR, hours * HOUR) for name, hours in expected]
    assert clock.now() == BEGIN + 7 * HOUR


def test_what_is_due_at_the_target_is_done() -> None:
    rung: list[tuple[str, timedelta, timedelta]] = []
    timeline.add(Bell("bell", HOUR, rung).source())
    timeline.advance(BEGIN + HOUR, settle=settled, seconds=5)
    assert len(rung) == 1


def test_what_a_source_makes_due_meanwhile_is_done_in_its_turn() -> None:
    rung: list[tuple[str, timedelta, timedelta]] = []
    late = Bell("late", 100 * HOUR, rung)

    def early(until: datetime) -> None:
        late.due, first.due = BEGIN + 2 * HOUR, None
        rung.append(("early", HOUR, HOUR))

    first = Bell("early", HOUR, rung)
    timeline.add(late.source())
    timeline.add(timeline.Source("early", first.next_due, early))
    timeline.advance(BEGIN + 3 * HOUR, settle=settled, seconds=5)
    assert [(name, due) for name, due, _ in rung] == [("early", HOUR), ("late", 2 * HOUR)]


def test_settles_before_time_goes_on(clock: StandingClock) -> None:
    settled_at: list[timedelta] = []

    def settle(_: float) -> bool:
        settled_at.append(clock.now() - BEGIN)
        return True

    timeline.add(Bell("bell", HOUR, []).source())
    timeline.advance(BEGIN + 2 * HOUR, settle=settle, seconds=5)
    assert settled_at == [0 * HOUR, HOUR, 2 * HOUR]


def test_waits_for_what_does_not_settle_and_goes_on_later(clock: StandingClock) -> None:
    rung: list[tuple[str, timedelta, timedelta]] = []
    timeline.add(Bell("bell", HOUR, rung).source())
    assert not timeline.advance(BEGIN + 2 * HOUR, settle=lambda seconds: not rung, seconds=5)
    assert (clock.now(), len(rung)) == (BEGIN + HOUR, 1)
    assert timeline.advance(BEGIN + 2 * HOUR, settle=settled, seconds=5)
    assert (clock.now(), len(rung)) == (BEGIN + 2 * HOUR, 2)


def test_stops_when_its_time_is_up_but_never_without_a_step(clock: StandingClock) -> None:
    timeline.add(Bell("bell", HOUR, []).source())
    assert not timeline.advance(BEGIN + 2 * HOUR, settle=settled, seconds=0)
    assert clock.now() == BEGIN + HOUR


def test_a_failure_leaves_the_clock_where_it_happened(clock: StandingClock) -> None:
    def fail(until: datetime) -> None:
        raise ValueError("a window that cannot be read")

    timeline.add(timeline.Source("windows", Bell("windows", HOUR, []).next_due, fail))
    for _ in range(2):
        with pytest.raises(ValueError, match="a window that cannot be read"):
            timeline.advance(BEGIN + 2 * HOUR, settle=settled, seconds=5)
        assert clock.now() == BEGIN + HOUR


def test_a_source_that_stays_due_is_named() -> None:
    timeline.add(timeline.Source("alarms", lambda: BEGIN + HOUR, lambda until: None))
    with pytest.raises(RuntimeError, match="alarms did what was due"):
        timeline.advance(BEGIN + 2 * HOUR, settle=settled, seconds=5)


def test_what_becomes_due_as_time_passes_is_done_without_moving_it(clock: StandingClock) -> None:
    rung: list[tuple[str, timedelta, timedelta]] = []
    timeline.add(Bell("bell", HOUR, rung).source())
    timeline.run_due()
    assert rung == []
    clock.move_to(BEGIN + HOUR + timedelta(minutes=1))
    timeline.run_due()
    assert [due for _, due, _ in rung] == [HOUR]
    assert clock.now() == BEGIN + HOUR + timedelta(minutes=1)


def test_only_one_moves_time_at_once() -> None:
    rung: list[tuple[str, timedelta, timedelta]] = []
    timeline.add(Bell("bell", HOUR, rung).source())
    answers: list[bool] = []

    def meanwhile() -> None:
        timeline.run_due()
        answers.append(timeline.advance(BEGIN + 9 * HOUR, settle=settled, seconds=0.05))

    def settle(_: float) -> bool:
        if not answers:
            _in_another_thread(meanwhile)
        return True

    timeline.advance(BEGIN + HOUR, settle=settle, seconds=5)
    assert (answers, len(rung)) == ([False], 1)


def _in_another_thread(target: Callable[[], None]) -> None:
    thread = threading.Thread(target=target)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
