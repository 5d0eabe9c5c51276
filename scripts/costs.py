"""What a planned solution costs in a month in which nothing happens but its schedules, by docs/prices.yaml."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from localcloud.eventbridge.schedule_expression import parse
from toolchain import ROOT

PRICES = ROOT / "docs" / "prices.yaml"
MONTH = timedelta(days=30)
FIRST = datetime(2026, 6, 1, tzinfo=UTC)
"""Where the month begins in which scheduled runs are counted."""
COUNTED_OTHERWISE = ("aws_lambda_function", "aws_lambda_provisioned_concurrency_config")
"""Kinds of resources with lines of their own."""

Plan = Mapping[str, Any]
Resource = Mapping[str, Any]


class PriceError(Exception):
    """The plan holds something that has no price; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many of something, and what they cost in a month (US dollars); None: by use, as `price` says."""

    what: str
    count: int
    price: str
    usd: float | None


def main(argv: list[str]) -> int:
    """Print the table for a plan; 1 when something in it has no price."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path, help="what `terraform show -json` says of a plan")
    plan = json.loads(parser.parse_args(argv).plan.read_text())
    try:
        print(table(estimate(plan, prices()), prices()))
    except PriceError as error:
        print(f"costs: {error}", file=sys.stderr)
        return 1
    return 0


def prices() -> dict[str, Any]:
    """What docs/prices.yaml says."""
    read: dict[str, Any] = yaml.safe_load(PRICES.read_text())
    return read


def estimate(plan: Plan, prices: Mapping[str, Any]) -> list[Line]:
    """The lines of the bill, the dearest first. Raises PriceError for a kind of resource that docs/prices.yaml lacks.

    `plan` must be one in which dashboards and targets are known: of what is applied already.
    """
    found: dict[str, list[Resource]] = {}
    for resource in managed(plan["planned_values"]["root_module"]):
        found.setdefault(resource["type"], []).append(resource["values"])
    lines = []
    for kind, resources in sorted(found.items()):
        # An alarm is charged for by the metrics that it watches.
        count = len(list(watched(resources))) if kind == "aws_cloudwatch_metric_alarm" else len(resources)
        if price := prices["monthly"].get(kind):
            lines.append(Line(price["name"], count, f"{price['usd']:.2f} each", count * price["usd"]))
        elif price := prices["by_use"].get(kind):
            lines.append(Line(price["name"], count, price["per"], None))
        elif kind not in (*prices["free"], *COUNTED_OTHERWISE):
            raise PriceError(f"{kind} has no price: add it to {PRICES.relative_to(ROOT)}, if only to free.")
    if metrics := custom_metrics(found):
        usd = prices["custom_metric"]["usd"]
        lines.append(Line("metric of its own", len(metrics), f"{usd:.2f} each", len(metrics) * usd))
    lines += scheduled_runs(found, prices["function"])
    lines += waiting_environments(found, prices["waiting_environment"])
    return sorted(lines, key=lambda line: (line.usd is None, -(line.usd or 0), line.what))


def managed(module: Mapping[str, Any]) -> Iterator[Resource]:
    """The resources of a module and of those within it."""
    yield from (resource for resource in module.get("resources", []) if resource["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from managed(child)


def watched(alarms: list[Resource]) -> Iterator[Resource]:
    """The metrics that alarms watch, with namespace, metric_name and dimensions: one, or those of their math."""
    for alarm in alarms:
        queries = alarm.get("metric_query") or []
        yield from (metric for query in queries for metric in query.get("metric") or []) if queries else (alarm,)


def custom_metrics(found: Mapping[str, list[Resource]]) -> set[tuple[str, ...]]:
    """The metrics outside AWS's namespaces that an alarm or a dashboard names, each with its dimensions."""
    shown: set[tuple[str, ...]] = set()
    for metric in watched(found.get("aws_cloudwatch_metric_alarm", [])):
        dimensions = sorted((metric.get("dimensions") or {}).items())
        shown.add((metric["namespace"], metric["metric_name"], *(text for pair in dimensions for text in pair)))
    for dashboard in found.get("aws_cloudwatch_dashboard", []):
        for widget in json.loads(dashboard["dashboard_body"])["widgets"]:
            for line in widget["properties"].get("metrics", []):
                shown.add(tuple(item for item in line if isinstance(item, str)))
    # A line without words is an expression over other lines.
    return {metric for metric in shown if metric and not metric[0].startswith("AWS/")}


def scheduled_runs(found: Mapping[str, list[Resource]], price: Mapping[str, Any]) -> Iterator[Line]:
    """A line for each function that a schedule invokes; a run costs at most what its timeout allows."""
    schedules = {rule["name"]: rule["schedule_expression"] for rule in found.get("aws_cloudwatch_event_rule", [])}
    functions = {function["arn"]: function for function in found.get("aws_lambda_function", [])}
    for target in found.get("aws_cloudwatch_event_target", []):
        function, expression = functions.get(target["arn"]), schedules.get(target["rule"])
        if not function or not expression:
            continue
        count = runs(expression)
        seconds = function["timeout"]
        gb_seconds = count * seconds * function["memory_size"] / 1024
        usd = gb_seconds * price["usd_per_gb_second"][function["architectures"][0]]
        usd += count * price["usd_per_million_requests"] / 1_000_000
        yield Line("run of the function", count, f"{function['memory_size']} MB for at most {seconds} s", usd)


def waiting_environments(found: Mapping[str, list[Resource]], price: Mapping[str, Any]) -> Iterator[Line]:
    """A line for each function whose environments wait all month."""
    functions = {function["function_name"]: function for function in found.get("aws_lambda_function", [])}
    for config in found.get("aws_lambda_provisioned_concurrency_config", []):
        function, count = functions[config["function_name"]], config["provisioned_concurrent_executions"]
        memory = function["memory_size"]
        usd = price["usd_per_gb_second"][function["architectures"][0]] * memory / 1024 * MONTH.total_seconds()
        yield Line("environment of the function that waits", count, f"{memory} MB, {usd:.2f} each", count * usd)


def runs(expression: str) -> int:
    """How often a schedule fires in a month of 30 days."""
    schedule, moment, count = parse(expression), FIRST, 0
    while (following := schedule.next_after(moment)) and following <= FIRST + MONTH:
        moment, count = following, count + 1
    return count


def total(lines: list[Line]) -> float:
    """What all lines together cost in a month, but for what is charged by use."""
    return sum(line.usd or 0.0 for line in lines)


def table(lines: list[Line], prices: Mapping[str, Any]) -> str:
    """The lines as Markdown, with their sum, and where the prices come from."""
    rows = [f"| US dollars a month, {prices['region']} | | | |", "|---|---|---|---|"]
    for line in lines:
        cost = "by use" if line.usd is None else f"{line.usd:.2f}"
        rows.append(f"| {line.what} | {line.count} | {line.price} | {cost} |")
    rows.append(f"| **together** | | | **{total(lines):.2f}** |")
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
