"""What Athena is told of Snowflake's types."""

import pyarrow as pa
import pytest

from athena_connectors.federation.errors import NotSupported
from athena_connectors.sources.snowflake.types import Column, declared

MAPPING = {
    ("NUMBER", 38, 0, None): pa.decimal128(38, 0),
    ("NUMBER", 19, 0, None): pa.decimal128(19, 0),
    ("NUMBER", 18, 0, None): pa.int64(),
    ("NUMBER", 1, 0, None): pa.int64(),
    ("NUMBER", 12, 2, None): pa.decimal128(12, 2),
    ("NUMBER", 38, 37, None): pa.decimal128(38, 37),
    ("FLOAT", None, None, None): pa.float64(),
    ("TEXT", None, None, None): pa.string(),
    ("BINARY", None, None, None): pa.binary(),
    ("BOOLEAN", None, None, None): pa.bool_(),
    ("DATE", None, None, None): pa.date32(),
    ("TIME", None, None, 9): pa.string(),
    ("TIMESTAMP_NTZ", None, None, 9): pa.date64(),
    ("TIMESTAMP_LTZ", None, None, 9): pa.date64(),
    ("TIMESTAMP_TZ", None, None, 3): pa.date64(),
    ("VARIANT", None, None, None): pa.string(),
    ("OBJECT", None, None, None): pa.string(),
    ("ARRAY", None, None, None): pa.string(),
    ("GEOGRAPHY", None, None, None): pa.string(),
    ("GEOMETRY", None, None, None): pa.string(),
    ("VECTOR", None, None, None): pa.string(),
    ("DECFLOAT", None, None, None): pa.string(),
}


@pytest.mark.parametrize("column", MAPPING)
def test_a_type_is_declared_as_what_holds_it(column: tuple[str, int | None, int | None, int | None]) -> None:
    assert declared(Column("C", *column), exact_text=False) == MAPPING[column]


@pytest.mark.parametrize(("digits", "kind"), [(0, pa.date64()), (3, pa.date64()), (4, pa.string()), (9, pa.string())])
def test_timestamps_finer_than_athenas_are_text_where_that_is_wanted(digits: int, kind: pa.DataType) -> None:
    assert declared(Column("C", "TIMESTAMP_NTZ", None, None, digits), exact_text=True) == kind


def test_a_type_that_nobody_maps_names_its_column_and_a_way_out() -> None:
    with pytest.raises(NotSupported, match=r"^OPERATION_NOT_SUPPORTED_EXCEPTION: Column C is of .* FILE, .* a view"):
        declared(Column("C", "FILE", None, None, None), exact_text=False)


@pytest.mark.parametrize(
    ("column", "source_type"),
    [
        (Column("C", "NUMBER", 12, 2, None), "NUMBER(12,2)"),
        (Column("C", "TIMESTAMP_TZ", None, None, 9), "TIMESTAMP_TZ(9)"),
        (Column("C", "TEXT", None, None, None), "TEXT"),
        (Column("C", "TEXT", None, None, None, "en-ci"), "TEXT COLLATE 'en-ci'"),
    ],
)
def test_the_sources_own_type_is_kept_for_the_sql(column: Column, source_type: str) -> None:
    assert column.source_type == source_type
