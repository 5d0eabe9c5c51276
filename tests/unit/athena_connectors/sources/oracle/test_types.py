"""What Athena is told of Oracle's types, and in which the driver is asked for them."""

import oracledb
import pyarrow as pa
import pytest

from athena_connectors.connections.model import Numbers
from athena_connectors.dialects.operand import Column as Selected
from athena_connectors.dialects.oracle import Oracle
from athena_connectors.federation.errors import NotSupported
from athena_connectors.sources.oracle.types import FLOATING, Choices, Column, declared, fetched

MAPPING = {
    ("NUMBER", 9, 0): pa.int32(),
    ("NUMBER", 18, 0): pa.int64(),
    ("NUMBER", 19, 0): pa.decimal128(19, 0),
    ("NUMBER", 38, 0): pa.decimal128(38, 0),
    ("NUMBER", 12, 2): pa.decimal128(12, 2),
    ("NUMBER", 38, 38): pa.decimal128(38, 38),
    ("NUMBER", 2, 5): pa.decimal128(5, 5),
    ("NUMBER", 5, -2): pa.int32(),
    ("NUMBER", 30, -8): pa.decimal128(38, 0),
    ("NUMBER", 30, -9): pa.decimal128(38, 10),
    ("NUMBER", 38, 50): pa.decimal128(38, 10),
    ("NUMBER", 0, FLOATING): pa.decimal128(38, 10),
    ("FLOAT", 126, FLOATING): pa.float64(),
    ("BINARY_FLOAT", 0, 0): pa.float32(),
    ("BINARY_DOUBLE", 0, 0): pa.float64(),
    ("DATE", 0, 0): pa.date64(),
    ("TIMESTAMP", 0, 9): pa.date64(),
    ("TIMESTAMP WITH TIME ZONE", 0, 6): pa.date64(),
    ("TIMESTAMP WITH LOCAL TIME ZONE", 0, 0): pa.date64(),
    ("CHAR", 0, 0): pa.string(),
    ("NVARCHAR2", 0, 0): pa.string(),
    ("CLOB", 0, 0): pa.string(),
    ("RAW", 0, 0): pa.binary(),
    ("BLOB", 0, 0): pa.binary(),
    ("BOOLEAN", 0, 0): pa.bool_(),
    ("INTERVAL DAY TO SECOND", 0, 0): pa.string(),
    ("INTERVAL YEAR TO MONTH", 0, 0): pa.string(),
    ("ROWID", 0, 0): pa.string(),
    ("XMLTYPE", 0, 0): pa.string(),
    ("JSON", 0, 0): pa.string(),
    ("VECTOR", 0, 0): pa.string(),
}


@pytest.mark.parametrize("column", MAPPING)
def test_a_type_is_declared_as_what_holds_it(column: tuple[str, int, int]) -> None:
    """Integers of 19 digits and more are no BIGINT, BINARY_DOUBLE is no text, FLOAT no FLOAT4."""
    assert declared(Column("C", *column), Choices()) == MAPPING[column]


@pytest.mark.parametrize(
    ("choices", "kind"),
    [
        (Choices(number_scale=0), pa.decimal128(38, 0)),
        (Choices(numbers=Numbers.DOUBLE), pa.float64()),
        (Choices(numbers=Numbers.TEXT), pa.string()),
        (Choices(numbers=Numbers.DOUBLE, exact_text=True), pa.string()),
    ],
)
def test_a_number_without_precision_is_what_was_chosen(choices: Choices, kind: pa.DataType) -> None:
    """Issues #2418 and #360: such numbers lost their fractions without a word."""
    assert declared(Column("C", "NUMBER", 0, FLOATING), choices) == kind


@pytest.mark.parametrize(("digits", "kind"), [(0, pa.date64()), (3, pa.date64()), (4, pa.string()), (9, pa.string())])
def test_times_that_may_be_inexact_are_text_where_that_is_chosen(digits: int, kind: pa.DataType) -> None:
    assert declared(Column("C", "TIMESTAMP", 0, digits), Choices(exact_text=True)) == kind


@pytest.mark.parametrize("kind", ["DB_TYPE_BFILE", "DB_TYPE_CURSOR", "SDO_GEOMETRY"])
def test_a_type_that_nobody_maps_is_refused_with_its_column(kind: str) -> None:
    with pytest.raises(NotSupported, match=rf"^OPERATION_NOT_SUPPORTED_EXCEPTION: Column SHAPE is of .* {kind}, which"):
        declared(Column("SHAPE", kind), Choices())


class Described:
    def __init__(self, kind: oracledb.DbType, precision: int | None = None, scale: int | None = None) -> None:
        self.name, self.type, self.precision, self.scale = "C", kind, precision, scale


@pytest.mark.parametrize(
    ("described", "source_type"),
    [
        (Described(oracledb.DB_TYPE_NUMBER, 12, 2), "NUMBER(12,2)"),
        (Described(oracledb.DB_TYPE_NUMBER, 38, 0), "NUMBER(38,0)"),
        (Described(oracledb.DB_TYPE_NUMBER, 0, -127), "NUMBER"),
        (Described(oracledb.DB_TYPE_NUMBER, 126, -127), "FLOAT"),
        (Described(oracledb.DB_TYPE_TIMESTAMP, 0, 6), "TIMESTAMP(6)"),
        (Described(oracledb.DB_TYPE_TIMESTAMP), "TIMESTAMP(0)"),
        (Described(oracledb.DB_TYPE_TIMESTAMP_TZ, 0, 9), "TIMESTAMP(9) WITH TIME ZONE"),
        (Described(oracledb.DB_TYPE_TIMESTAMP_LTZ, 0, 3), "TIMESTAMP(3) WITH LOCAL TIME ZONE"),
        (Described(oracledb.DB_TYPE_CHAR), "CHAR"),
        (Described(oracledb.DB_TYPE_XMLTYPE), "XMLTYPE"),
    ],
)
def test_what_the_driver_describes_is_read_as_oracle_writes_it(described: Described, source_type: str) -> None:
    assert Column.of(described).source_type == source_type


FETCHED = {
    ("NUMBER(9,0)", pa.int32()): (pa.int64(), '"C"'),
    ("NUMBER(12,2)", pa.decimal128(12, 2)): (pa.decimal128(12, 2), '"C"'),
    ("NUMBER", pa.float64()): (pa.float64(), 'TO_BINARY_DOUBLE("C")'),
    ("FLOAT", pa.float64()): (pa.float64(), 'TO_BINARY_DOUBLE("C")'),
    ("DATE", pa.date64()): (pa.timestamp("s"), '"C"'),
    ("TIMESTAMP(6)", pa.date64()): (pa.timestamp("us"), '"C"'),
    ("TIMESTAMP(6) WITH TIME ZONE", pa.date64()): (pa.timestamp("us"), 'SYS_EXTRACT_UTC("C")'),
    ("VARCHAR2", pa.string()): (pa.large_string(), '"C"'),
    ("RAW", pa.binary()): (pa.large_binary(), '"C"'),
    ("BOOLEAN", pa.bool_()): (pa.bool_(), '"C"'),
    ("ROWID", pa.string()): (pa.large_string(), 'ROWIDTOCHAR("C")'),
    ("VECTOR", pa.string()): (pa.large_string(), 'FROM_VECTOR("C" RETURNING CLOB)'),
}


@pytest.mark.parametrize("column", FETCHED)
def test_the_driver_is_asked_for_what_it_keeps_truly(column: tuple[str, pa.DataType]) -> None:
    selected = Selected("C", column[1], column[0])
    assert (fetched(selected), Oracle().fetched(selected)) == FETCHED[column]


@pytest.mark.parametrize(
    ("source_type", "kind", "expression"),
    [
        ("NUMBER", pa.decimal128(38, 10), "'TM9'"),
        ("NUMBER(30,-9)", pa.decimal128(38, 10), "'TM9'"),
        ("TIMESTAMP(9)", pa.date64(), "TO_CHAR(\"C\", 'SYYYY-MM-DD HH24:MI:SS.FF9')"),
        ("TIMESTAMP(7) WITH TIME ZONE", pa.date64(), 'TO_CHAR(SYS_EXTRACT_UTC("C"), \'SYYYY'),
    ],
)
def test_what_the_driver_would_cut_is_fetched_as_text(source_type: str, kind: pa.DataType, expression: str) -> None:
    """It keeps six digits of a second, and takes the point of a decimal from the column, which may have none."""
    selected = Selected("C", kind, source_type)
    assert fetched(selected) == pa.large_string()
    assert expression in Oracle().fetched(selected)
