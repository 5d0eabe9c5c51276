"""Promises of the pipeline that neither its schema nor zizmor knows; `make lint` asks those two."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import workflows
from toolchain import ROOT, solutions

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"- uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
MAKE = re.compile(r"make (?P<verb>[a-z]+)")
WRITES = {
    "plan": {"id-token"},
    "apply": {"id-token"},
    "drift": {"id-token"},
    "scan": {"security-events"},
    "comment": {"pull-requests"},
}
"""What a job may do besides reading. None that writes to the code host gets a role in the account."""

Workflow = dict[Any, Any]
Job = dict[str, Any]


def workflow(name: str) -> Workflow:
    # YAML 1.1 reads the key `on` as a boolean.
    return dict(yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text()))


def jobs() -> Iterator[tuple[str, Job]]:
    for file in FILES:
        yield from workflow(file.stem)["jobs"].items()


def steps(job: Job, action: str) -> list[dict[str, Any]]:
    return [step["with"] for step in job["steps"] if step.get("uses", "").startswith(f"{action}@")]


def position(job: Job, found: str) -> int:
    """Where a job calls an action or a verb."""
    [at] = [index for index, step in enumerate(job["steps"]) if found in (step.get("uses", ""), step.get("run"))]
    return at


def test_schemas_and_zizmor_find_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workflows.main() == 0, capsys.readouterr().err
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    shutil.copy(ROOT / "action.yml", tmp_path)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    monkeypatch.setattr(workflows, "ROOT", tmp_path)
    for name, right, wrong, said in (
        ("pipeline", "run: make apply", "run: make ${{ github.head_ref }}", "template-injection"),
        ("drift", "runs-on:", "run-on:", "'runs-on' is a required property"),
    ):
        file = tmp_path / ".github" / "workflows" / f"{name}.yml"
        file.write_text(file.read_text().replace(right, wrong))
        assert workflows.main() == 1
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_actions_are_pinned_by_commit_with_their_version_beside(file: Path) -> None:
    used = [line.strip() for line in file.read_text().splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.fullmatch(line)] == []


def test_one_action_has_one_pin() -> None:
    pins = {use for _, job in jobs() for step in job["steps"] if (use := step.get("uses"))}
    assert len(pins) == len({pin.split("@")[0] for pin in pins})


def test_steps_call_verbs_of_the_makefile_and_nothing_else() -> None:
    verbs = set(re.findall(r"(?m)^([a-z]+):.*## ", (ROOT / "Makefile").read_text()))
    called = {step["run"] for _, job in jobs() for step in job["steps"] if "run" in step}
    matched = {MAKE.fullmatch(text) for text in called}
    assert None not in matched
    assert {match["verb"] for match in matched if match} <= verbs
    # What .ci/run calls is called here too.
    assert {f"make {verb}" for verb in ("demo", "lint", "test")} <= called


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_runs_with_more_rights_than_it_names(file: Path) -> None:
    read = workflow(file.stem)
    assert read["permissions"] == {}
    assert "pull_request_target" not in file.read_text()
    assert "workflow_run" not in file.read_text()
    for name, job in read["jobs"].items():
        written = {scope for scope, right in job["permissions"].items() if right == "write"}
        assert written == WRITES.get(name, set()), name
        assert job["timeout-minutes"] <= 60, name
        assert all(step["persist-credentials"] is False for step in steps(job, "actions/checkout")), name


def test_no_secret_is_kept_and_the_token_reaches_one_step() -> None:
    assert "secrets." not in "".join(file.read_text() for file in FILES)
    assert "aws-access-key-id" not in "".join(file.read_text() for file in FILES)
    holders = [
        (name, step.get("run"))
        for name, job in jobs()
        for step in job["steps"]
        if "github.token" in str(step.get("env", {}))
    ]
    assert holders == [("comment", "make comment")]
    assert not any("github.token" in str(job.get("env", {})) for _, job in jobs())


def test_expressions_stay_out_of_shells() -> None:
    texts = [step["run"] for _, job in jobs() for step in job["steps"] if "run" in step]
    texts += [step["run"] for step in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]]
    assert [text for text in texts if "${{" in text] == []


def test_the_saved_plan_is_applied_with_the_zips_it_was_planned_with() -> None:
    found = workflow("pipeline")["jobs"]
    plan, apply = found["plan"], found["apply"]
    assert position(plan, "make plan") < position(plan, "make gate")
    assert "make plan" not in str(apply["steps"])
    assert "make package" not in str(apply["steps"]) + str(plan["steps"])
    [saved] = steps(plan, "actions/upload-artifact")
    assert saved["path"].splitlines() == ["build/plans/${{ matrix.root }}.*", "build/gate/${{ matrix.root }}.*"]
    zips, judged = steps(apply, "actions/download-artifact")
    assert [zips] == steps(plan, "actions/download-artifact")
    assert (judged["name"], judged["path"]) == (saved["name"], "build")


def test_nothing_is_applied_unapproved_untested_or_from_a_pull_request() -> None:
    found = workflow("pipeline")["jobs"]
    apply = found["apply"]
    assert apply["if"] == "github.event_name == 'push'"
    assert workflow("pipeline")[True]["push"] == {"branches": ["main"]}
    assert apply["environment"] == "production"
    needed, waiting = set(), list(apply["needs"])
    while waiting:
        needed.add(name := waiting.pop())
        before = found[name].get("needs", [])
        waiting += [before] if isinstance(before, str) else before
    assert needed == {"test", "demo", "plan", "lint", "reproduce", "package"}
    assert "head.repo.full_name == github.repository" in found["plan"]["if"], "a fork gets no role"


def test_plans_are_made_by_a_role_that_only_reads() -> None:
    roles = {
        (name, step["role-to-assume"].partition(":role/")[2], job["environment"])
        for name, job in jobs()
        for step in steps(job, "aws-actions/configure-aws-credentials")
    }
    assert roles == {
        ("plan", "groundcrew-plan-${{ matrix.root }}", "production-plan"),
        ("drift", "groundcrew-plan-${{ matrix.root }}", "production-plan"),
        ("apply", "groundcrew-apply-${{ matrix.root }}", "production"),
    }


def test_every_solution_is_applied_to_the_local_cloud() -> None:
    assert workflow("pipeline")["jobs"]["demo"]["strategy"]["matrix"]["root"] == solutions()


def test_the_zips_are_built_on_two_machines() -> None:
    builds = workflow("pipeline")["jobs"]["package"]["strategy"]["matrix"]["include"]
    assert [build["build"] for build in builds] == ["first", "second"]
    assert builds[0]["machine"] != builds[1]["machine"]
    assert builds[0]["python"] != builds[1]["python"]


@pytest.mark.parametrize(
    ("policies", "more"),
    [("", []), ("own rules", ["--policies", "own rules"])],
    ids=["our rules", "rules of one's own"],
)
def test_the_action_passes_its_inputs_on_whatever_they_hold(tmp_path: Path, policies: str, more: list[str]) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    [step] = action["runs"]["steps"]
    assert step["env"] == {name.upper(): f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}
    script = tmp_path / "scripts" / "gate_elsewhere.py"
    script.parent.mkdir()
    script.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    script.chmod(0o755)
    given = {"PLAN": "a plan; exit 0.json", "SOURCE": "$(pwd)", "POLICIES": policies, "OUT": "gate"}
    result = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={"PATH": os.environ["PATH"], "GITHUB_ACTION_PATH": str(tmp_path), **given},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = ["plan", "--plan", given["PLAN"], "--source", given["SOURCE"], "--out", "gate", *more]
    assert result.stdout.splitlines() == expected


def test_hooks_call_scripts_that_can_be_run() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"] for hook in hooks} == {"groundcrew-source", "groundcrew-plan"}
    for hook in hooks:
        assert os.access(ROOT / hook["entry"].split()[0], os.X_OK)
