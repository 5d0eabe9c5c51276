"""How long the gate takes over a plan of 1,000 resources, and over five plans of the size of a root at once."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import gate
from benches.figure import BenchError, Figure
from gate_verdict import Subject
from local_run import Runtime
from progress import Progress

HUGE = 1000
ROOT_SIZE = 40
ROOTS = 5
PROVIDER = "registry.terraform.io/hashicorp/aws"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}],
    }
)
TAGS = {"tags_all": {"solution": "bench", "managed-by": "terraform"}}
KINDS: dict[str, dict[str, Any]] = {
    "aws_sqs_queue": {"sqs_managed_sse_enabled": True, "message_retention_seconds": 1209600, **TAGS},
    "aws_cloudwatch_log_group": {"retention_in_days": 365, **TAGS},
    "aws_iam_policy": {"policy": POLICY, **TAGS},
    "aws_cloudwatch_metric_alarm": {
        "alarm_name": "errors",
        "alarm_actions": ["arn:aws:sns:us-east-1:123456789012:alarms"],
        "comparison_operator": "GreaterThanThreshold",
        "evaluation_periods": 1,
        "metric_name": "Errors",
        "namespace": "AWS/Lambda",
        "period": 60,
        "statistic": "Sum",
        "threshold": 0,
        **TAGS,
    },
}


def measure(runtime: Runtime, progress: Progress) -> list[Figure]:
    """Seconds for the one and, by root, for the others. Raises BenchError unless every plan passes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        directory = Path(scratch)
        with progress.step(f"the gate: a plan of {HUGE} resources"):
            huge = _judge(directory, [HUGE])
        with progress.step(f"the gate: {ROOTS} plans of {ROOT_SIZE} resources"):
            roots = _judge(directory, [ROOT_SIZE] * ROOTS)
    return [
        Figure("gate_huge_plan", huge, 60, f"s for a plan of {HUGE} resources"),
        Figure("gate_root", roots / ROOTS, 30, f"s a root, {ROOTS} of {ROOT_SIZE} resources in one run"),
    ]


def plan(resources: int) -> dict[str, Any]:
    """A first plan of so many resources, a quarter of each kind, as Terraform prints it."""
    kinds = list(KINDS)
    chosen = [(kinds[number % len(kinds)], f"number_{number}") for number in range(resources)]
    common = [
        {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "provider_name": PROVIDER}
        for kind, name in chosen
    ]
    changed = [{"actions": ["create"], "before": None, "after": KINDS[kind], "after_unknown": {}} for kind, _ in chosen]
    arguments = [{name: {"constant_value": value} for name, value in KINDS[kind].items()} for kind, _ in chosen]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {
            "root_module": {
                "resources": [
                    {**item, "schema_version": 0, "values": KINDS[item["type"]], "sensitive_values": {}}
                    for item in common
                ]
            }
        },
        "resource_changes": [{**item, "change": change} for item, change in zip(common, changed, strict=True)],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": PROVIDER}},
            "root_module": {
                "resources": [
                    {**item, "provider_config_key": "aws", "expressions": given, "schema_version": 0}
                    for item, given in zip(common, arguments, strict=True)
                ]
            },
        },
    }


def _judge(directory: Path, sizes: list[int]) -> float:
    subjects = []
    for number, size in enumerate(sizes):
        path = directory / f"plan{number}.json"
        path.write_text(json.dumps(plan(size)))
        subjects.append(Subject(path.stem, path, None, directory))
    began = time.monotonic()
    reports = gate.judge_and_write_all(subjects, out=directory / "out")
    seconds = time.monotonic() - began
    for report in reports:
        if report.exit_code or not report.judged:
            raise BenchError(f"The gate was to pass {report.root}: {report.errors or report.findings[:1]}")
    return seconds
