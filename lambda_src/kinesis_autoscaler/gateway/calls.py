"""boto3, as every file of this package uses it: how clients are made, how often they call, what their errors mean."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler.gateway.pace import CALLS_PER_SECOND, SHARE, Pace
from kinesis_autoscaler.refusals import BeingChanged, Gone, Overtaken, Refused, Throttled

CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 5})

ONCE = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})
"""For UpdateShardCount. LimitExceededException, by which Kinesis refuses the eleventh resize of a day, is among the
codes that botocore takes for throttling and tries again."""

THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException")
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")

Page = TypeVar("Page")


class Calls:
    """Calls to AWS, each action at its pace, their errors turned into those that say who must act."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._paces = {action: Pace(rate * SHARE, clock, sleep) for action, rate in CALLS_PER_SECOND.items()}

    def ready(self, action: str) -> bool:
        """Whether a call may be made without waiting for its turn."""
        return self._paces[action].ready

    @contextmanager
    def one(self, action: str) -> Iterator[None]:
        """Make one call inside this block.

        Raises ConfigurationError when the function's role does not allow it, TransientError when AWS cannot be reached
        or fails, both with AWS's code and message, and what refusals.py lists.
        """
        if action in self._paces:
            self._paces[action].wait()
        try:
            yield
        except ClientError as error:
            raise _meaning(action, error) from error
        except BotoCoreError as error:
            raise TransientError(f"{action}: {error}") from error

    def each(self, action: str, pages: Iterable[Page]) -> Iterator[Page]:
        """The pages of a paginator, one call each."""
        following = iter(pages)
        while True:
            with self.one(action):
                page = next(following, None)
            if page is None:
                return
            yield page


def _meaning(action: str, error: ClientError) -> Exception:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    match action, code:
        case _, code if code.removeprefix("KMS.") in DENIED:
            return ConfigurationError(f"{action} is not allowed: {message}. Apply the module, which grants it")
        case "UpdateShardCount", "LimitExceededException" | "InvalidArgumentException" | "ValidationException":
            return Refused(message)
        case "UpdateShardCount" | "ListShards", "ResourceInUseException":
            return BeingChanged(message)
        case "PutFunctionConcurrency", "ResourceNotFoundException" | "InvalidParameterValueException":
            return ConfigurationError(f"{action}: {message}")
        case (
            "UpdateShardCount" | "DescribeStreamSummary" | "ListShards" | "SetAlarmState",
            "ResourceNotFoundException" | "ResourceNotFound",
        ):
            return Gone(message)
        case _, "ConditionalCheckFailedException":
            return Overtaken(message)
        case _, code if code in THROTTLED:
            return Throttled(f"{action}: {code}: {message}")
        case _:
            return TransientError(f"{action}: {code}: {message}")
