"""INFORMATION_SCHEMA as Snowflake has it: types as declared, kinds of tables, views among the tables.

fakesnow reads it off DuckDB, which keeps neither `TIMESTAMP_LTZ` nor what is a hybrid table or a materialized view. So
what statements declare is remembered here, and fakesnow's views are replaced by ones that read it.
"""

import re
from string import Template

from duckdb import DuckDBPyConnection
from fakesnow import info_schema, transforms
from sqlglot import Expr, exp, parse_one

from localcloud.snowflake.history import qualified, spelled

KEPT = "_fs_global._standin"
RETENTION = "DATA_RETENTION_TIME_IN_DAYS"
KINDS = re.compile(r"^\s*CREATE\s+(OR\s+REPLACE\s+)?(HYBRID|DYNAMIC|EXTERNAL|MATERIALIZED)\s+(TABLE|VIEW)\b", re.I)
DYNAMIC_OPTIONS = re.compile(r"\b(TARGET_LAG\s*=\s*'[^']*'|WAREHOUSE\s*=\s*\w+)", re.I)
DECLARATIONS = f"""
CREATE SCHEMA {KEPT};
CREATE TABLE {KEPT}.tables (catalog VARCHAR, schema VARCHAR, name VARCHAR, kind VARCHAR, clustering_key VARCHAR,
    retention INTEGER, PRIMARY KEY (catalog, schema, name));
CREATE TABLE {KEPT}.columns (catalog VARCHAR, schema VARCHAR, name VARCHAR, column_name VARCHAR, data_type VARCHAR,
    numeric_precision INTEGER, numeric_scale INTEGER, datetime_precision INTEGER,
    PRIMARY KEY (catalog, schema, name, column_name));
"""
TABLES_VIEW = Template("""
CREATE VIEW IF NOT EXISTS ${catalog}._fs_information_schema._fs_tables AS
SELECT found.catalog AS TABLE_CATALOG, found.schema AS TABLE_SCHEMA, found.name AS TABLE_NAME,
    CASE WHEN kind IN ('EXTERNAL TABLE', 'MATERIALIZED VIEW') THEN kind ELSE found.type END AS TABLE_TYPE,
    'NO' AS IS_TRANSIENT, clustering_key AS CLUSTERING_KEY,
    CASE WHEN kind IN ('HYBRID TABLE', 'EXTERNAL TABLE') THEN NULL ELSE rows END AS ROW_COUNT,
    0 AS BYTES, CASE WHEN found.type = 'VIEW' THEN NULL ELSE COALESCE(retention, 1) END AS RETENTION_TIME,
    to_timestamp(0) AS CREATED, to_timestamp(0) AS LAST_ALTERED, NULL::VARCHAR AS COMMENT, 'NO' AS IS_TEMPORARY,
    'NO' AS IS_ICEBERG,
    CASE WHEN kind = 'DYNAMIC TABLE' THEN 'YES' ELSE 'NO' END AS IS_DYNAMIC,
    CASE WHEN kind = 'HYBRID TABLE' THEN 'YES' ELSE 'NO' END AS IS_HYBRID
FROM (
    SELECT database_name AS catalog, schema_name AS schema, table_name AS name, 'BASE TABLE' AS type,
        estimated_size AS rows FROM duckdb_tables
    UNION ALL
    SELECT database_name, schema_name, view_name, 'VIEW', NULL FROM duckdb_views WHERE NOT internal
) AS found
LEFT JOIN _fs_global._standin.tables AS declared
    ON declared.catalog = found.catalog AND declared.schema = found.schema AND declared.name = found.name
WHERE found.catalog = '${catalog}' AND found.schema != '_fs_information_schema'
    AND NOT (found.schema = 'main' AND found.name LIKE '\\_fs\\_%' ESCAPE '\\')
""")
COLUMNS_VIEW = Template("""
CREATE VIEW IF NOT EXISTS ${catalog}._fs_information_schema._fs_columns AS
SELECT derived.* EXCLUDE (DATA_TYPE, NUMERIC_PRECISION, NUMERIC_SCALE),
    CASE WHEN declared.data_type IS NOT NULL THEN declared.data_type
        WHEN derived.DATA_TYPE = 'HUGEINT' THEN 'NUMBER' ELSE derived.DATA_TYPE END AS DATA_TYPE,
    CASE WHEN declared.data_type IS NOT NULL THEN declared.numeric_precision
        WHEN derived.DATA_TYPE = 'HUGEINT' THEN 38 ELSE derived.NUMERIC_PRECISION END AS NUMERIC_PRECISION,
    CASE WHEN declared.data_type IS NOT NULL THEN declared.numeric_scale
        WHEN derived.DATA_TYPE = 'HUGEINT' THEN 0 ELSE derived.NUMERIC_SCALE END AS NUMERIC_SCALE,
    CASE WHEN declared.data_type IS NOT NULL THEN declared.datetime_precision
        WHEN derived.DATA_TYPE LIKE 'TIME%' THEN 9 END AS DATETIME_PRECISION
FROM _fs_global._fs_information_schema._fs_columns AS derived
LEFT JOIN _fs_global._standin.columns AS declared ON declared.catalog = derived.TABLE_CATALOG
    AND declared.schema = derived.TABLE_SCHEMA AND declared.name = derived.TABLE_NAME
    AND declared.column_name = derived.COLUMN_NAME
WHERE derived.TABLE_CATALOG = '${catalog}'
""")
WHOLE_NUMBERS = {"INT", "BIGINT", "SMALLINT", "TINYINT", "INTEGER", "BYTEINT"}
NAMES = {
    "DECIMAL": "NUMBER",
    "VARCHAR": "TEXT",
    "CHAR": "TEXT",
    "TEXT": "TEXT",
    "DOUBLE": "FLOAT",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "DATETIME": "TIMESTAMP_NTZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
    "TIMESTAMPTZ": "TIMESTAMP_TZ",
    "VARBINARY": "BINARY",
}
"""sqlglot's names of types, where INFORMATION_SCHEMA has another."""


def install() -> None:
    """Make fakesnow create our views in every database that is created from now on, and integers of 38 digits."""
    transforms.integer_precision = _of_38_digits
    info_schema.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW = TABLES_VIEW
    info_schema.SQL_CREATE_INFORMATION_SCHEMA_COLUMNS_VIEW = COLUMNS_VIEW


def _of_38_digits(expression: Expr) -> Expr:
    """All of Snowflake's integers are NUMBER(38,0), which fakesnow would cut to 64 bits."""
    if isinstance(expression, exp.DataType):
        sizes = [parameter.name for parameter in expression.expressions]
        if str(expression.this.value) in WHOLE_NUMBERS or (
            expression.this.value == "DECIMAL" and sizes in ([], ["38", "0"])
        ):
            return exp.DataType(this=exp.DataType.Type.INT128)
    return expression


def plain(sql: str) -> tuple[str, str | None]:
    """A CREATE statement in the words that fakesnow knows, and the kind of table that it made: `HYBRID TABLE`."""
    found = KINDS.match(sql)
    if found is None:
        return sql, None
    replace, adjective, noun = found.groups()
    head = f"CREATE {replace or ''}{noun}"
    rest = sql[found.end() :]
    return head + (
        DYNAMIC_OPTIONS.sub("", rest) if adjective.upper() == "DYNAMIC" else rest
    ), f"{adjective} {noun}".upper()


def remember(
    connection: DuckDBPyConnection, sql: str, kind: str | None, database: str | None, schema: str | None
) -> None:
    """Keep what a CREATE statement that has run declares."""
    created = parse_one(sql, read="snowflake")
    if not isinstance(created, exp.Create) or created.kind not in ("TABLE", "VIEW"):
        return
    table = next(created.find_all(exp.Table))
    name = qualified(table, database, schema)
    cluster = created.find(exp.ClusterProperty)
    keys = [key.transform(_in_its_case).sql(dialect="snowflake") for key in cluster.expressions] if cluster else []
    clustering = f"LINEAR({', '.join(keys)})" if keys else None
    retention = next(
        (int(str(found.args["value"])) for found in created.find_all(exp.Property) if found.name.upper() == RETENTION),
        None,
    )
    connection.execute(
        f"INSERT OR REPLACE INTO {KEPT}.tables VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
        [*name, kind, clustering, retention],
    )
    for column in created.find_all(exp.ColumnDef):
        if column.kind is not None:
            connection.execute(
                f"INSERT OR REPLACE INTO {KEPT}.columns VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
                [*name, spelled(column.this), *_declared(column.kind)],
            )


def _in_its_case(expression: Expr) -> Expr:
    return exp.to_identifier(spelled(expression)) if isinstance(expression, exp.Identifier) else expression


def _declared(kind: exp.DataType) -> tuple[str, int | None, int | None, int | None]:
    """Data type, numeric precision and scale, precision of seconds: as INFORMATION_SCHEMA.COLUMNS has them."""
    name = str(kind.this.value)
    sizes = [int(parameter.name) for parameter in kind.expressions if isinstance(parameter, exp.DataTypeParam)]
    if name in WHOLE_NUMBERS:
        return "NUMBER", 38, 0, None
    name = NAMES.get(name, name)
    if name == "NUMBER":
        precision, scale = (*sizes, *(38, 0)[len(sizes) :])
        return name, precision, scale, None
    return name, None, None, (sizes[0] if sizes else 9) if name.startswith("TIME") else None
