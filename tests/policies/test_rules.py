"""Each rule catches its bad cases and spares its good ones, on the plan and, for checkov's kind, on the source."""

import json
import subprocess
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

import gate
import rules
from gate_report import Report, summary
from toolchain import POLICY_PYTHON, ROOT

FIXTURES = Path(__file__).parent / "fixtures"
SCRIPTS = Path(gate.__file__).parent
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
ON_RESOURCES = sorted(rule.id for rule in rules.read().rules if not rule.file.endswith(".feature"))
PLANS = Path(__file__).parent / "plans"
OTHERS = yaml.safe_load((PLANS / "findings.yaml").read_text())
TAGGING = ["TAGGING_001", "TAGGING_002"]
ON_CHANGES = {
    "BLAST_001": ("blast_radius", {"fail_replaced", "fail_table", "fail_key", "fail_bucket"}),
    "BLAST_002": ("blast_radius", {"fail_address"}),
    "DRIFT_001": ("drift", {"fail_halved", "fail_window"}),
}

pytestmark = pytest.mark.xdist_group("policies")


def block_names(path: Path, prefix: str) -> set[str]:
    """The labels in a fixture that begin with `prefix`."""
    words = [line.split('"') for line in path.read_text().splitlines() if line.startswith(("resource ", "data "))]
    return {word[3] for word in words if word[3].startswith(prefix)}


def label(address: str) -> str:
    return address.split("[")[0].rsplit(".", 1)[1]


@pytest.fixture(scope="session")
def results_on_plan(rule_plan: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], set[str]]:
    return _results("--plan", rule_plan, tmp_path_factory.mktemp("on-plan"))


@pytest.fixture(scope="session")
def results_on_source(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], set[str]]:
    return _results("--directory", FIXTURES, tmp_path_factory.mktemp("on-source"))


def _results(option: str, subject: Path, directory: Path) -> dict[tuple[str, str], set[str]]:
    """The labels of what each rule judged in its own fixtures, by rule and result."""
    out = directory / "checkov.json"
    script = [str(POLICY_PYTHON), str(SCRIPTS / "gate_checkov.py"), "--policies", str(rules.POLICIES)]
    subprocess.run([*script, option, str(subject), "--out", str(out)], check=True, capture_output=True)
    said = json.loads(out.read_text())
    assert said["errors"] == []
    found = defaultdict(set)
    for result in said["results"]:
        # A fixture is a module of the plan, and a file of the source.
        if any(f"{result['rule']}{end}" in result[where] for where in ("address", "file") for end in ("_", "/")):
            found[result["rule"], result["result"]].add(label(result["address"]))
    return found


def test_every_rule_has_fixtures() -> None:
    assert {rule.id for rule in rules.read().rules} == {*ON_RESOURCES, *ON_CHANGES, *TAGGING}
    directories = sorted(path.name for path in FIXTURES.iterdir())
    assert directories == sorted([*ON_RESOURCES, "blast_radius", "drift", "tagging"])
    for rule in ON_RESOURCES:
        assert block_names(FIXTURES / rule / "pass.tf", "pass_"), rule
        assert block_names(FIXTURES / rule / "fail.tf", "fail_"), rule


@pytest.mark.parametrize("rule", ON_RESOURCES)
@pytest.mark.parametrize("where", ["results_on_plan", "results_on_source"])
def test_rule_judges_its_fixtures_exactly(
    rule: str, where: str, rule_plan: Path, request: pytest.FixtureRequest
) -> None:
    good, bad = [block_names(FIXTURES / rule / f"{kind}.tf", f"{kind}_") for kind in ("pass", "fail")]
    if where == "results_on_plan":
        # A data source that is read while planning is no part of the plan: what it says stands in what uses it.
        changes = json.loads(rule_plan.read_text())["resource_changes"]
        inside = {item["name"] for item in changes if item["address"].startswith(f"module.{rule}_")}
        good, bad = good & inside, bad & inside
    results = request.getfixturevalue(where)
    assert good
    assert bad
    assert results[rule, "FAILED"] == bad
    assert results[rule, "PASSED"] == good


@pytest.fixture(scope="session")
def reports(rule_plan: Path, clean_plan: Path, planned, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:  # type: ignore[no-untyped-def]
    """What the gate says of tagging: `fail` (with the fixtures of every other rule), `empty`, `pass`; of `OTHERS`."""
    plans = {"fail": rule_plan, "empty": planned("empty", FIXTURES / "tagging" / "empty"), "pass": clean_plan}
    plans |= {name: planned(name, PLANS / name) for name in OTHERS}
    subjects = [gate.Subject(name, plan, plan.parent, plan.parent) for name, plan in plans.items()]
    return dict(zip(plans, gate.judge(subjects, rules.POLICIES, NOW), strict=True))


@pytest.mark.parametrize("rule", TAGGING)
def test_scenario_judges_its_fixtures_exactly(rule: str, reports: dict[str, Report]) -> None:
    found = {
        name: {label(item.address) for item in report.findings if item.rule.id == rule and "tagging" in item.address}
        for name, report in reports.items()
        if name not in OTHERS
    }
    assert found == {"fail": {"fail_untagged", "fail_other_tags"}, "empty": {"fail_empty"}, "pass": set()}


@pytest.mark.parametrize("rule", ON_CHANGES)
def test_what_a_plan_changes_is_judged_exactly(rule: str, reports: dict[str, Report]) -> None:
    fixtures, bad = ON_CHANGES[rule]
    found = [item.address for item in reports["fail"].findings if item.rule.id == rule]
    assert {label(address) for address in found} == bad
    assert all(address.startswith(f"module.{fixtures}_fail.") for address in found)


@pytest.mark.parametrize("name", OTHERS)
def test_plans_of_others_get_the_findings_that_are_told_of(name: str, reports: dict[str, Report]) -> None:
    assert reports[name].errors == []
    assert Counter(item.rule.id for item in reports[name].open) == {
        item["rule"]: item["count"] for item in OTHERS[name]
    }


def test_the_readme_shows_what_the_gate_says(reports: dict[str, Report]) -> None:
    shown = (ROOT / "README.md").read_text().split("<!-- BEGIN gate -->\n```text\n")[1].split("\n```\n")[0]
    beginning, left_out = shown.rsplit("\n", 1)
    assert left_out == "…"
    assert summary(reports["static_site"]).startswith(beginning + "\n")
