"""One edit mends a failing case, and nothing else: what a rule says follows from what it speaks of, not from a name.

That the same cases fail without the edit is what test_rules.py tests.
"""

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gate
import rules
from toolchain import POLICY_PYTHON

FIXTURES = Path(__file__).parent / "fixtures"
SCRIPTS = Path(gate.__file__).parent
RETENTION = """
resource "aws_s3_bucket_lifecycle_configuration" "for_ever" {
  bucket = "spills-for-ever"
  rule {
    id     = "expire"
    status = "Enabled"
    expiration {
      days = 1
    }
  }
}
"""
GROUP = """
resource "aws_cloudwatch_log_group" "mended" {
  name              = "/aws/lambda/fail-no-group"
  retention_in_days = 30
}
"""
EXTERNAL_ID = """
condition {
  test     = "StringEquals"
  variable = "sts:ExternalId"
  values   = ["x"]
}
"""
MENDS = {  # by rule: the case, what stands in its block, what mends it
    "ATHENA_001": ("fail_kept_for_ever", "\n}\n", "\n}\n" + RETENTION),
    "CLOUDWATCH_001": (
        "fail_nobody",
        "threshold           = 0",
        'threshold = 0\nalarm_actions = ["arn:aws:sns:a:1:b"]',
    ),
    "CLOUDWATCH_002": ("fail_more_than_a_day", "= 289", "= 288"),
    "CLOUDWATCH_003": ("fail_silence_is_fine", "notBreaching", "breaching"),
    "CLOUDWATCH_004": ("fail_seconds", "= 30", "= 60"),
    "EVENTS_001": (
        "fail_defaults",
        'rule = "hourly"',
        'rule = "hourly"\ndead_letter_config {\narn = "arn:aws:sqs:a:1:b"\n}\n'
        "retry_policy {\nmaximum_event_age_in_seconds = 60\n}",
    ),
    "IAM_001": ("fail_nameless", 'actions   = ["ec2:', 'sid = "Look"\nactions = ["ec2:'),
    "IAM_002": ("fail_unbound", 'actions = ["sts:AssumeRole"]', 'actions = ["sts:AssumeRole"]' + EXTERNAL_ID),
    "IAM_003": ("fail_document", '"Bool"', '"BoolIfExists"'),
    "KINESIS_001": ("fail_two_days", "= 48", "= 72"),
    "KINESIS_002": ("fail_every_stream", "stream/*", "stream/orders"),
    "KMS_001": ("fail_decrypt_alone", '"kms:DescribeKey"', '"kms:GenerateDataKey"'),
    "LAMBDA_001": (
        "fail_schedule",
        'package_type  = "Image"',
        'package_type = "Image"\ndead_letter_config {\ntarget_arn = "arn:aws:sqs:a:1:b"\n}',
    ),
    "LAMBDA_002": ("fail_no_group", "\n}\n", "\n}\n" + GROUP),
    "LAMBDA_003": (
        "fail_any_rule",
        'principal     = "events',
        'source_arn = "arn:aws:events:a:1:rule/b"\nprincipal = "events',
    ),
    "LAMBDA_004": (
        "fail_queue",
        'function_name    = "reader"',
        'function_name = "reader"\nfunction_response_types = ["ReportBatchItemFailures"]',
    ),
    "LAMBDA_005": ("fail_no_hash", '"reader.zip"', f'"reader.zip"\nsource_code_hash = "{"A" * 43}="'),
    "LAMBDA_006": ("fail_longest", "= 21600", "= 21599"),
    "NETWORK_001": ("fail_second_of_two", ', "0.0.0.0/0"', ""),
    "REDSHIFT_001": ("fail_every_resource", '["*"]', '["arn:aws:redshift:a:1:cluster:b"]'),
    "S3_001": ("fail_name_with_wildcard", "team-spill*", "team-spill/*"),
    "SECRETSMANAGER_001": ("fail_prefix", "sales*", "sales-??????"),
    "SNS_001": ("fail_managed_key", "alias/aws/sns", "alias/team"),
    "SQS_001": ("fail_managed_key", "alias/aws/sqs", "alias/team"),
    "SQS_002": ("fail_just_under", "345599", "345600"),
    "VPN_001": ("fail_too_slow", "= 30", "= 29"),
    "VPN_002": ("fail_a_day", "= 24", "= 12"),
    "WAF_001": ("fail_admits_no_address", '"MATCH"', '"NO_MATCH"'),
    "WAF_002": ("fail_no_code", '"UK"', '"GB"'),
    "WAF_003": ("fail_alone", 'scope = "REGIONAL"', 'scope = "CLOUDFRONT"'),
}
IN_PLAN: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {  # the same of a planned change
    "BLAST_001": ("fail_key", lambda change: change.update(actions=["no-op"])),
    "BLAST_002": ("fail_address", lambda change: change.update(actions=["no-op"])),
    "DRIFT_001": ("fail_halved", lambda change: change["before"].update(shard_count=change["after"]["shard_count"])),
    "TAGGING_001": ("fail_untagged", lambda change: change["after"].update(tags_all={"solution": "x"})),
    "TAGGING_002": ("fail_other_tags", lambda change: change["after"].update(tags_all={"managed-by": "x"})),
}

pytestmark = pytest.mark.xdist_group("policies")


def mended(text: str, label: str, old: str, new: str) -> str:
    """A fixture, in which `new` stands for the first `old` of the block `label`."""
    before, block = text.split(f'"{label}" {{\n')
    assert old in block
    return f'{before}"{label}" {{\n{block.replace(old, new, 1)}'


def test_every_rule_is_mended_once() -> None:
    assert {*MENDS, *IN_PLAN} == {rule.id for rule in rules.read().rules}


def test_one_edit_mends_one_case(tmp_path: Path) -> None:
    failing = {}
    for rule, (label, old, new) in MENDS.items():
        path = tmp_path / "fixtures" / rule / "fail.tf"
        path.parent.mkdir(parents=True)
        text = (FIXTURES / rule / "fail.tf").read_text()
        path.write_text(mended(text, label, old, new))
        words = [line.split('"') for line in text.splitlines() if line.startswith(("resource ", "data "))]
        failing[rule] = {word[3] for word in words if word[3].startswith("fail_")}
    found = defaultdict(set)
    for result in run("gate_checkov.py", "--directory", tmp_path / "fixtures", tmp_path)["results"]:
        if result["result"] == "FAILED" and f"/{result['rule']}/" in result["file"]:
            found[result["rule"]].add(result["address"].rsplit(".", 1)[1])
    assert found == {rule: failing[rule] - {label} for rule, (label, *_) in MENDS.items() if failing[rule] != {label}}


def test_one_edit_of_a_plan_mends_one_case(rule_plan: Path, tmp_path: Path) -> None:
    plan = json.loads(rule_plan.read_text())
    addresses = {}
    for rule, (label, mend) in IN_PLAN.items():
        [item] = [item for item in plan["resource_changes"] if item["name"] == label]
        mend(item["change"])
        addresses[rule] = item["address"]
        if rule.startswith("TAGGING"):
            item["change"]["after_unknown"].pop("tags_all", None)
            planned = plan["planned_values"]["root_module"]["child_modules"]
            [known] = [one for module in planned for one in module["resources"] if one["address"] == item["address"]]
            known["values"]["tags_all"] = item["change"]["after"]["tags_all"]
    (tmp_path / "mended.json").write_text(json.dumps(plan))
    files = {(rule.file, rule.line): rule.id for rule in rules.read().rules if rule.id in IN_PLAN}
    said = run("gate_compliance.py", "--plan", tmp_path / "mended.json", tmp_path)["scenarios"]
    failures = {files[scenario["file"], scenario["line"]]: scenario["failures"] for scenario in said}
    for rule, address in addresses.items():
        assert failures[rule] or rule == "BLAST_002", "the other cases of the rule fail as before"
        assert not any(f"{address} " in failure for failure in failures[rule]), rule


def run(script: str, option: str, subject: Path, directory: Path) -> Any:
    """What a tool says of `subject`."""
    out = directory / "out.json"
    where = ["--policies", rules.POLICIES] if "checkov" in script else ["--features", rules.POLICIES / "compliance"]
    command = [POLICY_PYTHON, SCRIPTS / script, option, subject, "--out", out, *where]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return json.loads(out.read_text())
