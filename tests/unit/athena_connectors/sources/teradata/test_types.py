"""Every type of Teradata's as Athena is told it."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.connections.model import Numbers
from athena_connectors.federation.errors import NotSupported
from athena_connectors.sources.teradata.types import Choices, Column, declared

DEFAULT, TEXT = Choices(), Choices(exact_text=True)


@given(st.integers(1, 38).flatmap(lambda digits: st.tuples(st.just(digits), st.integers(0, digits))))
def test_a_decimal_is_that_decimal_whatever_digits_it_has(number: tuple[int, int]) -> None:
    """A 0 among the digits of precision or scale made it a BIGINT in the official connector."""
    digits, scale = number
    column = Column.of_dictionary("c", "D ", digits, scale)
    assert declared(column, DEFAULT) == pa.decimal128(digits, scale)
    assert column.source_type == f"DECIMAL({digits},{scale})"


@pytest.mark.parametrize(
    ("code", "digits", "scale", "source_type", "expected"),
    [
        ("I1", None, None, "BYTEINT", pa.int8()),
        ("I2", None, None, "SMALLINT", pa.int16()),
        ("I ", None, None, "INTEGER", pa.int32()),
        ("I8", None, None, "BIGINT", pa.int64()),
        ("F ", None, None, "FLOAT", pa.float64()),
        ("N ", 10, 2, "NUMBER(10,2)", pa.decimal128(10, 2)),
        ("N ", -128, 3, "NUMBER(*,3)", pa.decimal128(38, 3)),
        ("N ", -128, -128, "NUMBER", pa.decimal128(38, 10)),
        ("DA", None, None, "DATE", pa.date32()),
        ("AT", None, 6, "TIME(6)", pa.string()),
        ("TZ", None, 0, "TIME(0) WITH TIME ZONE", pa.string()),
        ("TS", None, 3, "TIMESTAMP(3)", pa.date64()),
        ("TS", None, 6, "TIMESTAMP(6)", pa.date64()),
        ("SZ", None, 0, "TIMESTAMP(0) WITH TIME ZONE", pa.date64()),
        ("CF", None, None, "CHAR", pa.string()),
        ("CV", None, None, "VARCHAR", pa.string()),
        ("CO", None, None, "CLOB", pa.string()),
        ("BF", None, None, "BYTE", pa.binary()),
        ("BV", None, None, "VARBYTE", pa.binary()),
        ("BO", None, None, "BLOB", pa.binary()),
        ("JN", None, None, "JSON", pa.string()),
        ("XM", None, None, "XML", pa.string()),
        ("PD", None, None, "PERIOD(DATE)", pa.string()),
        ("PM", None, 6, "PERIOD(TIMESTAMP WITH TIME ZONE)", pa.string()),
        ("DS", 2, 6, "INTERVAL DAY TO SECOND", pa.string()),
        ("YR", 2, None, "INTERVAL YEAR", pa.string()),
    ],
)
def test_a_type_is_told_by_its_code(
    code: str, digits: int | None, scale: int | None, source_type: str, expected: pa.DataType
) -> None:
    column = Column.of_dictionary("c", code, digits, scale)
    assert (column.source_type, declared(column, DEFAULT)) == (source_type, expected)


@pytest.mark.parametrize(
    ("code", "scale", "expected"),
    [("TS", 6, pa.string()), ("SZ", 4, pa.string()), ("TS", 3, pa.date64()), ("N ", -128, pa.string())],
)
def test_what_may_be_inexact_is_text_where_that_is_asked_for(code: str, scale: int, expected: pa.DataType) -> None:
    assert declared(Column.of_dictionary("c", code, -128, scale), TEXT) == expected


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (Choices(Numbers.DECIMAL, 4), pa.decimal128(38, 4)),
        (Choices(Numbers.DOUBLE), pa.float64()),
        (Choices(Numbers.TEXT), pa.string()),
    ],
)
def test_a_number_without_precision_is_what_was_chosen(choices: Choices, expected: pa.DataType) -> None:
    assert declared(Column.of_dictionary("c", "N", -128, -128), choices) == expected


@pytest.mark.parametrize("code", ["A1", "DT", "UT", "++"])
def test_a_type_that_nobody_maps_is_named(code: str) -> None:
    with pytest.raises(NotSupported, match=r"Column c is of Teradata's type .*leave it out in a view"):
        declared(Column.of_dictionary("c", code, None, None), DEFAULT)


def test_a_prepared_column_is_named_as_the_query_names_it() -> None:
    described = {
        "Title": "t",
        "ObjectName": "o",
        "AsClauseName": "a",
        "TypeName": "Decimal",
        "Precision": 9,
        "Scale": 0,
    }
    assert Column.of_prepared(described) == Column("a", "DECIMAL", 9, 0)
    assert Column.of_prepared({**described, "AsClauseName": ""}).name == "o"


def test_a_prepared_number_without_precision_has_none() -> None:
    described = {"Title": "n", "TypeName": "NUMBER", "Precision": 40, "Scale": -128}
    assert Column.of_prepared(described).source_type == "NUMBER"
