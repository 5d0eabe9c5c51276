"""How a service of AWS answers when it throttles or fails: status and code, as an SDK sees them.

Throttling: the "Common errors" of each API reference; what single services say otherwise, botocore's models tell.
"""

from moto.core.utils import get_service_model
from werkzeug.wrappers import Response

from localcloud.missing import Call

THROTTLED = {
    "apigateway": (429, "TooManyRequestsException"),
    "athena": (400, "TooManyRequestsException"),
    "cloudwatch": (400, "Throttling"),
    "ec2": (503, "RequestLimitExceeded"),
    "lambda": (429, "TooManyRequestsException"),
    "organizations": (400, "TooManyRequestsException"),
    "s3": (503, "SlowDown"),
    "sns": (400, "Throttling"),
    "sqs": (400, "RequestThrottled"),
}
"""Services whose answer does not follow from the protocol."""
THROUGHPUT = {
    "dynamodb": ("BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"),
    "kinesis": ("GetRecords", "PutRecord", "PutRecords"),
}
"""Actions on the data, which exceed the throughput of a table or a shard before they exceed a rate of requests."""
STATUS = {
    "AccessDenied": 403,
    "InternalError": 500,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
}
"""Codes of every service, which no model names."""


def throttling(call: Call) -> Response:
    """The service's own way of saying that there are too many requests."""
    if call.action in THROUGHPUT.get(call.service, ()):
        status, code = 400, "ProvisionedThroughputExceededException"
    else:
        default = "Throttling" if call.protocol in ("query", "rest-xml") else "ThrottlingException"
        status, code = THROTTLED.get(call.service, (400, default))
    return call.error(status, code, f"Rate exceeded (a fault that the local cloud was told to answer {call} with).")


def failure(call: Call, code: str | None) -> Response:
    """An error of that code with the status that the service gives it; without one, its internal failure, 500."""
    code = code or ("InternalError" if call.service == "s3" else "InternalFailure")
    message = f"A fault that the local cloud was told to answer {call} with."
    return call.error(_status(code, call.model), code, message)


def _status(code: str, model: str | None) -> int:
    if code in STATUS:
        return STATUS[code]
    for shape in get_service_model(model).error_shapes if model else []:
        error = shape.metadata.get("error", {})
        if code == error.get("code", shape.name):
            return int(error.get("httpStatusCode", 500 if shape.metadata.get("fault") else 400))
    return 400
