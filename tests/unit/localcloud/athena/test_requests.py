"""Requests as the real Java SDK writes them: tests/unit/athena_connectors/vectors/java."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.federation.model import (
    AllOrNoneValueSet,
    Bound,
    Call,
    Constant,
    Constraints,
    Direction,
    Envelope,
    EquatableValueSet,
    Function,
    GetDataSourceCapabilities,
    GetSplits,
    GetTable,
    GetTableLayout,
    Identity,
    ListSchemas,
    ListTables,
    Marker,
    OrderBy,
    Ping,
    Range,
    ReadRecords,
    Request,
    Serde,
    SortedRangeSet,
    SpillLocation,
    Split,
    TableName,
    Value,
    Variable,
)
from localcloud.athena.wire import framing
from localcloud.athena.wire.requests import request_json

VECTORS = Path(__file__).parents[2] / "athena_connectors" / "vectors" / "java"
IDENTITY = Identity("123456789012", "arn:aws:iam::123456789012:role/r", ("g1",), {"spill_prefix": "athena-spill/x"})
NAME = TableName("sch", "tab")
BELOW_ALL, ABOVE_ALL = Marker(None, Bound.ABOVE), Marker(None, Bound.BELOW)
EVERY = Range(BELOW_ALL, ABOVE_ALL)


def at(value: Value) -> Marker:
    return Marker(value, Bound.EXACTLY)


def above(value: Value) -> Marker:
    return Marker(value, Bound.ABOVE)


def below(value: Value) -> Marker:
    return Marker(value, Bound.BELOW)


def ranges(of: pa.DataType, *held: Range, null: bool = False) -> SortedRangeSet:
    return SortedRangeSet(of, held, null)


def single(of: pa.DataType, value: Value, *, null: bool = False) -> SortedRangeSet:
    return ranges(of, Range(at(value), at(value)), null=null)


INT, BIG, TEXT, ZONED = pa.int32(), pa.int64(), pa.utf8(), pa.timestamp("ms", "UTC")
SUMMARY = {
    "i_eq": single(INT, 7),
    "i_in": ranges(INT, *(Range(at(each), at(each)) for each in (1, 3, 5))),
    "l_between": ranges(BIG, Range(at(10), below(20))),
    "l_or": ranges(BIG, Range(BELOW_ALL, below(-5)), Range(at(5), ABOVE_ALL)),
    "s_gt": ranges(TEXT, Range(above("m'žlu"), ABOVE_ALL)),
    "s_null_or_eq": single(TEXT, "", null=True),
    "s_isnull": ranges(TEXT, null=True),
    "s_notnull": ranges(TEXT, EVERY),
    "s_all": ranges(TEXT, EVERY, null=True),
    "s_none": ranges(TEXT),
    "f8_le": ranges(pa.float64(), Range(BELOW_ALL, at(1.5))),
    "f4_lt": ranges(pa.float32(), Range(BELOW_ALL, below(2.5))),
    "dd_ge": ranges(pa.date32(), Range(at(date(2020, 1, 1)), ABOVE_ALL)),
    "dm_range": ranges(
        pa.date64(),
        Range(at(datetime(2020, 1, 1)), at(datetime(2020, 1, 31, 23, 59, 59, 999000))),  # noqa: DTZ001
    ),
    "dec_eq": single(pa.decimal128(38, 10), Decimal("12345678901234567890.0123456789")),
    "b_true": single(pa.bool_(), True),
    "ti": single(pa.int8(), 5),
    "tz_ge": ranges(ZONED, Range(at(datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)), ABOVE_ALL)),
    "eq_set": EquatableValueSet(TEXT, ("a", "b"), True, False),
    "eq_blacklist": EquatableValueSet(INT, (9,), False, True),
    "all": AllOrNoneValueSet(pa.binary(), True, True),
    "none_null": AllOrNoneValueSet(pa.binary(), False, True),
}
EXPRESSION = Call(
    Function.OR,
    pa.bool_(),
    (
        Call(Function.LIKE_PATTERN, pa.bool_(), (Variable("s_gt", TEXT), Constant(("a%_x",), TEXT))),
        Call(
            Function.IN,
            pa.bool_(),
            (Variable("i_in", INT), Call(Function.ARRAY, pa.list_(INT), (Constant((1, 2, 3), INT),))),
        ),
    ),
)
ORDER = (OrderBy("i_eq", Direction.ASC_NULLS_LAST), OrderBy("s_gt", Direction.DESC_NULLS_FIRST))
PASSTHROUGH = {"schemaFunctionName": "SYSTEM.QUERY", "QUERY": "select 1 from dual"}


def vector(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((VECTORS / name).read_text())
    return content


def envelope(serde: int) -> Envelope:
    return Envelope("q-1", "cat", IDENTITY, Serde(serde))


def constraints(serde: int) -> Constraints:
    if serde < 4:
        return Constraints(SUMMARY)
    return Constraints(SUMMARY, (EXPRESSION,), ORDER, 100)


def schema_of(name: str) -> pa.Schema:
    return framing.read_schema(framing.from_text(vector(name)["schema"]))


def comparable(value: Any) -> Any:
    """The event with its order of keys, and with every block and schema as what it holds, for bytes may differ."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["aId", "schema", "records"]:
        schema = framing.read_schema(framing.from_text(value["schema"]))
        records = framing.from_text(value["records"])
        held = [plain(column) for column in framing.read_batch(records, schema).columns] if records else []
        return (*seen(value["schema"]), held, bool(records))
    return [
        (key, seen(inner) if key == "schema" else {} if key == "tags" else comparable(inner))
        for key, inner in value.items()
    ]


def plain(column: pa.Array) -> list[Any]:
    """The values; moments as numbers, for packed ones are no moments that Python knows."""
    if pa.types.is_date64(column.type) or pa.types.is_timestamp(column.type):
        column = column.view(pa.int64())
    return column.to_pylist()


def seen(text: str) -> tuple[str, Any, bool]:
    message = framing.from_text(text)
    schema = framing.read_schema(message)
    return str(schema), schema.metadata or {}, framing.is_modern(message)


def split() -> Split:
    return Split(SpillLocation("bkt", "athena-spill/q-1/s-1", True), None, {"partition": "p0"})


@pytest.mark.parametrize("serde", [2, 4, 5, 6])
def test_reading_is_asked_for_with_every_constraint(serde: int) -> None:
    name = f"v{serde}_ReadRecordsRequest_allconstraints.json"
    request = ReadRecords(envelope(serde), NAME, schema_of(name), split(), constraints(serde), 16000000, 5242880)
    assert comparable(request_json(request)) == comparable(vector(name))


@pytest.mark.parametrize("serde", [2, 4, 5, 6])
def test_a_layout_is_asked_for_with_every_constraint(serde: int) -> None:
    name = f"v{serde}_GetTableLayoutRequest_allconstraints.json"
    columns = tuple(vector(name)["partitionColumns"])
    request = GetTableLayout(envelope(serde), NAME, constraints(serde), schema_of(name), columns)
    assert comparable(request_json(request)) == comparable(vector(name))


@pytest.mark.parametrize("serde", [2, 4, 5, 6])
def test_splits_are_asked_for_with_every_constraint(serde: int) -> None:
    name = f"v{serde}_GetSplitsRequest.json"
    partitions = pa.record_batch({"partition": pa.array(["p0", "p1"])})
    token = vector(name)["continuationToken"]
    request = GetSplits(envelope(serde), NAME, partitions, ("partition",), constraints(serde), token)
    assert comparable(request_json(request)) == comparable(vector(name))


def test_splits_of_a_query_that_is_passed_through_are_asked_for() -> None:
    partitions = pa.record_batch({"partitionId": pa.array([1], pa.int32())})
    passed = Constraints(passthrough=PASSTHROUGH)
    request = GetSplits(envelope(6), TableName("system", "query"), partitions, (), passed, None)
    assert comparable(request_json(request)) == comparable(vector("v6_GetSplitsRequest_qpt.json"))


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Ping(envelope(6)), "v6_PingRequest.json"),
        (ListSchemas(envelope(6)), "v6_ListSchemasRequest.json"),
        (ListTables(envelope(6), "sch", None, 50), "v6_ListTablesRequest.json"),
        (GetTable(envelope(6), TableName("system", "query"), PASSTHROUGH), "v6_GetTableRequest_qpt.json"),
        (GetDataSourceCapabilities(envelope(6)), "v6_GetDataSourceCapabilitiesRequest.json"),
    ],
)
def test_the_dictionary_is_asked_for(request_: Request, name: str) -> None:
    assert comparable(request_json(request_)) == comparable(vector(name))


def test_a_version_is_not_made_to_say_what_it_has_no_words_for() -> None:
    with pytest.raises(ValueError, match="serde 2 has neither expressions nor top-N nor limit"):
        request_json(GetTableLayout(envelope(2), NAME, Constraints(limit=1), pa.schema([]), ()))
    with pytest.raises(ValueError, match="serde 4 has no query passthrough"):
        request_json(GetTable(envelope(4), NAME, PASSTHROUGH))


def test_a_moment_between_milliseconds_is_refused() -> None:
    moment = datetime(2020, 1, 1, 0, 0, 0, 1)  # noqa: DTZ001
    with pytest.raises(pa.ArrowInvalid, match="a part of a millisecond"):
        request_json(
            GetTableLayout(envelope(6), NAME, Constraints({"d": single(pa.date64(), moment)}), pa.schema([]), ())
        )
