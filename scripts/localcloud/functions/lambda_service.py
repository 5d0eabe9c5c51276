"""Lambda where moto answers wrongly: functions really run, and what was configured is what is described."""

import base64
import json
import uuid
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from localcloud.functions import invocations, snap_start
from localcloud.functions.fleet import ThrottledError

SYNCHRONOUS_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_BYTES = 1024 * 1024
LOG_TAIL_BYTES = 4096


def install() -> None:
    """Put our functions in place of moto's; harmless when repeated."""
    if LambdaFunction.__init__.__name__ == "initialise":
        return
    _remember_configuration()
    snap_start.install()
    LambdaResponse.invoke = _invoke
    # Everything in moto that delivers an event to a function ends here: SNS, SQS, S3, log subscriptions, rules.
    LambdaFunction.invoke = _deliver
    LambdaBackend.invoke = _deliver_by_name


def _remember_configuration() -> None:
    """Keep what moto forgets: dead-letter target, logging, SnapStart, a concurrency of zero, and some updates."""
    moto_initialise = LambdaFunction.__init__
    moto_describe = LambdaFunction.get_configuration
    moto_update = LambdaFunction.update_configuration
    moto_get = LambdaFunction.get_code

    def initialise(self: Any, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1) -> None:
        moto_initialise(self, account_id, spec, region, version)
        self.dead_letter_config = spec.get("DeadLetterConfig") or {}
        self.logging_config = _logging(self.function_name, spec.get("LoggingConfig"))
        snap_start.configure(self, spec.get("SnapStart"))

    def describe(self: Any, on_create: bool = False) -> dict[str, Any]:
        configuration: dict[str, Any] = moto_describe(self, on_create)
        configuration["LoggingConfig"] = self.logging_config
        configuration |= snap_start.describe(self)
        if self.dead_letter_config:
            configuration["DeadLetterConfig"] = self.dead_letter_config
        return configuration

    def update(self: Any, changes: dict[str, Any]) -> dict[str, Any]:
        moto_update(self, changes)
        if "DeadLetterConfig" in changes:
            self.dead_letter_config = changes["DeadLetterConfig"] or {}
        if "LoggingConfig" in changes:
            self.logging_config = _logging(self.function_name, changes["LoggingConfig"])
        if "TracingConfig" in changes:
            self.tracing_config = changes["TracingConfig"]
        if "KMSKeyArn" in changes:
            self.kms_key_arn = changes["KMSKeyArn"] or None
        if "EphemeralStorage" in changes:
            self.ephemeral_storage = changes["EphemeralStorage"]["Size"]
        snap_start.configure(self, changes.get("SnapStart") or {"ApplyOn": self.snap_start})
        return describe(self)

    def get(self: Any) -> dict[str, Any]:
        answer: dict[str, Any] = moto_get(self)
        if self.reserved_concurrency is not None:  # a function with none left to it has zero
            answer["Concurrency"] = {"ReservedConcurrentExecutions": self.reserved_concurrency}
        return answer

    LambdaFunction.__init__ = initialise
    LambdaFunction.get_code = get
    LambdaFunction.get_configuration = describe
    LambdaFunction.update_configuration = update


def _logging(function_name: str, given: dict[str, Any] | None) -> dict[str, Any]:
    config = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function_name}", **(given or {})}
    if config["LogFormat"] == "JSON":
        config = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **config}
    return config


def _invoke(self: Any) -> tuple[int, dict[str, str], str | bytes]:
    """The API's Invoke: RequestResponse waits, Event answers 202 at once, DryRun only looks whether it could."""
    name = self.path.rsplit("/", 2)[-2].replace("%3A", ":").replace("%3a", ":")
    qualifier = self._get_param("Qualifier")
    function = self.backend.get_function(name, qualifier)
    kind = self.headers.get("X-Amz-Invocation-Type") or "RequestResponse"
    body = self.body if isinstance(self.body, bytes) else (self.body or "").encode()
    payload = body or b"{}"
    limit = ASYNCHRONOUS_BYTES if kind == "Event" else SYNCHRONOUS_BYTES
    if len(payload) > limit:
        message = f"Request must be smaller than {limit} bytes for the {kind} operation"
        return _error(413, "RequestTooLargeException", message)
    try:
        json.loads(payload)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        return _error(400, "InvalidRequestContentException", message)
    if (state := snap_start.describe(function).get("State", "Active")) != "Active":
        message = (
            f"The operation cannot be performed at this time. The function is currently in the following state: {state}"
        )
        return _error(409, "ResourceConflictException", message)
    arn = _invoked_arn(function, name, qualifier)
    if kind == "DryRun":
        return 204, {"status": "204"}, ""
    if kind == "Event":
        invocations.invoke_async(arn, payload, region=function.region, account_id=function.account_id)
        return 202, {"status": "202"}, ""
    try:
        outcome, log = invocations.invoke(function, payload, arn, str(uuid.uuid4()))
    except ThrottledError:
        if snap_start.is_restored(function):
            raise NotImplementedError("a second environment from one snapshot") from None
        return _error(
            429,
            "TooManyRequestsException",
            "Rate Exceeded.",
            Reason="ReservedFunctionConcurrentInvocationLimitExceeded",
        )
    headers = {"content-type": "application/json", "X-Amz-Executed-Version": str(function.version)}
    if outcome.status != "ok":
        headers["X-Amz-Function-Error"] = "Unhandled"
    if self.headers.get("X-Amz-Log-Type") == "Tail":
        headers["X-Amz-Log-Result"] = base64.b64encode(log.encode()[-LOG_TAIL_BYTES:]).decode()
    return 200, headers, outcome.payload


def _error(status: int, code: str, message: str, **more: str) -> tuple[int, dict[str, str], str]:
    body = json.dumps({"Type": "User", "message": message, **more})
    return status, {"x-amzn-errortype": code, "content-type": "application/json", "status": str(status)}, body


def _invoked_arn(function: Any, name: str, qualifier: str | None) -> str:
    base = ":".join(function.function_arn.split(":")[:7])
    named = name.split(":")[7] if name.startswith("arn:") and name.count(":") == 7 else qualifier
    return f"{base}:{named}" if named else base


def _deliver(self: Any, body: Any, request_headers: Any, response_headers: Any) -> bytes:
    """An event from another service of the account: asynchronous, as AWS delivers it."""
    payload = body if isinstance(body, bytes) else str(body).encode()
    invocations.invoke_async(self.function_arn, payload, region=self.region, account_id=self.account_id)
    return b""


def _deliver_by_name(
    self: Any, function_name: str, qualifier: str | None, body: Any, headers: Any, response_headers: Any
) -> bytes:
    return _deliver(self.get_function(function_name, qualifier), body, headers, response_headers)
