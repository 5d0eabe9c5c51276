"""Promises about the repository: one name everywhere, the same files everywhere, nothing of one machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from payload import Payload, discover

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = sorted(path.parent.name for path in (ROOT / "terraform").glob("*/main.tf"))
MODULES = sorted(path.parent.name for path in (ROOT / "modules").glob("*/main.tf"))


def tracked() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("solution", SOLUTIONS)
def test_a_solution_has_one_name_everywhere(solution: str) -> None:
    expected = [
        f"modules/{solution}/main.tf",
        f"lambda_src/{solution}/handler.py",
        f"scripts/scenes/{solution}/__init__.py",
    ]
    assert [path for path in expected if not (ROOT / path).is_file()] == []
    assert list((ROOT / "tests" / "unit" / solution).rglob("test_*.py"))


@pytest.mark.parametrize("payload", discover(ROOT).values(), ids=lambda payload: payload.name)
def test_a_payload_has_a_lock_and_belongs_to_a_solution(payload: Payload) -> None:
    assert payload.lock.is_file()
    assert payload.package in SOLUTIONS


@pytest.mark.parametrize("solution", SOLUTIONS)
def test_a_root_is_a_module_call_and_a_provider(solution: str) -> None:
    root = ROOT / "terraform" / solution
    files = {path.name for path in root.iterdir() if path.name != ".terraform"}
    plain = {"main.tf", "variables.tf", "outputs.tf", "providers.tf", "versions.tf", "example.tfvars"}
    assert files == plain | {".terraform.lock.hcl", "permissions.json"}
    assert not re.search(r"(?m)^\s*resource ", "".join(path.read_text() for path in root.glob("*.tf")))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_complete(module: str) -> None:
    expected = ["main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md", "examples/minimal/main.tf"]
    expected += [".terraform.lock.hcl", "tests/contract.tftest.hcl", "tests/validation.tftest.hcl"]
    assert [name for name in expected if not (ROOT / "modules" / module / name).is_file()] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_configures_neither_provider_nor_backend(module: str) -> None:
    text = "".join(path.read_text() for path in (ROOT / "modules" / module).glob("*.tf"))
    assert not re.search(r'(?m)^\s*(provider|backend) "', text)


def test_only_one_module_holds_a_function() -> None:
    sources = (ROOT / "modules").glob("*/*.tf")
    holders = [path.parent.name for path in sources if 'resource "aws_lambda_function"' in path.read_text()]
    assert holders == ["lambda_function"]


def test_every_refusal_is_tested() -> None:
    """Each module's `validation` and `precondition` blocks have at least as many runs that expect a failure."""
    for module in MODULES:
        directory = ROOT / "modules" / module
        text = "".join(path.read_text() for path in directory.glob("*.tf"))
        blocks = len(re.findall(r"(?m)^\s*(?:validation|precondition) \{", text))
        expected = (directory / "tests/validation.tftest.hcl").read_text().count("expect_failures")
        assert expected >= blocks, f"{module}: {blocks} refusals, {expected} tested"


def test_nothing_of_one_machine_or_registry_is_tracked() -> None:
    machine = re.compile(r"(?:^|[^A-Za-z0-9_.~$/-])/(?:root|work|home/[a-z]+|Users)/")
    registry = re.compile("(?:py" r"pi|python" r"hosted|npm" r"js)\.org|deb\.deb" "ian")
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # a picture or an archive
        found += [str(path.relative_to(ROOT)) for pattern in (machine, registry) if pattern.search(text)]
    assert found == []


def test_pinned_versions_agree() -> None:
    versions = [*(ROOT / "terraform").glob("*/versions.tf"), *(ROOT / "modules").glob("*/versions.tf")]
    assert versions
    for path in versions:
        text = path.read_text()
        assert re.search(r'required_version\s*=\s*">= 1\.11"', text), path
        assert re.search(r'version\s*=\s*"~> 5\.100"', text), path


def test_examples_from_git_name_this_version() -> None:
    examples = list((ROOT / "modules").glob("*/examples/from_git/main.tf"))
    assert examples
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for path in examples:
        assert f'//modules/{path.parents[2].name}?ref=v{version}"' in path.read_text()
