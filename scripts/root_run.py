"""One root on the local cloud: from its plan over a scene and an empty second plan to its destruction."""

import importlib
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import gate
from gate_report import summary
from gate_verdict import Subject
from local_run import Runtime, local_workspace
from localcloud.client import LocalCloud
from progress import Progress
from terraform import Workspace
from toolchain import BUILD, ROOT


class DemoError(Exception):
    """A promise did not hold; the message says which, and what was seen instead."""


def run_root(
    root: str, cloud: LocalCloud, runtime: Runtime, progress: Progress, *, keep: bool, play: bool
) -> dict[str, Any]:
    """Plan, gate, apply, play, plan again and destroy one root; returns what was observed.

    Raises DemoError when the gate fails, the second plan is not empty, or something is left after destroy.
    """
    progress.console.print(f"\n[bold]{root}[/bold]")
    prepared = prepare(root, cloud, progress)
    workspace = local_workspace(root, cloud, runtime, progress)
    workspace.forget_state()  # the cloud is new
    workspace.init(progress)
    var_files = [str(ROOT / "terraform" / root / "example.tfvars"), str(own_variables(root, cloud))]
    plan = BUILD / "plans" / f"{root}.tfplan"
    plan.parent.mkdir(parents=True, exist_ok=True)
    workspace.plan(progress, plan, var_files)
    verdict = judge(root, workspace, plan, progress)
    before = deployed(cloud)  # the scene's own, which destroy leaves
    applied = workspace.apply(progress, plan)
    progress.line(f"{applied} resources applied")
    facts = scene(root).play(cloud, workspace.output(), prepared, progress) if play else {}
    replan = BUILD / "plans" / f"{root}-again.tfplan"
    changes = workspace.plan(progress, replan, var_files, note=" again")
    if changes:
        found = f"would {', '.join(changes[:5])}{', …' if changes[5:] else ''}"
        raise DemoError(f"{root}: the second plan {found}; it must be empty. See {replan}.")
    progress.line("the second plan is empty")
    # What the provider reads back may differ from what was planned, and a rule may mind.
    judge(root, workspace, replan, progress)
    # Nothing is left to be known only after apply, so what this plan shows is what there is to pay for.
    shutil.copy(replan.with_suffix(".json"), BUILD / "demo" / f"{root}.plan.json")
    result = {"applied": applied, "replan_changes": len(changes), "gate": verdict, "scene": facts}
    if keep:
        return result
    destroyed = workspace.destroy(progress, var_files)
    left = sorted(deployed(cloud) - before)
    if left:
        raise DemoError(f"{root}: destroy left behind {', '.join(left)}.")
    progress.line(f"{destroyed} resources destroyed, nothing left")
    return {**result, "destroyed": destroyed, "calls": cloud.calls(workspace.access_key)}


def prepare(root: str, cloud: LocalCloud, progress: Progress) -> dict[str, Any]:
    """Put into the account what the root's plan reads, and write `own_variables`; returns what was put there."""
    prepared: dict[str, Any] = scene(root).prepare(cloud, progress)
    own = own_variables(root, cloud)
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(json.dumps(scene(root).variables(prepared)))
    return prepared


def own_variables(root: str, cloud: LocalCloud) -> Path:
    """Where the variables lie that go with what is in this cloud; there is no such file before `prepare`."""
    return BUILD / "work" / "local" / f"{root}-{urlsplit(cloud.endpoint).port}.tfvars.json"


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
        *(item["Name"] for item in cloud.client("s3").list_buckets()["Buckets"]),
        *(item["CatalogName"] for item in cloud.client("athena").list_data_catalogs()["DataCatalogsSummary"]),
        *(item["DashboardArn"] for item in cloud.client("cloudwatch").list_dashboards()["DashboardEntries"]),
        *cloud.client("dynamodb").list_tables()["TableNames"],
        *(item["TopicArn"] for item in cloud.client("sns").list_topics()["Topics"]),
    }
