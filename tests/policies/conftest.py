"""Plans of the fixtures, made by real Terraform without an account, and shared by the tests of one process."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terraform_setup import find_terraform, provider_mirror, terraform_environment

HERE = Path(__file__).parent
FIXTURES, PLANS = HERE / "fixtures", HERE / "plans"
LOCK = Path(__file__).parents[2] / "modules" / "lambda_function" / ".terraform.lock.hcl"
OFFLINE = {
    "provider": {
        "aws": {
            "region": "us-east-1",
            "access_key": "test",
            "secret_key": "test",
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
            "skip_region_validation": True,
            "skip_requesting_account_id": True,
        }
    }
}
SCHEMAS = {"aws_dynamodb_table": 1, "aws_kinesis_stream": 1}
"""The provider's schema version of a resource type where it is not 0."""
Planner = Callable[..., Path]


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    """Makes the plan of a root whose modules are copies of fixture directories or files; returns its JSON.

    The files stay beside the plan, under `modules/<name>/main.tf`.
    """

    def plan(name: str, *sources: Path) -> Path:
        directory = tmp_path_factory.mktemp(name)
        shutil.copy(LOCK, directory)
        calls, state = {}, []
        for source in sources:
            module = "_".join(source.relative_to(HERE).with_suffix("").parts[1:])
            (directory / "modules" / module).mkdir(parents=True)
            file = source / "main.tf" if source.is_dir() else source
            shutil.copy(file, directory / "modules" / module / "main.tf")
            if 'provider "aws"' in file.read_text():
                (directory / "modules" / module / "offline_override.tf.json").write_text(json.dumps(OFFLINE))
            calls[module] = {"source": f"./modules/{module}"}
            if (source / "state.json").is_file():
                state += earlier(module, json.loads((source / "state.json").read_text()))
        if state:
            (directory / "terraform.tfstate").write_text(json.dumps({"version": 4, "resources": state}))
        (directory / "main.tf.json").write_text(json.dumps({**OFFLINE, "module": calls}))
        mirror = provider_mirror()
        terraform(directory, "init", "-lockfile=readonly", *([f"-plugin-dir={mirror}"] if mirror else []))
        terraform(directory, "plan", "-out=plan", "-refresh=false")
        shown = directory / f"{name}.json"
        shown.write_text(terraform(directory, "show", "-json", "plan"))
        return shown

    return plan


def earlier(module: str, resources: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Resources of `module` as a state file holds them, from their arguments by address."""
    return [
        {
            "module": f"module.{module}",
            "mode": "managed",
            "type": address.split(".")[0],
            "name": address.split(".")[1],
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [
                {"schema_version": SCHEMAS.get(address.split(".")[0], 0), "attributes": {"id": address, **given}}
            ],
        }
        for address, given in resources.items()
    ]


def terraform(directory: Path, command: str, *arguments: str) -> str:
    """Run Terraform in `directory` and return what it prints."""
    called = [str(find_terraform()), f"-chdir={directory}", command, *arguments, "-no-color"]
    environment = terraform_environment({"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    result = subprocess.run(called, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def rule_plan(planned: Planner) -> Path:
    """One plan of the fixtures of every rule of checkov's kind, of the blast radius, and of what fails on tags."""
    files = sorted(path for path in FIXTURES.glob("*/*.tf") if path.parent.name.isupper())
    changed = [path for name in ("blast_radius", "drift") for path in (FIXTURES / name).iterdir()]
    return planned("rules", *files, *changed, FIXTURES / "tagging" / "fail")


@pytest.fixture(scope="session")
def clean_plan(planned: Planner) -> Path:
    """A small plan that passes every rule."""
    return planned("clean", FIXTURES / "tagging" / "pass")
