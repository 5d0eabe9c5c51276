"""`make publish` against S3: what is uploaded, what is found again, and every refusal before anything is uploaded."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

import publish
from localcloud.client import LocalCloud

CONTENTS = {("greeter", "arm64"): b"a zip for arm64", ("greeter", "x86_64"): b"a zip for x86_64"}
BucketMaker = Callable[..., str]


@pytest.fixture(autouse=True)
def signed_in(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's AWS configuration leads to the local cloud."""
    for variable, value in cloud.environment().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember who was signed in before


@pytest.fixture
def zips(tmp_path: Path) -> Path:
    """What `make package` leaves, as far as publishing reads it."""
    entries = {}
    for (artifact, architecture), content in CONTENTS.items():
        (tmp_path / f"{artifact}-{architecture}.zip").write_bytes(content)
        entries[f"{artifact}-{architecture}"] = {
            "artifact": artifact,
            "architecture": architecture,
            "file": f"{artifact}-{architecture}.zip",
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": entries}))
    return tmp_path


@pytest.fixture
def make_bucket(cloud: LocalCloud) -> BucketMaker:
    """Creates a bucket, by default a versioned one of the account at hand; returns its name."""

    def make(name: str, region: str = "us-east-1", versioning: str = "Enabled", **whose: str) -> str:
        s3 = cloud.client("s3", region, **whose)
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **place)
        if versioning:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning})
        return name

    return make


def run(bucket: str, zips: Path, *regions: str) -> int:
    return publish.main(["--bucket", bucket, "--zips", str(zips), "--regions", *(regions or ["us-east-1"])])


def key(artifact: str, architecture: str) -> str:
    sha256 = hashlib.sha256(CONTENTS[artifact, architecture]).hexdigest()
    return f"groundcrew/{artifact}-{architecture}/{sha256}.zip"


def left(zips: Path) -> Any:
    return json.loads((zips / "artifacts.json").read_text())


def objects(cloud: LocalCloud, bucket: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.client("s3").list_object_versions(Bucket=bucket).get("Versions", [])
    return found


def test_every_zip_lies_in_the_bucket_of_every_region_and_is_listed_as_a_module_takes_it(
    cloud: LocalCloud, name: str, zips: Path, make_bucket: BucketMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    regions = ("eu-west-1", "us-east-1")
    for region in regions:
        make_bucket(f"{name}-{region}", region)
    assert run(f"{name}-{{region}}", zips, *regions) == 0
    artifacts = left(zips)
    assert list(artifacts) == list(regions)
    for region in regions:
        assert list(artifacts[region]) == ["greeter"]
        for architecture, artifact in artifacts[region]["greeter"].items():
            content = CONTENTS["greeter", architecture]
            assert set(artifact) == {"bucket", "key", "version_id", "sha256_base64"}
            assert artifact["bucket"] == f"{name}-{region}"
            assert artifact["key"] == key("greeter", architecture)
            assert base64.b64decode(artifact["sha256_base64"]) == hashlib.sha256(content).digest()
            stored = cloud.client("s3", region).get_object(
                Bucket=artifact["bucket"], Key=artifact["key"], VersionId=artifact["version_id"]
            )
            assert stored["Body"].read() == content
    first, *others = capsys.readouterr().out.splitlines()
    assert "account 123456789012" in first
    assert cloud.endpoint in "".join([first, *others[:1]])
    assert len([line for line in others if "greeter-" in line]) == 4


def test_publishing_again_uploads_nothing_and_finds_the_same_versions(
    cloud: LocalCloud, name: str, zips: Path, make_bucket: BucketMaker
) -> None:
    make_bucket(name)
    assert run(name, zips) == 0
    before, uploaded = left(zips), objects(cloud, name)
    (zips / "artifacts.json").unlink()
    assert run(name, zips) == 0
    assert left(zips) == before
    assert objects(cloud, name) == uploaded


@pytest.mark.parametrize("checked", [True, False])
def test_an_object_of_that_name_with_other_bytes_is_neither_taken_nor_overwritten(
    cloud: LocalCloud,
    name: str,
    zips: Path,
    make_bucket: BucketMaker,
    capsys: pytest.CaptureFixture[str],
    checked: bool,
) -> None:
    """Also when S3 never computed its SHA-256, so that nobody can say what it holds."""
    make_bucket(name)
    algorithm = {"ChecksumAlgorithm": "SHA256"} if checked else {}
    cloud.client("s3").put_object(Bucket=name, Key=key("greeter", "arm64"), Body=b"something else", **algorithm)
    before = objects(cloud, name)
    assert run(name, zips) == 1
    assert "is there and is not the zip that was built" in capsys.readouterr().err
    assert not (zips / "artifacts.json").exists()
    assert objects(cloud, name) == before


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ({"versioning": ""}, "put-bucket-versioning"),
        ({"versioning": "Suspended"}, "put-bucket-versioning"),
        ({"region": "eu-west-1"}, "is in eu-west-1, and Lambda in us-east-1"),
        ({"account": "210987654321"}, "belongs to another account than 123456789012"),
    ],
)
def test_a_bucket_that_will_not_do_is_refused(
    name: str,
    zips: Path,
    make_bucket: BucketMaker,
    capsys: pytest.CaptureFixture[str],
    setting: dict[str, str],
    wanted: str,
) -> None:
    make_bucket(name, **setting)
    assert run(name, zips) == 1
    assert wanted in capsys.readouterr().err
    assert not (zips / "artifacts.json").exists()


def test_one_bucket_that_will_not_do_keeps_the_others_empty(
    cloud: LocalCloud, name: str, zips: Path, make_bucket: BucketMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    make_bucket(f"{name}-us-east-1")
    assert run(f"{name}-{{region}}", zips, "us-east-1", "eu-west-1") == 1
    assert f"There is no bucket {name}-eu-west-1" in capsys.readouterr().err
    assert objects(cloud, f"{name}-us-east-1") == []


@pytest.mark.parametrize("content", [b"another build", None])
def test_a_zip_that_is_not_what_was_listed_is_refused(
    cloud: LocalCloud,
    name: str,
    zips: Path,
    make_bucket: BucketMaker,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
) -> None:
    make_bucket(name)
    path = zips / "greeter-x86_64.zip"
    path.write_bytes(content) if content else path.unlink()
    assert run(name, zips) == 1
    assert "run `make package` again" in capsys.readouterr().err
    assert objects(cloud, name) == []


def test_without_a_manifest_it_says_what_to_do_first(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, tmp_path) == 1
    assert "run `make package` first" in capsys.readouterr().err


def test_several_regions_need_a_bucket_each(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("zips", tmp_path, "eu-west-1", "us-east-1") == 1
    assert "BUCKET=zips-{region}" in capsys.readouterr().err
    assert publish.bucket_by_region("zips", ["eu-west-1"]) == {"eu-west-1": "zips"}


@pytest.mark.parametrize("arguments", [["--bucket", "", "--regions", "eu-west-1"], ["--bucket", "zips", "--regions"]])
def test_bucket_and_region_are_asked_for(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(arguments) == 1
    assert "make publish BUCKET=<bucket> REGIONS=" in capsys.readouterr().err


def test_nothing_is_published_without_credentials(
    name: str, zips: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert run(name, zips) == 1
    assert "No usable AWS credentials" in capsys.readouterr().err
