"""What a client of an API gets, and what API Gateway answers by itself.

"Gateway response types for API Gateway" in the API Gateway Developer Guide.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response; the headers of every response, such as the request's id, are not among these."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def gateway_response(status: int, error: str, message: str) -> Answer:
    """A response that no integration made; `error` is the name of the exception in `x-amzn-ErrorType`."""
    headers = (("Content-Type", "application/json"), ("x-amzn-ErrorType", error))
    return Answer(status, json.dumps({"message": message}), headers)


def forbidden() -> Answer:
    """What an API, a stage or a caller gets that is not there or was filtered."""
    return gateway_response(403, "ForbiddenException", "Forbidden")


def missing_token() -> Answer:
    """What API Gateway says of a resource or a method that does not exist."""
    return gateway_response(403, "MissingAuthenticationTokenException", "Missing Authentication Token")


def internal_error() -> Answer:
    """What a client gets of a method that is configured wrongly."""
    return gateway_response(500, "InternalServerErrorException", "Internal server error")


def not_emulated(what: str) -> Answer:
    """501 that names what an API here cannot do."""
    return gateway_response(501, "NotImplemented", f"The local cloud does not emulate {what} of API Gateway.")
