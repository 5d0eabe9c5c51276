"""What Lambda would not take for its size; what else it refuses, tests/integration/test_deployment_packages.py sees."""

import io
import json
import zipfile
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.extensions import AwsError
from localcloud.functions import deployment_package
from localcloud.functions.deployment_package import create_function, update_function_code


def test_limits_are_those_of_lambda() -> None:
    assert deployment_package.REQUEST_BYTES == 70_167_211
    assert deployment_package.UNZIPPED_BYTES == 250 * 2**20


@pytest.mark.parametrize(
    ("action", "operation"), [(create_function, "CreateFunction"), (update_function_code, "UpdateFunctionCode")]
)
def test_a_request_too_large_is_refused(action: Callable[[Any], Any], operation: str) -> None:
    with pytest.raises(AwsError) as caught:
        action(SimpleNamespace(body=" " * 70_167_211))
    assert caught.value.code == "RequestEntityTooLargeException"
    assert caught.value.message == f"Request must be smaller than 70167211 bytes for the {operation} operation"


def test_more_than_lambda_unzips_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment_package, "UNZIPPED_BYTES", 1000)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ballast", bytes(1000))
    request = {"S3Bucket": "any", "S3Key": "any"}
    monkeypatch.setattr(deployment_package, "_object", lambda *_: code.getvalue())
    body = json.dumps({"FunctionName": "any", "Code": request})
    with pytest.raises(AwsError) as caught:
        create_function(SimpleNamespace(body=body, json_body=json.loads(body)))
    assert caught.value.code == "InvalidParameterValueException"
    assert caught.value.message == "Unzipped size must be smaller than 1000 bytes"
