"""The environment, or a JSON document, as a frozen dataclass; everything that is wrong with it is reported at once.

A field's variable is its path in upper case: `schedule.hour` is read from `SCHEDULE_HOUR`. In a document the path is
that of the JSON objects, and a field may also be a `dict[str, X]` or a `tuple[X, ...]`. What a field accepts is
annotated; one with a default may be missing:

    @dataclass(frozen=True, slots=True)
    class Schedule:
        hour: Annotated[int, whole_number(0, 23)]

    @dataclass(frozen=True, slots=True)
    class Settings:
        schedule: Schedule
        dry_run: Annotated[bool, true_or_false()]

    settings = from_environment(Settings, os.environ)
    settings = from_document(Settings, {"schedule": {"hour": 6}, "dry_run": false})
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, cast, get_origin, get_type_hints

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


def decimal_number(above: float, most: float) -> Accepts:
    """A number, with or without decimals, more than `above` and at most `most`."""

    def parse(text: str) -> float:
        if "_" in text or text != text.strip() or not above < float(text) <= most:
            raise ValueError(text)
        return float(text)

    return Accepts(f"a number above {above:g} and at most {most:g}", parse)


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
    from zoneinfo import ZoneInfo  # an import that payloads without time zones need not pay for at a cold start

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


def from_document(kind: type[T], document: object) -> T:
    """Read the dataclass `kind` from parsed JSON.

    Raises ConfigurationError, listing by its path each value that is missing, wrong or unknown, and what is accepted.
    """
    problems: list[str] = []
    found = _parse(kind, document, "", problems)
    if problems:
        raise ConfigurationError(f"The settings are wrong: {'; '.join(problems)}.")
    return cast(T, found)


def _parse(hint: Any, value: object, path: str, problems: list[str]) -> object:
    """`value` as `hint` wants it; when it is not, `problems` grows and what is returned means nothing."""
    if get_origin(hint) is Annotated:
        return _parse_leaf(hint.__metadata__[0], value, path, problems)
    if isinstance(hint, UnionType):  # X | None: an object that may be null
        (hint,) = [part for part in hint.__args__ if part is not NoneType]
        return None if value is None else _parse(hint, value, path, problems)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            _note(problems, path, value, "a list")
            return ()
        return tuple(_parse(hint.__args__[0], item, f"{path}[{index}]", problems) for index, item in enumerate(value))
    if not isinstance(value, dict):
        _note(problems, path or "the whole", value, "an object")
        return None
    if get_origin(hint) is dict:
        return {name: _parse(hint.__args__[1], item, f"{path}.{name}", problems) for name, item in value.items()}
    return _parse_object(hint, value, f"{path}." if path else "", problems)


def _parse_object(kind: Any, value: dict[str, object], prefix: str, problems: list[str]) -> object:
    known = len(problems)
    hints = get_type_hints(kind, include_extras=True)
    optional = {field.name for field in fields(kind) if field.default is not MISSING}
    problems += [f"{prefix}{name} is not known" for name in value if name not in hints]
    problems += [f"{prefix}{name} is missing" for name in hints if name not in value and name not in optional]
    values = {
        name: _parse(hint, value[name], f"{prefix}{name}", problems)
        for name, hint in hints.items()
        if name in value and not (value[name] is None and name in optional)
    }
    return None if len(problems) > known else kind(**values)


def _parse_leaf(accepts: Accepts, value: object, path: str, problems: list[str]) -> object:
    if isinstance(value, str | int | float):
        try:
            return accepts.parse(json.dumps(value) if not isinstance(value, str) else value)
        except ValueError:
            pass  # it is reported like a value of another kind
    _note(problems, path, value, accepts.description)
    return None


def _note(problems: list[str], path: str, value: object, accepted: str) -> None:
    problems.append(f"{path} is {value!r:.100}, {accepted} is accepted")
