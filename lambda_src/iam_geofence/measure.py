"""What decisions and controls tell CloudWatch, in the embedded metric format."""

from aws_lambda_powertools import Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from iam_geofence.model import Decision, Mode, Outcome, Reason

NAMESPACE = "Groundcrew/iam_geofence"


def count_decision(metrics: Metrics, decision: Decision, mode: Mode, seconds: float | None) -> None:
    """Write the figures of one decision; `seconds` is what the check took, None when it was not asked.

    By `service`: Decisions, Denied (in mode monitor: would be), ProofFailures (the check answered, but not as an intact
    fence does), CheckFailures (no answer, or something of ours failed), ControlAdmitted and CheckLatency (ms). By
    `service`, `decision` and `reason`: Decisions.
    """
    outcome, reason = decision.outcome(mode), decision.reason
    counts = {
        "Decisions": True,
        "Denied": outcome is not Outcome.ADMIT,
        "ProofFailures": reason.casts_doubt,
        "CheckFailures": reason.no_answer,
        "ControlAdmitted": reason is Reason.CONTROL_ADMITTED,
    }
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, int(count))
    if seconds is not None:
        metrics.add_metric("CheckLatency", MetricUnit.Milliseconds, seconds * 1000)
    metrics.flush_metrics()
    with single_metric("Decisions", MetricUnit.Count, 1, namespace=NAMESPACE) as by_reason:
        by_reason.add_dimension("decision", outcome)
        by_reason.add_dimension("reason", reason)


def count_canary(metrics: Metrics, findings: list[Reason]) -> None:
    """Write what the canary found: what speaks against the fence, nothing when it stands. By `service`.

    ControlAdmitted, and ControlDenied (what must be admitted was not); neither is written when nobody knows, so that an
    alarm hears the silence.
    """
    if any(reason.no_answer for reason in findings) or Reason.CONTROL_UNPROVEN in findings:
        return
    admitted = Reason.CONTROL_ADMITTED in findings
    metrics.add_metric("ControlAdmitted", MetricUnit.Count, int(admitted))
    if not admitted:  # otherwise nothing was asked about what must be admitted
        metrics.add_metric("ControlDenied", MetricUnit.Count, int(bool(findings)))
    metrics.flush_metrics()
