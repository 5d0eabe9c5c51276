"""S3 as what is published relies on it: nothing is overwritten, and what arrived is what was sent."""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.client import LocalCloud

Refusal = Callable[..., tuple[str, str]]
BODY = b"a zip"
SHA256 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
OTHERS = base64.b64encode(hashlib.sha256(b"another zip").digest()).decode()


@pytest.fixture
def bucket(cloud: LocalCloud, name: str) -> str:
    """A versioned bucket."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def test_a_checksum_that_fits_is_kept_for_those_who_ask(cloud: LocalCloud, bucket: str) -> None:
    s3 = cloud.client("s3")
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumSHA256=SHA256)
    head = s3.head_object(Bucket=bucket, Key="k", VersionId=put["VersionId"], ChecksumMode="ENABLED")
    assert put["ChecksumSHA256"] == head["ChecksumSHA256"] == SHA256
    assert "ChecksumSHA256" not in s3.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (
            {"ChecksumSHA256": OTHERS},
            "BadDigest",
            "The SHA256 you specified did not match the calculated checksum.",
        ),
        (
            {"ChecksumCRC32": base64.b64encode(zlib.crc32(b"another zip").to_bytes(4, "big")).decode()},
            "BadDigest",
            "The CRC32 you specified did not match the calculated checksum.",
        ),
        (
            {"ChecksumSHA256": hashlib.sha256(BODY).hexdigest()},
            "InvalidRequest",
            "Value for x-amz-checksum-sha256 header is invalid.",
        ),
        (
            {"ChecksumSHA256": SHA256, "ChecksumSHA1": "the first is enough"},
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ),
    ],
)
def test_a_checksum_that_does_not_fit_is_refused_and_nothing_is_stored(
    cloud: LocalCloud, bucket: str, refusal: Refusal, given: dict[str, Any], code: str, message: str
) -> None:
    s3 = cloud.client("s3")
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=BODY, **given) == (code, message)
    assert "Versions" not in s3.list_object_versions(Bucket=bucket)


def test_an_object_that_must_be_new_is_never_overwritten(cloud: LocalCloud, bucket: str, refusal: Refusal) -> None:
    s3 = cloud.client("s3")
    first = s3.put_object(Bucket=bucket, Key="k", Body=BODY, IfNoneMatch="*")
    code, _ = refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"another zip", IfNoneMatch="*")
    assert code == "PreconditionFailed"
    assert [item["VersionId"] for item in s3.list_object_versions(Bucket=bucket)["Versions"]] == [first["VersionId"]]
    s3.delete_object(Bucket=bucket, Key="k")  # leaves a marker, below which the version stays
    assert s3.put_object(Bucket=bucket, Key="k", Body=BODY, IfNoneMatch="*")["VersionId"] != first["VersionId"]


def test_a_bucket_of_another_account_than_expected_is_refused(cloud: LocalCloud, bucket: str, refusal: Refusal) -> None:
    s3 = cloud.client("s3")
    expected = {"Bucket": bucket, "ExpectedBucketOwner": "210987654321"}
    assert refusal(s3.head_bucket, **expected) == ("403", "Forbidden")
    assert refusal(s3.get_bucket_versioning, **expected) == ("AccessDenied", "Access Denied")
    assert refusal(s3.put_object, **expected, Key="k", Body=BODY) == ("AccessDenied", "Access Denied")
    s3.head_bucket(Bucket=bucket, ExpectedBucketOwner="123456789012")


def test_a_statement_of_a_bucket_policy_denies_only_where_its_condition_holds(
    cloud: LocalCloud, bucket: str, refusal: Refusal
) -> None:
    s3 = cloud.client("s3")

    def deny(**condition: Any) -> None:
        statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
        policy = {"Version": "2012-10-17", "Statement": [statement | condition]}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    deny(Condition={"Bool": {"aws:SecureTransport": "false"}})
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    deny(Condition={"Bool": {"aws:SecureTransport": "true"}})
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=BODY)[0] == "403"
    deny()
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=BODY)[0] == "403"
