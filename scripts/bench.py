"""Measure every performance figure that the README states, in one run; leaves build/bench.json."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benches import athena, gate, geofence, imports, passing_time, simulated_month, sync
from benches.figure import BenchError, Figure
from local_run import Runtime, build_payloads
from localcloud.client import LocalCloudError
from progress import Progress
from toolchain import BUILD, solutions

BENCHES: dict[str, Callable[[Runtime, Progress], list[Figure]]] = {
    "imports": imports.measure,
    "geofence": geofence.measure,
    "sync": sync.measure,
    "clock": passing_time.measure,
    "simulation": simulated_month.measure,
    "athena": athena.measure,
    "gate": gate.measure,
}


def main(argv: list[str]) -> int:
    """Measure as the arguments say; 0 when every figure is within its limit, otherwise 1 and a line for each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=BENCHES, help="measure this alone; build/bench.json holds nothing else then")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what went wrong")
    arguments = parser.parse_args(argv)
    progress = Progress(Console(width=None if sys.stdout.isatty() else 118), quiet=arguments.quiet)
    report = BUILD / "bench.json"
    report.unlink(missing_ok=True)  # when this ends early, nobody takes the figures of another run for its own
    runtime = Runtime.find()
    progress.line(runtime.note)
    build_payloads(runtime, progress, solutions())
    try:
        names = [arguments.only] if arguments.only else list(BENCHES)
        figures = [figure for name in names for figure in BENCHES[name](runtime, progress)]
    except (BenchError, LocalCloudError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    write(report, figures, runtime.version)
    progress.console.print(table(figures))
    return verdict(figures)


def write(path: Path, figures: list[Figure], python: str) -> None:
    """Leave the figures in `path`, and the machine that they are of; `python` is the version that ran the functions."""
    machine = {"cpus": os.cpu_count(), "architecture": platform.machine(), "python": python}
    content: dict[str, Any] = {"machine": machine, "figures": {figure.name: figure.as_dict() for figure in figures}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


def verdict(figures: list[Figure]) -> int:
    """The exit code; figures beyond their limit are named on stderr."""
    beyond = [figure for figure in figures if not figure.within]
    for figure in beyond:
        text = f"{figure.name} is {figure.value:,.2f} {figure.unit}; at most {figure.limit:,g} is promised."
        print(f"bench: {text}", file=sys.stderr)
    return 1 if beyond else 0


def table(figures: list[Figure]) -> Table:
    """The figures as they are shown."""
    shown = Table(title="figures", title_justify="left")
    for heading in ("figure", "value", "limit"):
        shown.add_column(heading, justify="left" if heading == "figure" else "right")
    shown.add_column("unit")
    shown.add_column()
    for figure in figures:
        mark = "[green]within[/green]" if figure.within else "[red]beyond[/red]"
        shown.add_row(figure.name, f"{figure.value:,.2f}", f"{figure.limit:,g}", figure.unit, mark)
    return shown


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
