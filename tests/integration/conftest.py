"""One local cloud for all integration tests of a process; each test works on names of its own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from deployment import create_function, zipped
from localcloud.client import LocalCloud
from toolchain import FUNCTION_PYTHON, interpreter, runtime_directory

Refusal = Callable[..., tuple[str, str]]
HERE = Path(__file__).parent
ECHO = "def handler(event, context):\n    return event\n"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module in one process, so that the local cloud which they share is started once."""
    for item in items:
        if item.path.is_relative_to(HERE) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(HERE))))


@pytest.fixture(scope="session")
def runtimes() -> dict[str, str]:
    """The environment in which functions run on the Python that they will have, where this machine has it."""
    python = interpreter(FUNCTION_PYTHON)
    if python is None:
        return {}
    runtime = {"python": str(python), "path": str(runtime_directory(python, FUNCTION_PYTHON))}
    return {"LOCALCLOUD_RUNTIMES": json.dumps({f"python{FUNCTION_PYTHON}": runtime})}


@pytest.fixture(scope="session")
def cloud(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """The local cloud that the tests share."""
    with LocalCloud.start(environment=runtimes) as running:
        yield running


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def refusal() -> Refusal:
    """Calls what must be refused and returns the error's code and message."""

    def call(operation: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    return call


@pytest.fixture
def deploy() -> Callable[..., str]:
    """Deploys a function of that name, which returns the event it receives (or another source); returns its ARN."""
    return _deploy


@pytest.fixture
def function_arn(cloud: LocalCloud, name: str) -> str:
    """The ARN of a function that returns the event it receives."""
    return _deploy(cloud, name)


def _deploy(cloud: LocalCloud, name: str, source: str = ECHO) -> str:
    return create_function(cloud, name, zipped(source), "payload.handler")
