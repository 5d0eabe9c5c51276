"""Requests as the official SDK writes them, in every version of the wire format; and what is refused."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.federation import model
from athena_connectors.federation.arrow import write_batch, write_schema
from athena_connectors.federation.errors import ConnectorError, InvalidInput, NotSupported
from athena_connectors.federation.model import Bound, Direction, Function, Marker, Range, Serde
from athena_connectors.federation.parse import parse

Vector = Callable[[str], Any]

REQUESTS = sorted(path.name for path in Path(__file__).with_name("vectors").glob("java/v*Request*.json"))
READ = "java/v6_ReadRecordsRequest_allconstraints.json"


def value(found: Any, lower: Bound = Bound.EXACTLY, upper: Bound = Bound.EXACTLY, to: Any = ...) -> Range:
    return Range(Marker(found, lower), Marker(found if to is ... else to, upper))


def block(values: list[Any], kind: pa.DataType) -> dict[str, str]:
    column = pa.array(values, pa.int64()).view(kind) if kind in (pa.date64(), TZ) else pa.array(values, kind)
    batch = pa.RecordBatch.from_arrays([column], names=["col1"])
    return {
        "aId": "a",
        "schema": write_schema(batch.schema, legacy=False),
        "records": write_batch(batch, legacy=False),
    }


TZ = pa.timestamp("ms", "UTC")


def equatable(values: list[Any], kind: pa.DataType) -> dict[str, Any]:
    return {"@type": "EquatableValueSet", "valueBlock": block(values, kind), "whiteList": True, "nullAllowed": False}


@pytest.fixture
def read_request(vector: Vector) -> dict[str, Any]:
    """A ReadRecordsRequest with no constraint."""
    request: dict[str, Any] = deepcopy(vector(READ))
    request["constraints"] |= {"summary": {}, "expression": [], "orderByClause": [], "limit": -1}
    return request


def pushed(request: dict[str, Any], values: Any) -> Any:
    request["constraints"]["summary"] = {"c": values}
    return parse_read(request).constraints.summary["c"]


def parse_read(request: dict[str, Any]) -> model.ReadRecords:
    found = parse(request)
    assert isinstance(found, model.ReadRecords)
    return found


@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_of_the_official_sdk_is_read(vector: Vector, name: str) -> None:
    event = vector(f"java/{name}")
    request = parse(event)
    assert f"{type(request).__name__}Request" == event["@type"]
    assert (request.envelope.query_id, request.envelope.catalog) == ("q-1", "cat")
    assert request.envelope.identity == model.Identity(
        account="123456789012",
        arn="arn:aws:iam::123456789012:role/r",
        groups=("g1",),
        options={"spill_prefix": "athena-spill/x"},
    )
    assert request.envelope.serde is Serde(int(name[1]))


@pytest.mark.parametrize("serde", [2, 4, 5, 6])
def test_every_value_set_means_the_same_in_every_version(vector: Vector, serde: int) -> None:
    constraints = parse_read(vector(f"java/v{serde}_ReadRecordsRequest_allconstraints.json")).constraints
    unbounded = value(None, Bound.ABOVE, Bound.BELOW)
    decimal = Decimal("12345678901234567890.0123456789")
    january = value(datetime(2020, 1, 1), to=datetime(2020, 1, 31, 23, 59, 59, 999000))  # noqa: DTZ001 - a wall clock
    ranges: dict[str, tuple[pa.DataType, tuple[Range, ...], bool]] = {
        "i_eq": (pa.int32(), (value(7),), False),
        "i_in": (pa.int32(), (value(1), value(3), value(5)), False),
        "l_between": (pa.int64(), (value(10, upper=Bound.BELOW, to=20),), False),
        "l_or": (
            pa.int64(),
            (value(None, Bound.ABOVE, Bound.BELOW, to=-5), value(5, upper=Bound.BELOW, to=None)),
            False,
        ),
        "s_gt": (pa.string(), (value("m'žlu", Bound.ABOVE, Bound.BELOW, to=None),), False),
        "s_null_or_eq": (pa.string(), (value(""),), True),
        "s_isnull": (pa.string(), (), True),
        "s_notnull": (pa.string(), (unbounded,), False),
        "s_all": (pa.string(), (unbounded,), True),
        "s_none": (pa.string(), (), False),
        "f8_le": (pa.float64(), (value(None, Bound.ABOVE, to=1.5),), False),
        "f4_lt": (pa.float32(), (value(None, Bound.ABOVE, Bound.BELOW, to=2.5),), False),
        "dd_ge": (pa.date32(), (value(date(2020, 1, 1), upper=Bound.BELOW, to=None),), False),
        "dm_range": (pa.date64(), (january,), False),
        "dec_eq": (pa.decimal128(38, 10), (value(decimal),), False),
        "b_true": (pa.bool_(), (value(True),), False),
        "ti": (pa.int8(), (value(5),), False),
        "tz_ge": (TZ, (value(datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), upper=Bound.BELOW, to=None),), False),
    }
    expected: dict[str, model.ValueSet] = {
        name: model.SortedRangeSet(kind, found, null) for name, (kind, found, null) in ranges.items()
    }
    expected |= {
        "eq_set": model.EquatableValueSet(pa.string(), ("a", "b"), white_list=True, null_allowed=False),
        "eq_blacklist": model.EquatableValueSet(pa.int32(), (9,), white_list=False, null_allowed=True),
        "all": model.AllOrNoneValueSet(pa.binary(), all=True, null_allowed=True),
        "none_null": model.AllOrNoneValueSet(pa.binary(), all=False, null_allowed=True),
    }
    assert dict(constraints.summary) == expected


@pytest.mark.parametrize("serde", [4, 5, 6])
def test_expressions_order_and_limit_are_read(vector: Vector, serde: int) -> None:
    constraints = parse_read(vector(f"java/v{serde}_ReadRecordsRequest_allconstraints.json")).constraints
    (either,) = constraints.expressions
    like, among = either.arguments
    assert either.function is Function.OR
    assert like == model.Call(
        Function.LIKE_PATTERN,
        pa.bool_(),
        (model.Variable("s_gt", pa.string()), model.Constant(("a%_x",), pa.string())),
    )
    assert isinstance(among, model.Call)
    assert among.function is Function.IN
    array = among.arguments[1]
    assert isinstance(array, model.Call)
    assert (array.function, array.arguments) == (Function.ARRAY, (model.Constant((1, 2, 3), pa.int32()),))
    assert constraints.order_by == (
        model.OrderBy("i_eq", Direction.ASC_NULLS_LAST),
        model.OrderBy("s_gt", Direction.DESC_NULLS_FIRST),
    )
    assert constraints.limit == 100


def test_a_split_says_where_to_spill_and_how_much(vector: Vector) -> None:
    request = parse_read(vector(READ))
    location = model.SpillLocation("bkt", "athena-spill/q-1/s-1", directory=True)
    assert request.split == model.Split(location, None, {"partition": "p0"})
    assert (request.max_block_bytes, request.max_inline_bytes) == (16_000_000, 5_242_880)
    assert request.schema.metadata == {b"k": b"v"}
    assert request.schema.names[0] == "i_eq"


def test_a_key_is_read_and_never_shown(read_request: dict[str, Any]) -> None:
    read_request["split"]["encryptionKey"] = {"key": "AAECAwQFBgcICQoLDA0ODw==", "nonce": "AAECAwQFBgcICQoL"}
    request = parse_read(read_request)
    assert request.split.key == model.EncryptionKey(bytes(range(16)), bytes(range(12)))
    assert "AAEC" not in repr(request)
    assert "\\x02" not in repr(request)


def test_a_query_that_is_passed_through_is_told(vector: Vector) -> None:
    arguments = {"schemaFunctionName": "SYSTEM.QUERY", "QUERY": "select 1 from dual"}
    table, splits = (
        parse(vector("java/v6_GetTableRequest_qpt.json")),
        parse(vector("java/v6_GetSplitsRequest_qpt.json")),
    )
    assert isinstance(table, model.GetTable)
    assert isinstance(splits, model.GetSplits)
    assert table.passthrough == splits.constraints.passthrough == arguments
    assert splits.constraints.limit is None


def test_version_3_is_known_by_its_framing(read_request: dict[str, Any]) -> None:
    read_request["constraints"] = {"summary": {}}
    assert parse(read_request).envelope.serde is Serde.V3


def test_a_query_plan_is_set_aside(read_request: dict[str, Any]) -> None:
    read_request["constraints"]["queryPlan"] = {"substraitVersion": "0.1", "substraitPlan": "AAAA"}
    assert parse_read(read_request).constraints == model.Constraints()


def test_the_order_of_fields_is_not_ours_to_judge(vector: Vector) -> None:
    event = vector(READ)
    assert parse(dict(reversed(event.items()))) == parse(event)


def test_what_an_older_version_leaves_out_is_not_missed(vector: Vector) -> None:
    event = vector("java/v6_ListTablesRequest.json")
    del event["nextToken"], event["pageSize"], event["identity"]["configOptions"]
    request = parse(event | {"identity": None})
    assert isinstance(request, model.ListTables)
    assert (request.token, request.page_size, request.envelope.identity) == (None, None, model.Identity())


def test_a_page_of_minus_one_is_unlimited(vector: Vector) -> None:
    request = parse(vector("java/v6_ListTablesRequest.json") | {"pageSize": -1})
    assert isinstance(request, model.ListTables)
    assert request.page_size is None


def test_microseconds_in_a_timestamps_marker_are_not_taken_for_milliseconds(read_request: dict[str, Any]) -> None:
    """aws-athena-query-federation issue 831: a query of 2026 came as one of the year 54841."""
    found = pushed(read_request, equatable([1_583_020_800_123, 1_583_020_800_123_456, -1], pa.date64()))
    assert found.values == (
        datetime(2020, 3, 1, 0, 0, 0, 123_000),  # noqa: DTZ001 - a wall clock
        datetime(2020, 3, 1, 0, 0, 0, 123_456),  # noqa: DTZ001
        datetime(1969, 12, 31, 23, 59, 59, 999_000),  # noqa: DTZ001
    )


def test_a_packed_moment_before_1970_with_a_zone_is_unpacked(read_request: dict[str, Any]) -> None:
    found = pushed(read_request, equatable([(-1 << 12) | 2056], TZ))
    assert found.values == (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("number", "kind"), [(2**63 - 1, pa.date64()), (-(2**63), TZ), (3_000_000, pa.date32()), (-800_000, pa.date32())]
)
def test_a_time_that_no_calendar_has_is_refused(read_request: dict[str, Any], number: int, kind: pa.DataType) -> None:
    values = equatable([number], kind)
    with pytest.raises(InvalidInput, match="years 1 to 9999"):
        pushed(read_request, values)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ({"@type": "List"}, pa.list_(pa.null())),
        ({"@type": "Struct"}, pa.struct([])),
        ({"@type": "Map", "keysSorted": False}, pa.map_(pa.string(), pa.null())),
        ({"@type": "Decimal", "precision": 5, "scale": 2, "bitWidth": 128}, pa.decimal128(5, 2)),
        ({"@type": "Timestamp", "unit": "MICROSECOND", "timezone": "UTC"}, pa.timestamp("us", "UTC")),
        ({"@type": "FixedSizeBinary", "byteWidth": 4}, pa.binary(4)),
        ({"@type": "Null"}, pa.null()),
    ],
)
def test_types_are_read(read_request: dict[str, Any], kind: dict[str, Any], wanted: pa.DataType) -> None:
    values = {"@type": "AllOrNoneValueSet", "type": kind, "all": True, "nullAllowed": False}
    assert pushed(read_request, values).type == wanted


def change(path: str, to: Any) -> Callable[[dict[str, Any]], None]:
    def apply(request: dict[str, Any]) -> None:
        *outer, last = path.split(".")
        for name in outer:
            request = request[name]
        request[last] = to

    return apply


def sorted_set(low: dict[str, Any], high: dict[str, Any], name: str = "SortedRangeSet") -> dict[str, Any]:
    kind = {"@type": "Int", "bitWidth": 32, "isSigned": True}
    ranges = [{"low": low, "high": high}]
    return {"c": {"@type": name, "type": kind, "ranges": ranges, "nullAllowed": False}}


def marker(values: list[Any], bound: str, null: bool = False) -> dict[str, Any]:
    return {"valueBlock": block(values, pa.int32()), "bound": bound, "nullValue": null}


def call(function: str, *arguments: dict[str, Any]) -> dict[str, Any]:
    name = {"functionName": function}
    return {
        "@type": "FunctionCallExpression",
        "type": {"@type": "Bool"},
        "functionName": name,
        "arguments": list(arguments),
    }


VARIABLE = {"@type": "VariableExpression", "columnName": "c", "type": {"@type": "Utf8"}}
ANY = {"@type": "AllOrNoneValueSet", "all": True, "nullAllowed": True}
EXACT = marker([1], "EXACTLY")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (change("@type", "DropTableRequest"), NotSupported, "is a DropTableRequest; this connector answers Ping"),
        (change("sampling", 0.1), InvalidInput, "The request has fields that this connector does not know: sampling"),
        (change("constraints.groupBy", []), InvalidInput, r"constraints has fields .* not know: groupBy"),
        (change("split.next", 1), InvalidInput, "split has fields"),
        (change("queryId", None), InvalidInput, r"The request\.queryId is null, not a text"),
        (
            change("schema", {"schema": "AAAA"}),
            NotSupported,
            "version 1 of the wire format. This connector reads 2 to 6",
        ),
        (change("schema", "AA*A"), InvalidInput, "not in base64"),
        (change("schema", "AAAAAAAA"), InvalidInput, "Arrow schema cannot be read"),
        (change("split", []), InvalidInput, "split is a list, not an object"),
        (change("split.properties", {"a": 1}), InvalidInput, "properties is an object, not texts by name"),
        (change("split.spillLocation.@type", "Disk"), NotSupported, "is a Disk"),
        (change("split.encryptionKey", {"key": "AAAA", "nonce": "AAAA"}), InvalidInput, "no AES-GCM key"),
        (change("split.encryptionKey", {"key": "A", "nonce": "A"}), InvalidInput, "not in base64"),
        (change("maxBlockSize", "many"), InvalidInput, "maxBlockSize is a text, not a whole number"),
        (change("maxBlockSize", -1), InvalidInput, "maxBlockSize is negative"),
        (change("constraints.limit", True), InvalidInput, "limit is a truth value"),
        (change("constraints.orderByClause", ["c"]), InvalidInput, r"orderByClause\[0\] is a text, not an object"),
        (
            change("constraints.orderByClause", [{"columnName": "c", "direction": "RANDOM"}]),
            NotSupported,
            "says RANDOM; this connector knows ASC_NULLS_FIRST",
        ),
        (change("constraints.summary", sorted_set(EXACT, EXACT, "Bloom")), NotSupported, "is a Bloom"),
        (change("constraints.summary", sorted_set(marker([1], "BELOW"), EXACT)), InvalidInput, "is BELOW"),
        (change("constraints.summary", sorted_set(EXACT, marker([1], "ABOVE"))), InvalidInput, "is ABOVE"),
        (change("constraints.summary", sorted_set(marker([], "EXACTLY", null=True), EXACT)), InvalidInput, "EXACTLY"),
        (
            change("constraints.summary", sorted_set(marker([1, 2], "EXACTLY"), EXACT)),
            InvalidInput,
            "2 values, not one",
        ),
        (change("constraints.summary", sorted_set(marker([None], "EXACTLY"), EXACT)), InvalidInput, "not one"),
        (change("constraints.summary", {"c": equatable([None], pa.int32())}), InvalidInput, "NULL among its values"),
        (change("constraints.summary", {"c": equatable([["a"]], pa.list_(pa.string()))}), NotSupported, "list<"),
        (change("constraints.summary", {"c": ANY | {"type": {"@type": "Union"}}}), NotSupported, "type Union"),
        (
            change("constraints.summary", {"c": ANY | {"type": {"@type": "Int", "bitWidth": 32, "isSigned": False}}}),
            NotSupported,
            "Arrow type Int",
        ),
        (change("constraints.expression", [VARIABLE]), InvalidInput, "no function call"),
        (change("constraints.expression", [call("$cast", VARIABLE)]), NotSupported, r"says \$cast"),
        (change("constraints.expression", [{"@type": "Lambda"}]), NotSupported, "is a Lambda"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_code_first(
    read_request: dict[str, Any], change: Callable[[dict[str, Any]], None], error: type[ConnectorError], message: str
) -> None:
    change(read_request)
    with pytest.raises(error, match=message) as refused:
        parse(read_request)
    assert str(refused.value).startswith(f"{error.code}: ")


@pytest.mark.parametrize("event", [None, [], "ping", {}])
def test_an_event_that_is_no_request_is_refused(event: Any) -> None:
    with pytest.raises(InvalidInput, match="The request"):
        parse(event)
