"""Errors as the user of Athena reads them: the code first, then what is wrong and who mends it.

ConnectorError
├── InvalidInput        the writer of the query, or of the settings
├── InvalidCredentials  who owns the secret
├── AccessDenied        who grants permissions
├── EntityNotFound      the writer of the query
├── OperationTimeout    nobody yet: the query may be run again
├── QueryEnded          nobody: whoever asked waits no longer
├── NotSupported        the writer of the query
├── Throttled           nobody yet: Athena is asked to send less
└── InternalError       the maintainers
"""

# ruff: noqa: N818 - Athena shows the names to its users, who read them as what happened


class ConnectorError(Exception):
    """Ends the request. Athena shows its users the message and the type, never the code: so the message begins with it.

    Codes: software.amazon.awssdk.services.glue FederationSourceErrorCode, as the official connectors use them.
    """

    code = "INTERNAL_SERVICE_EXCEPTION"

    def __init__(self, message: str) -> None:
        super().__init__(f"{self.code}: {message}")


class InvalidInput(ConnectorError):
    """What was asked for makes no sense."""

    code = "INVALID_INPUT_EXCEPTION"


class InvalidCredentials(ConnectorError):
    """The source refused the credentials."""

    code = "INVALID_CREDENTIALS_EXCEPTION"


class AccessDenied(ConnectorError):
    """The source, AWS or the map of callers forbids it."""

    code = "ACCESS_DENIED_EXCEPTION"


class EntityNotFound(ConnectorError):
    """There is no such catalog, schema, table or column."""

    code = "ENTITY_NOT_FOUND_EXCEPTION"


class OperationTimeout(ConnectorError):
    """It took longer than it may."""

    code = "OPERATION_TIMEOUT_EXCEPTION"


class QueryEnded(ConnectorError):
    """The query that asked has ended in Athena. No code is made for it; nobody reads it there."""

    code = "OPERATION_TIMEOUT_EXCEPTION"


class NotSupported(ConnectorError):
    """It is known what is asked for, and that it is not done."""

    code = "OPERATION_NOT_SUPPORTED_EXCEPTION"


class Throttled(ConnectorError):
    """The source or S3 asks for less."""

    code = "THROTTLING_EXCEPTION"


class InternalError(ConnectorError):
    """A promise of ours did not hold."""

    code = "INTERNAL_SERVICE_EXCEPTION"


# Lambda reports an error by the name of its class alone, and this is the Java class by which Athena is to know that it
# may ask again. Source: com.amazonaws.athena.connector.lambda.exceptions of the official SDK.
Throttled.__name__ = "com.amazonaws.athena.connector.lambda.exceptions.FederationThrottleException"
