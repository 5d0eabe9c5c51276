"""Run whole solutions on the local cloud: plan, gate, apply, a scene, an empty second plan, destroy."""

import argparse
import importlib
import io
import json
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console

import gate
from gate_report import summary
from gate_verdict import Subject
from local_run import STATE, Runtime, build_payloads, local_workspace, start_cloud
from localcloud.client import LocalCloud, LocalCloudError
from memory import PeakMemory
from progress import Progress
from report import write_report
from scenes import SceneError
from terraform import Workspace
from terraform_setup import TerraformError, warnings
from toolchain import BUILD, ROOT, solutions

START = datetime(2025, 12, 23, 10, tzinfo=UTC)
"""When the local cloud begins if scenes are played: always the same moment, so that two runs can be compared."""

WIDTH = 118
"""Columns of the transcript; fewer only on a terminal that has not as many."""


class DemoError(Exception):
    """A promise did not hold; the message says which, and what was seen instead."""


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
    """Run each root from plan to destroy; returns the summary, whose shape docs/architecture.md gives."""
    started = time.monotonic()
    runtime = Runtime.find()
    console = progress.console
    console.print("[bold]Groundcrew[/bold] on a local cloud: no AWS account is touched")
    progress.line(runtime.note)
    (BUILD / "demo").mkdir(parents=True, exist_ok=True)
    with PeakMemory() as memory:
        build_payloads(runtime, progress)
        # Who only wants to play expects it to be now.
        cloud = start_cloud(runtime, progress, time=START if play else None, detached=keep)
        try:
            results = {root: run_root(root, cloud, runtime, progress, keep=keep, play=play) for root in roots}
        except BaseException:
            cloud.stop()
            raise
        if keep:
            STATE.write_text(json.dumps({"endpoint": cloud.endpoint, "pid": cloud.pid}))
            print(f"# The local cloud's time is {cloud.now():%Y-%m-%d %H:%M} UTC, and goes on from there.")
            print("\n".join(f"export {name}={value}" for name, value in cloud.environment().items()))
        else:
            cloud.stop()
    return {"seconds": round(time.monotonic() - started, 1), "peak_rss_mb": memory.peak_mb, "solutions": results}


def run_root(
    root: str, cloud: LocalCloud, runtime: Runtime, progress: Progress, *, keep: bool, play: bool
) -> dict[str, Any]:
    """Plan, gate, apply, play, plan again and destroy one root; returns what was observed.

    Raises DemoError when the gate fails, the second plan is not empty, or something is left after destroy.
    """
    progress.console.print(f"\n[bold]{root}[/bold]")
    # A root may read what is there already.
    prepared = scene(root).prepare(cloud, progress) if play else {}
    workspace = local_workspace(root, cloud, runtime)
    workspace.forget_state()  # the cloud is new
    workspace.init(progress)
    own = workspace.path / "scene.tfvars.json"
    own.write_text(json.dumps(scene(root).variables(prepared) if play else {}))
    var_files = [str(ROOT / "terraform" / root / "example.tfvars"), str(own)]
    plan = BUILD / "plans" / f"{root}.tfplan"
    plan.parent.mkdir(parents=True, exist_ok=True)
    workspace.plan(progress, plan, var_files)
    verdict = judge(root, workspace, plan, progress)
    found = deployed(cloud)  # the scene's own, which destroy leaves
    applied = workspace.apply(progress, plan)
    progress.line(f"{applied} resources applied")
    facts = scene(root).play(cloud, workspace.output(), prepared, progress) if play else {}
    replan = BUILD / "plans" / f"{root}-again.tfplan"
    changes = workspace.plan(progress, replan, var_files, note=" again")
    if changes:
        raise DemoError(f"{root}: the second plan would change {changes} things; it must be empty. See {replan}.")
    progress.line("the second plan is empty")
    # What the provider reads back may differ from what was planned, and a rule may mind.
    judge(root, workspace, replan, progress)
    # Nothing is left to be known only after apply, so what this plan shows is what there is to pay for.
    shutil.copy(replan.with_suffix(".json"), BUILD / "demo" / f"{root}.plan.json")
    result = {"applied": applied, "replan_changes": changes, "gate": verdict, "scene": facts}
    if keep:
        return result
    destroyed = workspace.destroy(progress, var_files)
    left = sorted(deployed(cloud) - found)
    if left:
        raise DemoError(f"{root}: destroy left behind {', '.join(left)}.")
    progress.line(f"{destroyed} resources destroyed, nothing left")
    return {**result, "destroyed": destroyed, "calls": cloud.calls(workspace.access_key)}


def scene(root: str) -> ModuleType:
    """The scene of a root: `variables`, `prepare`, `play` and `draw`."""
    return importlib.import_module(f"scenes.{root}")


def judge(root: str, workspace: Workspace, plan: Path, progress: Progress) -> dict[str, int]:
    """Let the gate judge the plan; returns its counts, raises DemoError when it says no."""
    with progress.step("gate: checkov and terraform-compliance on the plan"):
        copy = workspace.directory
        subject = Subject(plan.stem, plan.with_suffix(".json"), copy / "terraform" / root, copy)
        report = gate.judge_and_write(subject)
    if report.exit_code:
        raise DemoError(f"{root}: the gate says no.\n{summary(report)}")
    progress.line(f"the gate passes: {report.ran} of {report.rules} rules ran, {report.judged} had something to judge")
    return {name: getattr(report, name) for name in ("rules", "ran", "judged", "failed", "builtin_failed")}


def deployed(cloud: LocalCloud) -> set[str]:
    """What there is of the kinds of things that roots deploy, as ARNs or names."""
    return {
        *(item["FunctionArn"] for item in cloud.client("lambda").list_functions()["Functions"]),
        *(item["arn"] for item in cloud.client("logs").describe_log_groups()["logGroups"]),
        *(
            item["Arn"]
            for item in cloud.client("iam").list_roles()["Roles"]
            if "/aws-service-role/" not in item["Path"]
        ),
        *cloud.client("sqs").list_queues().get("QueueUrls", []),
        *(item["Arn"] for item in cloud.client("events").list_rules()["Rules"]),
        *(item["AlarmArn"] for item in cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(item["DashboardArn"] for item in cloud.client("cloudwatch").list_dashboards()["DashboardEntries"]),
        *cloud.client("dynamodb").list_tables()["TableNames"],
        *(item["TopicArn"] for item in cloud.client("sns").list_topics()["Topics"]),
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
