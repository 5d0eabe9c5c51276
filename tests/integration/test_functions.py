"""What the deployed zip meets: the real runtime client, the environment as deployed, limits, retries, logs."""

import base64
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deployment import create_function, zipped
from localcloud.client import LocalCloud

HANDLERS = """
import json, os, sys, time
from datetime import datetime

calls = 0

def count(event, context):
    global calls
    calls += 1
    return {"calls": calls, "event": event}

def environment(event, context):
    return dict(os.environ)

def context_of(event, context):
    return {"left": context.get_remaining_time_in_millis(), "arn": context.invoked_function_arn,
            "id": context.aws_request_id, "name": context.function_name}

def prints(event, context):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    print(json.dumps({"level": "INFO", "message": "structured"}))

def fails(event, context):
    raise ValueError("not today")

def sleeps(event, context):
    time.sleep(event.get("seconds", 30))
    return "awake"

def leaves(event, context):
    os._exit(3)
"""


@pytest.fixture(scope="session")
def hasty(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """A local cloud whose retries come at once."""
    with LocalCloud.start(environment={**runtimes, "LOCALCLOUD_RETRY_SECONDS": "0.05,0.05"}) as running:
        yield running


Deploy = Callable[..., str]


@pytest.fixture
def deploy_handler(name: str) -> Deploy:
    """Deploys a function of HANDLERS under the test's own name; returns that name."""

    def deploy(cloud: LocalCloud, handler: str, source: str = HANDLERS, **settings: Any) -> str:
        create_function(cloud, name, zipped(source), f"payload.{handler}", **settings)
        return name

    return deploy


def invoke(cloud: LocalCloud, name: str, event: Any = None, **more: Any) -> tuple[Any, dict[str, Any]]:
    answer = cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}), **more)
    text = answer["Payload"].read()
    return (json.loads(text) if text else None), answer


def attempts(cloud: LocalCloud, name: str) -> list[dict[str, Any]]:
    return [item for item in cloud.invocations() if item["function"] == name]


def test_an_environment_stays_warm(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "count")
    first, _ = invoke(cloud, name, {"a": 1})
    second, answer = invoke(cloud, name, {"a": 2})
    assert first == {"calls": 1, "event": {"a": 1}}
    assert second == {"calls": 2, "event": {"a": 2}}
    assert answer["ExecutedVersion"] == "$LATEST"
    assert [item["cold_start"] for item in attempts(cloud, name)] == [True, False]


def test_a_changed_configuration_starts_afresh(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "count")
    invoke(cloud, name)
    cloud.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {"A": "b"}})
    assert invoke(cloud, name)[0]["calls"] == 1


def test_the_environment_is_the_deployed_one_and_nothing_of_this_machine(
    cloud: LocalCloud, deploy_handler: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = deploy_handler(cloud, "environment", Environment={"Variables": {"DRY_RUN": "true"}}, MemorySize=512)
    found, _ = invoke(cloud, name)
    expected = {
        "DRY_RUN": "true",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "PYTHONTZPATH": "",
        "TZ": ":UTC",
    }
    assert {key: found.get(key) for key in expected} == expected
    assert not {"PYTEST_CURRENT_TEST", "LOCALCLOUD_RUNTIMES", "VIRTUAL_ENV", "USER"} & found.keys()


def test_the_deployment_cannot_redirect_a_function_away(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    variables = {"AWS_ENDPOINT_URL": "https://example.com"}
    name = deploy_handler(cloud, "environment", Environment={"Variables": variables})
    assert invoke(cloud, name)[0]["AWS_ENDPOINT_URL"] == cloud.endpoint


def test_the_context_tells_time_and_identity(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "context_of", Timeout=20)
    found, _ = invoke(cloud, name)
    assert 15_000 < found["left"] <= 20_000
    assert found["name"] == name
    assert found["arn"] == f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    assert found["id"] == attempts(cloud, name)[0]["request_id"]


def test_an_alias_is_named_in_the_arn(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "context_of")
    client = cloud.client("lambda")
    version = client.publish_version(FunctionName=name)["Version"]
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    found, answer = invoke(cloud, name, Qualifier="live")
    assert found["arn"].endswith(f":function:{name}:live")
    assert answer["ExecutedVersion"] == version


def test_an_exception_is_reported_as_lambda_does(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "fails")
    found, answer = invoke(cloud, name)
    assert answer["FunctionError"] == "Unhandled"
    assert (found["errorType"], found["errorMessage"]) == ("ValueError", "not today")
    assert "stackTrace" in found


def test_a_timeout_is_enforced_and_the_next_call_starts_afresh(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "sleeps", Timeout=1)
    started = time.monotonic()
    found, answer = invoke(cloud, name)
    assert time.monotonic() - started < 8
    assert answer["FunctionError"] == "Unhandled"
    assert found["errorType"] == "Sandbox.Timedout"
    assert found["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert invoke(cloud, name, {"seconds": 0.01})[0] == "awake"
    assert [item["status"] for item in attempts(cloud, name)] == ["timeout", "ok"]
    assert [item["cold_start"] for item in attempts(cloud, name)] == [True, True]


def test_a_process_that_ends_is_reported(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    found, answer = invoke(cloud, deploy_handler(cloud, "leaves"))
    assert answer["FunctionError"] == "Unhandled"
    assert found["errorType"] == "Runtime.ExitError"
    assert found["errorMessage"].endswith("Runtime exited with error: exit status 3")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import no_such_module", "Runtime.ImportModuleError"),
        ("def count(event, context:", "Runtime.UserCodeSyntaxError"),
        ("", "Runtime.HandlerNotFound"),
    ],
)
def test_init_errors_are_reported(cloud: LocalCloud, deploy_handler: Deploy, source: str, error: str) -> None:
    found, answer = invoke(cloud, deploy_handler(cloud, "count", source))
    assert answer["FunctionError"] == "Unhandled"
    assert found["errorType"] == error


def test_a_payload_for_another_machine_is_not_pretended_to_run(cloud: LocalCloud, name: str, deploy: Any) -> None:
    deploy(cloud, name)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("payload.py", "def handler(event, context):\n    return event\n")
        archive.writestr("native.so", b"\x7fELF" + b"\0" * 14 + (243).to_bytes(2, "little"))  # RISC-V
    cloud.client("lambda").update_function_code(FunctionName=name, ZipFile=code.getvalue())
    found, answer = invoke(cloud, name)
    assert answer["FunctionError"] == "Unhandled"
    assert "native.so is built for another machine" in found["errorMessage"]


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
def test_what_is_printed_is_in_the_log_group(cloud: LocalCloud, deploy_handler: Deploy, log_format: str) -> None:
    name = deploy_handler(cloud, "prints", LoggingConfig={"LogFormat": log_format})
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    _, answer = invoke(cloud, name, LogType="Tail")
    messages = [item["message"] for item in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]]
    printed = ["to stdout", "to stderr", '{"level": "INFO", "message": "structured"}']
    assert [message for message in messages if message in printed] == printed
    assert "to stdout" in base64.b64decode(answer["LogResult"]).decode()
    assert messages[0].startswith("START RequestId:") is (log_format == "Text")


def test_events_are_retried_and_then_kept(hasty: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(hasty, "fails")
    sqs = hasty.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    hasty.client("lambda").put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    _, answer = invoke(hasty, name, {"order": 7}, InvocationType="Event")
    assert answer["StatusCode"] == 202
    assert hasty.wait_idle(20)
    assert [(item["attempt"], item["status"]) for item in attempts(hasty, name)] == [(1, "error"), (2, "error")]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestPayload"] == {"order": 7}
    assert record["responsePayload"]["errorMessage"] == "not today"


def test_two_retries_are_the_default_and_a_dead_letter_queue_gets_the_bare_event(
    hasty: LocalCloud, deploy_handler: Deploy, name: str
) -> None:
    sqs = hasty.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    deploy_handler(hasty, "fails", DeadLetterConfig={"TargetArn": arn})
    invoke(hasty, name, {"order": 8}, InvocationType="Event")
    assert hasty.wait_idle(20)
    assert len(attempts(hasty, name)) == 3
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"order": 8}


def test_an_event_for_a_function_without_concurrency_is_kept_at_once(
    hasty: LocalCloud, deploy_handler: Deploy, name: str
) -> None:
    sqs = hasty.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    deploy_handler(hasty, "count")
    client = hasty.client("lambda")
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    client.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": arn}})
    invoke(hasty, name, {"order": 9}, InvocationType="Event")
    assert hasty.wait_idle(20)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0


def test_reserved_concurrency_throttles(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "sleeps")
    client = cloud.client("lambda")
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    invoke(cloud, name, {"seconds": 3}, InvocationType="Event")
    deadline = time.monotonic() + 10
    refusals: list[ClientError] = []
    while not refusals and time.monotonic() < deadline:
        try:
            invoke(cloud, name, {"seconds": 0})
        except ClientError as error:
            refusals.append(error)
    assert refusals[0].response["Error"]["Code"] == "TooManyRequestsException"
    assert refusals[0].response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert cloud.wait_idle(20)


def test_a_throttled_event_waits_and_is_handled(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "sleeps")
    cloud.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    for _ in range(2):
        invoke(cloud, name, {"seconds": 0.5}, InvocationType="Event")
    assert cloud.wait_idle(20)
    statuses = [item["status"] for item in attempts(cloud, name)]
    assert statuses.count("ok") == 2
    assert set(statuses) <= {"ok", "throttled"}


def test_a_warm_function_answers_without_delay(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "count")
    for _ in range(10):
        invoke(cloud, name)
    warm = sorted(item["duration_ms"] for item in attempts(cloud, name)[1:])
    assert warm[4] < 30, "answers are sent in pieces that wait for one another, 40 ms each time"


def test_unreserved_functions_run_side_by_side(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "sleeps")
    started = time.monotonic()
    for _ in range(3):
        invoke(cloud, name, {"seconds": 2}, InvocationType="Event")
    assert cloud.wait_idle(20)
    assert time.monotonic() - started < 6, "three times two seconds, one after the other"
    assert [item["cold_start"] for item in attempts(cloud, name)] == [True, True, True]


@pytest.mark.parametrize(("kind", "size"), [("RequestResponse", 6 * 2**20 + 1), ("Event", 2**20 + 1)])
def test_payloads_that_are_too_large_are_refused(
    cloud: LocalCloud, deploy_handler: Deploy, kind: str, size: int
) -> None:
    name = deploy_handler(cloud, "count")
    with pytest.raises(ClientError) as caught:
        invoke(cloud, name, "x" * size, InvocationType=kind)
    assert caught.value.response["Error"]["Code"] == "RequestTooLargeException"
    assert attempts(cloud, name) == []


def test_a_body_that_is_no_json_is_refused(cloud: LocalCloud, deploy_handler: Deploy) -> None:
    name = deploy_handler(cloud, "count")
    with pytest.raises(ClientError) as caught:
        cloud.client("lambda").invoke(FunctionName=name, Payload=b"not json")
    assert caught.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_what_was_configured_is_described(cloud: LocalCloud, deploy_handler: Deploy, name: str) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:somewhere"
    logging = {"LogFormat": "JSON", "LogGroup": "/elsewhere", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "WARN"}
    deploy_handler(cloud, "count", DeadLetterConfig={"TargetArn": queue}, LoggingConfig=logging)
    client = cloud.client("lambda")
    described = client.get_function_configuration(FunctionName=name)
    assert (described["DeadLetterConfig"], described["LoggingConfig"]) == ({"TargetArn": queue}, logging)
    client.update_function_configuration(
        FunctionName=name, DeadLetterConfig={}, LoggingConfig={"LogFormat": "Text"}, TracingConfig={"Mode": "Active"}
    )
    described = client.get_function_configuration(FunctionName=name)
    assert "DeadLetterConfig" not in described
    assert described["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    assert described["TracingConfig"] == {"Mode": "Active"}


def test_a_driver_that_stands_in_for_another_is_found_before_it(cloud: LocalCloud, name: str, tmp_path: Path) -> None:
    """What it stands in for is found by its own import of it."""
    (tmp_path / "driver_of_a_source.py").write_text(
        "import importlib, sys\n"
        "del sys.modules[__name__]\n"
        "shipped = importlib.import_module(__name__)\n"
        "sys.modules[__name__] = shipped\n"
        "shipped.found += ', by way of the one that stands in'\n"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("driver_of_a_source.py", "found = 'the one in the zip'")
        archive.writestr("payload.py", "import driver_of_a_source\ndef handler(*_): return driver_of_a_source.found")
    variables = {"LOCALCLOUD_DRIVERS": str(tmp_path)}
    create_function(cloud, name, content.getvalue(), "payload.handler", Environment={"Variables": variables})
    assert invoke(cloud, name)[0] == "the one in the zip, by way of the one that stands in"
