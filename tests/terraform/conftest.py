"""Terraform on copies of the modules, with the provider that they lock."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terraform_setup import find_terraform, provider_mirror, terraform_environment
from toolchain import locked

ROOT = Path(__file__).resolve().parents[2]

PROVIDER_START_SECONDS = 120

Terraform = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def terraform() -> Terraform:
    """Runs `terraform(directory, *arguments, **environment)` to its end."""
    return _terraform


@pytest.fixture(scope="session")
def attached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which Terraform asks a provider that runs already.

    `terraform test` otherwise starts the provider twice for each run, which takes four fifths of its time. Only for
    what never configures the provider: runs with a mocked one ask it for its schemas and about arguments.

    The variable: https://developer.hashicorp.com/terraform/plugin/debugging
    """
    directory = tmp_path_factory.mktemp("provider")
    for name in ("versions.tf", ".terraform.lock.hcl"):
        shutil.copy(ROOT / "modules" / "lambda_function" / name, directory)
    _initialise(directory)
    (binary,) = (directory / ".terraform" / "providers").glob("*/*/*/*/*/terraform-provider-aws_*")
    log = directory / "provider.log"
    with log.open("w") as output:
        running = subprocess.Popen([str(binary), "-debug"], stdout=output, stderr=subprocess.STDOUT)
    try:
        yield {"TF_REATTACH_PROVIDERS": _address(running, log)}
    finally:
        running.terminate()
        running.wait()


def _address(running: subprocess.Popen[bytes], log: Path) -> str:
    """Where the provider listens, as it says once it does."""
    end = time.monotonic() + PROVIDER_START_SECONDS
    while not (said := re.search(r"TF_REATTACH_PROVIDERS='(.+)'\n", log.read_text())):
        assert running.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    return said[1]


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


def _terraform(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(find_terraform()), f"-chdir={directory}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=terraform_environment(environment))


def _initialise(directory: Path, *, backend: bool = False) -> None:
    mirror = provider_mirror()
    arguments = ["init", "-no-color", f"-backend={json.dumps(backend)}", "-lockfile=readonly"]
    if mirror:  # the provider is linked, not copied
        result = _terraform(directory, *arguments, f"-plugin-dir={mirror}")
    else:  # it is downloaded once
        cache = ROOT / ".tools" / "plugin-cache"
        with locked(cache):
            result = _terraform(directory, *arguments, TF_PLUGIN_CACHE_DIR=str(cache))
    assert result.returncode == 0, result.stdout + result.stderr
