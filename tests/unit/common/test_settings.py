"""Reading the environment: every kind of value, and all mistakes at once."""

from dataclasses import FrozenInstanceError, dataclass
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import pytest

from common.errors import ConfigurationError
from common.settings import (
    decimal_number,
    from_document,
    from_environment,
    one_of,
    text,
    time_zone,
    true_or_false,
    whole_number,
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Paint:
    colour: Annotated[Colour, one_of(Colour)]
    coats: Annotated[int, whole_number(1, 12)]


@dataclass(frozen=True, slots=True)
class Job:
    paint: Paint
    zone: Annotated[ZoneInfo, time_zone()]
    urgent: Annotated[bool, true_or_false()]


GOOD = {"PAINT_COLOUR": "blue", "PAINT_COATS": "2", "ZONE": "Europe/Berlin", "URGENT": "false"}


def test_reads_nested_fields_by_their_path() -> None:
    job = from_environment(Job, {**GOOD, "UNRELATED": "x"})
    assert job == Job(Paint(Colour.BLUE, 2), ZoneInfo("Europe/Berlin"), urgent=False)
    with pytest.raises(FrozenInstanceError):
        job.urgent = True


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *[("PAINT_COLOUR", value) for value in ("", "green", "Red", "red ")],
        *[("PAINT_COATS", value) for value in ("", "0", "13", "-1", "+2", " 2", "2.0", "1_0", "٢", "²", "two")],
        *[("ZONE", value) for value in ("", "Europe", "Europe/Nowhere", "../etc/passwd", "/etc/localtime", "a\0b")],
        *[("URGENT", value) for value in ("", "True", "1", "yes")],
    ],
)
def test_names_the_variable_its_value_and_what_is_accepted(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        from_environment(Job, {**GOOD, variable: value})
    message = str(caught.value)
    assert f"{variable} is {value!r}, " in message
    assert message.count(" is accepted") == 1


def test_reports_every_mistake_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        from_environment(Job, {"PAINT_COATS": "13", "URGENT": "maybe"})
    assert str(caught.value) == (
        "The environment is wrong: PAINT_COLOUR is missing, one of red, blue is accepted; "
        "PAINT_COATS is '13', a whole number from 1 to 12 is accepted; "
        "ZONE is missing, an IANA time zone name such as UTC or Europe/Berlin is accepted; "
        "URGENT is 'maybe', true or false is accepted."
    )


@pytest.mark.parametrize("coats", [1, 12])
def test_bounds_are_included(coats: int) -> None:
    assert from_environment(Job, {**GOOD, "PAINT_COATS": str(coats)}).paint.coats == coats


@pytest.mark.parametrize("value", ["", "0", "1.01", "-0.5", "nan", "inf", " 0.5", "0_1", "half", "0,5"])
def test_a_decimal_number_is_above_one_bound_and_at_most_the_other(value: str) -> None:
    accepts = decimal_number(0, 1)
    assert accepts.description == "a number above 0 and at most 1"
    with pytest.raises(ValueError):
        accepts.parse(value)


@pytest.mark.parametrize(("value", "number"), [("1", 1.0), ("0.75", 0.75), ("1e-05", 0.00001)])
def test_a_decimal_number_may_be_whole(value: str, number: float) -> None:
    assert decimal_number(0, 1).parse(value) == number


# Documents


@dataclass(frozen=True, slots=True)
class Site:
    jobs: dict[str, Job]
    colours: tuple[Annotated[Colour, one_of(Colour)], ...]
    note: Annotated[str | None, text()] = None
    spare: Paint | None = None


JOB = {"paint": {"colour": "blue", "coats": 2}, "zone": "UTC", "urgent": False}
SITE = {"jobs": {"hall": JOB}, "colours": ["red", "blue"]}


def test_reads_a_document_by_its_paths() -> None:
    job = Job(Paint(Colour.BLUE, 2), ZoneInfo("UTC"), urgent=False)
    assert from_document(Site, SITE) == Site({"hall": job}, (Colour.RED, Colour.BLUE))
    more = from_document(Site, {**SITE, "note": "wet", "spare": {"colour": "red", "coats": 1}})
    assert (more.note, more.spare) == ("wet", Paint(Colour.RED, 1))
    assert from_document(Site, {**SITE, "note": None, "spare": None}) == from_document(Site, SITE)


def test_reports_every_mistake_of_a_document_at_once() -> None:
    wrong = {**JOB, "paint": {"colour": "green"}, "urgent": 1, "size": 3}
    with pytest.raises(ConfigurationError) as caught:
        from_document(Site, {"jobs": {"hall": wrong}, "colours": ["red", None], "spare": 7})
    assert str(caught.value) == (
        "The settings are wrong: jobs.hall.size is not known; jobs.hall.paint.coats is missing; "
        "jobs.hall.paint.colour is 'green', one of red, blue is accepted; "
        "jobs.hall.urgent is 1, true or false is accepted; colours[1] is None, one of red, blue is accepted; "
        "spare is 7, an object is accepted."
    )


@pytest.mark.parametrize("document", [None, [], "text", 7])
def test_a_document_is_an_object(document: object) -> None:
    with pytest.raises(ConfigurationError, match="an object is accepted"):
        from_document(Site, document)
