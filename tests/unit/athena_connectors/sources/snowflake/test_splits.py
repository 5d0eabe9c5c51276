"""Plans of splits, without Snowflake."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.model import Constraints, EquatableValueSet, TableName
from athena_connectors.federation.source import Caller, SplitPlan, Table
from athena_connectors.sources.snowflake.dictionary import Storage
from athena_connectors.sources.snowflake.splits import WHOLE, Splitter, spread

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
CALLER = Caller("q-1", "arn:aws:iam::123456789012:user/analyst")
EVERYTHING = Constraints()
SOME = Constraints(summary={"NOTE": EquatableValueSet(pa.string(), ("x",), white_list=True, null_allowed=False)})
MOMENT = datetime(2026, 11, 25, 12, 30, 0, 123456, tzinfo=UTC)


class Snowflake:
    """Answers what a plan asks; `percentiles` by the column that they are asked of."""

    database = "SALES"

    def __init__(self, storage: Storage, key: Sequence[str] = (), percentiles: Any = None, matching: int = 0) -> None:
        self._storage, self._key, self._percentiles = storage, list(key), percentiles or {}
        self._matching = matching
        self.asked: list[str] = []

    def storage(self, name: TableName) -> Storage:
        return self._storage

    def primary_key(self, name: TableName) -> list[str]:
        return self._key

    def rows(self, sql: str, binds: Sequence[Any] = (), caller: Caller | None = None) -> list[tuple[Any, ...]]:
        self.asked.append(sql)
        if "CURRENT_TIMESTAMP" in sql:
            return [(MOMENT,)]
        assert caller == CALLER
        column = re.search(r'APPROX_PERCENTILE\([^"]*"((?:[^"]|"")*)"', sql)
        assert column
        found = self._percentiles[column[1].replace('""', '"')]
        return [(self._matching, *found) if "COUNT(*)" in sql else tuple(found)]


def large(clustering: str | None = None, rows: int | None = 4_000) -> Storage:
    return Storage(rows, travels=True, clustering=clustering)


def plan(snowflake: Snowflake, snapshot: str | None = None, constraints: Constraints = EVERYTHING) -> SplitPlan:
    return Splitter(snowflake, snowflake, 1_000).plan(TABLE, constraints, snapshot, CALLER)  # type: ignore[arg-type]


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
    assert huge.asked[-1].endswith('FROM "SHOP"."ORDERS" SAMPLE SYSTEM (0.100000)')
    small = Snowflake(large("LINEAR(ID)"), [], {"ID": [1, 2, 3]})
    plan(small)
    assert small.asked[-1].endswith('FROM "SHOP"."ORDERS"')


def test_a_query_for_few_rows_of_a_large_table_is_one_part() -> None:
    snowflake = Snowflake(large("LINEAR(ID)", rows=10**9), [], {"ID": range(63)}, matching=1_000)
    assert plan(snowflake, constraints=SOME) == WHOLE
    assert snowflake.asked[-1].endswith('FROM (SELECT "ID" FROM "SHOP"."ORDERS" WHERE "NOTE" IN (?))')


def test_a_query_is_cut_into_as_many_parts_as_what_it_asks_for_needs() -> None:
    snowflake = Snowflake(large("LINEAR(ID)", rows=10**9), [], {"ID": range(63)}, matching=3_500)
    found = plan(snowflake, constraints=SOME)
    assert [split.get("from") for split in found.properties] == [None, "15", "31", "47"]


@pytest.mark.parametrize(
    ("count", "most", "chosen"), [(3, 3, [0, 1, 2]), (3, 9, [0, 1, 2]), (7, 3, [1, 3, 5]), (63, 1, [31]), (5, 0, [])]
)
def test_values_are_spread_evenly(count: int, most: int, chosen: list[int]) -> None:
    assert spread(range(count), most) == chosen


def test_names_are_quoted_in_what_is_asked() -> None:
    odd = 'Odd "name"'
    snowflake = Snowflake(large(), [odd], {odd: [1, 2, 3]})
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
