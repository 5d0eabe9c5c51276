"""The figures of decisions and controls, as they are written in the embedded metric format."""

import json
from typing import Any

import pytest
from aws_lambda_powertools import Metrics

from iam_geofence.measure import count_canary, count_decision
from iam_geofence.model import Decision, Mode, Reason

NAMESPACE = "Groundcrew/iam_geofence"


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> Metrics:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "fence")
    fresh = Metrics(namespace=NAMESPACE, service="fence")
    fresh.clear_metrics()
    return fresh


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def values(line: dict[str, Any]) -> dict[str, float]:
    return {name: value[0] for name, value in line.items() if isinstance(value, list)}


def test_a_decision_is_counted_by_service_and_by_reason(metrics: Metrics, capsys: pytest.CaptureFixture[str]) -> None:
    count_decision(metrics, Decision(Reason.COUNTRY), Mode.ENFORCE, 0.025)
    by_service, by_reason = written(capsys)
    assert values(by_service) == {
        "Decisions": 1.0,
        "Denied": 1.0,
        "ProofFailures": 0.0,
        "CheckFailures": 0.0,
        "ControlAdmitted": 0.0,
        "CheckLatency": 25.0,
    }
    assert (by_service["service"], by_reason["decision"], by_reason["reason"]) == ("fence", "deny", "country")
    for line, dimensions in ((by_service, {"service"}), (by_reason, {"service", "decision", "reason"})):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == NAMESPACE
        assert [set(names) for names in directive["Dimensions"]] == [dimensions]
    assert by_reason["Decisions"] == [1.0]


@pytest.mark.parametrize(
    ("reason", "mode", "expected"),
    [
        (Reason.PERMITTED, Mode.ENFORCE, set()),
        (Reason.ADDRESS, Mode.ENFORCE, {"Denied"}),
        (Reason.COUNTRY, Mode.MONITOR, {"Denied"}),
        (Reason.PROOF_ACL, Mode.MONITOR, {"Denied", "ProofFailures"}),
        (Reason.CONTROL_UNPROVEN, Mode.ENFORCE, {"Denied", "ProofFailures"}),
        (Reason.CONTROL_ADMITTED, Mode.ENFORCE, {"Denied", "ProofFailures", "ControlAdmitted"}),
        (Reason.TIMEOUT, Mode.ENFORCE, {"Denied", "CheckFailures"}),
        (Reason.ERROR, Mode.ENFORCE, {"Denied", "CheckFailures"}),
    ],
)
def test_each_reason_counts_where_its_alarm_looks(
    metrics: Metrics, capsys: pytest.CaptureFixture[str], reason: Reason, mode: Mode, expected: set[str]
) -> None:
    count_decision(metrics, Decision(reason), mode, None)
    figures = values(written(capsys)[0])
    assert {name for name, value in figures.items() if value} == {"Decisions", *expected}
    assert "CheckLatency" not in figures


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], {"ControlAdmitted": 0.0, "ControlDenied": 0.0}),
        ([Reason.CONTROL_ADMITTED], {"ControlAdmitted": 1.0}),
        ([Reason.COUNTRY], {"ControlAdmitted": 0.0, "ControlDenied": 1.0}),
        ([Reason.PROOF_ACL], {"ControlAdmitted": 0.0, "ControlDenied": 1.0}),
    ],
)
def test_the_canary_says_what_it_found(
    metrics: Metrics, capsys: pytest.CaptureFixture[str], findings: list[Reason], expected: dict[str, float]
) -> None:
    count_canary(metrics, findings)
    (line,) = written(capsys)
    assert values(line) == expected


@pytest.mark.parametrize("reason", [Reason.CONTROL_UNPROVEN, Reason.TIMEOUT, Reason.UNREACHABLE])
def test_the_canary_is_silent_when_it_does_not_know(
    metrics: Metrics, capsys: pytest.CaptureFixture[str], reason: Reason
) -> None:
    count_canary(metrics, [reason])
    assert written(capsys) == []
