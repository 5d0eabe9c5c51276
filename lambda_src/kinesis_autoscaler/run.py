"""One run over some messages: the streams they name, what is sent back to the queue, and ticks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aws_lambda_powertools import Logger

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler.gateway import Gateway
from kinesis_autoscaler.messages import MOST_NAMES, Kind, Message, about
from kinesis_autoscaler.model import Outcome
from kinesis_autoscaler.reconcile import Group
from kinesis_autoscaler.result import Result
from kinesis_autoscaler.settings import Settings

ONE_MORE_TRY = timedelta(minutes=1)

logger = Logger()


@dataclass(slots=True)
class Run:
    """`deployment`: the function's name. `now`: in UTC. `in_time`: whether there is time for another stream.

    What came of it: `results`; `managed`, how many streams there are, known after a tick; `ticked`, the streams that
    were looked at because a tick looks at all; `troubles`, what kept a message from being dealt with, in sentences.
    """

    aws: Gateway
    settings: Settings
    deployment: str
    now: datetime
    in_time: Callable[[], bool]
    results: list[Result] = field(default_factory=list)
    managed: int | None = None
    ticked: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    def work(self, wanted: Mapping[str, Message]) -> list[str]:
        """Do what the messages say; returns the keys of those that are to be delivered again.

        What does not fit into the run is sent to the queue anew, and so is a stream that failed among others.
        """
        failed = self._streams(list(wanted.values()))
        split: set[str] = set()
        again = []
        for key, message in wanted.items():
            concerned = failed & set(message.names)
            if concerned and len(concerned) == len(message.names):
                again.append(key)
            split |= concerned if key not in again else set()
        if self._send([Message(Kind.STREAMS, (name,), delay=ONE_MORE_TRY) for name in sorted(split)]):
            again += [key for key, message in wanted.items() if split & set(message.names) and key not in again]
        kinds = {message.kind for message in wanted.values()} - {Kind.STREAMS}
        if kinds and not self._tick(Kind.TICK if Kind.TICK in kinds else Kind.DISCOVERY):
            again += [key for key, message in wanted.items() if message.kind in kinds]
        return again

    def _streams(self, wanted: Sequence[Message]) -> set[str]:
        """Bring the streams in line; returns the names of those that were not dealt with and did not go back either."""
        awaited = dict.fromkeys(name for message in wanted if not message.ticked for name in message.names)
        others = dict.fromkeys(name for message in wanted if message.ticked for name in message.names)
        self.ticked = others.keys() - awaited.keys()
        names = [*awaited, *(name for name in others if name in self.ticked)]
        failed = self._send_back(names[MOST_NAMES:])
        if not names:
            return failed
        group = Group(self.aws, self.now, self.settings.dry_run, self.ticked, self.in_time)
        failed |= self._send_back(group.reconcile(names[:MOST_NAMES]))
        self.results += [group.results[name] for name in names if name in group.results]
        failed |= self._send([message for result in self.results if (message := self._follow_up(result))])
        return failed | {result.stream for result in self.results if result.again}

    def _send_back(self, names: Sequence[str]) -> set[str]:
        ticked = [name for name in names if name in self.ticked]
        awaited = [name for name in names if name not in self.ticked]
        return self._send(about(awaited) + about(ticked, ticked=True))

    def _follow_up(self, result: Result) -> Message | None:
        """The next look at a stream that is being changed. One that a tick finds so, the next tick looks at anyway."""
        delay = result.decision.retry_after
        if delay is None or (result.decision.outcome is Outcome.WAITING and result.stream in self.ticked):
            return None
        return Message(Kind.STREAMS, (result.stream,), delay=delay)

    def _send(self, messages: Sequence[Message]) -> set[str]:
        """Returns the names in messages that could not be sent."""
        try:
            self.aws.queue.send(messages)
        except (ConfigurationError, TransientError) as error:
            self._trouble("messages could not be sent", error)
            return {name for message in messages for name in message.names}
        return set()

    def _tick(self, kind: Kind) -> bool:
        """Whether it was done, or what is left of it sent anew."""
        from kinesis_autoscaler.discover import Discoverer  # no part of a cold start that an alarm waits for

        try:
            if not self.in_time():
                self.aws.queue.send([Message(kind)])
                return True
            pairs = self.aws.alarms.all()
            if kind is Kind.TICK:
                self.aws.queue.send(about(sorted(pairs), ticked=True))
                self.managed = len(pairs)
            results, finished = Discoverer(self.aws, self.settings, self.deployment, self.in_time).discover(pairs)
            self.results += results
            if not finished:
                self.aws.queue.send([Message(Kind.DISCOVERY)])
        except (ConfigurationError, TransientError) as error:
            self._trouble(f"the {kind} failed", error)
            return False
        return True

    def _trouble(self, what: str, error: Exception) -> None:
        self.troubles.append(f"{what}: {error}")
        logger.error(what, extra={"reason": str(error)})
