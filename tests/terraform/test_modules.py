"""Every module's own tests, by `terraform test` with a mocked provider, and every example validated."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from terraform import describe

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    str(path.parent.relative_to(ROOT / "modules"))
    for pattern in ("*/main.tf", "*/*/main.tf")
    for path in (ROOT / "modules").glob(pattern)
)
# tests/integration/test_from_git.py applies what comes from git.
EXAMPLES = sorted(
    str(path.parent.relative_to(ROOT / "modules"))
    for path in ROOT.glob("modules/**/examples/*/main.tf")
    if path.parent.name != "from_git"
)


Terraform = Callable[..., subprocess.CompletedProcess[str]]
Initialise = Callable[[Path], None]


@pytest.mark.parametrize("module", MODULES)
def test_terraform_test_passes(
    modules: Path, terraform: Terraform, initialise: Initialise, attached: dict[str, str], module: str
) -> None:
    initialise(modules / module)
    result = terraform(modules / module, "test", "-json", "-no-color", **attached)
    messages = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    summary = next((item["test_summary"] for item in messages if item["type"] == "test_summary"), None)
    assert summary is not None, result.stdout + result.stderr
    told = "\n".join(describe(item["diagnostic"]) for item in messages if item["type"] == "diagnostic")
    assert (summary["status"], result.returncode) == ("pass", 0), told
    assert summary["passed"] >= 2, "a module needs at least a contract and a refusal"


def test_every_module_has_a_minimal_example() -> None:
    assert {f"{module}/examples/minimal" for module in MODULES} <= set(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_valid(
    modules: Path, terraform: Terraform, initialise: Initialise, attached: dict[str, str], example: str
) -> None:
    directory = modules / example
    shutil.copy(directory.parents[1] / ".terraform.lock.hcl", directory)
    initialise(directory)
    result = terraform(directory, "validate", "-no-color", **attached)
    assert result.returncode == 0, result.stdout + result.stderr
