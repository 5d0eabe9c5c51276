"""What the source's dictionary said a moment ago: the console asks the same things in storms."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

Answer = TypeVar("Answer")

MOST = 1_000
"""Answers that are kept; the one that was asked for longest ago goes first."""


class Cache:
    """Answers by question, each for `seconds`; errors are not remembered. 0 seconds remember nothing."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._kept: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()

    def get(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """What is remembered, else what `ask` returns."""
        if question in self._kept:
            until, answer = self._kept[question]
            if self._clock() < until:
                self._kept.move_to_end(question)
                return cast(Answer, answer)
        found = ask()
        self._kept[question] = (self._clock() + self._seconds, found)
        self._kept.move_to_end(question)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return found

    def forget(self, question: Hashable) -> None:
        """Ask again next time."""
        self._kept.pop(question, None)
