"""Which requests meet which fault, drawn from a seed. No clock, no server.

Every rule draws for each request that it matches, from a sequence of its own for each account, Region and action. So
the same requests meet the same faults, whatever other rules there are and whatever runs at the same time elsewhere.
Only requests for one action, in one account and Region, that are under way together meet theirs as they arrive.
"""

import fnmatch
import random
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happens to a request."""

    THROTTLE = "throttle"
    ERROR = "error"
    DELAY = "delay"
    DROP = "drop"


OPTIONS = {Kind.ERROR: {"code"}, Kind.DELAY: {"seconds"}, Kind.DROP: {"after"}}
"""The fields that mean something to one kind only."""
ANY_KIND = {"action", "kind", "probability", "account", "region", "caller"}
FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class Requested:
    """What a rule looks at: `action` in IAM's spelling (`redshift:ModifyCluster`), and whether a function sent it."""

    action: str
    account: str
    region: str
    by_function: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault and how often. `action` is a glob; None matches every account, Region or caller.

    `seconds` is the length of a delay. `after`: the connection drops once the request has taken effect, not before.
    """

    action: str
    kind: Kind
    probability: float = 1.0
    account: str | None = None
    region: str | None = None
    caller: str | None = None
    code: str | None = None
    seconds: float = 0.0
    after: bool = False

    @classmethod
    def parse(cls, given: Any) -> "Rule":
        """Make a rule of JSON; null is absent. Raises ValueError, which names the field, for what is not one."""
        given = {field: value for field, value in given.items() if value is not None} if isinstance(given, dict) else {}
        if not {"action", "kind"} <= given.keys():
            raise ValueError("A rule is an object with action and kind.")
        if given["kind"] not in set(Kind):
            raise ValueError(f"kind must be one of {', '.join(Kind)}, not {given['kind']!r}.")
        kind = Kind(given["kind"])
        if foreign := sorted(given.keys() - ANY_KIND - OPTIONS.get(kind, set())):
            raise ValueError(f"A rule of the kind {kind} has no {', '.join(foreign)}.")
        for field, (wanted, holds) in CHECKS.items():
            if field in given and not holds(given[field]):
                raise ValueError(f"{field} must be {wanted}, not {given[field]!r}.")
        if kind is Kind.DELAY and "seconds" not in given:
            raise ValueError("A rule of the kind delay needs seconds.")
        return cls(**{**given, "kind": kind})

    def matches(self, requested: Requested) -> bool:
        """Whether the rule is about such a request. Actions are compared as IAM does, in any case."""
        return (
            fnmatch.fnmatchcase(requested.action.lower(), self.action.lower())
            and self.account in (None, requested.account)
            and self.region in (None, requested.region)
            and (self.caller is None or requested.by_function)
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


CHECKS: Mapping[str, tuple[str, Any]] = {
    "action": ("a glob like redshift:Modify*", lambda value: isinstance(value, str) and (":" in value or value == "*")),
    "probability": ("more than 0 and at most 1", lambda value: _is_number(value) and 0 < value <= 1),
    "account": ("12 digits", lambda value: isinstance(value, str) and value.isdecimal() and len(value) == 12),
    "region": ("a Region", lambda value: isinstance(value, str) and value != ""),
    "caller": (f"{FUNCTION!r} or absent", lambda value: value == FUNCTION),
    "code": ("an error code", lambda value: isinstance(value, str) and value.isalnum()),
    "seconds": ("more than 0 and at most 900", lambda value: _is_number(value) and 0 < value <= 900),
    "after": ("true or false", lambda value: isinstance(value, bool)),
}


class Faults:
    """Rules that draw, and what became of it."""

    def __init__(self, rules: list[Rule], seed: int) -> None:
        self._rules = rules
        self._seed = seed
        self._draws: dict[tuple[int, str, str, str], random.Random] = {}
        self._matched = Counter[int]()
        self._applied = Counter[int]()
        self._lock = threading.Lock()

    @classmethod
    def parse(cls, given: Any) -> "Faults":
        """Make faults of `{"seed": n, "rules": [...]}`. Raises ValueError for what is not that."""
        match given:
            case {"rules": list(rules), **others} if not others.keys() - {"seed"}:
                seed = others.get("seed", 0)
            case _:
                raise ValueError('The body must be {"seed": n, "rules": [...]}.')
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise ValueError(f"seed must be a whole number, not {seed!r}.")
        return cls([Rule.parse(rule) for rule in rules], seed)

    def meet(self, requested: Requested) -> Rule | None:
        """The fault that this request meets: that of the first rule whose draw hits; None when none does."""
        met: int | None = None
        with self._lock:
            for number, rule in enumerate(self._rules):
                if not rule.matches(requested):
                    continue
                self._matched[number] += 1
                if self._draw(number, requested) < rule.probability and met is None:
                    met = number
            if met is None:
                return None
            self._applied[met] += 1
        return self._rules[met]

    def counts(self) -> dict[str, Any]:
        """How many requests each rule matched and how many met its fault, and the faults of each kind."""
        with self._lock:
            kinds = dict.fromkeys(Kind, 0)
            rules = []
            for number, rule in enumerate(self._rules):
                kinds[rule.kind] += self._applied[number]
                rules.append(_given(rule) | {"matched": self._matched[number], "applied": self._applied[number]})
        return {"seed": self._seed, "rules": rules, "kinds": kinds}

    def _draw(self, number: int, requested: Requested) -> float:
        key = (number, requested.account, requested.region, requested.action)
        if key not in self._draws:
            self._draws[key] = random.Random("/".join(map(str, (self._seed, *key))))  # noqa: S311 - to be repeatable
        return self._draws[key].random()


def _given(rule: Rule) -> dict[str, Any]:
    """The fields of a rule that say something."""
    defaults = {field.name: field.default for field in fields(Rule)}
    values = asdict(rule)
    return {name: value for name, value in values.items() if name == "probability" or value != defaults[name]}
