"""A source whose credentials are in a secret: what was deployed to query it, as it is seen in the account."""

from collections.abc import Mapping
from typing import Any

from localcloud.client import LocalCloud
from progress import Progress
from report import Chapter
from scenes import SceneError

SECRET = "groundcrew/sales"  # noqa: S105 - its name


def variables(prepared: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from example.tfvars: the secret of this account."""
    connection = f"snowflake://jdbc:snowflake://acme.snowflakecomputing.com/?db=SALES&${{{SECRET}}}"
    source = {"kind": "snowflake", "connection": connection, "secret_arns": [prepared["secret"]]}
    return {"sources": {"sales": source | {"maximum_connections": 10}}}


def prepare(cloud: LocalCloud, progress: Progress) -> dict[str, Any]:
    """Put the credentials of the source into a secret; returns its ARN."""
    with progress.step("a secret with the credentials of a source"):
        created = cloud.client("secretsmanager").create_secret(
            Name=SECRET, SecretString='{"username": "ATHENA", "password": "not a real one"}'
        )
    return {"secret": created["ARN"]}


def play(
    cloud: LocalCloud, outputs: Mapping[str, Any], prepared: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """See that Athena knows the catalog and that its spills are protected. Raises SceneError for a broken promise."""
    with progress.step("the catalog and the bucket, as the account shows them"):
        catalog = cloud.client("athena").get_data_catalog(Name="sales")["DataCatalog"]
        bucket, s3 = outputs["spill_bucket"], cloud.client("s3")
        (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        (encryption,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    answers = catalog["Parameters"]["function"]
    if answers != outputs["catalog_function_arns"]["sales"]:
        raise SceneError(f"The catalog is answered by {answers}, not by the function that was deployed for it.")
    return {
        "catalogs": sorted(outputs["catalog_function_arns"]),
        "spills_expire_after_days": rule["Expiration"]["Days"],
        "spills_encrypted_by": encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
    }


def draw(facts: Mapping[str, Any]) -> Chapter:
    """Nothing to be drawn yet."""
    return Chapter()
