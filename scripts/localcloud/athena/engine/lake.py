"""Tables of the lake: Parquet and CSV in S3, as Glue's catalog describes them."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from sqlglot import exp
from sqlglot.errors import SqlglotError

from localcloud.athena.engine.account import Account, Missing
from localcloud.athena.query.failure import QueryFailed
from localcloud.athena.query.resolution import sql_type

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
_PLAIN_CSV = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_QUOTED_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_HIVE_NULL = r"\N"
_SIMPLE: dict[exp.DType, pa.DataType] = {
    exp.DType.BOOLEAN: pa.bool_(),
    exp.DType.TINYINT: pa.int8(),
    exp.DType.SMALLINT: pa.int16(),
    exp.DType.INT: pa.int32(),
    exp.DType.BIGINT: pa.int64(),
    exp.DType.FLOAT: pa.float32(),
    exp.DType.DOUBLE: pa.float64(),
    exp.DType.TEXT: pa.utf8(),
    exp.DType.VARCHAR: pa.utf8(),
    exp.DType.CHAR: pa.utf8(),
    exp.DType.BINARY: pa.binary(),
    exp.DType.DATE: pa.date32(),
    exp.DType.TIMESTAMP: pa.timestamp("ms"),
    exp.DType.TIMESTAMPTZ: pa.timestamp("ms"),  # as sqlglot reads Hive's TIMESTAMP
}


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A table as its catalog has it; `schema` has the partition columns at the end."""

    name: str
    schema: pa.Schema
    partition_columns: tuple[str, ...]
    description: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LakeRows:
    """What was read of a table, and the bytes of the objects."""

    table: pa.Table
    scanned_bytes: int


def describe(account: Account, schema: str, table: str) -> LakeTable:
    """A table of Glue's catalog. Raises QueryFailed when there is none, NotImplementedError for what cannot be read."""
    try:
        description = account.lake_table(schema, table)
    except Missing as error:
        raise QueryFailed(f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{schema}.{table}' does not exist") from error
    if description.get("TableType") == "VIRTUAL_VIEW":
        raise NotImplementedError("views of the lake")
    columns = description["StorageDescriptor"].get("Columns", [])
    partitions = description.get("PartitionKeys", [])
    fields = [(column["Name"].lower(), hive_type(column["Type"])) for column in [*columns, *partitions]]
    names = tuple(column["Name"].lower() for column in partitions)
    return LakeTable(f"{schema}.{table}", pa.schema(fields), names, description)


def read(account: Account, table: LakeTable, columns: Sequence[str], connection: duckdb.DuckDBPyConnection) -> LakeRows:
    """The rows of all objects of a table. Raises QueryFailed for data that is not what the catalog says."""
    wanted = pa.schema([table.schema.field(name) for name in columns])
    scanned = 0
    parts = [wanted.empty_table()]
    for storage, values in _places(account, table):
        own = dict(zip(table.partition_columns, values, strict=True))
        for key, content in _objects(account, storage["Location"]):
            scanned += len(content)
            stored = [field for field in wanted if field.name not in own]
            rows, count = _read_object(content, key, storage, stored, table, connection)
            for name, text in own.items():
                if name in wanted.names:
                    repeated = pa.array([None if text == "__HIVE_DEFAULT_PARTITION__" else text] * count, pa.utf8())
                    rows[name] = _typed(pa.chunked_array([repeated]), wanted.field(name), key, connection)
            if wanted.names:
                parts.append(pa.table([rows[name] for name in wanted.names], wanted))
            else:
                parts.append(pa.table({"counted": pa.nulls(count, pa.bool_())}))
    return LakeRows(pa.concat_tables(parts if wanted.names else parts[1:] or [_NONE]), scanned)


_NONE = pa.table({"counted": pa.nulls(0, pa.bool_())})


def hive_type(text: str) -> pa.DataType:
    """The Arrow type of a Hive type. Raises NotImplementedError for one that is not read here."""
    try:
        return _arrow_type(exp.DataType.build(text, dialect="hive"))
    except (SqlglotError, KeyError) as error:
        raise NotImplementedError(f"columns of the type {text} in the lake") from error


def _arrow_type(of: exp.DataType) -> pa.DataType:
    if of.is_type(exp.DType.DECIMAL):
        precision, scale = (
            ([int(part.this.this) for part in of.expressions] + [10, 0])[:2] if of.expressions else (10, 0)
        )
        return pa.decimal128(precision, scale)
    if of.is_type(exp.DType.ARRAY):
        return pa.list_(_arrow_type(of.expressions[0]))
    if of.is_type(exp.DType.MAP):
        return pa.map_(*map(_arrow_type, of.expressions))
    if of.is_type(exp.DType.STRUCT):
        return pa.struct([(column.name, _arrow_type(column.args["kind"])) for column in of.expressions])
    return _SIMPLE[of.this]


def _places(account: Account, table: LakeTable) -> Iterator[tuple[dict[str, Any], list[str]]]:
    if not table.partition_columns:
        yield table.description["StorageDescriptor"], []
        return
    schema, _, name = table.name.partition(".")
    for partition in account.lake_partitions(schema, name):
        yield partition["StorageDescriptor"], partition["Values"]


def _objects(account: Account, location: str) -> Iterator[tuple[str, bytes]]:
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    prefix = prefix if prefix.endswith("/") or not prefix else f"{prefix}/"
    for key, size in account.list_objects(bucket, prefix):
        # Hive leaves out what begins with _ or . (a job's marker, for one).
        if size and not key.rsplit("/", 1)[-1].startswith(("_", ".")):
            yield f"s3://{bucket}/{key}", account.get_object(bucket, key)


def _read_object(
    content: bytes,
    key: str,
    storage: dict[str, Any],
    wanted: list[pa.Field],
    table: LakeTable,
    connection: duckdb.DuckDBPyConnection,
) -> tuple[dict[str, pa.ChunkedArray], int]:
    """The wanted columns of one object, and how many rows it has."""
    serde = storage.get("SerdeInfo", {}).get("SerializationLibrary", "")
    if serde == _PARQUET:
        return _read_parquet(content, key, wanted)
    if serde in (_PLAIN_CSV, _QUOTED_CSV):
        rows = _read_csv(content, key, storage, table)
        typed = {field.name: _typed(rows.column(field.name), field, key, connection) for field in wanted}
        return typed, rows.num_rows
    raise NotImplementedError(f"tables of the lake in the format {serde or 'of an unknown serde'}")


def _read_parquet(content: bytes, key: str, wanted: list[pa.Field]) -> tuple[dict[str, pa.ChunkedArray], int]:
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        stored = {name.lower(): name for name in file.schema_arrow.names}
        rows = file.read([stored[field.name] for field in wanted if field.name in stored])
    except (pa.ArrowException, OSError) as error:
        raise QueryFailed(f"HIVE_BAD_DATA: {key} is no Parquet: {error}") from error
    count = file.metadata.num_rows
    columns = {}
    for field in wanted:
        if field.name not in stored:
            columns[field.name] = pa.chunked_array([pa.nulls(count, field.type)])
            continue
        found = rows.column(stored[field.name])
        try:
            columns[field.name] = found.cast(field.type, safe=not pa.types.is_timestamp(found.type))
        except pa.ArrowException as error:
            raise QueryFailed(
                f"HIVE_BAD_DATA: Field {field.name}'s type {found.type} in parquet file {key} is incompatible with "
                f"type {sql_type(field.type)} defined in table schema"
            ) from error
    return columns, count


def _read_csv(content: bytes, key: str, storage: dict[str, Any], table: LakeTable) -> pa.Table:
    """Every column as text, by position."""
    serde = storage["SerdeInfo"]
    quoted = serde["SerializationLibrary"] == _QUOTED_CSV
    parameters = serde.get("Parameters", {})
    separator = parameters.get("separatorChar" if quoted else "field.delim", "," if quoted else "\x01")
    skipped = int({**table.description.get("Parameters", {}), **parameters}.get("skip.header.line.count", 0))
    names = [name for name in table.schema.names if name not in table.partition_columns]
    try:
        rows = pyarrow.csv.read_csv(
            io.BytesIO(content),
            read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=skipped, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=separator,
                quote_char=parameters.get("quoteChar", '"') if quoted else False,
                escape_char=parameters.get("escapeChar", "\\") if quoted else False,
                newlines_in_values=quoted,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.utf8()),
                null_values=[] if quoted else [_HIVE_NULL],
                strings_can_be_null=not quoted,
                quoted_strings_can_be_null=False,
            ),
        )
    except (pa.ArrowException, OSError) as error:
        raise QueryFailed(f"HIVE_BAD_DATA: {key} is no CSV of {len(names)} columns: {error}") from error
    return rows


def _typed(texts: pa.ChunkedArray, field: pa.Field, key: str, connection: duckdb.DuckDBPyConnection) -> pa.ChunkedArray:
    """Texts as values of a column; empty ones are NULL unless the column is text."""
    if pa.types.is_string(field.type):
        return texts
    if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
        raise NotImplementedError(f"the column {field.name} of the type {sql_type(field.type)} in CSV")
    connection.register("texts", pa.table({"text": texts}))
    try:
        query = f"SELECT CAST(nullif(text, '') AS {sql_type(field.type)}) FROM texts"  # noqa: S608 - a type of ours
        values: pa.Table = connection.sql(query).to_arrow_table()
        return values.column(0).cast(field.type)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise QueryFailed(f"HIVE_BAD_DATA: Error parsing field value for {field.name} in {key}: {reason}") from error
    finally:
        connection.unregister("texts")
