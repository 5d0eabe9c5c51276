"""Terraform on copies of the modules, with the provider that they lock."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from terraform_setup import find_terraform, provider_mirror, terraform_environment

ROOT = Path(__file__).resolve().parents[2]

Terraform = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def terraform() -> Terraform:
    """Runs `terraform(directory, *arguments)` to its end."""
    return _terraform


@pytest.fixture(scope="session")
def initialise() -> Callable[..., None]:
    """Installs what the lock file of a directory names; with `backend=True` also makes ready where its state lies."""
    return _initialise


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A copy of `modules/`, beside what they read of payloads, so that nothing is ever written there."""
    (tmp_path / "lambda_src").symlink_to(ROOT / "lambda_src", target_is_directory=True)
    copy = tmp_path / "modules"
    shutil.copytree(ROOT / "modules", copy, ignore=shutil.ignore_patterns(".terraform"))
    return copy


def _terraform(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(find_terraform()), f"-chdir={directory}", *arguments]
    cache = ROOT / ".tools" / "plugin-cache"
    cache.mkdir(parents=True, exist_ok=True)
    # With a mirror the provider is linked, not copied; without one it is downloaded once.
    environment = terraform_environment({} if provider_mirror() else {"TF_PLUGIN_CACHE_DIR": str(cache)})
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def _initialise(directory: Path, *, backend: bool = False) -> None:
    mirror = provider_mirror()
    arguments = ["init", "-no-color", f"-backend={json.dumps(backend)}", "-lockfile=readonly"]
    result = _terraform(directory, *arguments, *([f"-plugin-dir={mirror}"] if mirror else []))
    assert result.returncode == 0, result.stdout + result.stderr
