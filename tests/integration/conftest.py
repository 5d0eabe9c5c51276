"""One local cloud for all integration tests of a process; each test works on names of its own."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from localcloud.client import LocalCloud
from toolchain import FUNCTION_PYTHON, interpreter, runtime_directory

Refusal = Callable[..., tuple[str, str]]
ECHO = "def handler(event, context):\n    return event\n"


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
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("payload.py", source)
    created = cloud.client("lambda").create_function(
        FunctionName=name,
        Role=role,
        Handler="payload.handler",
        Runtime=f"python{FUNCTION_PYTHON}",
        Code={"ZipFile": code.getvalue()},
    )
    return str(created["FunctionArn"])
