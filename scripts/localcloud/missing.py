"""Answers for what cannot be answered: 501 where nothing emulates the call, 500 where moto broke over it.

moto lets NotImplementedError escape and has no route for some REST paths. Both would reach a client as HTML, which it
reports as a parse error; here they become an error of the service's own protocol, so that boto3 raises a `ClientError`
with the code `NotImplemented`. No SDK retries a 501.
"""

import json
import sys
import traceback
from dataclasses import dataclass
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from moto.core.request import Request, determine_request_protocol
from moto.core.responses import BaseResponse
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model, service_name_from_moto_package_name
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

# Where IAM, and therefore every policy and log, spells a service otherwise than its signature does.
IAM_PREFIXES = {"monitoring": "cloudwatch"}
MOTO_MODULES = {"awslambda": "lambda"}
XML_FORMATS = {
    "ec2": "<Response><Errors><Error>{error}</Error></Errors><RequestID>{id}</RequestID></Response>",
    "query": "<ErrorResponse><Error><Type>Receiver</Type>{error}</Error><RequestId>{id}</RequestId></ErrorResponse>",
    "rest-xml": "<ErrorResponse><Error><Type>Receiver</Type>{error}</Error><RequestId>{id}</RequestId></ErrorResponse>",
    "s3": "<Error>{error}<RequestId>{id}</RequestId></Error>",
}
REQUEST_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Call:
    """What a request asks for. `service` is spelled as in IAM; `action` is method and path where nothing names it.

    `model`: botocore's name of the service, None where it has none.
    """

    service: str
    action: str
    protocol: str
    model: str | None = None

    @classmethod
    def of(cls, request: Request, moto_service: str | None) -> "Call":
        """Read the call off `request`; `moto_service` is the moto package it was routed to, None if there is none."""
        signed_for = signing_name(request)
        name = service_name_from_moto_package_name((moto_service or signed_for or "s3").replace("-", ""))
        name = MOTO_MODULES.get(name, name)
        service = IAM_PREFIXES.get(signed_for or name, signed_for or name)
        action = request.headers.get("X-Amz-Target", "").split(".")[-1] or request.values.get("Action", "")
        try:
            model = get_service_model(name)
        except UnknownServiceError:
            return cls(service, action or f"{request.method} {request.path}", "json")
        try:
            protocol = determine_request_protocol(model, request.content_type)
        except NotImplementedError:
            protocol = str(model.protocol)
        if not action:
            try:
                action = get_service_router(name).match(request)[0].name
            except (NotFound, NotImplementedError):
                action = f"{request.method} {request.path}"
        return cls(service, action, "s3" if name == "s3" else protocol, name)

    def __str__(self) -> str:
        return f"{self.service}:{self.action}"

    def error(self, status: int, code: str, message: str) -> Response:
        """An error response that botocore and the other SDKs parse into `code` and `message`."""
        if wrapper := XML_FORMATS.get(self.protocol):
            error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
            return Response(wrapper.format(error=error, id=REQUEST_ID), status, content_type="text/xml")
        body = json.dumps({"__type": code, "message": message})
        content_type = "application/json" if self.protocol == "rest-json" else "application/x-amz-json-1.1"
        return Response(body, status, {"x-amzn-ErrorType": code}, content_type=content_type)


def credential_scope(request: Request) -> list[str]:
    """Access key, date, Region, service and terminator of a SigV4 request, by header or URL; [] for an unsigned one."""
    credential = request.headers.get("Authorization", "").partition("Credential=")[2].split(",")[0]
    scope = (credential or request.args.get("X-Amz-Credential", "")).split("/")
    return scope if len(scope) == 5 else []


def signing_name(request: Request) -> str | None:
    """The service that a SigV4 request is signed for, or None for an unsigned one."""
    scope = credential_scope(request)
    return scope[3].lower() if scope else None


def not_implemented(request: Request, moto_service: str | None, reason: str = "") -> Response:
    """501 that names the action; `reason` is what moto says it cannot do within an action that it has."""
    call = Call.of(request, moto_service)
    if not reason or reason.endswith("action has not been implemented"):
        return call.error(501, "NotImplemented", f"The local cloud does not emulate {call}.")
    return call.error(501, "NotImplemented", f"The local cloud does not emulate this use of {call}: {reason}")


def internal_failure(request: Request, moto_service: str | None, error: Exception) -> Response | HTTPException:
    """500 that names the exception, whose traceback goes to stderr. What is an answer already is left alone."""
    if isinstance(error, HTTPException):
        return error
    call = Call.of(request, moto_service)
    print(f"{call} failed unexpectedly:", file=sys.stderr)
    traceback.print_exception(error, file=sys.stderr)
    message = f"The local cloud failed over {call}: {type(error).__name__}: {error}"
    return call.error(500, "InternalFailure", message)


def refuse_unrouted_actions() -> None:
    """Make moto refuse a REST call that it knows no action for; of itself it answers 404 without a body."""
    if BaseResponse.call_action.__name__ != "call_action":
        return
    answer = BaseResponse.call_action

    def call_known_action(self: BaseResponse) -> object:
        if not self._get_action():
            raise NotImplementedError
        return answer(self)

    BaseResponse.call_action = call_known_action
