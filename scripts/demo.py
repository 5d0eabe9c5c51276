"""Run whole solutions on the local cloud: plan, gate, apply, a scene, an empty second plan, destroy."""

import argparse
import io
import json
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from local_run import STATE, Runtime, build_payloads, start_cloud
from localcloud.client import LocalCloudError
from memory import PeakMemory
from progress import Progress
from report import write_report
from root_run import DemoError, run_root, scene
from scenes import SceneError
from side_by_side import side_by_side
from terraform_setup import TerraformError, warnings
from toolchain import BUILD, solutions

START = datetime(2025, 12, 23, 10, tzinfo=UTC)
"""When the local cloud begins if scenes are played: always the same moment, so that two runs can be compared."""

WIDTH = 118
"""Columns of the transcript; fewer only on a terminal that has not as many."""


def main(argv: list[str]) -> int:
    """Run the demo as the arguments say; 0 when every promise held, otherwise 1 and a sentence that says which not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--solutions", nargs="*", default=[], metavar="NAME", help="default: all of them")
    parser.add_argument("--keep", action="store_true", help="leave everything standing; `make down` ends it")
    parser.add_argument("--no-scene", action="store_true", help="only apply (with --keep: an account to play in)")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what went wrong")
    arguments = parser.parse_args(argv)
    unknown = sorted(set(arguments.solutions) - set(solutions()))
    if unknown:
        print(f"No solution named {', '.join(unknown)}; there are: {', '.join(solutions())}.", file=sys.stderr)
        return 2
    # A console that is quiet would record nothing.
    shown = io.StringIO() if arguments.quiet else None
    console = Console(record=True, file=shown, width=WIDTH)
    if console.is_terminal and not shown:
        console.width = min(WIDTH, shutil.get_terminal_size().columns)
    progress = Progress(console)
    for warning in warnings():
        print(f"warning: {warning}", file=sys.stderr)
    try:
        results = run(arguments.solutions or solutions(), progress, keep=arguments.keep, play=not arguments.no_scene)
    except (TerraformError, LocalCloudError, SceneError, DemoError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    progress.line(
        f"\n{results['seconds']:.0f} s, at most {results['peak_rss_mb']} MB; build/demo/report.html, summary.json"
    )
    write_results(BUILD / "demo", results, console)
    return 0


def write_results(target: Path, results: dict[str, Any], console: Console) -> None:
    """Leave summary.json, the transcript, and the report with what the scenes contribute in `target`."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "summary.json").write_text(json.dumps(results, indent=2) + "\n")
    lines = console.export_text(clear=False).splitlines()
    (target / "transcript.txt").write_text("".join(f"{line.rstrip()}\n" for line in lines))
    scenes = {root: result["scene"] for root, result in results["solutions"].items() if result["scene"]}
    write_report(target / "report.html", console, {root: scene(root).draw(facts) for root, facts in scenes.items()})


def run(roots: list[str], progress: Progress, *, keep: bool, play: bool) -> dict[str, Any]:
    """Run each root from plan to destroy; returns the summary, whose shape docs/architecture.md gives.

    What is to be kept is all in one cloud. Otherwise each root has a cloud of its own, and they run at once: Terraform
    spends most of its time waiting, and a scene that lets a year pass must not let it pass for the others.
    """
    started = time.monotonic()
    runtime = Runtime.find()
    progress.console.print("[bold]Groundcrew[/bold] on a local cloud: no AWS account is touched")
    progress.line(runtime.note)
    (BUILD / "demo").mkdir(parents=True, exist_ok=True)
    with PeakMemory() as memory:
        build_payloads(runtime, progress, roots)
        # Who only wants to play expects it to be now.
        begins = START if play else None
        if keep:
            results = kept(roots, runtime, progress, begins, play=play)
        else:
            results = side_by_side(roots, runtime, progress, begins, play=play)
    return {"seconds": round(time.monotonic() - started, 1), "peak_rss_mb": memory.peak_mb, "solutions": results}


def kept(
    roots: list[str], runtime: Runtime, progress: Progress, begins: datetime | None, *, play: bool
) -> dict[str, Any]:
    """Apply one root after the other in one cloud that outlives this process, and say how to reach it."""
    cloud = start_cloud(runtime, progress, time=begins, detached=True)
    try:
        results = {root: run_root(root, cloud, runtime, progress, keep=True, play=play) for root in roots}
    except BaseException:
        cloud.stop()
        raise
    STATE.write_text(json.dumps({"endpoint": cloud.endpoint, "pid": cloud.pid}))
    print(f"# The local cloud's time is {cloud.now():%Y-%m-%d %H:%M} UTC, and goes on from there.")
    print("\n".join(f"export {name}={value}" for name, value in cloud.environment().items()))
    return results


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
