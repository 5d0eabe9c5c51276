"""Which rule fires next, through everything that can happen to a rule."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from localcloud.eventbridge.agenda import Agenda

NOW = datetime(2026, 11, 24, 6, 0, 0, 250_000, tzinfo=UTC)
SECOND = NOW.replace(microsecond=0)
HOUR = timedelta(hours=1)


@dataclass(eq=False)
class Rule:
    """As much of moto's rule as matters."""

    arn: str
    scheduled_expression: str = "rate(6 hours)"
    enabled: bool = True


@pytest.fixture
def agenda() -> Agenda:
    return Agenda(lambda rule: rule.enabled)


def fired(agenda: Agenda, until: datetime) -> list[tuple[str, timedelta]]:
    """What fires by `until`: the rule's ARN, and how long after NOW."""
    taken = []
    while (first := agenda.take(until)) is not None:
        taken.append((first[0].arn, first[1] - SECOND))
    assert (due := agenda.next_due()) is None or due > until
    return taken


def test_nothing_fires_without_rules(agenda: Agenda) -> None:
    assert agenda.next_due() is None
    assert fired(agenda, NOW + 1000 * HOUR) == []


def test_a_rate_begins_one_period_after_the_start_on_a_whole_second(agenda: Agenda) -> None:
    agenda.start(Rule("a"), NOW)
    assert agenda.next_due() == SECOND + 6 * HOUR
    assert fired(agenda, NOW + 20 * HOUR) == [("a", 6 * HOUR), ("a", 12 * HOUR), ("a", 18 * HOUR)]


def test_rules_interleave_and_those_of_one_moment_keep_their_order(agenda: Agenda) -> None:
    for arn, expression in [("b", "rate(2 hours)"), ("a", "rate(1 hour)"), ("c", "cron(0 8 * * ? *)")]:
        agenda.start(Rule(arn, expression), NOW)
    expected = [("a", 1), ("b", 2), ("a", 2), ("c", 2), ("a", 3)]
    assert fired(agenda, NOW + 3 * HOUR) == [(arn, hours * HOUR) for arn, hours in expected]


def test_starting_again_forgets_the_earlier_time(agenda: Agenda) -> None:
    rule = Rule("a")
    agenda.start(rule, NOW)
    agenda.start(rule, NOW + 5 * HOUR)
    assert fired(agenda, NOW + 12 * HOUR) == [("a", 11 * HOUR)]


def test_the_same_schedule_put_anew_carries_on(agenda: Agenda) -> None:
    former, rule = Rule("a"), Rule("a")
    agenda.start(former, NOW)
    agenda.carry_on(former, rule)
    former.enabled = False
    assert fired(agenda, NOW + 6 * HOUR) == [("a", 6 * HOUR)]


def test_time_waits_while_a_rule_is_replaced(agenda: Agenda) -> None:
    former, rule = Rule("a"), Rule("a")
    agenda.start(former, NOW)
    taken: list[object] = []
    other = threading.Thread(target=lambda: taken.append(agenda.take(NOW + 6 * HOUR)))
    with agenda.paused():
        former.enabled = False
        other.start()
        other.join(0.05)
        assert other.is_alive()
        agenda.carry_on(former, rule)
    other.join(5)
    assert taken == [(rule, SECOND + 6 * HOUR)]


def test_nothing_is_carried_on_from_before_a_reset(agenda: Agenda) -> None:
    gone, former, rule = Rule("a", enabled=False), Rule("a"), Rule("a")
    agenda.start(gone, NOW)
    agenda.carry_on(former, rule)
    assert agenda.next_due() is None


def test_a_rule_that_is_gone_is_forgotten_and_one_enabled_later_is_not_fired_for_the_past(agenda: Agenda) -> None:
    rule = Rule("a")
    agenda.start(rule, NOW)
    rule.enabled = False
    assert agenda.next_due() is None
    rule.enabled = True
    assert agenda.next_due() is None
    agenda.start(rule, NOW + 100 * HOUR)
    assert fired(agenda, NOW + 107 * HOUR) == [("a", 106 * HOUR)]


def test_a_schedule_that_has_ended_fires_no_more(agenda: Agenda) -> None:
    agenda.start(Rule("once", "cron(0 7 24 11 ? 2026)"), NOW)
    agenda.start(Rule("past", "cron(0 7 24 11 ? 2025)"), NOW)
    assert fired(agenda, NOW + 10_000 * HOUR) == [("once", HOUR)]


def test_ten_thousand_rules_are_not_scanned_at_each_step(agenda: Agenda) -> None:
    for number in range(10_000):
        agenda.start(Rule(str(number), "rate(365 days)"), NOW)
    agenda.start(Rule("quick", "rate(1 hour)"), NOW)
    started = time.monotonic()
    assert len(fired(agenda, NOW + 5000 * HOUR)) == 5000
    assert time.monotonic() - started < 2, "5,000 scans of 10,000 rules take much longer"
