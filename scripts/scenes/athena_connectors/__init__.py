"""Customers in Snowflake, invoices in Oracle, shipments in Teradata, orders in the lake: queried where they are.

Neither server of Oracle nor Teradata can be had on a laptop. Their zips run as they ship, with a driver before theirs
that brings the SQL to DuckDB, after sqlglot has read it as Oracle's or Teradata's.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from localcloud.client import LocalCloud
from localcloud.snowflake.standin import Standin
from progress import Progress
from query import QueryError
from report import Chapter
from scenes import SceneError
from scenes.athena_connectors import account, rows, story
from scenes.athena_connectors.promises import broken
from scenes.athena_connectors.questions import QUESTIONS, ask, truth, unregistered

SPLIT_ROWS = 300_000
"""Tables of more rows are read in parts, so that the largest of this scene is."""


def variables(prepared: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from example.tfvars: the secrets, and addresses on loopback, where nothing is encrypted."""
    snowflake, ports = prepared["snowflake"].removeprefix("http://"), prepared["ports"]
    places = {source: f"${{{account.secret_name(source)}}}" for source in prepared["secrets"]}
    connections = {
        "sales": (
            "snowflake",
            f"snowflake://jdbc:snowflake://{snowflake}/?warehouse=COMPUTE&db=SALES&ssl=off&{places['sales']}",
        ),
        "erp": ("oracle", f"oracle://jdbc:oracle:thin:{places['erp']}@//127.0.0.1:{ports['erp']}/sales"),
        "logistics": (
            "teradata",
            f"teradata://jdbc:teradata://127.0.0.1/DBS_PORT={ports['logistics']},{places['logistics']}",
        ),
    }
    return {
        "sources": {
            source: {
                "kind": kind,
                "connection": connection,
                "secret_arns": [prepared["secrets"][source]],
                "maximum_connections": 10,
                "split_rows": SPLIT_ROWS,
            }
            for source, (kind, connection) in connections.items()
        }
    }


def prepare(cloud: LocalCloud, progress: Progress) -> dict[str, Any]:
    """Fill the databases' stand-ins and the lake; returns where they listen, and the ARNs of their secrets."""
    with progress.step("rows in Snowflake, Oracle, Teradata and the lake, and a secret for each database"):
        given = rows.tables()
        opened = account.open_databases(cloud, given)
        account.fill_lake(cloud, given["orders"])
    return asdict(opened)


def play(
    cloud: LocalCloud, outputs: Mapping[str, Any], prepared: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Ask all questions; returns what was seen. Raises SceneError for a broken promise."""
    given, snowflake, asked = rows.tables(), Standin(prepared["snowflake"]), {}
    with progress.step("queries, through the catalogs that were deployed and the zips that ship") as step:
        for question in (*QUESTIONS, unregistered(outputs["function_names"]["sales"])):
            step.say(question.title)
            try:
                asked[question.name] = ask(cloud, snowflake, question) | {"truth": truth(given, question)}
            except QueryError as error:
                raise SceneError(f"{question.title}: {error}") from error
    bucket, s3 = outputs["spill_bucket"], cloud.client("s3")
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    (encryption,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    facts = {
        "catalogs": sorted(outputs["catalog_function_arns"]),
        "spills_expire_after_days": rule["Expiration"]["Days"],
        "spills_encrypted_by": encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "questions": asked,
    }
    story.tell(facts, progress.console)
    if problems := broken(facts):
        raise SceneError("\n".join(problems))
    return facts


def draw(facts: Mapping[str, Any]) -> Chapter:
    """The scene's part of the report."""
    return story.chapter(facts)
