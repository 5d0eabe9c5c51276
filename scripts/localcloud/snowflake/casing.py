"""Names as Snowflake compares them: exactly. DuckDB, and so fakesnow, would let `"orders"` find ORDERS."""

import duckdb
from sqlglot import Expr, exp

from localcloud.snowflake.accounts import Refused
from localcloud.snowflake.history import Name, qualified, spelled


def check(connection: duckdb.DuckDBPyConnection, statement: Expr, database: str | None, schema: str | None) -> None:
    """Refuse a query of tables or columns that are spelled in another case than they were created with."""
    if not isinstance(statement, exp.Query):
        return
    defined = {str(cte.alias_or_name).upper() for cte in statement.find_all(exp.CTE)}
    columns = {spelled(alias.args["alias"]) for alias in statement.find_all(exp.Alias)}
    for table in statement.find_all(exp.Table):
        name = qualified(table, database, schema)
        if not isinstance(table.this, exp.Identifier) or name[1] == "INFORMATION_SCHEMA":
            return
        if name[2] in defined and not table.db:
            continue
        found = _columns(connection, name)
        if not found:
            raise Refused(
                2003, f"SQL compilation error:\nObject '{'.'.join(name)}' does not exist or not authorized.", "42S02"
            )
        columns |= found
    ignoring_case = {column.upper() for column in columns}
    for column in statement.find_all(exp.Column):
        identifier = column.this
        if isinstance(identifier, exp.Identifier):
            asked = spelled(identifier)
            if asked not in columns and asked.upper() in ignoring_case:
                raise Refused(904, f"SQL compilation error: error line 1\ninvalid identifier '\"{asked}\"'", "42000")


def _columns(connection: duckdb.DuckDBPyConnection, name: Name) -> set[str]:
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? AND table_name = ?",
        list(name),
    ).fetchall()
    return {row[0] for row in rows}
