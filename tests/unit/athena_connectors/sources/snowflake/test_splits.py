"""Plans of splits, without Snowflake."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.model import TableName
from athena_connectors.federation.source import Table
from athena_connectors.sources.snowflake.dictionary import Storage
from athena_connectors.sources.snowflake.splits import WHOLE, Splitter

NAME = TableName("SHOP", "ORDERS")
COLUMNS: Mapping[str, tuple[pa.DataType, str]] = {
    "NOTE": (pa.string(), "TEXT"),
    "AMOUNT": (pa.decimal128(12, 2), "NUMBER(12,2)"),
    "DAY": (pa.date32(), "DATE"),
    "PLACED": (pa.date64(), "TIMESTAMP_TZ(9)"),
    "ID": (pa.int64(), "NUMBER(18,0)"),
    'Odd "name"': (pa.int64(), "NUMBER(18,0)"),
}
TABLE = Table(
    NAME,
    pa.schema([(name, kind) for name, (kind, _) in COLUMNS.items()]),
    {name: source_type for name, (_, source_type) in COLUMNS.items()},
)
MOMENT = datetime(2026, 11, 25, 12, 30, 0, 123456, tzinfo=UTC)


class Snowflake:
    """Answers what a plan asks; `percentiles` by the column that they are asked of."""

    database = "SALES"

    def __init__(self, storage: Storage, key: Sequence[str] = (), percentiles: Any = None) -> None:
        self._storage, self._key, self._percentiles = storage, list(key), percentiles or {}
        self.asked: list[str] = []

    def storage(self, name: TableName) -> Storage:
        return self._storage

    def primary_key(self, name: TableName) -> list[str]:
        return self._key

    def rows(self, sql: str, binds: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self.asked.append(sql)
        if "CURRENT_TIMESTAMP" in sql:
            return [(MOMENT,)]
        (found,) = [values for column, values in self._percentiles.items() if f'"{column}"' in sql]
        return [tuple(found)]


def large(clustering: str | None = None, rows: int | None = 4_000) -> Storage:
    return Storage(rows, travels=True, clustering=clustering)


def plan(snowflake: Snowflake, snapshot: str | None = None, split_rows: int = 1_000):
    return Splitter(snowflake, snowflake, split_rows).plan(TABLE, snapshot)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "storage",
    [
        Storage(None, travels=True, clustering=None),
        Storage(10**9, travels=False, clustering=None),
        Storage(1_000, travels=True, clustering=None),
    ],
)
def test_what_is_small_or_has_no_past_or_no_count_is_one_part(storage: Storage) -> None:
    snowflake = Snowflake(storage)
    assert plan(snowflake) == WHOLE
    assert snowflake.asked == []


@pytest.mark.parametrize(
    ("clustering", "key", "chosen"),
    [
        ("LINEAR(DAY)", ["ID"], "DAY"),
        ('LINEAR("DAY", TO_DATE(PLACED))', ["ID"], "DAY"),
        ("LINEAR(day)", ["ID"], "DAY"),
        ("LINEAR(TO_DATE(PLACED))", ["ID"], "ID"),
        ("LINEAR(NOTE)", ["NOTE", "ID"], "ID"),
        (None, ["ID", "DAY"], "ID"),
        (None, [], "AMOUNT"),
    ],
)
def test_the_column_is_that_of_the_clustering_then_of_the_key(
    clustering: str | None, key: list[str], chosen: str
) -> None:
    percentiles = {name: [1, 2, 3] for name in COLUMNS}
    found = plan(Snowflake(large(clustering), key, percentiles))
    assert [split["column"] for split in found.properties] == [chosen] * 4


@pytest.mark.parametrize(
    ("column", "percentiles", "cuts"),
    [
        ("ID", [10.9, -3.5, 20.0], ["-3", "10", "20"]),
        ("AMOUNT", [1.005, 2.5, 1e9], ["1.00", "2.50", "1000000000.00"]),
        ("DAY", [-1.0, 0.0, 19723.4], ["1969-12-31", "1970-01-01", "2024-01-01"]),
        ("PLACED", [0.0, 1.5, 1704067200.0], ["1970-01-01T00:00:00", "1970-01-01T00:00:01", "2024-01-01T00:00:00"]),
    ],
)
def test_percentiles_become_values_of_the_column(column: str, percentiles: list[float], cuts: list[str]) -> None:
    found = plan(Snowflake(large(f"LINEAR({column})"), [], {column: percentiles}))
    assert [split.get("from") for split in found.properties] == [None, *cuts]
    assert [split.get("to") for split in found.properties] == [*cuts, None]
    assert [split.get("nulls") for split in found.properties] == ["true", None, None, None]


def test_all_parts_read_one_moment() -> None:
    found = plan(Snowflake(large("LINEAR(ID)"), [], {"ID": [1, 2, 3]}))
    assert {split["at"] for split in found.properties} == {"2026-11-25T12:30:00.123Z"}


def test_values_that_are_frequent_make_fewer_parts() -> None:
    assert len(plan(Snowflake(large("LINEAR(ID)"), [], {"ID": [5, 5, 6]})).properties) == 3


def test_a_column_of_nulls_gives_way_to_the_next() -> None:
    snowflake = Snowflake(large("LINEAR(DAY)"), ["ID"], {"DAY": [None] * 3, "ID": [1, 2, 3]})
    assert plan(snowflake).properties[0]["column"] == "ID"


def test_a_table_without_a_column_to_split_by_is_one_part() -> None:
    percentiles = {name: [None] for name in COLUMNS}
    assert plan(Snowflake(large(), [], percentiles)) == WHOLE


def test_a_sample_is_read_of_a_large_table_and_all_of_a_small_one() -> None:
    huge = Snowflake(large("LINEAR(ID)", rows=10**9), [], {"ID": range(63)})
    assert len(plan(huge).properties) == 64
    assert huge.asked[-1].endswith('FROM "SALES"."SHOP"."ORDERS" SAMPLE SYSTEM (0.100000)')
    small = Snowflake(large("LINEAR(ID)"), [], {"ID": [1, 2, 3]})
    plan(small)
    assert small.asked[-1].endswith('FROM "SALES"."SHOP"."ORDERS"')


def test_names_are_quoted_in_what_is_asked() -> None:
    odd = 'Odd "name"'
    snowflake = Snowflake(large(), [odd], {odd.replace('"', '""'): [1, 2, 3]})
    assert plan(snowflake).properties[0]["column"] == odd
    assert 'APPROX_PERCENTILE("Odd ""name""", 0.250000)' in snowflake.asked[-1]


@pytest.mark.parametrize("column", ["ID", "AMOUNT", "DAY", "PLACED"])
def test_a_snapshot_is_the_whole_plan_and_asks_nothing(column: str) -> None:
    first = plan(Snowflake(large(f"LINEAR({column})"), [], {column: [1, 2, 3]}))
    later = Snowflake(large())
    assert plan(later, first.snapshot) == first
    assert later.asked == []


@pytest.mark.parametrize(
    "snapshot", ["", "[]", "{}", '["2026"]x', json.dumps(["2026", "GONE", "1"]), json.dumps(["2026", "ID", "x"]), "1"]
)
def test_a_snapshot_of_somebody_elses_is_refused(snapshot: str) -> None:
    with pytest.raises(InvalidInput, match=r"^INVALID_INPUT_EXCEPTION: "):
        plan(Snowflake(large()), snapshot)
