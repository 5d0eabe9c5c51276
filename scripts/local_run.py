"""Run roots on the local cloud: start or find it, and copy a root so that Terraform applies it there."""

import json
import os
import sys
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from localcloud import ACCOUNT_ID
from localcloud.client import LocalCloud
from package import build_all
from payload import MEBIBYTE, discover
from progress import Progress
from publish import built, upload
from terraform import Workspace
from toolchain import BUILD, FUNCTION_PYTHON, ROOT, interpreter, machine_architecture, runtime_directory

STATE = BUILD / "localcloud.json"
DRIVERS = tuple(str(ROOT / "scripts" / "localcloud" / source / "driver") for source in ("oracle", "teradata"))
"""What stands in for the drivers of databases that no laptop has."""
ARTIFACTS = "groundcrew-artifacts"
"""A bucket of the local cloud, for zips that Lambda takes from S3."""

DIRECT_BYTES = 40 * MEBIBYTE
"""Lambda takes 50 MB directly; what is near it comes from S3 on each architecture and Python alike."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """The Python that stands in for Lambda's on this machine, and what it runs.

    `version` is `3.13` where the machine has one; `payloads` is where the zips built for that version lie.
    """

    python: Path
    version: str
    payloads: Path

    @classmethod
    def find(cls) -> "Runtime":
        """Prefer the function's own Python version; fall back on the interpreter at hand."""
        if python := interpreter(FUNCTION_PYTHON):
            return cls(python, FUNCTION_PYTHON, BUILD / "lambda")
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return cls(Path(sys.executable), version, BUILD / "lambda" / f"python{version}")

    @property
    def note(self) -> str:
        """What a person should know about how faithful this is."""
        if self.version == FUNCTION_PYTHON:
            return f"functions run on CPython {self.version}, from the zips that ship"
        return f"no CPython {FUNCTION_PYTHON} here: the same payloads, built the same way, run on {self.version}"

    def environment(self) -> dict[str, str]:
        """How the local cloud's process is told of it."""
        directory = runtime_directory(self.python, self.version)
        runtimes = {f"python{FUNCTION_PYTHON}": {"python": str(self.python), "path": str(directory)}}
        return {"LOCALCLOUD_RUNTIMES": json.dumps(runtimes), "LOCALCLOUD_DRIVERS": os.pathsep.join(DRIVERS)}


def build_payloads(runtime: Runtime, progress: Progress, roots: Collection[str]) -> None:
    """Build the zips of `roots` that can run here: for this machine's architecture and the Python of `runtime`."""
    payloads = [payload for payload in discover(ROOT).values() if payload.package in roots]
    if not build_all(payloads, [machine_architecture()], runtime.version, runtime.payloads, progress):
        raise SystemExit(1)


def start_cloud(
    runtime: Runtime, progress: Progress, *, time: datetime | None = None, detached: bool = False
) -> LocalCloud:
    """Start a local cloud whose functions run on `runtime`; with `detached` it outlives this process.

    Its clock begins at `time`, by default at the machine's.
    """
    with progress.step("local cloud: starting"):
        return LocalCloud.start(environment=runtime.environment(), time=time, detached=detached)


def running_cloud(stack: ExitStack, runtime: Runtime, progress: Progress) -> LocalCloud:
    """The local cloud that `make up` left running, otherwise one that ends with `stack`."""
    if STATE.is_file():
        cloud = LocalCloud(json.loads(STATE.read_text())["endpoint"])
        if cloud.is_ready():
            return cloud
    return stack.enter_context(start_cloud(runtime, progress))


def local_workspace(root: str, cloud: LocalCloud, runtime: Runtime, progress: Progress) -> Workspace:
    """A copy of `root` whose provider, state and payloads are those of the local cloud."""
    workspace = Workspace.create(root, BUILD / "work" / "local" / root, cloud.environment())
    payloads = [payload for payload in discover(ROOT).values() if payload.package == root]
    artifacts = {payload.name: _artifact(payload.name, cloud, runtime, progress) for payload in payloads}
    workspace.redirect_to_local_cloud(module_arguments(root, machine_architecture(), artifacts))
    return workspace


def module_arguments(root: str, architecture: str, artifacts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """By which the module of `root` runs the zips that run here, as expressions of Terraform.

    `artifacts`: by payload, in the shape of `function.artifact`. A module with a zip for each source has them in a map
    of its own, by source.
    """
    if list(artifacts) == [root]:
        here = {"architecture": architecture, "artifact": artifacts[root]}
        return {"function": f"merge(var.function, {json.dumps(here)})"}
    by_source = {name.removeprefix(f"{root}_"): artifact for name, artifact in artifacts.items()}
    here = {"architecture": architecture}
    return {"function": f"merge(var.function, {json.dumps(here)})", "artifacts": json.dumps(by_source)}


def _artifact(name: str, cloud: LocalCloud, runtime: Runtime, progress: Progress) -> dict[str, str]:
    """Where the module finds the zip: what is too large for Lambda to take directly is published first, as on AWS."""
    stem = f"{name}-{machine_architecture()}"
    path = runtime.payloads / f"{stem}.zip"
    if path.stat().st_size <= DIRECT_BYTES:
        return {"path": str(path)}
    s3 = cloud.client("s3")
    if ARTIFACTS not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=ARTIFACTS)
        s3.put_bucket_versioning(Bucket=ARTIFACTS, VersioningConfiguration={"Status": "Enabled"})
    (item,) = [item for item in built(runtime.payloads) if str(item) == stem]
    return asdict(upload(s3, ARTIFACTS, item, ACCOUNT_ID, progress))
