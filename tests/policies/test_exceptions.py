"""An exception is complete, in time, and accepts something; whatever else it is, the gate says who must act."""

from datetime import date
from pathlib import Path

import pytest

import gate_exceptions
import rules

TODAY = date(2026, 11, 24)
ENTRY = """\
- rule: EVENTS_001
  address: aws_cloudwatch_event_target.x
  reason: Replayed by hand.
  owner: data-platform
  expires: 2026-11-24
"""


def read(tmp_path: Path, entries: str) -> gate_exceptions.Exceptions:
    path = tmp_path / "exceptions.yaml"
    path.write_text(f"exceptions:\n{entries}")
    return gate_exceptions.read(path, TODAY)


def test_an_entry_holds_to_the_end_of_its_last_day(tmp_path: Path) -> None:
    exceptions = read(tmp_path, ENTRY)
    assert exceptions.complaints == ()
    accepted = exceptions.accepting("EVENTS_001", "aws_cloudwatch_event_target.x", "any")
    assert accepted is not None
    assert (accepted.owner, accepted.expires) == ("data-platform", TODAY)


@pytest.mark.parametrize(
    ("rule", "address"),
    [("EVENTS_002", "aws_cloudwatch_event_target.x"), ("EVENTS_001", 'aws_cloudwatch_event_target.x["a"]')],
)
def test_an_entry_accepts_one_rule_at_one_address(tmp_path: Path, rule: str, address: str) -> None:
    assert read(tmp_path, ENTRY).accepting(rule, address, "any") is None


def test_an_entry_of_a_root_holds_and_is_missed_there_only(tmp_path: Path) -> None:
    exceptions = read(tmp_path, ENTRY + "  root: alpha\n")
    assert exceptions.accepting("EVENTS_001", "aws_cloudwatch_event_target.x", "alpha") is not None
    assert exceptions.accepting("EVENTS_001", "aws_cloudwatch_event_target.x", "beta") is None
    assert exceptions.unused(set(), "beta") == []
    [complaint] = exceptions.unused(set(), "alpha")
    assert complaint.startswith("the exception for EVENTS_001 at aws_cloudwatch_event_target.x accepts nothing here")
    assert "data-platform deletes it" in complaint
    assert exceptions.unused(set(exceptions.entries), "alpha") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  owner: data-platform\n", "", "is incomplete: whoever wrote it adds owner"),
        ("  reason: Replayed by hand.\n", "  reason:\n", "is incomplete: data-platform adds reason"),
        ("2026-11-24", "2026-11-23", "expired on 2026-11-23: data-platform mends the finding"),
        ("2026-11-24", "next year", "'next year', which is no date like 2027-03-31: data-platform mends it"),
        ("2026-11-24\n", "2026-11-24\n  until: 2027-01-01\n", "says until, which means nothing: data-platform"),
    ],
    ids=["no owner", "no reason", "expired", "no date", "unknown field"],
)
def test_an_entry_that_does_not_hold_accepts_nothing(tmp_path: Path, old: str, new: str, said: str) -> None:
    exceptions = read(tmp_path, ENTRY.replace(old, new))
    assert exceptions.entries == ()
    [complaint] = exceptions.complaints
    assert complaint.startswith("the exception 1 (EVENTS_001 at aws_cloudwatch_event_target.x)")
    assert said in complaint


@pytest.mark.parametrize("text", ["", "[]", "exceptions:", "exceptions: [x]", "accepted: []", "exceptions: ["])
def test_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "exceptions.yaml"
    path.write_text(text)
    with pytest.raises(gate_exceptions.ExceptionsError, match=r"exceptions\.yaml"):
        gate_exceptions.read(path, TODAY)


def test_the_file_that_ships_can_be_read() -> None:
    gate_exceptions.read(rules.POLICIES / "exceptions.yaml", TODAY)
