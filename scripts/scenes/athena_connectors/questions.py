"""What is asked of Athena, and what the answers are by the rows themselves."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from localcloud.client import LocalCloud
from localcloud.snowflake.standin import Standin
from query import run, statements
from scenes.athena_connectors.rows import PLACES

FETCHED = 20
"""Rows of an answer that are looked at; none has more."""


@dataclass(frozen=True, slots=True)
class Question:
    """One query. `truth` is what DuckDB is asked for the same answer, where that is another text."""

    name: str
    title: str
    sql: str
    truth: str = ""


QUESTIONS = (
    Question(
        "joined",
        "the lake's orders with customers in Snowflake",
        "SELECT c.country, count(*) AS orders, sum(o.amount) AS amount FROM lake.orders o "
        "JOIN sales.public.customers c ON o.customer = c.id GROUP BY c.country ORDER BY c.country",
    ),
    Question(
        "filtered",
        "a filter that is pushed down",
        "SELECT count(name) AS customers, sum(credit) AS credit FROM sales.public.customers "
        "WHERE country = 'CH' AND since >= DATE '2025-01-01'",
    ),
    Question(
        "unfiltered",
        "the same without push-down",
        "SELECT count(name) AS customers, sum(credit) AS credit FROM sales.public.customers "
        "WHERE upper(country) = 'CH' AND year(since) >= 2025",
    ),
    Question(
        "top",
        "the five with the most credit",
        "SELECT id, name, credit FROM sales.public.customers ORDER BY credit DESC, id LIMIT 5",
    ),
    Question(
        "passed",
        "a query that is passed through",
        "SELECT * FROM TABLE(sales.system.query(query => 'SELECT country, COUNT(*) AS customers FROM public.customers "
        "GROUP BY country ORDER BY country')) ORDER BY country",
        "SELECT country, count(*) AS customers FROM sales.public.customers GROUP BY country ORDER BY country",
    ),
    Question(
        "scanned",
        "a scan of 1,000,000 rows",
        "SELECT count(DISTINCT customer) AS customers, sum(spent) AS spent, count(DISTINCT page) AS pages, "
        "count(visited) AS visits FROM sales.public.visits",
    ),
    Question(
        "oracle",
        "late invoices in Oracle",
        "SELECT count(*) AS invoices, sum(amount) AS amount FROM erp.shop.invoices "
        "WHERE state = 'late' AND amount >= DECIMAL '9000'",
    ),
    Question(
        "teradata",
        "the five heaviest shipments in Teradata",
        "SELECT id, weight FROM logistics.freight.shipments ORDER BY weight DESC, id LIMIT 5",
    ),
    Question(
        "everywhere",
        "a join of all four",
        "SELECT c.country, count(*) AS found, sum(i.amount) AS invoiced, sum(s.weight) AS weight "
        "FROM sales.public.customers c JOIN lake.orders o ON o.customer = c.id "
        "JOIN erp.shop.invoices i ON i.customer = c.id JOIN logistics.freight.shipments s ON s.customer = c.id "
        "WHERE c.id <= 2000 GROUP BY c.country ORDER BY c.country",
    ),
)


def unregistered(function: str) -> Question:
    """One by the name of the function, for which no catalog is registered."""
    return Question(
        "unregistered",
        "by the function's name",
        f'SELECT count(*) AS customers FROM "lambda:{function}".public.customers WHERE credit > 500000',  # noqa: S608
        "SELECT count(*) AS customers FROM sales.public.customers WHERE credit > 500000",
    )


def ask(cloud: LocalCloud, snowflake: Standin, question: Question) -> dict[str, Any]:
    """Ask it; returns the answer, what was asked of each table and sent to its database, and whom Snowflake saw."""
    began = time.monotonic()
    execution = run(cloud, question.sql, {})
    seconds = time.monotonic() - began
    query_id = execution["QueryExecutionId"]
    results = cloud.client("athena").get_query_results(QueryExecutionId=query_id, MaxResults=FETCHED + 1)
    rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in results["ResultSet"]["Rows"][1:]]
    detail = cloud.athena_query(query_id)
    return {
        "title": question.title,
        "sql": question.sql,
        "rows": rows,
        "seconds": round(seconds, 2),
        "planning_seconds": detail["planning_seconds"],
        "engine_seconds": detail["engine_seconds"],
        "scans": [_scan(scan) for scan in detail["scans"] if scan["functions"]],
        "statements": sorted(statements(cloud, execution, detail["scans"])),
        "snowflake_users": sorted({each["user"] for each in snowflake.queries() if query_id in each["tag"]}),
    }


def truth(rows: Mapping[str, pa.Table], question: Question) -> list[list[str]]:
    """The answer by the rows themselves, as texts."""
    sql = question.truth or question.sql
    with duckdb.connect() as engine:
        engine.execute("CREATE SCHEMA lake")
        for catalog, schema in (("sales", "public"), ("erp", "shop"), ("logistics", "freight")):
            engine.execute(f"ATTACH ':memory:' AS {catalog}; CREATE SCHEMA {catalog}.{schema}")
        for place, name in PLACES.items():
            if place in sql:
                engine.register("given", rows[name])
                engine.execute(f"CREATE TABLE {place} AS SELECT * FROM given")  # noqa: S608
        found = engine.execute(sql).fetchall()
    return [[str(value) for value in row] for row in found]


def _scan(scan: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("table", "columns", "pushed", "order_by", "limit", "splits", "invocations", "rows", "bytes")
    return {
        **{name: scan[name] for name in kept},
        "spilled_objects": scan["spilled_objects"],
        "spilled_bytes": scan["spilled_bytes"],
        "encrypted": scan["encrypted"],
        "seconds": {stage: round(seconds, 2) for stage, seconds in scan["seconds"].items()},
    }
