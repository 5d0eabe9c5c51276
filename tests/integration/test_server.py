"""The server process: how it starts and ends, where it listens, and what it answers to what it cannot do."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from localcloud.client import LocalCloud, LocalCloudError

Refusal = Callable[..., tuple[str, str]]


def test_is_ready_after_less_than_four_seconds_of_the_processor_and_ends_on_stop() -> None:
    with LocalCloud.start() as cloud:
        assert cloud.pid is not None
        process = psutil.Process(cloud.pid)
        took = process.cpu_times()
        assert cloud.is_ready()
    assert took.user + took.system < 4
    assert not process.is_running()
    assert not cloud.is_ready()


def test_listens_on_loopback_only(cloud: LocalCloud) -> None:
    assert cloud.pid is not None
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(cloud.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}


def test_has_no_option_to_listen_elsewhere() -> None:
    result = _run("--host", "0.0.0.0")  # noqa: S104 - which is refused
    assert result.returncode == 2
    assert "unrecognized arguments" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    process = _popen("--port", "0")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready http://127.0.0.1:")
    process.send_signal(number)
    _, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (0, "")


def test_ends_with_the_process_that_started_it() -> None:
    starter = (
        "import subprocess, sys, os\n"
        "command = [sys.executable, '-m', 'localcloud', '--parent-pid', str(os.getpid())]\n"
        "server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
        "print(server.pid, server.stdout.readline().strip(), flush=True)\n"
        "os._exit(0)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True, env=_environment(), check=True, timeout=30
    )
    pid, ready, _ = result.stdout.split()
    assert ready == "ready"
    deadline = time.monotonic() + 10
    while _is_running(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(int(pid))


def test_takes_its_functions_along(
    runtimes: dict[str, str], deploy: Callable[[LocalCloud, str], str], name: str
) -> None:
    with LocalCloud.start(environment=runtimes) as cloud:
        deploy(cloud, name)
        assert json.load(cloud.client("lambda").invoke(FunctionName=name, Payload=b"[1]")["Payload"]) == [1]
        assert cloud.pid is not None
        functions = psutil.Process(cloud.pid).children(recursive=True)
    assert functions
    assert not [function for function in functions if function.is_running()]


def test_start_reports_why_the_server_failed() -> None:
    with pytest.raises(LocalCloudError, match=r"exit code 1 while starting(.|\n)*JSONDecodeError"):
        LocalCloud.start(environment={"LOCALCLOUD_RUNTIMES": "not JSON"})


def test_refuses_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = _run("--port", str(taken.getsockname()[1]))
    assert result.returncode != 0
    assert "in use" in result.stderr


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "action"),
    [
        ("redshift", "resize_cluster", {"ClusterIdentifier": "x"}, "redshift:ResizeCluster"),
        ("ec2", "describe_ipams", {}, "ec2:DescribeIpams"),
        ("cloudwatch", "list_metric_streams", {}, "cloudwatch:ListMetricStreams"),
        ("sqs", "list_message_move_tasks", {"SourceArn": "arn:x"}, "sqs:ListMessageMoveTasks"),
        (
            "apigateway",
            "test_invoke_method",
            {"restApiId": "x", "resourceId": "y", "httpMethod": "GET"},
            "apigateway:TestInvokeMethod",
        ),
        ("route53", "get_geo_location", {}, "route53:GetGeoLocation"),
        # Services that moto does not have at all.
        ("redshift-serverless", "list_namespaces", {}, "redshift-serverless:ListNamespaces"),
        ("translate", "list_languages", {}, "translate:ListLanguages"),
    ],
)
def test_names_a_missing_action_in_the_protocol_of_its_service(
    cloud: LocalCloud, service: str, operation: str, arguments: dict[str, Any], action: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(cloud.client(service), operation)(**arguments)
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert response["ResponseMetadata"]["RetryAttempts"] == 0
    assert response["Error"]["Code"] == "NotImplemented"
    assert response["Error"]["Message"] == f"The local cloud does not emulate {action}."


def test_says_what_it_cannot_do_within_an_action(cloud: LocalCloud, refusal: Refusal, name: str) -> None:
    cluster = {"ClusterIdentifier": name, "NodeType": "ra3.large", "MasterUsername": "admin"}
    code, message = refusal(
        cloud.client("redshift").create_cluster, **cluster, ManageMasterPassword=True, ElasticIp="192.0.2.1"
    )
    assert code == "NotImplemented"
    assert message.endswith("this use of redshift:CreateCluster: ElasticIp would be forgotten")


def test_reports_what_broke_moto(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with LocalCloud.start(log=log) as cloud:
        client = cloud.client("dynamodb")
        client.meta.events.register("before-send", _drop_target)
        with pytest.raises(ClientError) as caught:
            client.list_tables()
    assert caught.value.response["Error"]["Code"] == "InternalFailure"
    assert "KeyError" in caught.value.response["Error"]["Message"]
    assert "Traceback" in log.read_text()


def test_knows_the_managed_policies_of_aws(cloud: LocalCloud) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert cloud.client("iam").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_environment_directs_an_sdk_here(cloud: LocalCloud) -> None:
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environment = {**os.environ, **cloud.environment()}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "123456789012"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nothing", 404), ("GET", "rules/none/tick", 405), ("POST", "idle?timeout_seconds=soon", 400)],
)
def test_admin_errors_are_json(cloud: LocalCloud, method: str, path: str, status: int) -> None:
    answered, body = _fetch(f"{cloud.endpoint}/_localcloud/{path}", method)
    assert answered == status
    assert json.loads(body)["error"]


def test_counts_what_was_called_with_each_access_key(cloud: LocalCloud, name: str) -> None:
    keys = {"aws_access_key_id": name, "aws_secret_access_key": "test"}
    monitoring, s3, functions = (
        boto3.client(service, region_name="us-east-1", endpoint_url=cloud.endpoint, **keys)
        for service in ("cloudwatch", "s3", "lambda")
    )
    monitoring.describe_alarms()
    s3.create_bucket(Bucket=name)
    for _ in range(2):
        s3.list_objects_v2(Bucket=name)
    with pytest.raises(ClientError):
        functions.get_function(FunctionName=name)
    cloud.client("sts").get_caller_identity()
    assert cloud.calls(name) == {
        "cloudwatch:DescribeAlarms": 1,
        "lambda:GetFunction": 1,
        "s3:CreateBucket": 1,
        "s3:ListObjectsV2": 2,
    }


@pytest.mark.parametrize(
    "header", [{"Origin": "https://example.org"}, {"Host": "rebound.example.org"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_does_not_answer_web_pages(cloud: LocalCloud, header: dict[str, str]) -> None:
    for path in ("_localcloud/health", "", "moto-api/reset"):
        assert _fetch(f"{cloud.endpoint}/{path}", "POST", header)[0] == 403


def _fetch(url: str, method: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, method=method, headers=headers or {})  # noqa: S310 - on loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _drop_target(request: Any, **_: Any) -> None:
    del request.headers["X-Amz-Target"]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "scripts")}


def _popen(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "localcloud", *arguments]
    return subprocess.Popen(command, env=_environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "localcloud", *arguments]
    return subprocess.run(command, env=_environment(), text=True, capture_output=True, timeout=30, check=False)


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
