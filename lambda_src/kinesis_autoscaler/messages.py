"""What wakes the function, and what it sends itself: which streams to look at. Pure.

A message is only a hint. What is true is read of AWS, so that lost, doubled and late messages do no harm.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from common.errors import Rejected
from kinesis_autoscaler.definition import stream_of

MOST_NAMES = 25
"""Streams of one message, and of one run."""

NAME = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
"""API_CreateStream."""


class Kind(StrEnum):
    """What is to be done.

    TICK: send messages about all streams, and make, change and delete the alarms of discovered ones. DISCOVERY: only
    the latter, where a tick had no time to. STREAMS: bring these in line.
    """

    TICK = "tick"
    DISCOVERY = "discovery"
    STREAMS = "streams"


@dataclass(frozen=True, slots=True)
class Message:
    """`ticked`: about these `names` because a tick looks at all, not because something happened."""

    kind: Kind
    names: tuple[str, ...] = ()
    ticked: bool = False
    delay: timedelta = timedelta(0)

    def body(self) -> dict[str, Any]:
        """What `parse` reads."""
        if self.kind is not Kind.STREAMS:
            return {"kind": self.kind.value}
        return {"kind": self.kind.value, "names": list(self.names), **({"ticked": True} if self.ticked else {})}


def about(names: Sequence[str], *, ticked: bool = False) -> list[Message]:
    """Messages about all of `names`, to be sent at once."""
    groups = (tuple(names[first : first + MOST_NAMES]) for first in range(0, len(names), MOST_NAMES))
    return [Message(Kind.STREAMS, group, ticked) for group in groups]


def parse(text: str, deployment: str) -> Message:
    """The message that a body of the queue holds: one of ours, or an alarm's. Raises Rejected; see `read`."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Rejected(f"A message is JSON, not {text!r:.200}. Nothing was done.") from error
    return read(document, deployment)


def read(document: object, deployment: str) -> Message:
    """The message that parsed JSON holds; `deployment` is the function's name.

    Raises Rejected for anything else than the three kinds, or what CloudWatch publishes of one of our alarms.
    """
    match document:
        case {"kind": Kind.TICK | Kind.DISCOVERY as kind, **rest} if not rest:
            return Message(Kind(kind))
        case {"kind": Kind.STREAMS, "names": list() as names, **rest} if not rest.keys() - {"ticked"}:
            wrong = [name for name in names if not (isinstance(name, str) and NAME.fullmatch(name))]
            if wrong or not 1 <= len(names) <= MOST_NAMES:
                raise Rejected(f"`names` are 1 to {MOST_NAMES} names of streams, not {names!r:.200}. Nothing was done.")
            return Message(Kind.STREAMS, tuple(dict.fromkeys(names)), rest.get("ticked") is True)
        case {"AlarmName": str() as name}:
            ours = stream_of(deployment, name)
            if ours is None or not NAME.fullmatch(ours[0]):
                raise Rejected(
                    f"The alarm {name!r:.300} is none of {deployment}: take the topic out of its actions. Nothing was "
                    "done."
                )
            return Message(Kind.STREAMS, (ours[0],))
    raise Rejected(
        f"Neither what CloudWatch publishes of an alarm, nor {_EXAMPLES}: {document!r:.200}. Nothing was done."
    )


_EXAMPLES = '{"kind": "tick"} or {"kind": "streams", "names": ["orders"]}'
