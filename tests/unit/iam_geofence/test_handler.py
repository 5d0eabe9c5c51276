"""The connect handler: its response, log line and figures; and that nothing makes it raise or admit by failing."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iam_geofence import handler as entry
from iam_geofence.fence import Fence
from iam_geofence.model import Answer, Mode
from iam_geofence.settings import Check, Settings

ROOT = Path(__file__).parents[3]
V2 = json.loads((ROOT / "tests/events/client_vpn_connect_v2.json").read_text())
V1 = json.loads((ROOT / "tests/events/client_vpn_connect_v1.json").read_text())
MESSAGES = {"v1": "error-msg-on-failed-posture-compliance"}
BLOCKED = Answer(403, blocked=True, body=None)


@dataclass(frozen=True)
class Context:
    """What Powertools reads of the Lambda context."""

    function_name: str = "AWSClientVPN-demo-iam-geofence"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:AWSClientVPN-demo-iam-geofence"
    aws_request_id: str = "8a3c1b52-7d1e-4a0e-9d53-0c9a3f1f6a11"


class Deployed:
    """The handler as deployed: `checker` stands in for the network, `configure` changes a setting."""

    def __init__(self, patch: pytest.MonkeyPatch, check: Check, checker: Any) -> None:
        self._patch = patch
        self._stream = io.StringIO()
        self.checker = checker
        patch.setattr(entry.logger.registered_handler, "stream", self._stream)
        patch.setenv("POWERTOOLS_SERVICE_NAME", "AWSClientVPN-demo-iam-geofence")
        fence = Fence(check, checker)
        patch.setattr(entry, "fence", lambda: fence)
        self._settings = Settings(check, Mode.ENFORCE, "0123456789ab")
        self.configure()

    def configure(self, mode: Mode = Mode.ENFORCE, log_user_data: bool = False) -> None:
        configured = Settings(self._settings.check, mode, "0123456789ab", log_user_data)
        self._patch.setattr(entry, "load", lambda: configured)

    def ask(self, event: object) -> dict[str, Any]:
        return entry.handler(event, Context())

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, check: Check, make_checker: Callable[[], Any]) -> Iterator[Deployed]:
    entry.metrics.clear_metrics()
    yield Deployed(monkeypatch, check, make_checker())
    entry.metrics.clear_metrics()


def figures(capsys: pytest.CaptureFixture[str]) -> dict[str, list[float]]:
    """What was measured, by service."""
    (line,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "Denied" in line]
    return {name: value for name, value in line.items() if isinstance(value, list)}


def require_valid(response: Any, event: object) -> None:
    version = event.get("schema-version") if isinstance(event, dict) else None
    echoed = isinstance(version, str) and version.isascii() and version.isprintable() and " " not in version
    version = version if isinstance(version, str) and echoed and 0 < len(version) <= 255 else "v2"
    message = MESSAGES.get(version, "error-msg-on-denied-connection")
    assert set(response) == {"allow", message, "posture-compliance-statuses", "schema-version"}
    assert response["schema-version"] == version
    assert isinstance(response["allow"], bool)
    assert len(response[message]) <= 255
    assert len(response["posture-compliance-statuses"]) <= 10
    assert all(0 < len(status) <= 255 for status in response["posture-compliance-statuses"])
    assert json.dumps(response, ensure_ascii=False).encode()


@pytest.mark.parametrize("event", [V1, V2, {**V2, "schema-version": "v3"}])
def test_admits_whom_the_check_admits_and_denies_whom_it_blocks(deployed: Deployed, event: dict[str, Any]) -> None:
    admitted = deployed.ask(event)
    require_valid(admitted, event)
    assert admitted["allow"] is True
    assert admitted["posture-compliance-statuses"] == ["compliant", "mode:enforce", "cfg:0123456789ab"]
    deployed.checker.reply = lambda question: BLOCKED
    denied = deployed.ask(event)
    require_valid(denied, event)
    assert denied["allow"] is False
    assert "reason:country" in denied["posture-compliance-statuses"]


def test_asks_about_the_canonical_address(deployed: Deployed) -> None:
    deployed.ask({**V2, "public-ip": "2001:4860:4860:0::8888"})
    assert [question.address for question in deployed.checker.asked] == ["192.0.2.1", "2001:4860:4860::8888"]


def test_a_malformed_event_is_denied_without_asking(deployed: Deployed) -> None:
    deployed.configure(Mode.MONITOR)
    for event in (None, {}, {**V1, "public-ip": "8.8.8.8, 1.2.3.4"}, {**V2, "schema-version": "2"}):
        response = deployed.ask(event)
        require_valid(response, event)
        assert response["allow"] is False
    assert deployed.checker.asked == []


def test_monitor_admits_says_so_and_raises_the_same_alarms(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.configure(Mode.MONITOR)
    deployed.checker.control = lambda question: Answer(200, blocked=False, body={})
    response = deployed.ask(V2)
    assert response["allow"] is True
    assert response["posture-compliance-statuses"][0] == "monitor:would-deny"
    (line,) = deployed.log_lines()
    assert (line["decision"], line["reason"], line["mode"]) == ("would-deny", "control-admitted", "monitor")
    assert figures(capsys).items() >= {"Denied": [1.0], "ProofFailures": [1.0], "ControlAdmitted": [1.0]}.items()


def test_logs_one_line_a_decision_with_no_user_data(deployed: Deployed) -> None:
    deployed.ask(V2)
    deployed.ask(V2)
    deployed.ask({**V2, "public-ip": "8.8.8.8"})
    first, again, other = deployed.log_lines()
    expected = {
        "level": "INFO",
        "message": "decision",
        "decision": "admit",
        "reason": "permitted",
        "config_hash": "0123456789ab",
        "connection": V2["connection-id"],
        "endpoint": V2["endpoint-id"],
    }
    assert first.items() >= expected.items()
    assert first["check_ms"] >= 0
    assert len(first["address_hash"]) == 64
    assert first["address_hash"] == again["address_hash"] != other["address_hash"]
    text = json.dumps([first, again, other])
    assert not [value for value in ("81.2.69.142", "jane", "laptop", "developers") if value in text]


def test_logs_user_data_when_asked_to(deployed: Deployed) -> None:
    deployed.configure(log_user_data=True)
    deployed.ask(V2)
    (line,) = deployed.log_lines()
    user = {"address": "81.2.69.142", "username": "jane@example.com", "common_name": "laptop.example.com"}
    assert line.items() >= user.items()
    assert "address_hash" not in line


texts = st.text() | st.text(st.characters(categories=["Cs", "Lu", "Nd"]))  # JSON can hold half of a surrogate pair
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=8,
)
nearly_events = st.fixed_dictionaries({}, optional={name: st.just(value) | json_values for name, value in V2.items()})


@given(json_values | nearly_events)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_event_that_json_can_hold_has_a_valid_response(deployed: Deployed, event: object) -> None:
    require_valid(deployed.ask(event), event)


class Interrupted(BaseException):
    """What no `except Exception` catches."""


ERRORS = [ValueError("x"), MemoryError(), RecursionError(), KeyboardInterrupt(), Interrupted()]
CALLS = [
    (entry, "load"),
    (entry, "parse"),
    (entry, "fence"),
    (entry, "read_connection"),
    (entry, "count_decision"),
    (entry, "respond"),
    (entry, "keyed_hash"),
    (entry, "hash_key"),
    (entry, "_row"),
    (entry.time, "monotonic"),
    (Fence, "judge"),
    (entry.logger, "info"),
    (entry.logger, "structure_logs"),
    (entry.metrics, "add_metric"),
    (entry.metrics, "flush_metrics"),
]


@pytest.mark.parametrize("also", [[], [(entry.logger, "error")], [(entry.metrics, "clear_metrics")]])
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("owner", "name"), CALLS)
def test_whatever_fails_the_response_is_a_valid_denial(
    deployed: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    error: BaseException,
    also: list[tuple[Any, str]],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        for broken, attribute in [(owner, name), *also]:
            patch.setattr(broken, attribute, fail)
        for event in (V1, V2):
            response = deployed.ask(event)
            assert response["allow"] is False
            require_valid(response, event)
            assert "reason:error" in response["posture-compliance-statuses"]


def test_the_network_that_raises_the_unforeseen_denies_in_either_mode(deployed: Deployed) -> None:
    def fail(question: object) -> Answer:
        raise Interrupted

    for mode in Mode:
        deployed.configure(mode)
        deployed.checker.reply = fail
        assert deployed.ask(V2)["allow"] is False


def test_a_failure_is_logged_and_counted(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    deployed.checker.reply = lambda question: 1 / 0  # type: ignore[arg-type,return-value]
    deployed.ask(V2)
    (line,) = deployed.log_lines()
    expected = {"level": "ERROR", "decision": "deny", "reason": "error", "connection": V2["connection-id"]}
    assert line.items() >= expected.items()
    assert "ZeroDivisionError" in line["exception"]
    assert figures(capsys).items() >= {"Decisions": [1.0], "Denied": [1.0], "CheckFailures": [1.0]}.items()


def test_a_decision_that_came_to_nothing_is_not_counted_with_its_failure(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flush, failures = entry.metrics.flush_metrics, [OSError("no space left")]

    def fail_once() -> None:
        if failures:
            raise failures.pop()
        flush()

    monkeypatch.setattr(entry.metrics, "flush_metrics", fail_once)
    assert deployed.ask(V2)["allow"] is False
    assert figures(capsys).items() >= {"Decisions": [1.0], "CheckFailures": [1.0]}.items()


def test_the_end_of_the_environment_is_not_held_up(deployed: Deployed) -> None:
    def end(question: object) -> Answer:
        raise SystemExit

    deployed.checker.reply = end
    with pytest.raises(SystemExit):
        deployed.ask(V2)


def _python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "lambda_src"), **environment}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


ENVIRONMENT = {
    "CHECK_HOST": "127.0.0.1:9",
    "CHECK_STAGE": "live",
    "CHECK_API_ID": "abc123",
    "CHECK_WEB_ACL_ARN": "arn:aws:wafv2:fence",
    "MODE": "enforce",
    "CONFIG_HASH": "0123456789ab",
}
LOADED = "import sys, iam_geofence.handler, {also}; print([name for name in {names!r} if name in sys.modules])"


def test_importing_the_handler_loads_neither_boto3_nor_the_network() -> None:
    names = ["boto3", "botocore.client", "urllib3", "http.client", "ssl", "hashlib", "zoneinfo"]
    assert _python(LOADED.format(also="json", names=names)).stdout == "[]\n"


def test_boto3_is_not_even_loaded_once_everything_is() -> None:
    also = "iam_geofence.canary, iam_geofence.checker"
    result = _python(LOADED.format(also=also, names=["boto3", "botocore.client", "urllib3"]))
    assert (result.stdout, result.stderr) == ("[]\n", "")


@pytest.mark.parametrize("kind", ["provisioned-concurrency", "snap-start"])
def test_where_nobody_waits_the_initialisation_does_everything(kind: str) -> None:
    program = LOADED.format(also="json", names=["iam_geofence.checker"])
    ready = _python(program, AWS_LAMBDA_INITIALIZATION_TYPE=kind, **ENVIRONMENT)
    assert (ready.stdout, ready.stderr) == ("['iam_geofence.checker']\n", "")
    assert "CHECK_HOST is missing" in _python(program, AWS_LAMBDA_INITIALIZATION_TYPE=kind).stderr


def test_the_environment_is_read_and_a_check_that_is_not_there_denies() -> None:
    program = f"""
import json, types
from iam_geofence.handler import handler
context = types.SimpleNamespace(function_name="f", memory_limit_in_mb=256, invoked_function_arn="a", aws_request_id="r")
print(json.dumps(handler({V2!r}, context)["posture-compliance-statuses"]))
"""
    variables = {"POWERTOOLS_SERVICE_NAME": "fence", "NO_PROXY": "*"}
    said = _python(program, **variables, **ENVIRONMENT).stdout.splitlines()
    assert json.loads(said[-1]) == ["denied", "mode:enforce", "cfg:0123456789ab", "reason:control-unproven"]
    said = _python(program, **variables).stdout.splitlines()
    assert json.loads(said[-1]) == ["denied", "reason:error"]
