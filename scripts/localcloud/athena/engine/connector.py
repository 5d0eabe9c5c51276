"""One connector, asked as Athena asks it: requests out, answers in, errors in Athena's words."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pyarrow as pa

from athena_connectors.federation.model import (
    Constraints,
    Envelope,
    Function,
    GetDataSourceCapabilities,
    GetSplits,
    GetTable,
    GetTableLayout,
    Identity,
    ListSchemas,
    ListTables,
    Ping,
    ReadRecords,
    Request,
    Serde,
    Split,
    TableName,
)
from localcloud.athena.engine.account import Account, Functions, Missing, Throttled
from localcloud.athena.engine.report import ScanReport
from localcloud.athena.query.failure import QueryFailed
from localcloud.athena.query.pushdown import Abilities
from localcloud.athena.wire import answers
from localcloud.athena.wire.requests import request_json
from localcloud.athena.wire.violation import ProtocolViolation

NEWEST_SERDE = 6
MAX_BLOCK_BYTES = 16_000_000
MAX_INLINE_BYTES = 3_465_000
"""As Athena has been seen to ask for: awslabs/aws-athena-query-federation issue 154."""
PASSTHROUGH_NAME = "SYSTEM.QUERY"
THROTTLED_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
"""Waits between attempts while Lambda starts no more of the function."""
METADATA = "retrieving meta-data"
_NAMED_FUNCTIONS = {function.value: function for function in Function}
Answer = TypeVar("Answer")


class Connector:
    """The connector behind one catalog, for one query."""

    def __init__(
        self,
        account: Account,
        catalog: str,
        functions: Functions,
        query_id: str,
        identity: Identity,
        report: ScanReport,
    ) -> None:
        """`report` counts the invocations."""
        self._account = account
        self._functions = functions
        self._report = report
        self._envelope = Envelope(query_id, catalog, identity, Serde(NEWEST_SERDE))

    def ping(self) -> answers.Pong:
        """Ask who it is; from then on its version of the wire format is spoken."""
        pong = self._ask(Ping(self._envelope), answers.read_pong)
        if pong.serde < Serde.V2.value:
            raise NotImplementedError("connectors that speak serde 1, which the SDK wrote before 2020")
        serde = Serde(min(pong.serde, NEWEST_SERDE))
        self._envelope = Envelope(self._envelope.query_id, self._envelope.catalog, self._envelope.identity, serde)
        return pong

    def abilities(self) -> Abilities:
        """What may be pushed down; ranges alone to a connector that is too old to be asked."""
        if self._envelope.serde.value < Serde.V4.value:
            return Abilities(ranges=True)
        advertised = self._ask(GetDataSourceCapabilities(self._envelope), answers.read_capabilities).capabilities
        filters = advertised.get("supports_filter_pushdown", {})
        expressions = advertised.get("supports_complex_expression_pushdown", {})
        named = expressions.get("supported_function_expression_types", ())
        if unknown := sorted(set(named) - set(_NAMED_FUNCTIONS)):
            raise ProtocolViolation(f"It advertises functions that Athena does not know: {', '.join(unknown)}.")
        return Abilities(
            ranges="sorted_range_set" in filters,
            all_or_none="all_or_none_value_set" in filters,
            functions=frozenset(_NAMED_FUNCTIONS[name] for name in named),
            limit="integer_constant" in advertised.get("supports_limit_pushdown", {}),
            top_n="SUPPORTS_ORDER_BY" in advertised.get("supports_top_n_pushdown", {}),
            passthrough=PASSTHROUGH_NAME in advertised and self._envelope.serde.value >= Serde.V5.value,
        )

    def schemas(self) -> tuple[str, ...]:
        """The schemas of the source."""
        return self._ask(ListSchemas(self._envelope), answers.read_schemas)

    def tables(self, schema: str) -> list[TableName]:
        """The tables of a schema, from all pages."""
        tables: list[TableName] = []
        token = None
        while True:
            page = self._ask(ListTables(self._envelope, schema, token, None), answers.read_tables)
            tables += page.tables
            token = page.token
            if token is None:
                return tables

    def table(self, name: TableName, passthrough: dict[str, str]) -> answers.TableDescription:
        """A table's columns, or those of a query that is passed through."""
        return self._ask(GetTable(self._envelope, name, passthrough), answers.read_table)

    def layout(self, table: answers.TableDescription, constraints: Constraints) -> answers.Layout:
        """The partitions that the constraints leave."""
        request = GetTableLayout(self._envelope, table.name, constraints, table.schema, table.partition_columns)
        return self._ask(request, answers.read_layout)

    def splits(
        self, table: answers.TableDescription, layout: answers.Layout, constraints: Constraints, token: str | None
    ) -> answers.SplitPage:
        """A page of the splits."""
        columns = table.partition_columns
        request = GetSplits(self._envelope, table.name, layout.partitions, columns, constraints, token)
        return self._ask(request, answers.read_splits)

    def read(
        self, table: answers.TableDescription, projection: pa.Schema, split: Split, constraints: Constraints
    ) -> answers.InlineRecords | answers.RemoteRecords:
        """The rows of a split, or where they are."""
        request = ReadRecords(
            self._envelope, table.name, projection, split, constraints, MAX_BLOCK_BYTES, MAX_INLINE_BYTES
        )
        location = split.location
        where = f"S3SpillLocation{{bucket='{location.bucket}', key='{location.key}', directory=true}}"
        return self._ask(request, answers.read_records, self._functions.record, where)

    def _ask(
        self, request: Request, read: Callable[[Any], Answer], function: str = "", where: str = METADATA
    ) -> Answer:
        function = function or self._functions.metadata
        payload = json.dumps(request_json(request), separators=(",", ":"), ensure_ascii=False).encode()
        answer = self._invoke(function, payload, where)
        try:
            return read(answer)
        except ProtocolViolation as violation:
            raise ProtocolViolation(f"{type(request).__name__}: {violation}") from violation

    def _invoke(self, function: str, payload: bytes, where: str) -> Any:
        for wait in (*THROTTLED_SECONDS, None):
            self._report.add(invocations=1)
            try:
                invoked = self._account.invoke(function, payload)
            except Throttled as error:
                if wait is None:
                    raise _failure("TooManyRequestsException", function, where, str(error)) from error
                time.sleep(wait)
                continue
            except Missing as error:
                raise _failure("ResourceNotFoundException", function, where, str(error)) from error
            break
        answer = json.loads(invoked.payload)
        if invoked.error is None:
            return answer
        kind, message = answer.get("errorType", invoked.error), answer.get("errorMessage", "")
        raise _failure(kind, function, where, message)


def _failure(kind: str, function: str, where: str, message: str) -> QueryFailed:
    """As Athena words it to its user."""
    return QueryFailed(
        f"GENERIC_USER_ERROR: Encountered an exception[{kind}] from your LambdaFunction[{function}] "
        f"executed in context[{where}] with message[{message}]"
    )
