"""The functions that read streams."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kinesis_autoscaler.gateway.calls import Calls

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Consumers:
    """See Calls.one for what it raises. `client` makes the client, or returns the one it has made."""

    def __init__(self, client: "Callable[[], LambdaClient]", calls: Calls) -> None:
        self._client = client
        self._calls = calls

    def reserve(self, function_name: str, concurrency: int) -> None:
        """Reserve so much of the account's concurrency for a function.

        Raises ConfigurationError when there is no such function, or when the account has not so much to reserve.
        """
        with self._calls.one("PutFunctionConcurrency"):
            self._client().put_function_concurrency(
                FunctionName=function_name, ReservedConcurrentExecutions=concurrency
            )
