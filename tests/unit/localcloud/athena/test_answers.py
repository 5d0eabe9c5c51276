"""Answers, read as strictly as the real Java SDK reads them: tests/unit/athena_connectors/vectors."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.federation.model import EncryptionKey, SpillLocation, Split, TableName
from localcloud.athena.wire import answers, framing
from localcloud.athena.wire.spill import open_block
from localcloud.athena.wire.violation import ProtocolViolation

VECTORS = Path(__file__).parents[2] / "athena_connectors" / "vectors"
NONCE = bytes(range(12))


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def both(name: str) -> list[Any]:
    return [vector(f"py/{name}"), vector(f"java/javaReencoded_{name}")]


def test_a_pong_says_which_version_the_connector_speaks() -> None:
    for answer in both("v6_PingResponse.json"):
        assert answers.read_pong(answer) == answers.Pong("c", "q", "oracle", 24, 6)


def test_a_pong_without_a_version_speaks_the_first() -> None:
    answer = vector("py/v6_PingResponse.json")
    del answer["serDeVersion"]
    assert answers.read_pong(answer).serde == 1


def test_schemas_and_tables_are_listed() -> None:
    for answer in both("v6_ListSchemasResponse.json"):
        assert answers.read_schemas(answer) == ("A", "b")
    for answer in both("v6_ListTablesResponse_noNext.json") + both("v6_ListTablesResponse_nullNext.json"):
        assert answers.read_tables(answer) == answers.TablePage((TableName("s", "t"),), "c", None)


def test_a_table_has_columns_of_every_type() -> None:
    for answer in both("v6_GetTableResponse.json"):
        table = answers.read_table(answer)
        assert (table.name, table.partition_columns) == (TableName("s", "t"), ("p",))
        assert len(table.schema) == 19


def test_layout_and_splits_are_read() -> None:
    for answer in both("v6_GetTableLayoutResponse.json"):
        assert answers.read_layout(answer).partitions.to_pydict() == {"partitionId": [1]}
    for answer in both("v6_GetSplitsResponse_nullkey.json"):
        split = Split(SpillLocation("b", "p/q/u", True), None, {"x": "1"})
        assert answers.read_splits(answer) == answers.SplitPage("c", (split,), None)


def test_capabilities_are_read() -> None:
    for answer in both("v6_GetDataSourceCapabilitiesResponse.json"):
        capabilities = answers.read_capabilities(answer).capabilities
        assert capabilities["supports_filter_pushdown"] == {"sorted_range_set": (), "nullable_comparison": ()}
        assert capabilities["SYSTEM.QUERY"]["query_passthrough_arguments"] == ("QUERY",)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("v2_ReadRecordsResponse_alltypes.json", 3),
        ("v6_ReadRecordsResponse_alltypes.json", 3),
        ("v6_ReadRecordsResponse_legacyIpc.json", 3),
        ("v6_ReadRecordsResponse_sliced.json", 2),
        ("v6_ReadRecordsResponse_empty.json", 0),
        ("v6_ReadRecordsResponse_zerorowbatch.json", 0),
    ],
)
def test_rows_are_read_in_either_framing(name: str, rows: int) -> None:
    python, java = (answers.read_records(answer) for answer in both(name))
    assert isinstance(python, answers.InlineRecords)
    assert isinstance(java, answers.InlineRecords)
    assert python.records.num_rows == rows
    assert repr(python.records.to_pylist()) == repr(java.records.to_pylist())


def test_spilled_rows_are_announced() -> None:
    for answer in both("v6_RemoteReadRecordsResponse.json"):
        remote = answers.read_records(answer)
        assert isinstance(remote, answers.RemoteRecords)
        assert (remote.blocks, remote.key) == ((SpillLocation("b", "p/q/u.0", False),), None)


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("py/spill_plain.bin", None),
        ("py/spill_plain_v5.bin", None),
        ("py/spill_aes128gcm.bin", EncryptionKey(bytes(range(16)), NONCE)),
        ("py/spill_aes256gcm.bin", EncryptionKey(bytes(range(32)), NONCE)),
        ("java/spill_plain_javaencoded.bin", None),
        ("java/spill_aes256gcm_javaencrypted.bin", EncryptionKey(bytes(range(32)), NONCE)),
    ],
)
def test_a_spilled_block_is_opened(file: str, key: EncryptionKey | None) -> None:
    batch = open_block((VECTORS / file).read_bytes(), spilled_schema(), key)
    inline = answers.read_records(vector("py/v6_ReadRecordsResponse_alltypes.json"))
    assert isinstance(inline, answers.InlineRecords)
    assert repr(batch.to_pylist()) == repr(inline.records.to_pylist())


def test_a_block_that_should_be_encrypted_and_is_not_is_named() -> None:
    clear = (VECTORS / "py/spill_plain.bin").read_bytes()
    with pytest.raises(ProtocolViolation, match="can be read without it"):
        open_block(clear, spilled_schema(), EncryptionKey(bytes(range(32)), NONCE))


def test_a_block_under_another_key_is_named() -> None:
    content = (VECTORS / "py/spill_aes256gcm.bin").read_bytes()
    with pytest.raises(ProtocolViolation, match="cannot be decrypted"):
        open_block(content, spilled_schema(), EncryptionKey(bytes(32), NONCE))


def test_keys_in_another_order_are_refused() -> None:
    with pytest.raises(ProtocolViolation, match=r"unexpected field\[records\] while expecting\[catalogName\]"):
        answers.read_records(vector("py/v6_BAD_keyorder.json"))


def test_an_unknown_key_after_all_others_is_tolerated() -> None:
    assert isinstance(answers.read_records(vector("py/v6_BAD_extrafield.json")), answers.InlineRecords)


def test_an_unknown_key_within_an_object_is_refused() -> None:
    answer = vector("py/v6_GetTableResponse.json")
    answer["tableName"]["owner"] = "me"
    with pytest.raises(ProtocolViolation, match=r"unexpected field\[owner\] at the end of the object"):
        answers.read_table(answer)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"catalogName": 1}, "catalogName: a string was expected, not a number"),
        ({"capabilities": True}, "capabilities: an integer was expected, not true or false"),
        ({"@type": "ListSchemasResponse"}, "a ListSchemasResponse came"),
    ],
)
def test_a_value_of_another_kind_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolViolation, match=message):
        answers.read_pong(vector("py/v6_PingResponse.json") | change)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ProtocolViolation, match=r"the object ends while expecting\[serDeVersion\]|expecting"):
        answers.read_schemas({"@type": "ListSchemasResponse", "catalogName": "c"})


@pytest.mark.parametrize(("text", "message"), [("no base64!", "No base64"), ("AAAA", "No Arrow schema")])
def test_what_is_no_schema_is_named(text: str, message: str) -> None:
    with pytest.raises(ProtocolViolation, match=message):
        answers.read_table(vector("py/v6_GetTableResponse.json") | {"schema": text})


def test_a_key_of_another_length_is_refused() -> None:
    answer = vector("py/v6_GetSplitsResponse_nullkey.json")
    answer["splits"][0]["encryptionKey"] = {"key": framing.to_text(bytes(9)), "nonce": framing.to_text(NONCE)}
    with pytest.raises(ProtocolViolation, match="no key for AES-GCM"):
        answers.read_splits(answer)


def spilled_schema() -> pa.Schema:
    return framing.read_schema((VECTORS / "py/spill_schema_v4.bin").read_bytes())
