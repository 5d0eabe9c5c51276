"""What is remembered, and for how long."""

from itertools import count

import pytest

from athena_connectors.federation.cache import MOST, Cache


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_remembered_for_its_time() -> None:
    clock, answers = Clock(), count()
    cache = Cache(60, clock)
    assert [cache.get("q", lambda: next(answers)) for _ in range(3)] == [0, 0, 0]
    clock.now = 59.9
    assert cache.get("q", lambda: next(answers)) == 0
    clock.now = 60
    assert cache.get("q", lambda: next(answers)) == 1


def test_no_time_remembers_nothing() -> None:
    answers = count()
    cache = Cache(0, Clock())
    assert [cache.get("q", lambda: next(answers)) for _ in range(2)] == [0, 1]


def test_an_error_is_not_remembered() -> None:
    cache = Cache(60, Clock())
    with pytest.raises(ZeroDivisionError):
        cache.get("q", lambda: 1 // 0)
    assert cache.get("q", lambda: 1) == 1


def test_what_is_forgotten_is_asked_anew() -> None:
    cache = Cache(60, Clock())
    cache.get("q", lambda: 1)
    cache.forget("q")
    cache.forget("never asked")
    assert cache.get("q", lambda: 2) == 2


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    cache = Cache(60, Clock())
    for question in range(MOST):
        cache.get(question, lambda: "kept")
    cache.get(0, lambda: "asked anew")
    cache.get("one more", lambda: "kept")
    assert cache.get(0, lambda: "asked anew") == "kept"
    assert cache.get(1, lambda: "asked anew") == "asked anew"
