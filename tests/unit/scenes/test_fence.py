"""The scene of iam_geofence: what it promises and tells of the facts that it has seen."""

from typing import Any

import iptocc
import pytest

from scenes.iam_geofence import callers, draw
from scenes.iam_geofence.matrix import ROWS
from scenes.iam_geofence.promises import PERMITTED, broken
from scenes.iam_geofence.story import caller_rows, matrix_rows, tampering_rows


@pytest.fixture
def facts() -> dict[str, Any]:
    """Facts by which every promise holds."""
    return {
        "callers": [
            {"who": callers.OFFICE, "country": "CH", "admitted": True, "reason": "permitted"},
            {"who": "8.8.8.8", "country": "US", "admitted": False, "reason": "country"},
        ],
        "waiting": {"ready": 2, "asked": 260, "cold_starts": 0},
        "sampled": {"asked": 250, "admitted": 7, "wrong": []},
        "tampering": [
            {
                "attempt": "detached",
                "permitted_admitted": False,
                "permitted_reason": "proof-waf",
                "elsewhere_admitted": False,
                "elsewhere_reason": "proof-waf",
                "alarms": ["control-admitted"],
                "admitted_after": True,
                "alarms_after": [],
            }
        ],
        "matrix": [{"who": "analyst, from home", "wanted": False, "policy": False, "scp": False}],
        "capacity": 2,
        "deny_policy_bytes": 900,
        "scp_bytes": 1000,
    }


def test_nothing_is_broken_when_everything_holds(facts: dict[str, Any]) -> None:
    assert broken(facts) == []


@pytest.mark.parametrize(
    ("part", "change", "sentence"),
    [
        ("callers", {"admitted": False, "reason": "timeout"}, "(CH) is let in, but: timeout"),
        ("tampering", {"permitted_admitted": True}, "nobody is let in while the web ACL is detached"),
        ("tampering", {"elsewhere_admitted": True}, "nobody is let in while the web ACL is detached"),
        ("tampering", {"alarms": []}, "an alarm is on while the web ACL is detached"),
        ("tampering", {"admitted_after": False}, "once it is no longer detached, permitted callers are let in"),
        ("matrix", {"policy": True}, "analyst, from home: may not"),
        ("matrix", {"scp": True}, "analyst, from home: may not"),
    ],
)
def test_a_broken_promise_is_named(facts: dict[str, Any], part: str, change: dict[str, Any], sentence: str) -> None:
    facts[part][0] |= change
    (said,) = broken(facts)
    assert sentence in said


def test_who_is_not_permitted_must_stay_outside(facts: dict[str, Any]) -> None:
    facts["callers"][1] |= {"admitted": True, "reason": "permitted"}
    assert broken(facts) == ["It was promised that 8.8.8.8 (US) is not, but: permitted."]


@pytest.mark.parametrize(
    "sampled",
    [
        {"asked": 250, "admitted": 7, "wrong": ["8.8.8.8"]},
        {"asked": 250, "admitted": 0, "wrong": []},
        {"asked": 250, "admitted": 250, "wrong": []},
    ],
)
def test_a_sample_has_both_answers_and_none_is_wrong(facts: dict[str, Any], sampled: dict[str, Any]) -> None:
    (said,) = broken(facts | {"sampled": sampled})
    assert "just those in permitted countries" in said


@pytest.mark.parametrize("change", [{"cold_starts": 1}, {"ready": 0}])
def test_nobody_waits_for_the_handler_to_start(facts: dict[str, Any], change: dict[str, int]) -> None:
    (said,) = broken(facts | {"waiting": facts["waiting"] | change})
    assert "nobody waited" in said


@pytest.mark.parametrize(
    ("figure", "sentence"), [("capacity", "capacity units"), ("deny_policy_bytes", "deny policy"), ("scp_bytes", "SCP")]
)
def test_limits_are_promised(facts: dict[str, Any], figure: str, sentence: str) -> None:
    (said,) = broken(facts | {figure: 100_000})
    assert sentence in said


def test_the_tables_say_what_became_of_everybody(facts: dict[str, Any]) -> None:
    assert caller_rows(facts)[1] == ("8.8.8.8", "US", "denied", "country")
    assert tampering_rows(facts) == [("detached", "denied: proof-waf", "control-admitted", "admitted again")]
    assert matrix_rows(facts) == [("analyst, from home", "denied", "denied")]
    assert [len(sheet.rows) for sheet in draw(facts).sheets] == [2, 1, 1]


def test_twelve_callers_come_from_twelve_countries_of_which_three_are_permitted() -> None:
    countries = [iptocc.country_code(address) for address in callers.ADDRESSES]
    assert len(set(countries)) == 12
    assert set(countries) > PERMITTED


def test_the_matrix_asks_for_both_answers() -> None:
    assert {wanted for _, _, wanted in ROWS.values()} == {True, False}
