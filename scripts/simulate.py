"""Replay traffic through the Kinesis autoscaler's policies and others'; leaves build/simulate/."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from progress import Progress
from simulation.advice import advise
from simulation.comparison import HEADROOMS, RECORD_BYTES, Done, Task, carry_out_all
from simulation.history import MOST_DAYS, read_history
from simulation.page import write_page
from simulation.replay import POLICIES
from simulation.summary import HEADINGS, rows, summarize
from simulation.synthetic import synthetic_traces
from simulation.trace import Trace, TraceError, read_trace
from toolchain import BUILD

PEAK_SHARDS = 32


def main(argv: Sequence[str]) -> int:
    """Simulate as the arguments say; 1, a line on stderr and nothing written when the input is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--traces", type=Path, help="a directory of CSV files of timestamp,value; made up when absent")
    source.add_argument("--stream", help="a Kinesis stream of the account at hand, whose own traffic is read")
    parser.add_argument("--days", type=int, default=14, help=f"how much of the stream's past, at most {MOST_DAYS}")
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=list(POLICIES), metavar="POLICY")
    parser.add_argument("--peak-shards", type=float, default=PEAK_SHARDS, help="what 99.9 %% of minutes stay below")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic that is made up")
    parser.add_argument("--equal-protection", action="store_true", help="also with headroom for 0.1 %% throttled")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what went wrong")
    arguments = parser.parse_args(argv)
    progress = Progress(Console(width=None if sys.stdout.isatty() else 118, record=True), quiet=arguments.quiet)
    try:
        traces, record_bytes = _traces(arguments)
    except TraceError as error:
        print(f"simulate: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"simulate: CloudWatch could not be read: {error}", file=sys.stderr)
        return 1
    policies = list(dict.fromkeys(arguments.policies))
    done = _simulate(traces, policies, arguments.equal_protection, progress)
    summary = summarize(traces, policies, done, record_bytes)
    for name, facts in summary["traces"].items():
        progress.console.print(_table(name, facts))
    if arguments.stream:
        summary["advice"] = advise(summary["traces"][arguments.stream], traces[0])
        for line in summary["advice"]:
            progress.line(line)
    write_page(BUILD / "simulate", summary, traces, done, progress.console)
    return 0


def _traces(arguments: argparse.Namespace) -> tuple[list[Trace], float]:
    if arguments.peak_shards <= 0:
        raise TraceError(f"PEAK_SHARDS has to be above 0, not {arguments.peak_shards:g}.")
    if arguments.stream:
        if not 1 <= arguments.days <= MOST_DAYS:
            raise TraceError(f"--days has to be 1 to {MOST_DAYS}, as long as CloudWatch keeps minutes.")
        history = read_history(boto3.client("cloudwatch"), arguments.stream, arguments.days, datetime.now(UTC))
        return [history.trace], history.record_bytes
    if arguments.traces is None:
        traces = synthetic_traces(arguments.seed)
    else:
        paths = sorted(arguments.traces.glob("*.csv"))
        if not paths:
            raise TraceError(f"{arguments.traces}: expected a directory with *.csv files of timestamp,value.")
        traces = [read_trace(path) for path in paths]
    return [trace.scaled(arguments.peak_shards) for trace in traces], RECORD_BYTES


def _simulate(
    traces: Sequence[Trace], policies: Sequence[str], equal_protection: bool, progress: Progress
) -> list[Done]:
    headrooms = HEADROOMS if equal_protection else (1.0,)
    tasks = [Task(trace, policy, headroom) for trace in traces for policy in policies for headroom in headrooms]
    tasks += [Task(trace, None) for trace in traces]
    done = []
    with progress.step(f"{len(traces)} traces, {len(policies)} policies") as step:
        for each in carry_out_all(tasks):
            done.append(each)
            name = each.task.policy or "optimum"
            step.say(f"{len(done)} of {len(tasks)}")
            if each.task.headroom == 1:
                progress.line(f"{each.task.trace.name}: {name}, {each.shard_hours:,.0f} shard-hours")
    return done


def _table(name: str, facts: Mapping[str, Any]) -> Table:
    shown = Table(title=name, title_justify="left")
    for heading in HEADINGS:
        shown.add_column(heading, justify="left" if heading == "policy" else "right")
    for row in rows(facts):
        shown.add_row(*row)
    return shown


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
