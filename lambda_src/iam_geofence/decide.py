"""The rule itself: facts in, decision with its reason out."""

from iam_geofence.model import Answer, Control, Decision, Expectation, Reason, Silence

REFUSALS = {"waf": Reason.PROOF_WAF, "endpoint": Reason.PROOF_ENDPOINT}
"""By the `reason` that the check gives itself, once the web ACL has let a request pass."""


def decide(expectation: Expectation, answer: Answer | Silence, control: Control, now: float) -> Decision:
    """Admit only when the fence was seen to block and every field of the answer is as expected.

    `now` in seconds since 1970, as in `control`.
    """
    if objection := control.object_at(now):
        return Decision(objection, control.detail)
    if isinstance(answer, Silence):
        return Decision(answer.reason, answer.detail)
    if answer.blocked and answer.status == 403:
        return Decision(Reason.COUNTRY)
    if answer.blocked or answer.status != 200:
        return Decision(_own_refusal(answer) or Reason.PROOF_STATUS, f"status {answer.status}")
    if answer.body is None:
        return Decision(Reason.PROOF_BODY, "the answer is no JSON object of at most 4 KB")
    for field, expected in expectation.proof().items():
        if answer.body.get(field) != expected:
            return Decision(Reason(f"proof-{field}"), f"{field} is {answer.body.get(field)!r:.100}")
    return Decision(Reason.PERMITTED)


def judge_control(answer: Answer | Silence, at: float) -> Control:
    """What the answer to the negative control, asked `at` (seconds since 1970), says of the fence."""
    if isinstance(answer, Silence):
        return Control(at, Reason.CONTROL_UNPROVEN, f"{answer.reason}: {answer.detail}")
    if answer.blocked and answer.status == 403:
        return Control(at, None)
    # Whatever the check itself answers, it was reached: the web ACL, if there is one, did not block.
    passed = answer.status == 200 or _own_refusal(answer) is not None
    return Control(
        at, Reason.CONTROL_ADMITTED if passed else Reason.CONTROL_UNPROVEN, f"status {answer.status} for the control"
    )


def _own_refusal(answer: Answer) -> Reason | None:
    given = answer.body.get("reason") if answer.body else None
    return REFUSALS.get(given) if isinstance(given, str) else None
