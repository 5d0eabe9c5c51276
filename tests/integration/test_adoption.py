"""A root beside what an account has already: its state in a bucket, and resources under its names."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from localcloud.client import LocalCloud
from progress import Progress
from terraform import Workspace

ROOT = Path(__file__).resolve().parents[2]
SYNC = "redshift_maintenance_sync"


@pytest.fixture
def workspace(cloud: LocalCloud, tmp_path: Path) -> Workspace:
    """The root as it would be planned in an account, with a payload that nobody runs."""
    created = Workspace.create(SYNC, tmp_path, cloud.environment())
    provider = {"aws": {"skip_credentials_validation": True, "skip_metadata_api_check": True}}
    (created.path / "local_override.tf.json").write_text(json.dumps({"provider": provider}))
    return created


def backend(environment: str) -> list[str]:
    """As terraform/examples/backend.hcl says it, for an endpoint without names of buckets."""
    example = str(ROOT / "terraform/examples/backend.hcl")
    return [example, f"key={environment}/{SYNC}.tfstate", "use_path_style=true", "region=us-east-1"]


def test_environments_share_a_root_and_what_exists_is_taken_over(
    cloud: LocalCloud, workspace: Workspace, tmp_path: Path, name: str
) -> None:
    cloud.client("s3").create_bucket(Bucket="acme-terraform-states")
    cloud.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}-redshift-maintenance-sync")
    keys = [("scope", "HASH"), ("cluster", "RANGE")]
    cloud.client("dynamodb").create_table(
        TableName=f"{name}-redshift-maintenance-sync",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
    )
    progress = Progress(Console(), quiet=True)
    workspace.init(progress, backend("staging"))
    workspace.init(progress, backend("production"))
    example = (ROOT / "terraform/examples/imports.tf").read_text()
    (workspace.path / "imports.tf").write_text(example)
    payload = tmp_path / "payload.zip"
    payload.write_bytes(b"zip")
    own = tmp_path / "own.tfvars.json"
    own.write_text(json.dumps({"prefix": name, "function": {"artifact": {"path": str(payload)}}}))
    plan = tmp_path / "plan"
    workspace.plan(progress, plan, [str(ROOT / "terraform" / SYNC / "example.tfvars"), str(own)])
    planned = json.loads(plan.with_suffix(".json").read_text())["resource_changes"]
    imported = {change["type"]: change["change"]["actions"] for change in planned if "importing" in change["change"]}
    assert imported == {"aws_cloudwatch_log_group": ["update"], "aws_dynamodb_table": ["update"]}
