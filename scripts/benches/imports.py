"""What importing a handler costs a cold start, beside what any function pays that uses the same libraries.

CPU time in fresh interpreters, both sides in turn, the lowest of each: other programs of the machine only ever add.
"""

import os
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from benches.figure import BenchError, Figure
from local_run import Runtime
from payload import Payload, discover
from progress import Progress
from toolchain import ROOT, machine_architecture, runtime_directory, solutions

REPETITIONS = 15
TIMEOUT_SECONDS = 60
PROGRAM = "import time; began = time.process_time(); {statement}; print(time.process_time() - began)"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a handler is compared with: the import of `libraries` by `statement`; it may cost `limit` times that."""

    libraries: str
    statement: str
    limit: float


BOTO3 = Reference("boto3 and powertools", "import boto3; from aws_lambda_powertools import Logger, Metrics", 1.25)
POWERTOOLS = Reference("powertools", "from aws_lambda_powertools import Logger, Metrics", 1.3)
ARROW = Reference(
    "boto3, powertools and pyarrow",
    "import boto3, pyarrow; from aws_lambda_powertools import Logger, Metrics; "
    "from aws_lambda_powertools.utilities.parameters import SecretsProvider",
    1.35,
)
"""Without a driver, which is imported when a source is first asked. The nouns of the protocol are forty dataclasses."""
REFERENCES = {"iam_geofence": POWERTOOLS, "athena_connectors": ARROW}
"""By package; all others use boto3."""


def measure(runtime: Runtime, progress: Progress) -> list[Figure]:
    """One figure per payload: how many times the reference its handler takes.

    Both sides read powertools from the zip. They are measured as the zip ships, without .pyc files, which is what
    Lambda finds at each cold start, and again with everything compiled; the worse of the two ratios counts.
    """
    return [
        _measure(payload, runtime, progress) for payload in discover(ROOT).values() if payload.package in solutions()
    ]


def ratio(handler: list[float], reference: list[float]) -> float:
    """The lowest of `handler` over the lowest of `reference`, both in seconds."""
    return min(handler) / min(reference)


def _measure(payload: Payload, runtime: Runtime, progress: Progress) -> Figure:
    reference = REFERENCES.get(payload.package, BOTO3)
    detail: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="groundcrew-") as directory:
        task_root = Path(directory)
        with zipfile.ZipFile(runtime.payloads / f"{payload.name}-{machine_architecture()}.zip") as archive:
            archive.extractall(task_root)
        for condition in ("as shipped", "compiled"):
            if condition == "compiled":
                subprocess.run([runtime.python, "-m", "compileall", "-q", task_root], check=True)
            handler, compared = _times(payload, reference.statement, condition, task_root, runtime, progress)
            detail[condition] = {
                "handler_ms": round(min(handler) * 1000, 1),
                "reference_ms": round(min(compared) * 1000, 1),
                "ratio": round(ratio(handler, compared), 3),
            }
    worst = max(measured["ratio"] for measured in detail.values())
    unit = f"x import of {reference.libraries}"
    return Figure(f"import_{payload.name}", worst, reference.limit, unit, {**detail, "repetitions": REPETITIONS})


def _times(
    payload: Payload, statement: str, condition: str, task_root: Path, runtime: Runtime, progress: Progress
) -> tuple[list[float], list[float]]:
    """CPU seconds of every import of the handler and of the reference."""
    handler: list[float] = []
    reference: list[float] = []
    with progress.step(f"import of {payload.name}, {condition}") as step:
        for repetition in range(REPETITIONS):
            step.say(f"{repetition} of {REPETITIONS}")
            handler.append(_import(f"import {payload.package}.handler", task_root, runtime))
            reference.append(_import(statement, task_root, runtime))
    return handler, reference


def _import(statement: str, task_root: Path, runtime: Runtime) -> float:
    """CPU seconds of `statement` in a fresh interpreter, which writes no .pyc file. Raises BenchError."""
    search_path = os.pathsep.join([str(task_root), str(runtime_directory(runtime.python, runtime.version))])
    result = subprocess.run(
        [runtime.python, "-c", PROGRAM.format(statement=statement)],
        cwd=task_root,
        env={"PATH": os.defpath, "PYTHONPATH": search_path, "PYTHONTZPATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if result.returncode:
        raise BenchError(f"`{statement}` failed on Python {runtime.version}:\n{result.stderr}")
    return float(result.stdout)
