"""A module as another repository takes it: from git, at a tag, with the zip that was published to S3.

The one apply cycle outside `make demo`. The demo shows this repository's own roots, which have `modules/` and `build/`
beside them; here neither lies there.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from rich.console import Console

import publish
from localcloud.client import LocalCloud
from package import build_all
from payload import discover
from progress import Progress
from terraform import Workspace
from toolchain import FUNCTION_PYTHON, ROOT, machine_architecture

REGION = "eu-central-1"
MODULE = ROOT / "modules" / "redshift_maintenance_sync"
EXAMPLE = MODULE / "examples" / "from_git" / "main.tf"
SOURCE = re.compile(r'source = "git::(?P<url>https://\S+?\.git)//modules/redshift_maintenance_sync\?ref=(?P<ref>\S+)"')
QUIET = Progress(Console(), quiet=True)
GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
AUTHOR = ["-c", "user.name=a", "-c", "user.email=a@example.com"]


@pytest.fixture
def cloud(runtimes: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCloud]:
    """An account of its own, signed in to, with a cluster to look after."""
    with LocalCloud.start(environment=runtimes, time=datetime(2026, 11, 24, 10, tzinfo=UTC)) as running:
        for variable, value in running.environment().items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        running.client("redshift", REGION).create_cluster(
            ClusterIdentifier="sales",
            NodeType="ra3.large",
            NumberOfNodes=2,
            MasterUsername="admin",
            ManageMasterPassword=True,
            PreferredMaintenanceWindow="tue:01:00-tue:01:30",
        )
        yield running


@pytest.fixture
def served(tmp_path: Path) -> dict[str, str]:
    """The variables by which git finds this checkout, as it is now, under the example's URL and tag."""
    source = SOURCE.search(EXAMPLE.read_text())
    assert source is not None
    repository = tmp_path / "served"
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, repository / name)
    git(repository, "init", "--quiet")
    git(repository, "add", "--all")
    git(repository, *AUTHOR, "commit", "--quiet", "--message", "As it is now")
    git(repository, "tag", source["ref"])
    instead = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf"}
    return {**GIT, **instead, "GIT_CONFIG_VALUE_0": source["url"]}


def git(directory: Path, *arguments: str) -> str:
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, env={**os.environ, **GIT}, capture_output=True, text=True, check=True).stdout


def published(cloud: LocalCloud, zips: Path) -> Path:
    """Package and publish, as their verbs do; returns artifacts.json."""
    payloads = [discover(ROOT)[MODULE.name]]
    assert build_all(payloads, [machine_architecture()], FUNCTION_PYTHON, zips, QUIET)
    s3 = cloud.client("s3", REGION)
    s3.create_bucket(Bucket="zips", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="zips", VersioningConfiguration={"Status": "Enabled"})
    assert publish.main(["--bucket", "zips", "--regions", REGION, "--zips", str(zips), "--quiet"]) == 0
    return zips / "artifacts.json"


def test_the_example_applies_runs_plans_empty_and_leaves_nothing(
    cloud: LocalCloud, served: dict[str, str], tmp_path: Path
) -> None:
    repository = Workspace("from_git", tmp_path / "theirs", {**cloud.environment(), **served})
    repository.path.mkdir(parents=True)
    shutil.copy(EXAMPLE, repository.path)
    shutil.copy(MODULE / ".terraform.lock.hcl", repository.path)
    shutil.copy(published(cloud, tmp_path / "zips"), repository.path)
    variables = repository.path / "here.tfvars.json"
    variables.write_text(json.dumps({"architecture": machine_architecture()}))
    plan = repository.path / "plan"

    repository.init(QUIET)
    repository.plan(QUIET, plan, [str(variables)])
    applied = repository.apply(QUIET, plan)

    function = repository.output()["function_name"]
    lambda_ = cloud.client("lambda", REGION)
    artifact = json.loads((repository.path / "artifacts.json").read_text())[REGION][MODULE.name][machine_architecture()]
    deployed = lambda_.get_function(FunctionName=function)["Configuration"]["CodeSha256"]
    assert deployed == artifact["sha256_base64"]
    event = (ROOT / "tests/events/scheduled_event.json").read_bytes()
    answer = lambda_.invoke(FunctionName=function, Payload=event)
    assert "FunctionError" not in answer, answer["Payload"].read()
    (cluster,) = cloud.client("redshift", REGION).describe_clusters()["Clusters"]
    assert cluster["PreferredMaintenanceWindow"] == "sat:05:00-sat:05:30"  # 06:00 in Berlin

    assert repository.plan(QUIET, plan, [str(variables)]) == []
    assert repository.destroy(QUIET, [str(variables)]) == applied
    assert lambda_.list_functions()["Functions"] == []
