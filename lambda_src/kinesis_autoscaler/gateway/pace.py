"""How fast AWS is called: every action at its own pace, so that no number of streams is ever throttled."""

import time
from collections.abc import Callable

CALLS_PER_SECOND = {
    "DescribeStreamSummary": 20,
    "UpdateShardCount": 10,
    "DescribeLimits": 1,
    "PutMetricAlarm": 3,
    "SetAlarmState": 3,
    "DescribeAlarms": 9,
}
"""What AWS takes from an account and Region: the actions' pages of the Kinesis API reference, "CloudWatch service
quotas" in the CloudWatch user guide (there per action, as Service Quotas shows them for a new account)."""

SHARE = 0.45
"""What one worker takes of it: the event source mapping of the work queue runs two at once, a tenth is for others."""


class Pace:
    """Lets so many calls pass per second, evenly spaced; `clock` and `sleep` are in seconds."""

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    @property
    def ready(self) -> bool:
        """Whether a call may be made at once."""
        return self._clock() >= self._next

    def wait(self) -> None:
        """Return once the next call may be made."""
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval
