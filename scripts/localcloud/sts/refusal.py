"""How a service of AWS refuses credentials that were good once, or that are not whole.

The codes are those that the protocols' services answer with ("Common errors" of the API references).
"""

from werkzeug.wrappers import Response

from localcloud.missing import Call
from localcloud.sts.caller import Caller

EXPIRED = {
    "ec2": (400, "RequestExpired"),
    "json": (400, "ExpiredTokenException"),
    "rest-json": (403, "ExpiredTokenException"),
    "s3": (400, "ExpiredToken"),
}
INVALID = {
    "ec2": (401, "AuthFailure"),
    "json": (400, "UnrecognizedClientException"),
    "rest-json": (403, "UnrecognizedClientException"),
    "s3": (403, "InvalidAccessKeyId"),
}


def refusal(caller: Caller, call: Call) -> Response | None:
    """The error that the sender's credentials get from the service; None when they are good."""
    if not caller.is_known:
        status, code = INVALID.get(call.protocol, (403, "InvalidClientTokenId"))
        return call.error(status, code, "The security token included in the request is invalid.")
    if caller.has_expired:
        status, code = EXPIRED.get(call.protocol, (403, "ExpiredToken"))
        return call.error(status, code, "The security token included in the request is expired")
    return None
