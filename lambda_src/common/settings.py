"""The environment as a frozen dataclass; every bad variable is reported at once.

A field's variable is its path in upper case: `schedule.hour` is read from `SCHEDULE_HOUR`. What it
accepts is annotated; one with a default may be missing:

    @dataclass(frozen=True, slots=True)
    class Schedule:
        hour: Annotated[int, whole_number(0, 23)]

    @dataclass(frozen=True, slots=True)
    class Settings:
        schedule: Schedule
        dry_run: Annotated[bool, true_or_false()]

    settings = from_environment(Settings, os.environ)
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast, get_type_hints
from zoneinfo import ZoneInfo

from common.errors import ConfigurationError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Accepts:
    """The values a variable takes: `description` for people; `parse` raises ValueError for anything else."""

    description: str
    parse: Callable[[str], object]


def whole_number(minimum: int, maximum: int) -> Accepts:
    """Decimal digits only: no sign, blank or underscore, all of which `int` would let pass."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and minimum <= int(text) <= maximum):
            raise ValueError(text)
        return int(text)

    return Accepts(f"a whole number from {minimum} to {maximum}", parse)


def one_of(choices: type[StrEnum]) -> Accepts:
    """The values of an enum, spelled exactly."""
    return Accepts(f"one of {', '.join(choices)}", choices)


def true_or_false() -> Accepts:
    """`true` or `false`, as Terraform's `tostring` writes a bool."""

    def parse(text: str) -> bool:
        if text not in ("true", "false"):
            raise ValueError(text)
        return text == "true"

    return Accepts("true or false", parse)


def text() -> Accepts:
    """Anything but nothing."""

    def parse(text: str) -> str:
        if not text.strip():
            raise ValueError(text)
        return text

    return Accepts("a text that is not empty", parse)


def time_zone() -> Accepts:
    """A time zone by its IANA name, from the system's database or the `tzdata` wheel."""

    def parse(text: str) -> ZoneInfo:
        try:
            return ZoneInfo(text)
        except (KeyError, OSError) as error:  # OSError: `Europe` is a directory of the database
            raise ValueError(text) from error

    return Accepts("an IANA time zone name such as UTC or Europe/Berlin", parse)


def from_environment(kind: type[T], environment: Mapping[str, str]) -> T:
    """Read the dataclass `kind` from `environment`.

    Raises ConfigurationError, listing each variable that is missing or wrong, its value, and what is accepted.
    """
    problems: list[str] = []
    settings = _read(kind, "", environment, problems)
    if settings is None:
        raise ConfigurationError(f"The environment is wrong: {'; '.join(problems)}.")
    return settings


def _read(kind: type[T], prefix: str, environment: Mapping[str, str], problems: list[str]) -> T | None:
    """The dataclass, or None when a variable of it is bad: then `problems` has grown."""
    known = len(problems)
    values: dict[str, object] = {}
    optional = {field.name for field in fields(cast(Any, kind)) if field.default is not MISSING}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        variable = prefix + name.upper()
        if is_dataclass(hint):
            values[name] = _read(cast(type[object], hint), f"{variable}_", environment, problems)
            continue
        if name in optional and variable not in environment:
            continue
        (accepts,) = hint.__metadata__
        try:
            values[name] = accepts.parse(environment[variable])
        except KeyError:
            problems.append(f"{variable} is missing, {accepts.description} is accepted")
        except ValueError:
            problems.append(f"{variable} is {environment[variable]!r}, {accepts.description} is accepted")
    return None if len(problems) > known else kind(**values)
