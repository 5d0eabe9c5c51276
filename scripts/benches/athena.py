"""What reading a split takes: time, beside the steps that cannot be left out and beside rows one by one; and memory.

Times are for the same rows, in turn within one process, the lowest of each: other programs of the machine only ever
add. Serialising and encrypting alone are what pyarrow and cryptography do when they are just called.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benches.figure import BenchError, Figure
from local_run import Runtime
from progress import Progress
from toolchain import ROOT

PROGRAM = Path(__file__).with_name("athena_split.py")
SPEED_ROWS = 2_000_000
FEW_ROWS, MANY_ROWS = 1_000_000, 10_000_000
LIMIT_SHARE = 1 / 0.6
LIMIT_CONVERSION = 1 / 4
LIMIT_ROWS = 1 / 1.4
LIMIT_ORACLE = 1.1
LIMIT_MB = 400
LIMIT_GROWTH = 1.1
GIVE_UP_SECONDS = 600


def measure(runtime: Runtime, progress: Progress) -> list[Figure]:
    """The figures. Raises BenchError when a split was not read."""
    with tempfile.TemporaryDirectory(prefix="groundcrew-") as scratch:
        directory = Path(scratch)
        with progress.step(f"a split of {SPEED_ROWS:,} rows to encrypted blocks, and its steps alone"):
            speed = _run("speed", SPEED_ROWS, directory)
        with progress.step(f"memory for a split of {FEW_ROWS:,} rows and of {MANY_ROWS:,}"):
            few, many = (_run("memory", rows, directory) for rows in (FEW_ROWS, MANY_ROWS))
        with progress.step("the same of a driver without Arrow"):
            few_rows, many_rows = (_run("rows", rows, directory) for rows in (FEW_ROWS, MANY_ROWS))
    return [*figures(speed, few, many), *memory_figures("athena_rows_memory", few_rows, many_rows)]


def figures(speed: Mapping[str, Sequence[float]], few: Mapping[str, float], many: Mapping[str, float]) -> list[Figure]:
    """What is promised of a split, out of the seconds of each step and the memory of few rows and of many."""
    best = {step: min(seconds) for step, seconds in speed.items()}
    detail = {f"{step}_million_rows_per_second": round(1 / seconds, 2) for step, seconds in best.items()}
    alone = max(best["serialise"], best["encrypt"])
    return [
        Figure("athena_read", best["read"] / alone, LIMIT_SHARE, "x the slower of serialising and encrypting", detail),
        Figure("athena_read_oracle", best["oracle"] / best["read"], LIMIT_ORACLE, "x the same rows from Snowflake"),
        Figure("athena_read_by_row", best["read"] / best["convert"], LIMIT_CONVERSION, "x converting rows one by one"),
        Figure("athena_rows", best["convert_whole"] / best["convert_dear"], LIMIT_ROWS, "x decimals and datetimes"),
        *memory_figures("athena_memory", few, many),
    ]


def memory_figures(name: str, few: Mapping[str, float], many: Mapping[str, float]) -> list[Figure]:
    """What is promised of the memory of many rows, by itself and beside that of few."""
    growth = many["peak_mb"] / few["peak_mb"]
    return [
        Figure(name, many["peak_mb"], LIMIT_MB, f"MB for {MANY_ROWS:,} rows", dict(many)),
        Figure(f"{name}_growth", growth, LIMIT_GROWTH, f"x memory of {FEW_ROWS:,} rows", dict(few)),
    ]


def _run(kind: str, rows: int, directory: Path) -> dict[str, Any]:
    """What the program measured in a process of its own."""
    result = directory / f"{kind}-{rows}.json"
    search_path = os.pathsep.join(map(str, (ROOT / "lambda_src", ROOT / "scripts")))
    ended = subprocess.run(
        [sys.executable, "-P", PROGRAM, kind, str(rows), result],
        env={"PATH": os.defpath, "PYTHONPATH": search_path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=GIVE_UP_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise BenchError(f"Reading {rows:,} rows failed:\n{ended.stderr[-2000:]}")
    measured: dict[str, Any] = json.loads(result.read_text())
    return measured
