"""One query from its text to its rows."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from athena_connectors.federation.model import Identity, TableName
from localcloud.athena.engine import conformance, lake
from localcloud.athena.engine.account import Account, Functions
from localcloud.athena.engine.connector import PASSTHROUGH_NAME, Connector
from localcloud.athena.engine.report import QueryReport, ScanReport
from localcloud.athena.engine.scan import Scan
from localcloud.athena.query.constants import fold_with
from localcloud.athena.query.failure import QueryCancelled, QueryFailed
from localcloud.athena.query.meaning import as_duckdb_means_it, at
from localcloud.athena.query.pushdown import Abilities, Asked, push_down
from localcloud.athena.query.resolution import Resolved, resolve
from localcloud.athena.query.statement import LAKE, LAMBDA_PREFIX, Reference, Statement
from localcloud.athena.wire.answers import TableDescription
from localcloud.athena.wire.violation import ProtocolViolation

_WIDER = {"HUGEINT": "BIGINT", "UHUGEINT": "BIGINT", "UBIGINT": "BIGINT", "UINTEGER": "BIGINT", "USMALLINT": "INTEGER"}
"""Types that Athena does not have, and the ones it counts and sums in."""


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query; `names` are the columns', of which two may be the same."""

    names: tuple[str, ...]
    table: pa.Table


@dataclass(slots=True)
class _Federated:
    """A mention of a connector's table."""

    connector: Connector
    description: TableDescription
    abilities: Abilities
    passthrough: dict[str, str]


@dataclass(slots=True)
class _Mention:
    """A mention of a table: a connector's, or one of the lake."""

    reference: Reference
    table: _Federated | lake.LakeTable
    report: ScanReport

    @property
    def schema(self) -> pa.Schema:
        return self.table.description.schema if isinstance(self.table, _Federated) else self.table.schema

    @property
    def abilities(self) -> Abilities:
        return self.table.abilities if isinstance(self.table, _Federated) else Abilities()


class Run:
    """Runs one query; `report` fills as it goes, and `stop` may be called from another thread."""

    def __init__(self, account: Account, query_id: str, identity: Identity, now: datetime) -> None:
        """`now`, aware and in UTC, is what the query takes for the present."""
        self._account = account
        self._query_id = query_id
        self._identity = identity
        self._now = now
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._stopping = threading.Event()
        self.report = QueryReport()

    def stop(self) -> None:
        """Let the query end as soon as it can."""
        self._stopping.set()
        if (connection := self._connection) is not None:
            connection.interrupt()

    def run(self, statement: Statement) -> Result:
        """Raises QueryFailed, QueryCancelled, and NotImplementedError for what is not emulated."""
        connection = _connect()
        self._connection = connection
        try:
            return self._run(statement, connection)
        except ProtocolViolation as violation:
            raise QueryFailed(f"CONNECTOR_VIOLATION: {violation}") from violation
        except duckdb.InterruptException as error:
            raise QueryCancelled from error
        except duckdb.Error as error:
            raise QueryFailed(_in_words(error)) from error
        finally:
            self._connection = None
            connection.close()

    def _run(self, statement: Statement, connection: duckdb.DuckDBPyConnection) -> Result:
        begun = time.monotonic()
        mentions = [self._describe(reference) for reference in statement.references]
        present = Statement(at(statement.tree, self._now), statement.references, statement.explain)
        resolved = resolve(present, [mention.schema for mention in mentions])
        asked = push_down(
            resolved,
            [mention.schema for mention in mentions],
            [mention.abilities for mention in mentions],
            fold_with(connection),
        )
        for mention, each in zip(mentions, asked, strict=True):
            _note(mention.report, each)
        self.report.planning_seconds = time.monotonic() - begun
        if statement.explain:
            return _explained(resolved, self.report)
        for index, (mention, each) in enumerate(zip(mentions, asked, strict=True)):
            self._require_wanted()
            scan = f"scan_{index}"
            connection.register(scan, self._read(mention, each, connection))
            if isinstance(mention.table, _Federated) and not each.nothing:
                conformance.require_applied(connection, scan, each.alias, each.pushed)
        return self._join(resolved, connection)

    def _describe(self, reference: Reference) -> _Mention:
        self._require_wanted()
        report = ScanReport(str(reference))
        self.report.scans.append(report)
        with report.stage("describe"):
            if reference.catalog == LAKE and reference.passthrough is None:
                return _Mention(reference, lake.describe(self._account, reference.schema, reference.table), report)
            return _Mention(reference, self._federated(reference, report), report)

    def _federated(self, reference: Reference, report: ScanReport) -> _Federated:
        catalog, functions = self._functions(reference)
        report.functions = tuple(dict.fromkeys((functions.metadata, functions.record)))
        connector = Connector(self._account, catalog, functions, self._query_id, self._identity, report)
        connector.ping()
        abilities = connector.abilities()
        passthrough: dict[str, str] = {}
        if reference.passthrough is not None:
            if not abilities.passthrough:
                raise QueryFailed(f"FUNCTION_NOT_FOUND: Table function '{reference}' not registered")
            passthrough = {"schemaFunctionName": PASSTHROUGH_NAME, "QUERY": reference.passthrough}
            abilities = Abilities()  # the query that is passed through is all that the source is asked
        description = connector.table(TableName(reference.schema, reference.table), passthrough)
        conformance.require_readable(description)
        return _Federated(connector, description, abilities, passthrough)

    def _functions(self, reference: Reference) -> tuple[str, Functions]:
        if reference.catalog.lower().startswith(LAMBDA_PREFIX):
            function = reference.catalog[len(LAMBDA_PREFIX) :]
            return reference.catalog, Functions(function, function)
        if (found := self._account.functions(reference.catalog)) is None:
            raise QueryFailed(f"CATALOG_NOT_FOUND: Catalog '{reference.catalog}' does not exist")
        return found

    def _read(self, mention: _Mention, asked: Asked, connection: duckdb.DuckDBPyConnection) -> pa.Table:
        report = mention.report
        if isinstance(mention.table, lake.LakeTable):
            with report.stage("read"):
                rows = lake.read(self._account, mention.table, asked.columns, connection)
            report.add(rows=rows.table.num_rows, bytes=rows.scanned_bytes)
            return rows.table
        federated = mention.table
        if asked.nothing:  # predicates that contradict each other ask the source nothing
            return pa.schema([federated.description.schema.field(name) for name in asked.columns]).empty_table()
        scan = Scan(
            self._account,
            federated.connector,
            federated.description,
            asked,
            federated.passthrough,
            report,
            self._stopping,
        )
        return scan.run()

    def _join(self, resolved: Resolved, connection: duckdb.DuckDBPyConnection) -> Result:
        self._require_wanted()
        begun = time.monotonic()
        names = tuple(resolved.tree.named_selects)
        tree = as_duckdb_means_it(resolved.tree)
        relation = connection.sql(tree.sql("duckdb"))
        columns = ", ".join(_as_athena_has_it(index, str(of)) for index, of in enumerate(relation.types, 1))
        table = relation.project(columns).to_arrow_table()
        self.report.engine_seconds = time.monotonic() - begun
        self.report.rows, self.report.bytes = table.num_rows, table.nbytes
        return Result(names, table)

    def _require_wanted(self) -> None:
        if self._stopping.is_set():
            raise QueryCancelled


def _note(report: ScanReport, asked: Asked) -> None:
    report.columns = asked.columns
    report.pushed = tuple(conjunct.sql("athena") for conjunct in asked.pushed)
    report.limit = asked.constraints.limit
    report.order_by = tuple(f"{key.column} {key.direction.value}" for key in asked.constraints.order_by)


def _explained(resolved: Resolved, report: QueryReport) -> Result:
    """What EXPLAIN answers here: the tables with what is asked for, and what DuckDB runs over it."""
    lines = [line for scan in report.scans for line in (scan.table, *(f"    {part}" for part in scan.plan()))]
    lines += ["engine", f"    {as_duckdb_means_it(resolved.tree.copy()).sql('duckdb')}"]
    return Result(("Query Plan",), pa.table({"plan": lines}))


def _connect() -> duckdb.DuckDBPyConnection:
    """An engine that reaches no file and no network, whatever a query says."""
    connection = duckdb.connect(":memory:")
    for setting in ("TimeZone = 'UTC'", "threads = 2", "enable_external_access = false", "lock_configuration = true"):
        connection.execute(f"SET {setting}")
    return connection


def _as_athena_has_it(position: int, of: str) -> str:
    """A column of the result by its position, for two may have one name, in a type that Athena has."""
    name = f'"c{position}"'
    return f"CAST(#{position} AS {_WIDER[of]}) AS {name}" if of in _WIDER else f"#{position} AS {name}"


def _in_words(error: duckdb.Error) -> str:
    text = str(error).splitlines()[0]
    for ours in ("DIVISION_BY_ZERO",):
        if ours in text:
            return text[text.index(ours) :]
    return f"GENERIC_USER_ERROR: The engine of the local cloud, DuckDB, says: {text}"
