"""Answers, compared with those that the official SDK accepts and with its own re-encodings of them: keys in order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.federation import model, respond
from athena_connectors.federation.arrow import (
    is_legacy,
    legacy_batch,
    legacy_schema,
    read_batch,
    read_schema,
    write_batch,
    write_schema,
)
from athena_connectors.federation.model import EncryptionKey, Envelope, Identity, Serde, SpillLocation, Split, TableName
from athena_connectors.federation.source import Capabilities

Vector = Callable[[str], Any]

TABLE = TableName("s", "t")
NONE = model.Constraints()


def envelope(serde: Serde = Serde.V6) -> Envelope:
    return Envelope("q", "c", Identity(), serde)


def plain(answer: Any) -> Any:
    """Keys in order, and what is in base64 by its meaning."""
    if isinstance(answer, list):
        return [plain(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    if list(answer) == ["aId", "schema", "records"]:
        schema = read_schema(answer["schema"])
        return ["block", comparable(read_batch(answer["records"], schema))]
    return [
        (name, read_schema(value).to_string(show_schema_metadata=True) if name == "schema" else plain(value))
        for name, value in answer.items()
    ]


def comparable(batch: pa.RecordBatch) -> Any:
    """Dates by their number, for Python's `date` has no time of day; NaN equal to itself."""
    columns = [
        column.view(pa.int64()) if column.type in (pa.date64(), pa.timestamp("ms", "UTC")) else column
        for column in batch.columns
    ]
    return [
        (name, str(column.type), repr(column.to_pylist()))
        for name, column in zip(batch.schema.names, columns, strict=True)
    ]


def all_types(vector: Vector, name: str = "py/v6_ReadRecordsResponse_alltypes.json") -> pa.RecordBatch:
    block = vector(name)["records"]
    return read_batch(block["records"], read_schema(block["schema"]))


def reading(schema: pa.Schema, serde: Serde = Serde.V6, key: EncryptionKey | None = None) -> model.ReadRecords:
    split = Split(SpillLocation("b", "p/q/u", directory=True), key, {})
    return model.ReadRecords(envelope(serde), TABLE, schema, split, NONE, 16_000_000, 5_000_000)


def expect(answer: Any, vector: Vector, name: str) -> None:
    """It says what both the accepted answer and its re-encoding by the official SDK say."""
    assert plain(answer) == plain(vector(f"java/javaReencoded_{name}"))
    assert plain(answer) == plain(vector(f"py/{name}"))


def test_ping(vector: Vector) -> None:
    expect(respond.ping(model.Ping(envelope()), "oracle"), vector, "v6_PingResponse.json")


def test_list_schemas(vector: Vector) -> None:
    expected = vector("py/v6_ListSchemasResponse.json")
    answer = respond.list_schemas(model.ListSchemas(envelope()), expected["schemas"])
    expect(answer, vector, "v6_ListSchemasResponse.json")


def test_list_tables(vector: Vector) -> None:
    answer = respond.list_tables(model.ListTables(envelope(), "s", None, None), [TABLE], None)
    expect(answer, vector, "v6_ListTablesResponse_nullNext.json")


def test_get_table(vector: Vector) -> None:
    schema = read_schema(vector("py/v6_GetTableResponse_emptyparts.json")["schema"])
    answer = respond.get_table(model.GetTable(envelope(), TABLE, {}), TABLE, schema)
    expect(answer, vector, "v6_GetTableResponse_emptyparts.json")


def test_get_table_layout(vector: Vector) -> None:
    request = model.GetTableLayout(envelope(), TABLE, NONE, pa.schema([]), ())
    answer = respond.get_table_layout(request)
    expect(answer, vector, "v6_GetTableLayoutResponse.json")


def test_get_splits(vector: Vector) -> None:
    split = Split(SpillLocation("b", "p/q/u", directory=True), None, {"x": "1"})
    answer = respond.get_splits(
        model.GetSplits(envelope(), TABLE, respond.ONE_PARTITION, (), NONE, None), [split], None
    )
    expect(answer, vector, "v6_GetSplitsResponse_nullkey.json")


def test_capabilities(vector: Vector) -> None:
    request = model.GetDataSourceCapabilities(envelope())
    offered = Capabilities(frozenset(), limit=True, top_n=False, passthrough=True)
    answer, accepted = (
        respond.get_data_source_capabilities(request, offered),
        vector("py/v6_GetDataSourceCapabilitiesResponse.json"),
    )
    assert list(answer) == list(accepted)
    for name, offers in accepted["capabilities"].items():
        assert [offer for offer in offers if offer not in answer["capabilities"][name]] == []
    assert list(answer["capabilities"]) == list(accepted["capabilities"])


def test_everything_that_a_source_can_do_is_offered_by_its_published_name() -> None:
    request = model.GetDataSourceCapabilities(envelope())
    offered = Capabilities(frozenset(model.Function), limit=True, top_n=True, passthrough=True)
    found = respond.get_data_source_capabilities(request, offered)["capabilities"]
    assert found["supports_complex_expression_pushdown"] == [
        {
            "subType": "supported_function_expression_types",
            "properties": [function.value for function in model.Function],
        }
    ]
    assert found["supports_top_n_pushdown"] == [{"subType": "SUPPORTS_ORDER_BY", "properties": []}]


def test_rows_of_every_type_are_read(vector: Vector) -> None:
    batch = all_types(vector)
    name = "v6_ReadRecordsResponse_alltypes.json"
    expect(respond.read_records(reading(batch.schema), batch), vector, name)


def test_a_part_of_a_batch_is_sent_without_the_rest(vector: Vector) -> None:
    batch = all_types(vector)
    answer = respond.read_records(reading(batch.schema), batch.slice(1))
    expect(answer, vector, "v6_ReadRecordsResponse_sliced.json")
    assert answer["records"]["records"] != respond.read_records(reading(batch.schema), batch)["records"]["records"]


def test_no_row_is_an_empty_text(vector: Vector) -> None:
    batch = all_types(vector)
    answer = respond.read_records(reading(batch.schema), batch.slice(3))
    assert answer["records"]["records"] == ""
    expect(answer, vector, "v6_ReadRecordsResponse_empty.json")


def test_an_encoded_batch_of_no_row_is_read_as_well(vector: Vector) -> None:
    assert all_types(vector, "py/v6_ReadRecordsResponse_zerorowbatch.json").num_rows == 0


def test_version_2_is_answered_in_the_legacy_framing(vector: Vector) -> None:
    batch = all_types(vector)
    answer = respond.read_records(reading(batch.schema, Serde.V2), batch)
    expect(answer, vector, "v2_ReadRecordsResponse_alltypes.json")
    assert is_legacy(answer["records"]["schema"])
    assert is_legacy(answer["records"]["records"])


@pytest.mark.parametrize("serde", [Serde.V3, Serde.V4, Serde.V5, Serde.V6])
def test_newer_versions_are_answered_in_the_modern_framing(vector: Vector, serde: Serde) -> None:
    batch = all_types(vector)
    answer = respond.read_records(reading(batch.schema, serde), batch)
    assert not is_legacy(answer["records"]["schema"])
    assert not is_legacy(answer["records"]["records"])


def test_remote_blocks(vector: Vector) -> None:
    schema = read_schema(vector("py/v6_RemoteReadRecordsResponse.json")["schema"])
    answer = respond.remote_read_records(reading(schema), [SpillLocation("b", "p/q/u.0", directory=False)])
    expect(answer, vector, "v6_RemoteReadRecordsResponse.json")


def test_the_key_of_a_split_is_echoed() -> None:
    key = EncryptionKey(bytes(range(16)), bytes(range(12)))
    answer = respond.remote_read_records(reading(pa.schema([]), key=key), [])
    assert answer["encryptionKey"] == {"key": "AAECAwQFBgcICQoLDA0ODw==", "nonce": "AAECAwQFBgcICQoL"}
    assert list(answer["encryptionKey"]) == ["key", "nonce"]


def test_a_spilled_object_is_one_legacy_message(vector: Vector) -> None:
    batch = all_types(vector)
    assert legacy_schema(batch.schema).to_pybytes() == vector("py/spill_schema_v4.bin")
    assert legacy_batch(batch).to_pybytes() == vector("py/spill_plain.bin")


def test_the_official_sdks_spilled_object_is_read(vector: Vector) -> None:
    batch = all_types(vector)
    spilled = pa.ipc.read_record_batch(pa.py_buffer(vector("java/spill_plain_javaencoded.bin")), batch.schema)
    assert comparable(spilled) == comparable(batch)


@pytest.mark.parametrize("legacy", [True, False])
def test_rows_without_columns_keep_their_number(legacy: bool) -> None:
    rows = pa.RecordBatch.from_arrays([pa.array([1, 2, 3])], names=["c"]).select([])
    schema = read_schema(write_schema(rows.schema, legacy=legacy))
    assert read_batch(write_batch(rows, legacy=legacy), schema).num_rows == 3


def test_a_time_of_day_survives(vector: Vector) -> None:
    column = pa.array([1_583_020_800_123], pa.int64()).view(pa.date64())
    batch = pa.RecordBatch.from_arrays([column], names=["at"])
    read = read_batch(write_batch(batch, legacy=False), batch.schema)
    assert read.column(0).view(pa.int64()).to_pylist() == [1_583_020_800_123]
    assert read.column(0).view(pa.timestamp("ms"))[0].as_py() == datetime(2020, 3, 1, 0, 0, 0, 123_000)  # noqa: DTZ001
