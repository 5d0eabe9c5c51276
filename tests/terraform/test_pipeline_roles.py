"""The pipeline's roles, as terraform/examples/pipeline_roles plans them: who may take them on, and what they may do."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gate
from gate_report import summary
from gate_verdict import Subject
from toolchain import ROOT, solutions

EXAMPLE = Path("terraform/examples/pipeline_roles")
OFFLINE = {
    "access_key": "test",
    "secret_key": "test",
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_requesting_account_id": True,
    "allowed_account_ids": None,
}
# One process shares the plan.
pytestmark = pytest.mark.xdist_group("pipeline_roles")
BUCKET = "arn:aws:s3:::acme-terraform-states"

Terraform = Callable[..., subprocess.CompletedProcess[str]]
Statements = list[dict[str, Any]]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, initialise: Callable[..., None]) -> Path:
    """A copy of the example, initialised, beside the permissions that it reads."""
    copy = tmp_path_factory.mktemp("pipeline") / EXAMPLE
    shutil.copytree(ROOT / EXAMPLE, copy)
    for root in solutions():
        (copy.parents[1] / root).mkdir()
        shutil.copy(ROOT / "terraform" / root / "permissions.json", copy.parents[1] / root)
    local = {"terraform": {"backend": {"local": {}}}, "provider": {"aws": OFFLINE}}
    (copy / "offline_override.tf.json").write_text(json.dumps(local))
    initialise(copy, backend=True)
    return copy


@pytest.fixture(scope="module")
def plan(directory: Path, terraform: Terraform) -> Path:
    """The plan of the example's own variables, as JSON."""
    made = terraform(directory, "plan", "-no-color", "-var-file=example.tfvars", "-out=plan")
    assert made.returncode == 0, made.stdout + made.stderr
    shown = directory / "pipeline_roles.json"
    shown.write_text(terraform(directory, "show", "-json", "plan").stdout)
    return shown


@pytest.fixture(scope="module")
def policies(plan: Path) -> dict[tuple[str, str], Statements]:
    """The statements of each policy, and of each role's trust as `plan trust`, by what it is for and root."""
    found = {}
    for change in json.loads(plan.read_text())["resource_changes"]:
        after = change["change"]["after"]
        for kind, argument, suffix in (
            ("aws_iam_role_policy", "policy", ""),
            ("aws_iam_role", "assume_role_policy", " trust"),
        ):
            if change["type"] == kind:
                statements = json.loads(after[argument])["Statement"]
                found[change["name"] + suffix, change["index"]] = statements
    return found


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def actions(statements: Statements) -> set[str]:
    return {action for statement in statements for action in listed(statement["Action"])}


@pytest.mark.parametrize("root", solutions())
@pytest.mark.parametrize(("role", "environment"), [("plan", "production-plan"), ("apply", "production")])
def test_a_role_is_for_jobs_of_one_environment(
    policies: dict[tuple[str, str], Statements], root: str, role: str, environment: str
) -> None:
    [statement] = policies[f"{role} trust", root]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": f"repo:acme/groundcrew:environment:{environment}",
        }
    }


@pytest.mark.parametrize("root", solutions())
def test_planning_changes_nothing_but_the_lock_and_reads_no_data(
    policies: dict[tuple[str, str], Statements], root: str
) -> None:
    state = f"{BUCKET}/production/eu-central-1/{root}.tfstate"
    objects = {f"{state}.tflock": {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, state: {"s3:GetObject"}}
    zips = {"arn:aws:s3:::acme-zips-eu-central-1/groundcrew/*"}
    for statement in policies["plan", root]:
        resources = set(listed(statement["Resource"]))
        held = set(listed(statement["Action"]))
        if len(resources) == 1 and held == objects.get(*resources):
            continue
        reading = {action for action in held if action.split(":")[1].startswith(("Describe", "Get", "List", "GET"))}
        assert held == reading
        data = held & {"s3:GetObject", "s3:GetObjectVersion", "dynamodb:GetItem", "kms:Decrypt"}
        assert not data or resources == zips
        assert not {action for action in held if action.startswith("secretsmanager:")}
        assert resources != {"*"} or statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}


@pytest.mark.parametrize("root", solutions())
def test_applying_may_do_what_terraform_was_seen_to_call(
    policies: dict[tuple[str, str], Statements], root: str
) -> None:
    recorded = json.loads((ROOT / "terraform" / root / "permissions.json").read_text())["Statement"]
    assert actions(recorded) <= actions(policies["apply", root])
    assert actions(policies["plan", root]) <= actions(policies["apply", root])


@pytest.mark.parametrize("root", solutions())
def test_applying_grants_no_more_than_the_boundary_and_to_functions_alone(
    policies: dict[tuple[str, str], Statements], root: str
) -> None:
    found = {statement["Sid"]: statement for statement in policies["apply", root]}
    bounded = found["GrantWithinTheBoundary"]
    assert bounded["Condition"]["StringEquals"]["iam:PermissionsBoundary"].endswith(":policy/functions")
    assert (
        found["GiveItsRolesToFunctions"]["Condition"]["StringEquals"]["iam:PassedToService"] == "lambda.amazonaws.com"
    )
    for sid, statement in found.items():
        written = {action for action in listed(statement["Action"]) if action.startswith("iam:")}
        assert not written or "*" not in listed(statement["Resource"]), sid
        grants = {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"}
        assert not written & grants or sid == "GrantWithinTheBoundary"


@pytest.mark.parametrize("root", solutions())
def test_what_has_a_name_is_changed_by_that_name_alone(policies: dict[tuple[str, str], Statements], root: str) -> None:
    found = {statement["Sid"]: statement for statement in policies["apply", root]}
    anywhere = {action.split(":")[0] for action in listed(found["ChangeWhatHasNoName"]["Action"])}
    assert anywhere <= {"apigateway", "athena", "ec2", "kms", "logs", "sns", "wafv2"}
    assert "sns:Unsubscribe" in found["ChangeWhatHasNoName"]["Action"] or "sns" not in anywhere
    name = f"{'people' if root == 'iam_geofence' else 'data'}-{root.replace('_', '-')}*"
    for resource in found["ChangeWhatBearsItsName"]["Resource"]:
        assert resource.endswith((name, ":event-source-mapping:*"))


def test_the_gate_passes_them(plan: Path, directory: Path) -> None:
    report = gate.judge_and_write(Subject("pipeline_roles", plan, directory, directory), out=directory / "gate")
    assert report.exit_code == 0, summary(report)


def test_nobody_can_be_let_in_by_a_pattern(directory: Path, terraform: Terraform) -> None:
    wrong = {
        "repository": {"owner": "acme", "name": "*"},
        "environment": "*",
        "account_id": "1234",
        "roots": {"absent": {"prefix": "a", "state_key": "b", "zips": ["arn:aws:s3:::*"]}},
    }
    (directory / "wrong.tfvars.json").write_text(json.dumps(wrong))
    made = terraform(directory, "plan", "-no-color", "-var-file=example.tfvars", "-var-file=wrong.tfvars.json")
    assert made.returncode == 1
    for said in (
        "account_id is twelve digits",
        "without wildcards: whoever they name may deploy",
        "the name of one, without wildcards",
        "roots are named like the directories",
        "zips are ARNs of objects",
    ):
        assert said in " ".join(made.stderr.replace("│", "").split()), said
