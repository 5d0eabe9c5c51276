"""Functions whose zip lies in S3: the named version is what runs, and what Lambda would not take is refused."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from deployment import create_function, zipped
from localcloud.client import LocalCloud

Refusal = Callable[..., tuple[str, str]]
REGION = "us-east-1"


def answering(text: str) -> bytes:
    return zipped(f"def handler(event, context):\n    return {text!r}\n")


def sha256_base64(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@pytest.fixture
def bucket(cloud: LocalCloud, name: str) -> str:
    """A versioned bucket in us-east-1."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def put(cloud: LocalCloud, bucket: str, content: bytes) -> dict[str, str]:
    """Put a version of `code.zip`; returns it as a function's code names it."""
    version = cloud.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=content)["VersionId"]
    return {"S3Bucket": bucket, "S3Key": "code.zip", "S3ObjectVersion": version}


def create(cloud: LocalCloud, name: str, code: dict[str, Any], region: str = REGION) -> dict[str, Any]:
    created: dict[str, Any] = cloud.client("lambda", region).create_function(
        FunctionName=name,
        Role="arn:aws:iam::123456789012:role/any",
        Runtime="python3.13",
        Handler="payload.handler",
        Code=code,
    )
    return created


def answer(cloud: LocalCloud, function: str) -> Any:
    return json.load(cloud.client("lambda").invoke(FunctionName=function)["Payload"])


@pytest.fixture(autouse=True, scope="module")
def role(cloud: LocalCloud) -> None:
    """The role of every function here."""
    create_function(cloud, "any", answering("unused"), "payload.handler")


def test_the_version_that_was_named_is_what_runs(cloud: LocalCloud, name: str, bucket: str) -> None:
    first, second = answering("first"), answering("second")
    old, new = put(cloud, bucket, first), put(cloud, bucket, second)
    assert create(cloud, name, old)["CodeSha256"] == sha256_base64(first)
    assert answer(cloud, name) == "first"
    updated = cloud.client("lambda").update_function_code(FunctionName=name, **new, Architectures=["arm64"])
    assert updated["CodeSha256"] == sha256_base64(second)
    assert answer(cloud, name) == "second"
    assert cloud.client("lambda").get_function(FunctionName=name)["Configuration"]["Architectures"] == ["arm64"]


def test_without_a_version_the_newest_is_taken_and_copied(cloud: LocalCloud, name: str, bucket: str) -> None:
    put(cloud, bucket, answering("first"))
    put(cloud, bucket, answering("second"))
    create(cloud, name, {"S3Bucket": bucket, "S3Key": "code.zip"})
    cloud.client("s3").delete_object(Bucket=bucket, Key="code.zip")
    assert answer(cloud, name) == "second"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"S3Bucket": "no-such-bucket"}, "NoSuchBucket. S3 Error Message: The specified bucket does not exist"),
        ({"S3Key": "no-such-key"}, "NoSuchKey. S3 Error Message: The specified key does not exist."),
        ({"S3ObjectVersion": "no-such"}, "NoSuchVersion. S3 Error Message: The specified version does not exist."),
    ],
)
def test_what_is_not_there_is_refused(
    cloud: LocalCloud, name: str, bucket: str, refusal: Refusal, changed: dict[str, str], code: str
) -> None:
    located = put(cloud, bucket, answering("first")) | changed
    wanted = ("InvalidParameterValueException", f"Error occurred while GetObject. S3 Error Code: {code}")
    assert refusal(create, cloud=cloud, name=name, code=located) == wanted
    create(cloud, name, {"ZipFile": answering("before")})
    update = cloud.client("lambda").update_function_code
    assert refusal(update, FunctionName=name, **located) == wanted
    assert answer(cloud, name) == "before"


def test_a_bucket_in_another_region_is_refused(cloud: LocalCloud, name: str, bucket: str, refusal: Refusal) -> None:
    located = put(cloud, bucket, answering("first"))
    code, message = refusal(create, cloud=cloud, name=name, code=located, region="eu-west-1")
    assert code == "InvalidParameterValueException"
    assert message == (
        "Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this "
        "region: us-east-1. Please use this region to retry the request"
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ({"ZipFile": b"no zip"}, "Could not unzip uploaded file. Please check your file, then try to upload again."),
        (
            {"ZipFile": b"no zip", "S3Bucket": "any", "S3Key": "any"},
            "Please do not provide other FunctionCode parameters when providing a ZipFile.",
        ),
        ({"S3Bucket": "any"}, "Please provide a source for function code."),
    ],
)
def test_code_that_is_none_is_refused(
    cloud: LocalCloud, name: str, refusal: Refusal, code: dict[str, Any], message: str
) -> None:
    assert refusal(create, cloud=cloud, name=name, code=code) == ("InvalidParameterValueException", message)


def test_an_object_that_is_no_zip_is_refused(cloud: LocalCloud, name: str, bucket: str, refusal: Refusal) -> None:
    code, message = refusal(create, cloud=cloud, name=name, code=put(cloud, bucket, b"no zip"))
    assert (code, message[:30]) == ("InvalidParameterValueException", "Could not unzip uploaded file.")
