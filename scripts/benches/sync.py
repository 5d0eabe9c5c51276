"""What the Redshift sync needs for a thousand clusters: calls of AWS, time when each call is slow, and memory.

The zip that ships runs in a process of its own against a local cloud. The first run changes every cluster, the second
finds nothing to change.
"""

import json
import os
import subprocess
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from benches import fleet
from benches.figure import BenchError, Figure
from benches.slow_endpoint import SlowEndpoint, reads
from local_run import Runtime, start_cloud
from progress import Progress
from toolchain import ROOT, machine_architecture, runtime_directory

SOLUTION = "redshift_maintenance_sync"
CLUSTERS = 1000
CALL_SECONDS = 0.1
PAGE = 100
"""What DescribeClusters and DescribeEvents return at most. Query returns 1 MB, which holds some 4,000 states."""
CHANGES = 3
"""What a cluster takes that is managed for the first time: ModifyCluster, ModifyClusterMaintenance and PutItem."""
LIMIT_SECONDS = 60
LIMIT_MB = 256
GIVE_UP_SECONDS = 600
INVOKE = Path(__file__).with_name("invoke_once.py")
EVENT = ROOT / "tests" / "events" / "scheduled_event.json"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: `calls` by action, `outcomes` by name, the seconds without the import of the handler.

    `late_seconds`: how much longer than it should the local cloud took, all calls together; no doing of the function.
    """

    calls: Mapping[str, int]
    outcomes: Mapping[str, int]
    seconds: float
    late_seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def reads(self) -> int:
        """The calls that change nothing."""
        return reads(self.calls)

    @property
    def writes(self) -> int:
        """All others."""
        return sum(self.calls.values()) - self.reads

    def as_dict(self) -> dict[str, Any]:
        """What build/bench.json says of it; `speed_up` is over the same calls one after another."""
        return {
            "calls": dict(sorted(self.calls.items())),
            "outcomes": dict(self.outcomes),
            "seconds": round(self.seconds, 1),
            "speed_up": round(sum(self.calls.values()) * CALL_SECONDS / self.seconds, 2),
            "late_seconds": round(self.late_seconds, 1),
            "cpu_seconds": round(self.cpu_seconds, 1),
            "peak_mb": round(self.peak_mb, 1),
        }


def measure(runtime: Runtime, progress: Progress) -> list[Figure]:
    """The figures of both runs. Raises BenchError when one did not find the clusters as it should."""
    with start_cloud(runtime, progress) as cloud, tempfile.TemporaryDirectory(prefix="groundcrew-") as scratch:
        directory = Path(scratch)
        with zipfile.ZipFile(runtime.payloads / f"{SOLUTION}-{machine_architecture()}.zip") as archive:
            archive.extractall(directory / "task")
        search_path = [directory / "task", runtime_directory(runtime.python, runtime.version)]
        now = cloud.now()
        variables = {
            "PATH": os.defpath,
            "HOME": scratch,
            "PYTHONPATH": os.pathsep.join(map(str, search_path)),
            "PYTHONTZPATH": "",
            "PYTHONDONTWRITEBYTECODE": "1",
            **cloud.environment(),
            **fleet.environment(now),
        }
        fleet.create(cloud, CLUSTERS, now, progress)
        first = _run("first run", runtime.python, variables, directory, progress)
        second = _run("second run", runtime.python, variables, directory, progress)
    require("first run", first, "changed")
    require("second run", second, "unchanged")
    return figures(first, second, CLUSTERS)


def figures(first: Run, second: Run, clusters: int) -> list[Figure]:
    """What is promised of a run that changes all of `clusters` and of one that changes none."""
    pages = ceil(clusters / PAGE) + ceil(clusters * len(fleet.EVENTS) / PAGE) + 1
    seconds = f"s for {clusters:,} clusters, {CALL_SECONDS} s a call"
    return [
        Figure("sync_first_run", first.seconds, LIMIT_SECONDS, seconds, first.as_dict()),
        Figure("sync_second_run", second.seconds, LIMIT_SECONDS, seconds, second.as_dict()),
        Figure("sync_memory", max(first.peak_mb, second.peak_mb), LIMIT_MB, "MB at most"),
        Figure("sync_reads", max(first.reads, second.reads), pages, "reads a run, one per page"),
        Figure("sync_first_writes", first.writes, CHANGES * clusters, "writes of the first run"),
        Figure("sync_second_writes", second.writes, 0, "writes of a run that changes nothing"),
    ]


def require(title: str, run: Run, outcome: str) -> None:
    """Raises BenchError unless every cluster had `outcome`: calls that were never made are no achievement."""
    if run.outcomes != {outcome: CLUSTERS}:
        raise BenchError(f"The {title} should find {CLUSTERS} clusters {outcome}; it found {dict(run.outcomes)}.")


def _run(title: str, python: Path, variables: Mapping[str, str], directory: Path, progress: Progress) -> Run:
    """Run the function once, with `variables` but for the endpoint."""
    result = directory / f"{title}.json"
    command = [str(python), "-P", str(INVOKE), f"{SOLUTION}.handler", str(EVENT), str(result)]
    with SlowEndpoint(variables["AWS_ENDPOINT_URL"], CALL_SECONDS) as endpoint:
        with progress.step(f"{title} of the sync over {CLUSTERS:,} clusters") as step:
            environment = {**variables, "AWS_ENDPOINT_URL": endpoint.url}
            _await(command, environment, lambda: step.say(f"{endpoint.calls.total():,} calls of AWS"))
        calls, late = dict(endpoint.calls), endpoint.late_seconds
    measured = json.loads(result.read_text())
    outcomes = Counter(cluster["outcome"] for cluster in measured["answer"]["clusters"])
    return Run(calls, outcomes, measured["seconds"], late, measured["cpu_seconds"], measured["peak_mb"])


def _await(command: list[str], environment: Mapping[str, str], watch: Callable[[], None]) -> None:
    """Run `command` to its end. Raises BenchError, with the end of its output, when it fails or does not end."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        give_up = time.monotonic() + GIVE_UP_SECONDS
        try:
            while process.poll() is None and time.monotonic() < give_up:
                watch()
                time.sleep(0.1)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            output.seek(0)
            tail = output.read().decode(errors="replace").splitlines()[-20:]
            raise BenchError("\n".join([f"The function ended with code {process.returncode}:", *tail]))
