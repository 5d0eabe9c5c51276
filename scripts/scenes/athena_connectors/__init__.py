"""Customers in Snowflake, orders in the lake: joined, filtered, sorted and scanned where they are."""

from collections.abc import Mapping
from typing import Any

from localcloud.client import LocalCloud
from localcloud.snowflake.standin import Standin
from progress import Progress
from query import QueryError
from report import Chapter
from scenes import SceneError
from scenes.athena_connectors import account, story
from scenes.athena_connectors.promises import broken
from scenes.athena_connectors.questions import QUESTIONS, ask, truth, unregistered

SPLIT_ROWS = 300_000
"""Tables of more rows are read in parts, so that the largest of this scene is."""


def variables(prepared: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from example.tfvars: the secret, and an address on loopback, where nothing is encrypted."""
    address = prepared["snowflake"].removeprefix("http://")
    connection = f"snowflake://jdbc:snowflake://{address}/?warehouse=COMPUTE&db=SALES&ssl=off&${{{account.SECRET}}}"
    source = {"kind": "snowflake", "connection": connection, "secret_arns": [prepared["secret"]]}
    return {"sources": {"sales": source | {"maximum_connections": 10, "split_rows": SPLIT_ROWS}}}


def prepare(cloud: LocalCloud, progress: Progress) -> dict[str, Any]:
    """Fill Snowflake's stand-in and the lake; returns where the one listens, and the ARN of its secret."""
    with progress.step(f"{account.VISITS:,} visits in Snowflake, {account.ORDERS:,} orders in the lake"):
        rows = account.tables()
        snowflake, secret = account.open_snowflake(cloud, rows)
        account.fill_lake(cloud, rows["orders"])
    return {"snowflake": snowflake.endpoint, "secret": secret}


def play(
    cloud: LocalCloud, outputs: Mapping[str, Any], prepared: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Ask all questions; returns what was seen. Raises SceneError for a broken promise."""
    rows, snowflake, asked = account.tables(), Standin(prepared["snowflake"]), {}
    with progress.step("queries, through the catalog that was deployed and the zip that ships") as step:
        for question in (*QUESTIONS, unregistered(outputs["function_names"]["sales"])):
            step.say(question.title)
            try:
                asked[question.name] = ask(cloud, snowflake, question) | {"truth": truth(rows, question)}
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
