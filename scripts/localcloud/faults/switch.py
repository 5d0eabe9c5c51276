"""The faults that are on, and how a request meets one.

Admin requests and the Runtime API of functions never come here, and neither does what the local cloud does by itself.
"""

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from werkzeug.wrappers import Response

from localcloud.faults import answers
from localcloud.faults.rules import Faults, Kind, Requested
from localcloud.missing import Call
from localcloud.refusal import RefusalError

WsgiApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

_faults = Faults([], 0)


def put(body: Any) -> Mapping[str, Any]:
    """Put these rules in place of any others and begin their sequences; the body is what `Faults.parse` takes.

    Returns the counts. Raises RefusalError 400 for what is not a rule.
    """
    global _faults
    try:
        _faults = Faults.parse(body)
    except ValueError as error:
        raise RefusalError(400, str(error)) from error
    return counts()


def clear() -> Mapping[str, Any]:
    """Let nothing fail any more; returns the counts up to now. A delay that has begun takes its time."""
    global _faults
    before, _faults = _faults, Faults([], 0)
    return before.counts()


def counts() -> Mapping[str, Any]:
    """The rules with how many requests they matched and how many met their fault; the faults of each kind."""
    return _faults.counts()


def answer(
    application: WsgiApplication, call: Call, requested: Requested, environ: dict[str, Any], start_response: Any
) -> Iterable[bytes]:
    """Let `application` answer a request, or the fault that it meets."""
    rule = _faults.meet(requested)
    if rule is None:
        return application(environ, start_response)
    match rule.kind:
        case Kind.THROTTLE:
            return answers.throttling(call)(environ, start_response)
        case Kind.ERROR:
            return answers.failure(call, rule.code)(environ, start_response)
        case Kind.DROP:
            if rule.after:
                Response.from_app(application, environ, buffered=True)
            _hang_up(environ)
        case Kind.DELAY:
            time.sleep(rule.seconds)
    return application(environ, start_response)


def _hang_up(environ: dict[str, Any]) -> NoReturn:
    """Close the connection without an answer. The server takes the error for a client that has gone."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError
