"""What a request passes before its service sees it: who sends it, whether they may, and the faults that are on."""

import io
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.request import Request

from localcloud import ACCOUNT_ID, calls
from localcloud.faults import switch
from localcloud.faults.rules import Requested
from localcloud.missing import Call
from localcloud.sts.caller import Caller
from localcloud.sts.refusal import refusal

WsgiApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

CALLER = "localcloud.caller"
MOTO_ACCOUNT = "HTTP_X_MOTO_ACCOUNT_ID"
"""The header by which moto is told the account."""
ONE_ACCOUNT = {"cloudwatch", "events", "lambda"}
"""Services of which our part looks after the account 123456789012 only."""


def identify(environ: dict[str, Any]) -> None:
    """Note who sends a request, and tell moto the account; nobody chooses one by a header."""
    environ.pop(MOTO_ACCOUNT, None)
    caller = environ[CALLER] = Caller.of(Request(environ))
    if caller is not None:
        environ[MOTO_ACCOUNT] = caller.account


def guarded(application: WsgiApplication, service: str) -> WsgiApplication:
    """The `application` of moto's `service` behind what a request passes first."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        caller: Caller | None = environ[CALLER]
        if caller is None:
            return application(environ, start_response)
        call = Call.of(_read(environ), service)
        calls.note(caller.access_key, str(call))
        if refused := refusal(caller, call):
            return refused(environ, start_response)
        if call.service in ONE_ACCOUNT and caller.account != ACCOUNT_ID:
            message = f"The local cloud emulates {call} in the account {ACCOUNT_ID} only, not in {caller.account}."
            return call.error(501, "NotImplemented", message)(environ, start_response)
        requested = Requested(str(call), caller.account, caller.region, caller.function is not None)
        return switch.answer(application, call, requested, environ, start_response)

    return answer


def _read(environ: dict[str, Any]) -> Request:
    """The request with all of its body, which stays there to be read once more."""
    body = Request(environ).get_data()
    environ["wsgi.input"] = io.BytesIO(body)
    return Request({**environ, "wsgi.input": io.BytesIO(body)})
