"""Roles of other accounts: who may assume them, for how long, and what is seen with them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.client import LocalCloud

Refusal = Callable[..., tuple[str, str]]
HOME, MEMBER = "123456789012", "210987654321"
ROLE = f"arn:aws:iam::{MEMBER}:role/member"


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A member account whose role admits the home account under an external id, and a cluster of its own."""
    with LocalCloud.start(time=datetime(2026, 11, 24, 10, tzinfo=UTC)) as running:
        trust = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
            "Condition": {"StringEquals": {"sts:ExternalId": "ticket-7"}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        running.client("iam", account=MEMBER).create_role(RoleName="member", AssumeRolePolicyDocument=document)
        running.client("redshift", "eu-central-1", account=MEMBER).create_cluster(
            ClusterIdentifier="theirs", NodeType="ra3.large", MasterUsername="admin", ManageMasterPassword=True
        )
        yield running


def assume(cloud: LocalCloud, role: str = ROLE, **more: Any) -> dict[str, Any]:
    answer = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test", ExternalId="ticket-7", **more)
    return dict(answer["Credentials"])


def client(cloud: LocalCloud, credentials: dict[str, Any], service: str, region: str = "eu-central-1") -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=cloud.endpoint,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def clusters(redshift: Any) -> list[str]:
    return [cluster["ClusterIdentifier"] for cluster in redshift.describe_clusters()["Clusters"]]


def test_an_assumed_role_sees_its_own_account_and_region(cloud: LocalCloud) -> None:
    credentials = assume(cloud)
    assert clusters(client(cloud, credentials, "redshift")) == ["theirs"]
    assert clusters(client(cloud, credentials, "redshift", "us-east-1")) == []
    assert clusters(cloud.client("redshift", "eu-central-1")) == []
    assert client(cloud, credentials, "sts").get_caller_identity()["Account"] == MEMBER


@pytest.mark.parametrize(
    "arguments",
    [
        {"RoleArn": ROLE},
        {"RoleArn": ROLE, "ExternalId": "another"},
        {"RoleArn": f"{ROLE}-none", "ExternalId": "ticket-7"},
    ],
)
def test_a_role_is_refused_alike_whatever_is_wrong(
    cloud: LocalCloud, refusal: Refusal, arguments: dict[str, str]
) -> None:
    code, message = refusal(cloud.client("sts").assume_role, RoleSessionName="test", **arguments)
    assert code == "AccessDenied"
    assert f"sts:AssumeRole on resource: {arguments['RoleArn']}" in message


def test_credentials_expire_on_the_clock(cloud: LocalCloud, refusal: Refusal) -> None:
    credentials = assume(cloud, DurationSeconds=900)
    redshift, dynamodb = (client(cloud, credentials, service) for service in ("redshift", "dynamodb"))
    cloud.advance(timedelta(seconds=800))
    assert clusters(redshift) == ["theirs"]
    cloud.advance(timedelta(seconds=101))
    assert refusal(redshift.describe_clusters)[0] == "ExpiredToken"
    assert refusal(dynamodb.list_tables)[0] == "ExpiredTokenException"


def test_temporary_credentials_need_their_token(cloud: LocalCloud) -> None:
    credentials = {**assume(cloud), "SessionToken": "another"}
    with pytest.raises(ClientError):
        client(cloud, credentials, "redshift").describe_clusters()
