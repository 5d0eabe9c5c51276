"""Run a query by the local cloud's Athena, and show its rows, what each source was asked, and what that took."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local_run import STATE
from localcloud.client import LocalCloud, LocalCloudError

RESULTS = "groundcrew-query-results"
"""The bucket of the local cloud that results go to."""
POLL_SECONDS = 0.1
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


class QueryError(Exception):
    """The query did not succeed; the text is what its user reads."""


def main(argv: Sequence[str]) -> int:
    """Run the query that the arguments, or the variable SQL, hold; 1 and a sentence on stderr when it fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sql", nargs="?", default=os.environ.get("SQL", ""), help="default: the variable SQL")
    parser.add_argument("--catalog", help="of names without one; default: AwsDataCatalog")
    parser.add_argument("--database", help="of names without one")
    parser.add_argument("--rows", type=int, default=20, help="how many rows to show")
    arguments = parser.parse_args(argv)
    if not arguments.sql.strip():
        print("query: nothing to run; for example: make query SQL='SELECT 1'", file=sys.stderr)
        return 2
    if not STATE.is_file():
        print("query: no local cloud is up: `make up SOLUTIONS=athena_connectors` starts one.", file=sys.stderr)
        return 1
    cloud = LocalCloud(json.loads(STATE.read_text())["endpoint"])
    context = {"Catalog": arguments.catalog, "Database": arguments.database}
    try:
        execution = run(cloud, arguments.sql, {name: value for name, value in context.items() if value})
        show(cloud, execution, Console(width=None if sys.stdout.isatty() else 118), arguments.rows)
    except (QueryError, LocalCloudError, ClientError) as error:
        print(f"query: {error}", file=sys.stderr)
        return 1
    return 0


def run(cloud: LocalCloud, sql: str, context: Mapping[str, str]) -> Mapping[str, Any]:
    """Run a query to its end; an interrupt stops it. Raises QueryError unless it succeeds."""
    if not cloud.is_ready():
        raise QueryError(f"the local cloud at {cloud.endpoint} does not answer: `make down`, then `make up`")
    cloud.client("s3").create_bucket(Bucket=RESULTS)
    athena = cloud.client("athena")
    started = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext=context,
        ResultConfiguration={"OutputLocation": f"s3://{RESULTS}/"},
    )
    query_id = started["QueryExecutionId"]
    try:
        while True:
            execution: Mapping[str, Any] = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if execution["Status"]["State"] in ENDED:
                break
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        athena.stop_query_execution(QueryExecutionId=query_id)
        raise QueryError("stopped") from None
    if execution["Status"]["State"] != "SUCCEEDED":
        raise QueryError(execution["Status"].get("StateChangeReason", execution["Status"]["State"]))
    return execution


def show(cloud: LocalCloud, execution: Mapping[str, Any], console: Console, most_rows: int) -> None:
    """Print the first rows, then what was asked of each table, then the SQL that reached the sources."""
    query_id = execution["QueryExecutionId"]
    detail = cloud.athena_query(query_id)
    results = cloud.client("athena").get_query_results(QueryExecutionId=query_id, MaxResults=min(most_rows, 999) + 1)
    console.print(_rows(results["ResultSet"]))
    left = detail["rows"] - most_rows
    more = f"; {left:,} more are" if left > 0 else ";"
    console.print(f"{detail['rows']:,} rows{more} in {execution['ResultConfiguration']['OutputLocation']}", style="dim")
    if detail["scans"]:
        console.print(_scans(detail["scans"]))
    for statement in statements(cloud, execution, detail["scans"]):
        console.print(f"at the source: {statement}", highlight=False, markup=False)
    console.print(
        f"{detail['seconds']:.2f} s in all: {detail['planning_seconds']:.2f} planning, "
        f"{sum(scan['seconds'].get('read', 0) for scan in detail['scans']):.2f} reading, "
        f"{detail['engine_seconds']:.2f} joining",
        style="dim",
    )


def statements(cloud: LocalCloud, execution: Mapping[str, Any], scans: Sequence[Mapping[str, Any]]) -> dict[str, None]:
    """The SQL that the functions log for this query, each text once."""
    begun = int(execution["Status"]["SubmissionDateTime"].timestamp() * 1000)
    found: dict[str, None] = {}
    for function in dict.fromkeys(name for scan in scans for name in scan["functions"]):
        for line in _log(cloud, function, begun):
            if line.get("query_id") == execution["QueryExecutionId"] and line.get("statement"):
                found[line["statement"]] = None
    return found


def _rows(result: Mapping[str, Any]) -> Table:
    table = Table(box=None, header_style="bold")
    for column in result["ResultSetMetadata"]["ColumnInfo"]:
        numeric = column["Type"] in ("tinyint", "smallint", "integer", "bigint", "float", "double", "decimal")
        table.add_column(column["Name"], justify="right" if numeric else "left")
    for row in result["Rows"][1:]:
        table.add_row(*(Text(cell.get("VarCharValue", "NULL"), _style(cell)) for cell in row["Data"]))
    return table


def _style(cell: Mapping[str, str]) -> str:
    return "" if "VarCharValue" in cell else "dim"


def _scans(scans: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold", show_edge=False, pad_edge=False)
    table.add_column("table")
    table.add_column("asked for")
    for name in ("splits", "calls", "rows", "KB", "spilled", "s"):
        table.add_column(name, justify="right")
    for scan in scans:
        spilled = f"{scan['spilled_objects']} {'encrypted' if scan['encrypted'] else 'in the clear'}"
        table.add_row(
            Text(scan["table"]),
            Text(_asked(scan)),
            str(scan["splits"] or ""),
            str(scan["invocations"] or ""),
            f"{scan['rows']:,}",
            f"{scan['bytes'] / 1000:,.1f}",
            spilled if scan["spilled_objects"] else "",
            f"{sum(scan['seconds'].values()):.2f}",
        )
    return table


def _asked(scan: Mapping[str, Any]) -> str:
    parts = [", ".join(scan["columns"]) or "count(*)"]
    parts += [f"where {' and '.join(scan['pushed'])}"] if scan["pushed"] else []
    parts += [f"order by {', '.join(scan['order_by'])}"] if scan["order_by"] else []
    parts += [f"limit {scan['limit']}"] if scan["limit"] is not None else []
    return "\n".join(parts)


def _log(cloud: LocalCloud, function: str, since_ms: int) -> Iterator[Mapping[str, Any]]:
    name = function.rpartition(":function:")[2]
    group = cloud.client("lambda").get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
    logs = cloud.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return  # a function that may not make its log group has none
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms)
    for page in pages:
        for event in page["events"]:
            try:
                line = json.loads(event["message"])
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
