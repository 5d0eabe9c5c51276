"""The rule: what admits, what each flaw is called, and that no flaw passes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_geofence.decide import decide, judge_control
from iam_geofence.model import Answer, Control, Decision, Expectation, Mode, Outcome, Reason, Silence

NOW = 1_800_000_000.0
EXPECTED = Expectation(
    nonce="0f" * 16, acl="arn:aws:wafv2:fence", api="abc123", stage="live", endpoint="cvpn-endpoint-1"
)
GOOD = Answer(200, blocked=False, body=EXPECTED.proof())
BLOCKED = Answer(403, blocked=True, body=None)
STANDS = Control(NOW - 1, None)
FIELDS = list(EXPECTED.proof())

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
json_values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
values = json_values | st.sampled_from(list(EXPECTED.proof().values()))
bodies = st.none() | st.dictionaries(st.sampled_from([*FIELDS, "reason", "other"]), values)
answers = st.builds(Answer, st.sampled_from([200, 201, 301, 403, 429, 500]), st.booleans(), bodies)
silences = st.builds(Silence, st.sampled_from([Reason.TIMEOUT, Reason.UNREACHABLE]), st.text())
objections = st.none() | st.sampled_from([Reason.CONTROL_ADMITTED, Reason.CONTROL_UNPROVEN])
controls = st.builds(Control, st.floats(NOW - 1000, NOW + 1000), objections)


def body(**changes: Any) -> dict[str, Any]:
    return {**EXPECTED.proof(), **changes}


def test_admits_what_every_field_proves() -> None:
    assert decide(EXPECTED, GOOD, STANDS, NOW) == Decision(Reason.PERMITTED)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (BLOCKED, Reason.COUNTRY),
        (Silence(Reason.TIMEOUT, "late"), Reason.TIMEOUT),
        (Silence(Reason.UNREACHABLE, "refused"), Reason.UNREACHABLE),
        (GOOD._replace(body=body(nonce="0e" * 16)), Reason.PROOF_NONCE),
        (GOOD._replace(body=body(nonce="")), Reason.PROOF_NONCE),
        (GOOD._replace(body=body(waf="")), Reason.PROOF_WAF),
        (GOOD._replace(body=body(waf="WAF_ERROR")), Reason.PROOF_WAF),
        (GOOD._replace(body=body(acl="arn:aws:wafv2:another")), Reason.PROOF_ACL),
        (GOOD._replace(body=body(api="xyz")), Reason.PROOF_API),
        (GOOD._replace(body=body(stage=None)), Reason.PROOF_STAGE),
        (GOOD._replace(body=body(endpoint="cvpn-endpoint-2")), Reason.PROOF_ENDPOINT),
        (GOOD._replace(body={}), Reason.PROOF_NONCE),
        (GOOD._replace(body=None), Reason.PROOF_BODY),
        (GOOD._replace(status=204), Reason.PROOF_STATUS),
        (GOOD._replace(status=302), Reason.PROOF_STATUS),
        (GOOD._replace(blocked=True), Reason.PROOF_STATUS),
        (Answer(403, blocked=False, body={"message": "Forbidden"}), Reason.PROOF_STATUS),
        (Answer(403, blocked=False, body={"reason": "endpoint"}), Reason.PROOF_ENDPOINT),
        (Answer(500, blocked=False, body={"reason": "waf"}), Reason.PROOF_WAF),
        (Answer(500, blocked=False, body={"reason": ["waf"]}), Reason.PROOF_STATUS),
    ],
)
def test_names_every_flaw(answer: Answer | Silence, reason: Reason) -> None:
    assert decide(EXPECTED, answer, STANDS, NOW).reason is reason


@pytest.mark.parametrize(
    ("answer", "objection"),
    [
        (BLOCKED, None),
        (GOOD, Reason.CONTROL_ADMITTED),
        (GOOD._replace(body=None), Reason.CONTROL_ADMITTED),
        (Answer(500, blocked=False, body={"reason": "waf"}), Reason.CONTROL_ADMITTED),
        (Answer(403, blocked=False, body={"reason": "endpoint"}), Reason.CONTROL_ADMITTED),
        (Answer(403, blocked=False, body={"message": "Forbidden"}), Reason.CONTROL_UNPROVEN),
        (Answer(429, blocked=False, body=None), Reason.CONTROL_UNPROVEN),
        (Answer(302, blocked=True, body=None), Reason.CONTROL_UNPROVEN),
        (Silence(Reason.TIMEOUT, "late"), Reason.CONTROL_UNPROVEN),
    ],
)
def test_only_a_blocked_control_speaks_for_the_fence(answer: Answer | Silence, objection: Reason | None) -> None:
    control = judge_control(answer, NOW)
    assert control.object_at(NOW) is objection
    assert decide(EXPECTED, GOOD, control, NOW).reason is (objection or Reason.PERMITTED)


@pytest.mark.parametrize(
    ("age", "objection"), [(0, None), (300, None), (300.1, Reason.CONTROL_UNPROVEN), (-0.1, Reason.CONTROL_UNPROVEN)]
)
def test_a_control_speaks_for_five_minutes_and_not_from_the_future(age: float, objection: Reason | None) -> None:
    assert Control(NOW - age, None).object_at(NOW) is objection
    assert decide(EXPECTED, GOOD, Control(NOW - age, None), NOW).reason is (objection or Reason.PERMITTED)
    assert Control(NOW - age, Reason.CONTROL_ADMITTED).object_at(NOW) is Reason.CONTROL_ADMITTED


@given(st.just(GOOD) | answers | silences, controls)
def test_whoever_is_admitted_was_proven(answer: Answer | Silence, control: Control) -> None:
    if decide(EXPECTED, answer, control, NOW).reason is Reason.PERMITTED:
        assert isinstance(answer, Answer)
        assert (answer.status, answer.blocked) == (200, False)
        assert {name: (answer.body or {}).get(name) for name in FIELDS} == EXPECTED.proof()
        assert control.objection is None
        assert 0 <= NOW - control.at <= 300


@given(st.data())
def test_any_one_change_of_an_admitting_answer_denies(data: st.DataObject) -> None:
    what = data.draw(st.sampled_from(["status", "blocked", "body", *FIELDS]))
    if what == "status":
        changed = GOOD._replace(status=data.draw(st.integers(100, 599).filter(lambda status: status != 200)))
    elif what in ("blocked", "body"):
        changed = GOOD._replace(**{what: True if what == "blocked" else None})
    else:
        without = {name: value for name, value in EXPECTED.proof().items() if name != what}
        other = st.just(without) | values.filter(lambda value: value != EXPECTED.proof()[what]).map(
            lambda value: body(**{what: value})
        )
        changed = GOOD._replace(body=data.draw(other))
    assert decide(EXPECTED, changed, STANDS, NOW).reason is not Reason.PERMITTED


@pytest.mark.parametrize("reason", Reason)
def test_monitor_admits_what_it_would_deny_but_nothing_malformed(reason: Reason) -> None:
    malformed = reason in (Reason.ADDRESS, Reason.SCHEMA, Reason.EVENT, Reason.ERROR)
    admitted = reason is Reason.PERMITTED
    assert Decision(reason).outcome(Mode.ENFORCE) is (Outcome.ADMIT if admitted else Outcome.DENY)
    assert Decision(reason).outcome(Mode.MONITOR) is (
        Outcome.ADMIT if admitted else Outcome.DENY if malformed else Outcome.WOULD_DENY
    )
