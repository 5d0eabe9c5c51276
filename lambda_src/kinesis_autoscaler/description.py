"""A stream's settings as its alarms carry them: in AlarmDescription, where Terraform and the function write the same.

Kinesis stream orders: scale-up by acme-kinesis-autoscaler. {"block_minutes":30,"bounds":{"maximum":16,…},…}
"""

import json
from dataclasses import asdict, dataclass
from typing import Annotated

from common.errors import ConfigurationError
from common.settings import Accepts, decimal_number, from_document, one_of, true_or_false, whole_number
from kinesis_autoscaler.model import Bounds, Consumer, Direction, Policy

LONGEST = 1024
"""API_PutMetricAlarm: the characters that AlarmDescription takes."""

MOST_BLOCK_MINUTES = 365 * 24 * 60
"""API_IncreaseStreamRetentionPeriod: no record is older."""


def block_minutes() -> Accepts:
    """-1, or minutes: at most as many as a stream can keep its records."""

    def parse(text: str) -> int:
        return -1 if text == "-1" else int(str(whole_number(1, MOST_BLOCK_MINUTES).parse(text)))

    return Accepts(f"-1 for off or a whole number from 1 to {MOST_BLOCK_MINUTES}", parse)


@dataclass(frozen=True, slots=True)
class Description:
    """What one alarm says of its stream's settings; both of a stream's say the same but for the `threshold`.

    `discovered`: the function made the alarm, for a tag that the stream carries, and deletes it with the tag.
    """

    bounds: Bounds
    policy: Annotated[Policy, one_of(Policy)]
    threshold: Annotated[float, decimal_number(0, 1)]
    block_minutes: Annotated[int, block_minutes()]
    discovered: Annotated[bool, true_or_false()]
    consumer: Consumer | None = None


def write(stream: str, direction: Direction, deployment: str, description: Description) -> str:
    """The text of AlarmDescription. Raises ConfigurationError when it is longer than AWS takes."""
    document = json.dumps(asdict(description), separators=(",", ":"), sort_keys=True)
    text = f"Kinesis stream {stream}: {direction} by {deployment}. {document}"
    if len(text) > LONGEST:
        raise ConfigurationError(
            f"The description of an alarm of {stream} takes {len(text)} characters, {LONGEST} are possible: "
            "give the consumer by its name rather than its ARN."
        )
    return text


def parse(text: str) -> Description:
    """What `write` has written. Raises ConfigurationError, which names everything that is wrong with it."""
    _, brace, rest = text.partition("{")
    try:
        document = json.loads(brace + rest)
    except ValueError as error:
        raise ConfigurationError(f"its description holds no settings ({text!r:.200})") from error
    found = from_document(Description, document)
    if found.bounds.minimum > found.bounds.maximum:
        raise ConfigurationError(f"bounds.minimum {found.bounds.minimum} exceeds bounds.maximum {found.bounds.maximum}")
    return found
