"""Plain `checkov`, without an argument, judges the source by the gate's settings and rules, and passes it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import rules
from toolchain import POLICY_PYTHON, ROOT

MODULE = Path("modules/redshift_maintenance_sync")


def copied(directory: Path, *names: str) -> Path:
    """A checkout that has the settings, the rules and these directories only."""
    for name in ("policies", *names):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns(".terraform", "__pycache__"))
    shutil.copy(ROOT / ".checkov.yaml", directory)
    return directory


def checkov(directory: Path) -> tuple[int, dict[str, Any]]:
    """Its exit code and report. `--quiet` of the settings leaves out what passed, so a run names rules by failing."""
    command = [str(POLICY_PYTHON.with_name("checkov")), "--output", "json"]
    result = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(result.stdout)
    return result.returncode, report


def test_the_source_passes_and_what_is_no_source_is_left_out(tmp_path: Path) -> None:
    checkout = copied(tmp_path, "modules", "terraform", "tests/policies/fixtures")
    (checkout / "build/work").mkdir(parents=True)
    shutil.copytree(checkout / "tests/policies/fixtures/LAMBDA_001", checkout / "build/work/copy")
    code, report = checkov(checkout)
    failed = [(item["check_id"], item["resource"]) for item in report["results"]["failed_checks"]]
    assert (code, failed, report["summary"]["parsing_errors"]) == (0, [], 0)
    assert report["summary"]["passed"] > 200


def test_a_broken_module_fails_on_rules_of_both_kinds(tmp_path: Path) -> None:
    # checkov takes as many seconds as it reads modules.
    checkout = copied(tmp_path, str(MODULE), "modules/lambda_function")
    schedule = checkout / MODULE / "schedule.tf"
    text = schedule.read_text()
    for lost in (
        "  source_arn    = aws_cloudwatch_event_rule.schedule.arn\n",  # LAMBDA_003, in Python, and CKV_AWS_364
        "    arn = module.function.failure_queue_arn\n",  # EVENTS_001, in YAML
    ):
        assert lost in text
        text = text.replace(lost, "")
    schedule.write_text(text)
    code, report = checkov(checkout)
    failed = {item["check_id"] for item in report["results"]["failed_checks"]}
    assert code == 1
    assert failed == {"LAMBDA_003", "EVENTS_001", "CKV_AWS_364"}
    assert failed & {rule.id for rule in rules.read().rules} == {"LAMBDA_003", "EVENTS_001"}
