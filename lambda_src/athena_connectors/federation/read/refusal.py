"""What AWS refuses, or does not answer, as an error that says who mends it."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from athena_connectors.federation.errors import (
    AccessDenied,
    ConnectorError,
    EntityNotFound,
    InternalError,
    OperationTimeout,
    Throttled,
)

DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "403",
    "DecryptionFailure",
    "KMS.DisabledException",
    "KMS.KMSInvalidStateException",
}
MISSING = {
    "NoSuchBucket",
    "NotFoundException",
    "ParameterNotFound",
    "ResourceNotFoundException",
    "KMS.NotFoundException",
    "404",
}
THROTTLED = {
    "SlowDown",
    "ServiceUnavailable",
    "503",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "KMS.ThrottlingException",
}
SERVER_ERROR = 500


def connector_error(error: BotoCoreError | ClientError, what: str, *, allow: str, route: str) -> ConnectorError:
    """The error to raise from `error`.

    `what` names what was being done and to what; `allow` who has to allow it; `route` how a function in a VPC gets
    there.
    """
    if isinstance(error, ClientError):
        return _refused(error, what, allow)
    if isinstance(error, ConnectTimeoutError | EndpointConnectionError):
        return OperationTimeout(f"{what} reached nobody. {route}")
    if isinstance(error, NoCredentialsError):
        return AccessDenied(f"{what} needs the credentials of the function's role, and found none.")
    return OperationTimeout(f"{what} got no answer: {error}")


def _refused(error: ClientError, what: str, allow: str) -> ConnectorError:
    code = error.response["Error"].get("Code", "?")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = f"{what} was refused with {code}: {error.response['Error'].get('Message', 'no message')}"
    if code in DENIED:
        return AccessDenied(f"{said}. {allow}")
    if code in MISSING:
        return EntityNotFound(f"{said}. {allow}")
    if code in THROTTLED:
        return Throttled(f"{said}. It was tried several times; run fewer queries at a time, or the query again.")
    if status >= SERVER_ERROR:
        return OperationTimeout(f"{said}. Run the query again.")
    return InternalError(said)
