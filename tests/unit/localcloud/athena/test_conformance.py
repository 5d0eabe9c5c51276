"""A connector that breaks a promise is named, whatever the rows would have been."""

from typing import Any

import pyarrow as pa
import pytest
from athena_account import InProcessAccount
from stub_connector import StubConnector

from localcloud.athena.query.failure import QueryFailed
from localcloud.athena.wire import framing

TABLE = pa.table({"id": pa.array(range(10), pa.int64()), "name": [f"n{number}" for number in range(10)]})
RANGES: dict[str, Any] = {"supports_filter_pushdown": [{"subType": "sorted_range_set", "properties": []}]}
LIMIT: dict[str, Any] = {"supports_limit_pushdown": [{"subType": "integer_constant", "properties": []}]}


def breaking(account: InProcessAccount, kind: str, change: Any, **settings: Any) -> None:
    """A connector whose answers of one kind are changed."""

    def changed(answer: dict[str, Any]) -> dict[str, Any]:
        return change(answer) if answer["@type"] == kind else answer  # type: ignore[no-any-return]

    account.handlers["f"] = StubConnector(**{"parts": [TABLE, TABLE], "change": changed, **settings})


SQL = 'SELECT id, name FROM "lambda:f".s.t'


def test_a_predicate_that_was_not_applied(account: InProcessAccount, query: Any) -> None:
    account.handlers["f"] = StubConnector([TABLE], RANGES)
    with pytest.raises(QueryFailed, match=r'CONNECTOR_VIOLATION: ReadRecords: 8 rows came that "t"."id" < 2 excludes'):
        query(f"{SQL} WHERE id < 2")


def test_a_limit_that_was_not_applied(account: InProcessAccount, query: Any) -> None:
    account.handlers["f"] = StubConnector([TABLE], LIMIT)
    with pytest.raises(QueryFailed, match="10 rows came; the limit 3 was pushed down"):
        query(f"{SQL} LIMIT 3")


def test_another_type_than_was_declared(account: InProcessAccount, query: Any) -> None:
    narrow = TABLE.cast(pa.schema([("id", pa.int32()), ("name", pa.utf8())]))
    account.handlers["f"] = StubConnector([TABLE], rows=lambda table, event: narrow)
    with pytest.raises(QueryFailed, match=r"columns \[id int32, name string\] came, \[id int64, name string\] were"):
        query(SQL)


def test_a_type_that_athena_does_not_take(account: InProcessAccount, query: Any) -> None:
    account.handlers["f"] = StubConnector([pa.table({"at": pa.array([], pa.timestamp("us"))})])
    with pytest.raises(QueryFailed, match=r"the column at has the type timestamp\[us\]: Athena takes none"):
        query('SELECT * FROM "lambda:f".s.t')


def test_keys_in_another_order(account: InProcessAccount, query: Any) -> None:
    breaking(account, "GetSplitsResponse", lambda answer: dict(sorted(answer.items(), reverse=True)))
    with pytest.raises(QueryFailed, match=r"CONNECTOR_VIOLATION: GetSplits: .*unexpected field\[splits\] while"):
        query(SQL)


def each_split(**changed: Any) -> Any:
    def change(answer: dict[str, Any]) -> dict[str, Any]:
        return answer | {"splits": [split | changed for split in answer["splits"]]}

    return change


def test_two_splits_that_read_the_same(account: InProcessAccount, query: Any) -> None:
    breaking(account, "GetSplitsResponse", each_split(properties={"part": "0"}))
    with pytest.raises(QueryFailed, match="two splits read the same part"):
        query(SQL)


def test_two_splits_that_spill_to_one_place(account: InProcessAccount, query: Any) -> None:
    place = {"@type": "S3SpillLocation", "bucket": "spill", "key": "p/x", "directory": True}
    breaking(account, "GetSplitsResponse", each_split(spillLocation=place))
    with pytest.raises(QueryFailed, match="two splits spill to spill/p/x"):
        query(SQL)


def test_two_splits_with_one_key(account: InProcessAccount, query: Any) -> None:
    key = {"key": framing.to_text(bytes(32)), "nonce": framing.to_text(bytes(12))}
    breaking(account, "GetSplitsResponse", each_split(encryptionKey=key))
    with pytest.raises(QueryFailed, match="two splits have one key and nonce"):
        query(SQL)


def test_pages_that_do_not_end(account: InProcessAccount, query: Any) -> None:
    breaking(account, "GetSplitsResponse", lambda answer: answer | {"splits": [], "continuationToken": "0"})
    with pytest.raises(QueryFailed, match="the continuation token '0' came twice"):
        query(SQL)


def test_a_block_in_the_clear_although_there_is_a_key(account: InProcessAccount, query: Any) -> None:
    def in_the_clear(answer: dict[str, Any]) -> dict[str, Any]:
        for place in account.objects:
            account.objects[place] = framing.batch_message(TABLE.to_batches()[0], legacy=True)
        return answer

    breaking(account, "RemoteReadRecordsResponse", in_the_clear, objects=account.objects, key_bytes=32)
    with pytest.raises(QueryFailed, match="the spilled block can be read without it"):
        query(SQL)


def test_a_block_elsewhere(account: InProcessAccount, query: Any) -> None:
    place = {"@type": "S3SpillLocation", "bucket": "other", "key": "p/x", "directory": False}
    breaking(
        account, "RemoteReadRecordsResponse", lambda answer: answer | {"remoteBlocks": [place]}, objects=account.objects
    )
    with pytest.raises(QueryFailed, match="the block p/x is not below p/"):
        query(SQL)


def test_blocks_that_are_too_large(account: InProcessAccount, query: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localcloud.athena.engine.conformance.MAX_BLOCK_BYTES", 50)
    account.handlers["f"] = StubConnector([TABLE], objects=account.objects)
    with pytest.raises(QueryFailed, match=r"A block has 1\d\d bytes; 50 were asked for at most"):
        query(SQL)


def test_an_inline_answer_that_is_too_large(
    account: InProcessAccount, query: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localcloud.athena.engine.conformance.MAX_INLINE_BYTES", 50)
    account.handlers["f"] = StubConnector([TABLE])
    with pytest.raises(QueryFailed, match="An inline answer has"):
        query(SQL)


def test_a_function_that_athena_does_not_know(account: InProcessAccount, query: Any) -> None:
    functions = [{"subType": "supported_function_expression_types", "properties": ["$soundex"]}]
    account.handlers["f"] = StubConnector([TABLE], {"supports_complex_expression_pushdown": functions})
    with pytest.raises(QueryFailed, match=r"functions that Athena does not know: \$soundex"):
        query(SQL)
