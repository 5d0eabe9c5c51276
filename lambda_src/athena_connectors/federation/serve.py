"""Answers a request out of a source: what the protocol asks for, in terms of what a source is asked."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, assert_never
from uuid import uuid4

import pyarrow as pa

from athena_connectors.access import EVERYTHING, Access, Grant
from athena_connectors.federation import respond
from athena_connectors.federation.cache import Cache
from athena_connectors.federation.dictionary import Dictionary
from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.model import (
    Call,
    Constraints,
    EncryptionKey,
    Envelope,
    Expression,
    GetDataSourceCapabilities,
    GetSplits,
    GetTable,
    GetTableLayout,
    ListSchemas,
    ListTables,
    Ping,
    ReadRecords,
    Request,
    SpillLocation,
    Split,
    TableName,
    Variable,
)
from athena_connectors.federation.patterns import Patterns
from athena_connectors.federation.read.guards import Tally
from athena_connectors.federation.respond import Answer
from athena_connectors.federation.source import Caller, Cursor, Scan, Source, SplitPlan, Table

if TYPE_CHECKING:
    from athena_connectors.federation.read.read import Inline, Remote

ANSWER_BYTES = 5_000_000
"""Of splits in one answer. Lambda returns at most 6 MB; the envelope is small."""

WHOLE = SplitPlan(({},), None)
"""All rows in one split."""

Notes = dict[str, Any]
"""What is known of a request so far, for its log line; it stays when the request fails."""

SecondsLeft = Callable[[], float]
"""How much time the function has."""

Reader = Callable[[ReadRecords, Cursor, Tally, SecondsLeft], "Inline | Remote"]
"""Reads a split and closes the cursor, as `read.read.read_records` does once it has its settings and ports."""


@dataclass(frozen=True, slots=True)
class Spill:
    """Where blocks go. `keys` begins the keys of a request's splits, None to write in the clear.

    `require_bucket` raises ConnectorError when nothing could be put there: better before anything is read.
    """

    bucket: str
    prefix: str
    keys: Callable[[], Iterator[EncryptionKey | None]]
    require_bucket: Callable[[], None]

    def location(self, query_id: str) -> SpillLocation:
        """A prefix of one split's own."""
        prefix = self.prefix if query_id in self.prefix else f"{self.prefix}/{query_id}"
        return SpillLocation(self.bucket, f"{prefix}/{uuid4()}", directory=True)

    def check(self, location: SpillLocation) -> None:
        """Raises InvalidInput unless blocks may go there: a request is not to say where data flows."""
        if location.bucket != self.bucket or not location.key.startswith(f"{self.prefix}/"):
            raise InvalidInput(
                f"The split spills to s3://{location.bucket}/{location.key}, and this connector to "
                f"s3://{self.bucket}/{self.prefix}/. Run the query again if the connector was deployed meanwhile."
            )


@dataclass(frozen=True, slots=True)
class Connector:
    """What answers requests. `source_of` finds the source of a catalog, or raises EntityNotFound.

    `cache` remembers what all catalogs' dictionaries say; `patterns` are of schemas; `access` None allows everybody.
    A split of more than `advise_rows` rows, of which no condition had to be met, is advised upon.
    """

    source_type: str
    source_of: Callable[[str], Source]
    cache: Cache
    patterns: Patterns
    access: Access | None
    spill: Spill
    read: Reader
    advise_rows: int

    def dictionary(self, envelope: Envelope) -> Dictionary:
        """The dictionary of the request's catalog."""
        return Dictionary(self.source_of(envelope.catalog), envelope.catalog, self.patterns, self.cache)

    def grant(self, envelope: Envelope) -> Grant:
        """What the request's caller may read."""
        return self.access.grant(envelope.identity) if self.access else EVERYTHING


def serve(request: Request, connector: Connector, notes: Notes, seconds_left: SecondsLeft) -> Answer:
    """The answer. Raises ConnectorError."""
    match request:
        case Ping():
            return respond.ping(request, connector.source_type)
        case ListSchemas():
            return _list_schemas(request, connector, notes)
        case ListTables():
            return _list_tables(request, connector, notes)
        case GetTable():
            return _get_table(request, connector, notes)
        case GetTableLayout():
            return respond.get_table_layout(request)
        case GetSplits():
            return _get_splits(request, connector, notes)
        case GetDataSourceCapabilities():
            capabilities = connector.source_of(request.envelope.catalog).capabilities
            return respond.get_data_source_capabilities(request, capabilities)
        case ReadRecords():
            return _read_records(request, connector, notes, seconds_left)
        case _:
            assert_never(request)


def _list_schemas(request: ListSchemas, connector: Connector, notes: Notes) -> Answer:
    grant = connector.grant(request.envelope)
    schemas = [schema for schema in connector.dictionary(request.envelope).schemas() if grant.admits_schema(schema)]
    notes["schemas"] = len(schemas)
    return respond.list_schemas(request, schemas)


def _list_tables(request: ListTables, connector: Connector, notes: Notes) -> Answer:
    grant, dictionary = connector.grant(request.envelope), connector.dictionary(request.envelope)
    schema = dictionary.schema(request.schema)
    tables = [table for table in dictionary.tables(schema) if grant.admits_table(table)]
    start = _offset(request.token, len(tables))
    end = len(tables) if request.page_size is None else start + request.page_size
    notes |= {"schema": schema, "tables": len(tables[start:end])}
    return respond.list_tables(request, tables[start:end], str(end) if end < len(tables) else None)


def _get_table(request: GetTable, connector: Connector, notes: Notes) -> Answer:
    if request.passthrough:
        source, query = _passed_through(request.passthrough, request.envelope, connector)
        schema = source.query_schema(query, _caller(request.envelope))
        notes |= {"passthrough": True, "columns": len(schema)}
        return respond.get_table(request, request.name, _distinct(request.name, schema))
    table = connector.dictionary(request.envelope).table(request.name)
    schema = connector.grant(request.envelope).visible(table.name, table.schema)
    notes |= {"table": _shown(table.name), "columns": len(schema)}
    return respond.get_table(request, table.name, _distinct(table.name, schema))


def _get_splits(request: GetSplits, connector: Connector, notes: Notes) -> Answer:
    token = SplitToken.read(request.token)
    plan = _plan(request, connector, token.snapshot)
    if token.offset > len(plan.properties):
        raise InvalidInput("The token of the splits is of another plan: run the query again.")
    connector.spill.require_bucket()
    splits: list[Split] = []
    size = 0
    for properties, key in zip(plan.properties[token.offset :], connector.spill.keys(), strict=False):
        split = Split(connector.spill.location(request.envelope.query_id), key, properties)
        size += len(json.dumps(respond.split_json(split))) + 2
        if splits and size > ANSWER_BYTES:
            break
        splits.append(split)
    end = token.offset + len(splits)
    notes |= {"table": _shown(request.name), "splits": len(splits), "planned_splits": len(plan.properties)}
    more = SplitToken(end, plan.snapshot).write() if end < len(plan.properties) else None
    return respond.get_splits(request, splits, more)


def _read_records(request: ReadRecords, connector: Connector, notes: Notes, seconds_left: SecondsLeft) -> Answer:
    from athena_connectors.federation.read.read import Inline  # metadata is answered without what reads rows

    notes["table"] = _shown(request.name)
    connector.spill.check(request.split.location)
    scan = _scan(request, connector)
    source = connector.source_of(request.envelope.catalog)
    cursor = source.scan(scan)
    if scan.table:  # a query that is passed through has its literals in it
        notes["statement"] = cursor.statement
    tally = Tally()
    try:
        found = connector.read(request, cursor, tally, seconds_left)
    finally:
        notes |= asdict(tally) | {"queued_seconds": cursor.queued_seconds}
    if scan.table and _unconditional(scan.constraints) and tally.rows > connector.advise_rows:
        notes["advice"] = (
            f"Nothing was pushed down and {tally.rows:,} rows were moved: unload the table to S3, where Athena "
            f"reads it faster and the source is not asked. {source.unload(scan.table.name)}"
        )
    if isinstance(found, Inline):
        return respond.read_records(request, found.batch)
    return respond.remote_read_records(request, found.blocks)


def _unconditional(constraints: Constraints) -> bool:
    return not constraints.summary and not constraints.expressions and constraints.limit is None


def _scan(request: ReadRecords, connector: Connector) -> Scan:
    constraints = request.constraints
    table = None
    if constraints.passthrough:
        _passed_through(constraints.passthrough, request.envelope, connector)
    else:
        table = _readable(request, connector, [*request.schema.names, *_columns_of(constraints)])
    return Scan(table, request.schema, constraints, request.split.properties, _caller(request.envelope))


def _plan(request: GetSplits, connector: Connector, snapshot: str | None) -> SplitPlan:
    constraints = request.constraints
    if constraints.passthrough:
        _passed_through(constraints.passthrough, request.envelope, connector)
        return SplitPlan((constraints.passthrough,), None)
    if not request.partitions.num_rows:
        return SplitPlan((), None)
    table = _readable(request, connector, _columns_of(constraints))
    if constraints.limit is not None:
        return WHOLE  # the first of each part are not the first of all, and nothing says that Athena looks again
    source = connector.source_of(request.envelope.catalog)
    return source.split_plan(table, constraints, snapshot, _caller(request.envelope))


def _readable(request: GetSplits | ReadRecords, connector: Connector, columns: list[str]) -> Table:
    """The table with the columns, all of which the caller may read: a condition tells of a column, too."""
    table = connector.dictionary(request.envelope).table_with(request.name, columns)
    connector.grant(request.envelope).check(table.name, table.schema, columns)
    return table


def _columns_of(constraints: Constraints) -> list[str]:
    named = [*constraints.summary, *(key.column for key in constraints.order_by)]
    return [*named, *(column for call in constraints.expressions for column in _variables(call))]


def _variables(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Variable):
        yield expression.column
    if isinstance(expression, Call):
        for argument in expression.arguments:
            yield from _variables(argument)


def _passed_through(arguments: Mapping[str, str], envelope: Envelope, connector: Connector) -> tuple[Source, str]:
    """The source and the query that it is to be asked."""
    source = connector.source_of(envelope.catalog)
    if not source.capabilities.passthrough:
        raise NotSupported(f"{source.name} takes no query that is passed through.")
    function = arguments.get("schemaFunctionName", "")
    if function.upper() != respond.SCHEMA_FUNCTION:
        raise NotSupported(f"There is no function {function!r}; system.query passes a query through.")
    query = arguments.get("QUERY", "")
    if not query.strip():
        raise InvalidInput("The query to pass through is empty: system.query(query => 'SELECT …') has one.")
    connector.grant(envelope).check_passthrough()
    return source, query


@dataclass(frozen=True, slots=True)
class SplitToken:
    """Where the next page of splits begins, in which plan."""

    offset: int
    snapshot: str | None

    @classmethod
    def read(cls, token: str | None) -> "SplitToken":
        """None is the beginning. Raises InvalidInput."""
        if token is None:
            return cls(0, None)
        try:
            offset, snapshot = json.loads(token)
        except (ValueError, TypeError) as error:
            raise InvalidInput("The token of the splits is none that this connector gave.") from error
        if type(offset) is not int or offset < 0 or not isinstance(snapshot, str | None):
            raise InvalidInput("The token of the splits is none that this connector gave.")
        return cls(offset, snapshot)

    def write(self) -> str:
        """What `read` reads."""
        return json.dumps([self.offset, self.snapshot])


def _offset(token: str | None, most: int) -> int:
    if token is None:
        return 0
    if not (token.isascii() and token.isdigit() and int(token) <= most):
        raise InvalidInput(f"The token {token!r:.50} of the tables is none that this connector gave.")
    return int(token)


def _distinct(name: TableName, schema: pa.Schema) -> pa.Schema:
    """The schema, when Athena can tell its columns apart. Raises InvalidInput."""
    lower = [column.lower() for column in schema.names]
    twice = sorted({column for column in lower if lower.count(column) > 1})
    if twice:
        raise InvalidInput(
            f"{_shown(name)} has columns that differ by case alone: {', '.join(twice)}. Athena cannot tell them apart: "
            "give them other names in a view, or in a query that is passed through."
        )
    return schema


def _caller(envelope: Envelope) -> Caller:
    return Caller(envelope.query_id, envelope.identity.arn)


def _shown(name: TableName) -> str:
    return f"{name.schema}.{name.table}"
