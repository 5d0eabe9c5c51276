"""Whatever Athena may say, in any version of the wire format, is read as it was meant; so are our answers."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from athena_connectors.federation import model, respond
from athena_connectors.federation.model import Bound, Marker, Range, Serde
from athena_connectors.federation.parse import parse
from localcloud.athena.wire import answers
from localcloud.athena.wire.requests import request_json

# What Python's calendar has, in milliseconds; a DATEMILLI beyond is taken for microseconds.
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock
MILLISECONDS = st.integers(-62_135_596_800_000, 253_402_300_799_999)
WALL_CLOCKS = MILLISECONDS.map(lambda number: EPOCH + timedelta(milliseconds=number))
# Packed, they have 52 bits.
MOMENTS = st.integers(-62_135_596_800_000, 253_402_300_799_999).map(
    lambda number: EPOCH.replace(tzinfo=UTC) + timedelta(milliseconds=number)
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    most = 10**precision - 1
    return st.integers(-most, most).map(
        lambda whole: Decimal((whole < 0, Decimal(abs(whole)).as_tuple().digits, -scale))
    )


def whole(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


VALUES: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.bool_(), st.booleans()),
    (pa.int8(), whole(8)),
    (pa.int16(), whole(16)),
    (pa.int32(), whole(32)),
    (pa.int64(), whole(64)),
    (pa.float32(), st.floats(width=32, allow_nan=False)),
    (pa.float64(), st.floats(allow_nan=False)),
    (pa.decimal128(10, 2), decimals(10, 2)),
    (pa.decimal128(38, 0), decimals(38, 0)),
    (pa.decimal128(38, 38), decimals(38, 38)),
    (pa.string(), TEXTS),
    (pa.binary(), st.binary(max_size=8)),
    (pa.date32(), st.dates()),
    (pa.date64(), WALL_CLOCKS),
    (pa.timestamp("ms", "UTC"), MOMENTS),
]
TYPES = st.sampled_from(VALUES)


@st.composite
def ranges(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> Range:
    low, high = draw(st.none() | values), draw(st.none() | values)
    return Range(
        Marker(low, Bound.ABOVE if low is None else draw(st.sampled_from([Bound.EXACTLY, Bound.ABOVE]))),
        Marker(high, Bound.BELOW if high is None else draw(st.sampled_from([Bound.EXACTLY, Bound.BELOW]))),
    )


@st.composite
def value_sets(draw: st.DrawFn, kind: pa.DataType, values: st.SearchStrategy[Any]) -> model.ValueSet:
    null = draw(st.booleans())
    return draw(
        st.one_of(
            st.builds(
                model.SortedRangeSet,
                st.just(kind),
                st.lists(ranges(values), max_size=3).map(tuple),
                st.just(null),
            ),
            st.builds(
                model.EquatableValueSet,
                st.just(kind),
                st.lists(values, max_size=3).map(tuple),
                st.booleans(),
                st.just(null),
            ),
            st.builds(model.AllOrNoneValueSet, st.just(kind), st.booleans(), st.just(null)),
        )
    )


@st.composite
def constants(draw: st.DrawFn) -> model.Constant:
    kind, values = draw(TYPES)
    return model.Constant(tuple(draw(st.lists(st.none() | values, min_size=1, max_size=3))), kind)


VARIABLES = st.builds(model.Variable, TEXTS, TYPES.map(lambda typed: typed[0]))
CALLS: st.SearchStrategy[model.Call] = st.deferred(
    lambda: st.builds(
        model.Call,
        st.sampled_from(model.Function),
        st.sampled_from([pa.bool_(), pa.int64(), pa.decimal128(20, 3), pa.list_(pa.null())]),
        st.lists(VARIABLES | constants() | CALLS, max_size=3).map(tuple),
    )
)
PASSTHROUGH = st.just({}) | TEXTS.map(lambda query: {"schemaFunctionName": "SYSTEM.QUERY", "QUERY": query})


def pushed(serde: Serde) -> st.SearchStrategy[model.Constraints]:
    """What that version can say besides value sets and expressions."""
    return st.builds(
        model.Constraints,
        order_by=st.lists(st.builds(model.OrderBy, TEXTS, st.sampled_from(model.Direction)), max_size=2).map(tuple)
        if serde.value >= 4
        else st.just(()),
        limit=st.none() | st.integers(0, 2**31) if serde.value >= 4 else st.none(),
        passthrough=PASSTHROUGH if serde.value >= 5 else st.just({}),
    )


FIELDS = st.dictionaries(TEXTS, TYPES.map(lambda typed: typed[0]), max_size=4)
SCHEMAS = FIELDS.map(lambda fields: pa.schema(list(fields.items())))
NAMES = st.builds(model.TableName, TEXTS, TEXTS)
IDENTITIES = st.builds(
    model.Identity,
    st.sampled_from(["", "123456789012"]),
    TEXTS,
    st.lists(TEXTS, max_size=2).map(tuple),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
)
KEYS = st.none() | st.builds(
    model.EncryptionKey,
    st.binary(min_size=16, max_size=16) | st.binary(min_size=32, max_size=32),
    st.binary(min_size=12, max_size=12),
)
SPLITS = st.builds(
    model.Split,
    st.builds(model.SpillLocation, TEXTS, TEXTS, st.booleans()),
    KEYS,
    st.dictionaries(TEXTS, TEXTS, max_size=3),
)


@st.composite
def batches(draw: st.DrawFn) -> pa.RecordBatch:
    """Of Athena's types; times by their numbers, as they travel."""
    rows = draw(st.integers(0, 4))
    columns: list[pa.Array] = []
    for kind, values in draw(st.lists(TYPES, max_size=4)):
        numbers = pa.types.is_date64(kind) or pa.types.is_timestamp(kind)
        found = draw(st.lists(st.none() | (whole(64) if numbers else values), min_size=rows, max_size=rows))
        columns.append(pa.array(found, pa.int64()).view(kind) if numbers else pa.array(found, kind))
    return pa.RecordBatch.from_arrays(columns, names=[f"c{number}" for number in range(len(columns))])


@st.composite
def requests(draw: st.DrawFn) -> model.Request:
    """One of those whose version can be told."""
    serde = draw(st.sampled_from(Serde))
    envelope = model.Envelope(draw(TEXTS), draw(TEXTS), draw(IDENTITIES), serde)
    name, constraints = draw(NAMES), draw(pushed(serde))
    return draw(
        st.one_of(
            st.builds(
                model.GetTableLayout, st.just(envelope), st.just(name), st.just(constraints), SCHEMAS, st.just(())
            ),
            st.builds(
                model.GetSplits,
                st.just(envelope),
                st.just(name),
                st.just(respond.ONE_PARTITION),
                st.lists(TEXTS, max_size=2).map(tuple),
                st.just(constraints),
                st.none() | TEXTS,
            ),
            st.builds(
                model.ReadRecords,
                st.just(envelope),
                st.just(name),
                SCHEMAS,
                SPLITS,
                st.just(constraints),
                st.integers(0, 2**31),
                st.integers(0, 2**31),
            ),
        )
    )


NEWEST = st.builds(model.Envelope, TEXTS, TEXTS, IDENTITIES, st.just(Serde.V6))
PLAIN = st.one_of(
    st.builds(model.Ping, NEWEST),
    st.builds(model.ListSchemas, NEWEST),
    st.builds(model.ListTables, NEWEST, TEXTS, st.none() | TEXTS, st.none() | st.integers(1, 10_000)),
    st.builds(model.GetTable, NEWEST, NAMES, PASSTHROUGH),
    st.builds(model.GetDataSourceCapabilities, NEWEST),
)


SPLIT = model.Split(model.SpillLocation("b", "k", directory=True), None, {})


def reading(serde: Serde, schema: pa.Schema, constraints: model.Constraints) -> model.ReadRecords:
    envelope = model.Envelope("q", "c", model.Identity(), serde)
    return model.ReadRecords(envelope, model.TableName("s", "t"), schema, SPLIT, constraints, 16_000_000, 5_000_000)


def over_the_wire(document: Any) -> Any:
    return json.loads(json.dumps(document))


def require_read(request: model.Request) -> None:
    read = parse(over_the_wire(request_json(request)))
    assert read == request
    assert repr(read) == repr(request)  # which tells -0.0 from 0.0


@given(requests())
def test_a_request_is_read_as_it_was_meant(request: model.Request) -> None:
    require_read(request)


@given(PLAIN)
def test_a_request_without_constraints_is_read_as_it_was_meant(request: model.Request) -> None:
    require_read(request)


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=[str(kind) for kind, _ in VALUES])
@settings(max_examples=30)
@given(data=st.data(), serde=st.sampled_from(Serde))
def test_a_value_set_is_read_as_it_was_meant(
    kind: pa.DataType, values: st.SearchStrategy[Any], data: st.DataObject, serde: Serde
) -> None:
    require_read(reading(serde, pa.schema([]), model.Constraints({"c": data.draw(value_sets(kind, values))})))


@given(CALLS, st.sampled_from([Serde.V4, Serde.V5, Serde.V6]))
def test_an_expression_is_read_as_it_was_meant(call: model.Call, serde: Serde) -> None:
    require_read(reading(serde, pa.schema([]), model.Constraints(expressions=(call,))))


@given(batches(), st.sampled_from(Serde))
def test_rows_are_read_as_they_were_sent(batch: pa.RecordBatch, serde: Serde) -> None:
    request = reading(serde, batch.schema, model.Constraints())
    read = answers.read_records(over_the_wire(respond.read_records(request, batch)))
    assert isinstance(read, answers.InlineRecords)
    assert read.records.schema == batch.schema
    assert read.records.equals(batch)


@given(st.lists(SPLITS, max_size=3), st.none() | TEXTS)
def test_splits_are_read_as_they_were_sent(splits: list[model.Split], token: str | None) -> None:
    envelope = model.Envelope("q", "c", model.Identity(), Serde.V6)
    request = model.GetSplits(envelope, model.TableName("s", "t"), respond.ONE_PARTITION, (), model.Constraints(), None)
    read = answers.read_splits(over_the_wire(respond.get_splits(request, splits, token)))
    assert (list(read.splits), read.token) == (splits, token)


@given(SCHEMAS, NAMES, st.sampled_from([Serde.V2, Serde.V6]))
def test_a_tables_columns_are_read_as_they_were_sent(schema: pa.Schema, name: model.TableName, serde: Serde) -> None:
    request = model.GetTable(model.Envelope("q", "c", model.Identity(), serde), name, {})
    read = answers.read_table(over_the_wire(respond.get_table(request, name, schema)))
    assert (read.name, read.schema, read.partition_columns) == (name, schema, ())
