"""What a decision of the geofence takes: CPU of its own, requests to the check, and that none of a thousand is wrong.

The zip that ships runs in several processes at the same time, as Lambda runs environments, each over its share of the
connection attempts, against a check on loopback.
"""

import json
import os
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

from benches.figure import BenchError, Figure
from benches.geofence_check import GeofenceCheck
from local_run import Runtime
from progress import Progress
from toolchain import ROOT, machine_architecture, runtime_directory

SOLUTION = "iam_geofence"
DECISIONS = 1000
ENVIRONMENTS = 8
LIMIT_CPU_MS = 5
GIVE_UP_SECONDS = 300
INVOKE = Path(__file__).with_name("invoke_many.py")
EVENT = ROOT / "tests" / "events" / "client_vpn_connect_v2.json"
MALFORMED = ("8.8.8.8, 1.2.3.4", "10.0.0.1", "::ffff:8.8.8.8", "nowhere")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A connection attempt from `address`, and what must become of it: `permitted`, `country` or `address`."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """All attempts with the reasons that were given for each; `cpu_seconds` of one environment each.

    `requests` and `connections` are those that the check saw, all environments together.
    """

    attempts: Sequence[Attempt]
    given: Sequence[str]
    cpu_seconds: Sequence[Sequence[float]]
    requests: int
    connections: int
    seconds: float

    @property
    def wrong(self) -> list[str]:
        """The attempts with another decision than they should have, in words."""
        pairs = zip(self.attempts, self.given, strict=True)
        return [f"{attempt.address}: {given}" for attempt, given in pairs if given != attempt.reason]

    @property
    def requests_per_decision(self) -> float:
        """In steady state: without the control of each environment, over the attempts that are asked about at all."""
        asked = sum(attempt.reason != "address" for attempt in self.attempts)
        return (self.requests - len(self.cpu_seconds)) / asked


def measure(runtime: Runtime, progress: Progress) -> list[Figure]:
    """The figures of one run. Raises BenchError when an environment fails."""
    attempts = list(islice(attempts_for_ever(), DECISIONS))
    permitted = {attempt.address for attempt in attempts if attempt.reason == "permitted"}
    with tempfile.TemporaryDirectory(prefix="groundcrew-") as scratch:
        directory = Path(scratch)
        with zipfile.ZipFile(runtime.payloads / f"{SOLUTION}-{machine_architecture()}.zip") as archive:
            archive.extractall(directory / "task")
        title = f"{DECISIONS:,} decisions of the geofence in {ENVIRONMENTS} environments"
        with GeofenceCheck(permitted, directory) as check, progress.step(title):
            search_path = [directory / "task", runtime_directory(runtime.python, runtime.version)]
            variables = {
                "PATH": os.defpath,
                "PYTHONPATH": os.pathsep.join(map(str, search_path)),
                "PYTHONDONTWRITEBYTECODE": "1",
                "POWERTOOLS_SERVICE_NAME": SOLUTION,
                "MODE": "enforce",
                "CONFIG_HASH": "0123456789ab",
                **check.environment,
            }
            shares = [attempts[first::ENVIRONMENTS] for first in range(ENVIRONMENTS)]
            measured = _run(runtime.python, variables, shares, directory)
    run = Run(
        attempts=[attempt for share in shares for attempt in share],
        given=[reason_of(answer) for environment in measured for answer in environment["answers"]],
        cpu_seconds=[environment["cpu_seconds"] for environment in measured],
        requests=check.requests,
        connections=check.connections,
        seconds=max(one["ended"] for one in measured) - min(one["began"] for one in measured),
    )
    return figures(run)


def figures(run: Run) -> list[Figure]:
    """What is promised of a decision. The first of each environment, which opens its connection, is told apart."""
    cpu = max(fmean(environment[1:]) for environment in run.cpu_seconds)
    detail = {
        "decisions": len(run.given),
        "environments": len(run.cpu_seconds),
        "decisions_per_second": round(len(run.given) / run.seconds, 1),
        "connections": run.connections,
        "requests": run.requests,
        "first_decision_cpu_ms": round(max(environment[0] for environment in run.cpu_seconds) * 1000, 1),
    }
    return [
        Figure("geofence_cpu", cpu * 1000, LIMIT_CPU_MS, "ms of CPU a decision", detail),
        Figure("geofence_requests", run.requests_per_decision, 1, "requests a decision in steady state"),
        Figure(
            "geofence_wrong", len(run.wrong), 0, f"wrong of {len(run.given):,} decisions", {"wrong": run.wrong[:20]}
        ),
    ]


def attempts_for_ever() -> Iterator[Attempt]:
    """Permitted and foreign addresses of both families in turn, each once, and now and then no address at all."""
    number = 0
    while True:
        number += 1
        yield Attempt(str(IPv4Address("81.2.0.0") + number), "permitted")
        yield Attempt(str(IPv4Address("5.8.0.0") + number), "country")
        yield Attempt(str(IPv6Address("2a00:1450::") + number), "permitted")
        yield Attempt(str(IPv6Address("2a02:6b8::") + number), "country")
        if number % 5 == 0:
            yield Attempt(MALFORMED[number // 5 % len(MALFORMED)], "address")


def reason_of(answer: Mapping[str, Any]) -> str:
    """Why a response of the handler is as it is; `invalid` when what it allows is not what it says."""
    reasons = [text.partition(":")[2] for text in answer["posture-compliance-statuses"] if text.startswith("reason:")]
    (reason,) = reasons or ["permitted"]
    return reason if answer["allow"] is (reason == "permitted") else "invalid"


def _run(
    python: Path, variables: Mapping[str, str], shares: Sequence[Sequence[Attempt]], directory: Path
) -> list[dict[str, Any]]:
    """What each environment measured, all at the same time. Raises BenchError."""
    event = json.loads(EVENT.read_text())
    processes = []
    results = [directory / f"result-{number}.json" for number in range(len(shares))]
    with ExitStack() as stack:
        for number, (share, result) in enumerate(zip(shares, results, strict=True)):
            events = directory / f"events-{number}.json"
            events.write_text(json.dumps([{**event, "public-ip": attempt.address} for attempt in share]))
            output = stack.enter_context(tempfile.TemporaryFile())
            command = [str(python), str(INVOKE), f"{SOLUTION}.handler", str(events), str(result)]
            process = subprocess.Popen(command, env=dict(variables), stdout=subprocess.DEVNULL, stderr=output)
            stack.callback(process.wait)
            stack.callback(process.kill)
            processes.append((process, output))
        give_up = time.monotonic() + GIVE_UP_SECONDS
        for process, output in processes:
            try:
                code: int | None = process.wait(max(0, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                code = None
            if code != 0:
                output.seek(0)
                said = output.read().decode(errors="replace")[-2000:]
                raise BenchError(f"An environment of the geofence ended with code {code}:\n{said}")
    return [json.loads(result.read_text()) for result in results]
