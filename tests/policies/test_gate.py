"""The gate gives a verdict only when everything ran: each way in which it could pass in silence is a test."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import gate
import rules

pytestmark = pytest.mark.xdist_group("policies")
Judge = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of the policies to spoil, with the settings beside it."""
    shutil.copy(rules.POLICIES.parent / ".checkov.yaml", tmp_path)
    return Path(shutil.copytree(rules.POLICIES, tmp_path / "policies", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def judge(clean_plan: Path, policies: Path, tmp_path: Path) -> Judge:
    """Runs the gate as its command line does; returns the exit code and the JSON report."""

    def run(plan: Path = clean_plan, *more: str) -> tuple[int, dict[str, Any]]:
        out = tmp_path / "out"
        code = gate.main(["--plan", str(plan), "--policies", str(policies), "--out", str(out), "--quiet", *more])
        return code, json.loads((out / f"{plan.stem}.json").read_text())

    return run


def test_a_clean_plan_passes(judge: Judge, clean_plan: Path, tmp_path: Path) -> None:
    code, report = judge()
    assert (report["errors"], report["findings"]) == ([], [])
    assert (code, report["verdict"]) == (0, "pass")
    assert report["rules"] == report["ran"] == len(rules.read().rules)
    assert report["judged"] == 4, "the scenarios on tags and the rules of queues meet this plan's resources"
    evidence = json.loads((tmp_path / "out" / f"{clean_plan.stem}.evidence.json").read_text())
    assert (evidence["verdict"], evidence["counts"]["ran"]) == ("pass", report["ran"])
    sha256 = hashlib.sha256(clean_plan.read_bytes()).hexdigest()
    assert evidence["plan"] == [{"file": clean_plan.name, "sha256": sha256}]
    assert {rule.file for rule in rules.read().rules} <= {Path(name).name for name in evidence["policies"]}
    assert evidence["tools"].keys() == {"checkov", "terraform", "terraform-compliance"}


def test_findings_fail_with_file_and_line(judge: Judge, rule_plan: Path, tmp_path: Path) -> None:
    code, report = judge(rule_plan, "--source", str(rule_plan.parent))
    assert code == 1
    assert report["failed"] == report["rules"], "the fixtures make every rule fail"
    assert [text.split(" is not planned with")[0] for text in report["refused"]] == [
        "module.LAMBDA_005_fail.aws_lambda_function.fail_hexadecimal",
        "module.LAMBDA_005_pass.aws_lambda_function.pass_base64",
    ], "no zip is there"
    sarif = json.loads((tmp_path / "out" / "rules.sarif").read_text())["runs"][0]
    target = "module.EVENTS_001_fail.aws_cloudwatch_event_target.fail_defaults: "
    ours = [item for item in sarif["results"] if item["ruleId"] == "EVENTS_001"]
    [result] = [item for item in ours if item["message"]["text"].startswith(target)]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("modules/EVENTS_001_fail/main.tf")
    lines = Path(rule_plan.parent / "modules" / "EVENTS_001_fail" / "main.tf").read_text().splitlines()
    assert lines[place["region"]["startLine"] - 1] == 'resource "aws_cloudwatch_event_target" "fail_defaults" {'
    assert {item["id"] for item in sarif["tool"]["driver"]["rules"]} >= {rule.id for rule in rules.read().rules}


def test_a_reason_in_the_block_accepts_a_finding_there_and_nowhere_else(
    judge: Judge, rule_plan: Path, tmp_path: Path
) -> None:
    source = shutil.copytree(rule_plan.parent, tmp_path / "source", ignore=shutil.ignore_patterns(".terraform"))
    file = source / "modules" / "EVENTS_001_fail" / "main.tf"
    block = 'resource "aws_cloudwatch_event_target" "fail_defaults" {\n'
    assert block in file.read_text()
    file.write_text(file.read_text().replace(block, block + "  #checkov:skip=EVENTS_001: replayed by hand\n"))
    _, report = judge(rule_plan, "--source", str(source))
    address = "module.EVENTS_001_fail.aws_cloudwatch_event_target.fail_defaults"
    accepted = [(item["rule"], item["address"], item["accepted"]) for item in report["accepted"]]
    assert accepted == [("EVENTS_001", address, "replayed by hand")]
    still = [item["address"] for item in report["findings"] if item["rule"] == "EVENTS_001"]
    assert len(still) == 3
    assert address not in still


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "run `make plan"),
        ("{", "is not JSON"),
        ('{"format_version": "1.2"}', "is not a plan: it has no terraform_version, planned_values, configuration"),
        ("[]", "is not a plan"),
    ],
    ids=["missing", "cut short", "no plan", "a list"],
)
def test_a_plan_that_cannot_be_read_is_no_verdict(judge: Judge, tmp_path: Path, text: str | None, said: str) -> None:
    plan = tmp_path / "plan.json"
    if text is not None:
        plan.write_text(text)
    code, report = judge(plan)
    assert code == 2
    assert said in report["errors"][0]


def test_several_plans_are_judged_in_one_run_and_the_worst_counts(
    clean_plan: Path, rule_plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    out = tmp_path / "out"
    plans = [str(plan) for plan in (broken, clean_plan, rule_plan)]
    assert gate.main(["--plan", *plans, "--out", str(out), "--quiet"]) == 2
    verdicts = [line.split(";")[0] for line in capsys.readouterr().out.splitlines()]
    assert verdicts == ["gate broken: NO VERDICT", "gate clean: pass", "gate rules: FAIL"]
    report = json.loads((out / "rules.json").read_text())
    assert min(report["resources"].values()) > 0, "a rule that judges no fixture is silent"
    assert report["resources"].keys() == {rule.id for rule in rules.read().rules}
    assert json.loads((out / "clean.json").read_text())["resources"]["SQS_002"] == 1
    assert (out / "rules.md").read_text().startswith("<!-- groundcrew-gate: rules -->")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--plan", "a/plan.json", "b/plan.json"], "More than one plan is called plan"),
        (["--plan", "a.json", "b.json", "--source", "a"], "2 plans and 1 sources"),
        (["--plan", "a.json", "--policies", "nowhere"], "No rules at nowhere"),
    ],
)
def test_what_cannot_be_meant_is_no_verdict(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate.main([*arguments, "--out", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert said in told.out + told.err


def test_a_gate_that_breaks_gives_no_verdict_and_leaves_none_of_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "plan.json").write_text('{"verdict": "pass"}')
    monkeypatch.setattr(gate, "judge", lambda *_: 1 / 0)
    assert gate.main(["--plan", "plan.json", "--out", str(tmp_path)]) == 2
    assert not (tmp_path / "plan.json").exists()


def break_syntax(policies: Path) -> None:
    path = policies / "checkov" / "lambda_002_log_retention.py"
    path.write_text(path.read_text() + "\ndef\n")


def break_import(policies: Path) -> None:
    path = policies / "checkov" / "lambda_002_log_retention.py"
    path.write_text("import not_installed_anywhere\n" + path.read_text())


def raise_while_judging(policies: Path) -> None:
    path = policies / "checkov" / "raises.py"
    text = (policies / "checkov" / "lambda_002_log_retention.py").read_text()
    text = text.replace("LAMBDA_002", "LAMBDA_999").replace("aws_lambda_function", "aws_sqs_queue")
    path.write_text(text.replace("        named = ", '        raise ValueError("spoilt")\n        named = ', 1))


def lose_init(policies: Path) -> None:
    (policies / "checkov" / "__init__.py").unlink()


def skip_own_rule(policies: Path) -> None:
    path = policies.parent / ".checkov.yaml"
    path.write_text(path.read_text() + "  - EVENTS_001\n")


def mistype_a_skip(policies: Path) -> None:
    path = policies.parent / ".checkov.yaml"
    path.write_text(path.read_text() + "  - CKV_AWS_99999\n")


def break_yaml_rule(policies: Path) -> None:
    path = policies / "checkov" / "events_001_target_bounds.yaml"
    path.write_text(path.read_text() + "  - [\n")


def empty_feature(policies: Path) -> None:
    (policies / "compliance" / "encryption.feature").write_text("Feature: Encryption\n")


def unknown_step(policies: Path) -> None:
    path = policies / "compliance" / "tagging.feature"
    path.write_text(path.read_text().replace("Then it must have solution", "Then it really ought to have solution"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (break_syntax, "lambda_002_log_retention.py: cannot be read"),
        (break_import, "LAMBDA_002 did not run"),
        (raise_while_judging, "spoilt"),
        (lose_init, "LAMBDA_001 did not run"),
        (skip_own_rule, "EVENTS_001 did not run"),
        (mistype_a_skip, "CKV_AWS_99999, which names no rule"),
        (break_yaml_rule, "events_001_target_bounds.yaml: cannot be read"),
        (empty_feature, "encryption.feature: holds no scenario"),
        (unknown_step, "gate_compliance.py ended"),
    ],
)
def test_a_rule_that_did_not_run_is_no_verdict(
    judge: Judge, policies: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(policies)
    code, report = judge()
    assert code == 2, report
    assert report["verdict"] == "fail"
    assert any(said in error for error in report["errors"]), report["errors"]


def test_exceptions_accept_findings_and_are_refused_when_they_do_not_hold(
    judge: Judge, policies: Path, rule_plan: Path, tmp_path: Path
) -> None:
    address = "module.EVENTS_001_fail.aws_cloudwatch_event_target.fail_defaults"
    entry = {"rule": "EVENTS_001", "address": address, "reason": "Replayed by hand.", "owner": "data-platform"}
    held = {**entry, "expires": "2999-12-31"}
    entries = [
        held,
        {**held, "address": "aws_sqs_queue.gone"},
        {**held, "root": "another"},
        {**entry, "expires": "2020-01-01"},
    ]
    (policies / "exceptions.yaml").write_text(yaml.safe_dump({"exceptions": entries}))
    code, report = judge(rule_plan, "--source", str(rule_plan.parent))
    assert code == 1
    [accepted] = report["accepted"]
    assert (accepted["address"], accepted["accepted"], accepted["owner"]) == (
        address,
        "Replayed by hand.",
        "data-platform",
    )
    assert address not in [item["address"] for item in report["findings"] if item["rule"] == "EVENTS_001"]
    refused = [text for text in report["refused"] if "exception" in text]
    assert len(refused) == 2
    assert "expired on 2020-01-01" in refused[0]
    assert "aws_sqs_queue.gone accepts nothing here: data-platform" in refused[1]
    results = json.loads((tmp_path / "out" / "rules.sarif").read_text())["runs"][0]["results"]
    [suppressions] = [item["suppressions"] for item in results if "suppressions" in item]
    text = "Replayed by hand. (data-platform, until 2999-12-31)"
    assert suppressions == [{"kind": "external", "justification": text}]


def test_an_unused_exception_alone_fails_the_gate(judge: Judge, policies: Path) -> None:
    entry = {"rule": "SQS_002", "address": "aws_sqs_queue.gone", "reason": "x", "owner": "x", "expires": "2999-12-31"}
    (policies / "exceptions.yaml").write_text(yaml.safe_dump({"exceptions": [entry]}))
    code, report = judge()
    assert (code, report["verdict"], report["findings"], len(report["refused"])) == (1, "fail", [], 1)
