"""Upload the built zips to S3, so that a module used from another repository finds them; nothing is overwritten.

Leaves build/lambda/artifacts.json: `{"<region>": {"<artifact>": {"<architecture>": {bucket, key, version_id,
sha256_base64}}}}`, whose innermost objects are what `function.artifact` of a module takes.
"""

import argparse
import base64
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from account import Caller, CredentialsError
from payload import MEBIBYTE, replacing
from progress import Progress
from toolchain import BUILD

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "groundcrew"


class PublishError(Exception):
    """Nothing usable was published; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Zip:
    """A built zip as the manifest lists it, whose bytes are those that were listed."""

    artifact: str
    architecture: str
    content: bytes
    sha256: str

    def __str__(self) -> str:
        return f"{self.artifact}-{self.architecture}"

    @property
    def key(self) -> str:
        """The object's name: other bytes have another, so no zip ever replaces another."""
        return f"{PREFIX}/{self}/{self.sha256}.zip"

    @property
    def sha256_base64(self) -> str:
        """What Lambda, S3 and Terraform call the hash."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


@dataclass(frozen=True, slots=True)
class Published:
    """Where a zip lies, in the shape of `function.artifact` of a module."""

    bucket: str
    key: str
    version_id: str
    sha256_base64: str


def main(argv: list[str]) -> int:
    """Publish as the arguments say; 0, or 1 with a sentence on standard error that says what to do."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bucket", required=True, help="a versioned bucket; {region} stands for each Region")
    parser.add_argument("--regions", nargs="*", default=[], help="where functions will run")
    parser.add_argument("--zips", type=Path, default=BUILD / "lambda", help="default: build/lambda")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what went wrong")
    arguments = parser.parse_args(argv)
    try:
        buckets = bucket_by_region(arguments.bucket, arguments.regions)
        publish(buckets, arguments.zips, Progress(Console(), quiet=arguments.quiet))
    except (PublishError, CredentialsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def bucket_by_region(name: str, regions: Sequence[str]) -> dict[str, str]:
    """The bucket of each Region. Raises PublishError when `name` and `regions` do not say which that is."""
    if not name or not regions:
        raise PublishError('Publish where? make publish BUCKET=<bucket> REGIONS="<region> ...".')
    if len(set(regions)) > 1 and "{region}" not in name:
        raise PublishError(
            f"Lambda takes code only from a bucket in the function's own Region, and {name} is in one: give a bucket "
            f"for each of {', '.join(regions)} by {{region}} in its name, such as BUCKET={name}-{{region}}."
        )
    return {region: name.replace("{region}", region) for region in regions}


def publish(buckets: Mapping[str, str], zips: Path, progress: Progress) -> None:
    """Upload every zip of the manifest in `zips` to the bucket of each Region, and write artifacts.json there.

    Every bucket is looked at before anything is uploaded. Raises PublishError or CredentialsError.
    """
    caller = Caller.find(next(iter(buckets)))
    progress.line(f"{caller}, {', '.join(buckets)}")
    found = built(zips)
    try:
        clients = {region: boto3.client("s3", region_name=region) for region in buckets}
        for region, bucket in buckets.items():
            check_bucket(clients[region], bucket, region, caller)
        artifacts: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
        for region, bucket in buckets.items():
            for item in found:
                published = upload(clients[region], bucket, item, caller.account, progress)
                artifacts.setdefault(region, {}).setdefault(item.artifact, {})[item.architecture] = asdict(published)
    except (BotoCoreError, ClientError) as error:
        raise PublishError(f"AWS does not take the zips: {error}") from None
    target = zips / "artifacts.json"
    with replacing(target) as part:
        part.write_text(json.dumps(artifacts, indent=2, sort_keys=True) + "\n")
    progress.line(f"what function.artifact of a module takes: {os.path.relpath(target)}")


def built(zips: Path) -> list[Zip]:
    """What the manifest in `zips` lists. Raises PublishError when there is none, or a zip is not what was listed."""
    manifest = zips / "manifest.json"
    entries = json.loads(manifest.read_text())["artifacts"] if manifest.is_file() else {}
    if not entries:
        raise PublishError(f"No zip is listed in {manifest}: run `make package` first.")
    return [_read(zips / entry["file"], entry) for entry in entries.values()]


def _read(path: Path, entry: Mapping[str, str]) -> Zip:
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise PublishError(f"{path} is not what the manifest lists: run `make package` again.")
    return Zip(entry["artifact"], entry["architecture"], content, entry["sha256"])


def check_bucket(client: "S3Client", bucket: str, region: str, caller: Caller) -> None:
    """Raise PublishError unless `bucket` exists in `region`, belongs to the caller's account and is versioned."""
    try:
        found = client.head_bucket(Bucket=bucket, ExpectedBucketOwner=caller.account)
    except ClientError as error:
        raise PublishError(_refused_bucket(error.response["Error"]["Code"], bucket, region, caller)) from None
    if found["BucketRegion"] != region:
        raise PublishError(_elsewhere(bucket, found["BucketRegion"], region))
    versioning = client.get_bucket_versioning(Bucket=bucket, ExpectedBucketOwner=caller.account)
    if versioning.get("Status") != "Enabled":
        command = f"aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled"
        raise PublishError(f"The bucket {bucket} keeps no versions, so what is published could be lost: {command}")


def _refused_bucket(code: str, bucket: str, region: str, caller: Caller) -> str:
    match code:  # a HEAD has no body, so these are bare statuses
        case "404":
            return f"There is no bucket {bucket}: create it in {region}, versioned, or give another BUCKET."
        case "403":
            return (
                f"The bucket {bucket} belongs to another account than {caller.account}, or {caller.arn} lacks "
                "s3:ListBucket on it: give a BUCKET of this account, or that permission."
            )
        case "301":
            return _elsewhere(bucket, "another Region", region)
    return f"The bucket {bucket} cannot be looked at: S3 answers {code}."


def _elsewhere(bucket: str, found: str, region: str) -> str:
    return (
        f"The bucket {bucket} is in {found}, and Lambda in {region} takes code only from a bucket there: give one of "
        f"{region}, or publish with REGIONS={found}."
    )


def upload(client: "S3Client", bucket: str, item: Zip, account: str, progress: Progress) -> Published:
    """Upload `item` unless it is there already, by the hash that S3 computed itself; returns where it lies.

    Raises PublishError when the object that is there holds other bytes.
    """
    try:
        with progress.step(f"{bucket}: {item}, {len(item.content) / MEBIBYTE:.1f} MB"):
            version = client.put_object(
                Bucket=bucket,
                Key=item.key,
                Body=item.content,
                ContentType="application/zip",
                ExpectedBucketOwner=account,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=item.sha256_base64,
            )["VersionId"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        version = _verified(client, bucket, item, account)
        progress.line(f"{bucket}: {item} is there already")
    return Published(bucket, item.key, version, item.sha256_base64)


def _verified(client: "S3Client", bucket: str, item: Zip, account: str) -> str:
    """The version of the object that is there, whose bytes are those of `item`."""
    there = client.head_object(Bucket=bucket, Key=item.key, ExpectedBucketOwner=account, ChecksumMode="ENABLED")
    if there.get("ChecksumSHA256") != item.sha256_base64:
        found = there.get("ChecksumSHA256", "none")
        raise PublishError(
            f"s3://{bucket}/{item.key} is there and is not the zip that was built: its SHA-256 is {found}, not "
            f"{item.sha256_base64}. Find out who wrote it, delete that object, and publish again."
        )
    return there["VersionId"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
