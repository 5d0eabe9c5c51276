"""The client connect handler is asked: synchronously, for as long as Client VPN waits."""

import json
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.utils import get_backend

from localcloud.client_vpn.verdict import DEFAULT_MESSAGE, Decision, Reason, judged
from localcloud.functions import invocations
from localcloud.functions.executor import Outcome
from localcloud.functions.fleet import ThrottledError

LIMIT_SECONDS = 30.0
"""Of the machine's time; not adjustable on AWS ("Custom connection authorization")."""


def ask(function_arn: str, event: Mapping[str, Any], seconds: float = LIMIT_SECONDS) -> Decision:
    """Invoke the function with `event`, wait for at most that long, and judge its answer."""
    region, account = function_arn.split(":")[3:5]
    try:
        function = get_backend(account, region).get_function(function_arn)
    except (UnknownFunctionException, UnknownAliasException):
        return Decision(Reason.EXECUTION, DEFAULT_MESSAGE)
    answers: list[Outcome | Exception] = []

    def invoke() -> None:
        try:
            payload = json.dumps(event).encode()
            answers.append(invocations.invoke(function, payload, function_arn, str(uuid.uuid4()))[0])
        except Exception as error:  # handed to the thread that waits
            answers.append(error)

    # A thread that is not waited for at the end: the function may go on longer than Client VPN cares.
    thread = threading.Thread(target=invoke, name="client-connect", daemon=True)
    thread.start()
    thread.join(seconds)
    match answers:
        case [Outcome(status="ok", payload=payload)]:
            return judged(payload, str(event["schema-version"]))
        case [Outcome(status="error")]:
            return Decision(Reason.EXECUTION, DEFAULT_MESSAGE)
        case [ThrottledError()]:
            return Decision(Reason.THROTTLED, DEFAULT_MESSAGE)
        case [Exception() as error]:
            raise error
        case _:
            return Decision(Reason.TIMED_OUT, DEFAULT_MESSAGE)
