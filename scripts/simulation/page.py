"""What a simulation leaves in its folder."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from report import Chapter, Picture, Sheet, write_report
from simulation.comparison import Done
from simulation.picture import draw_shards, draw_trade
from simulation.summary import HEADINGS, rows
from simulation.trace import Trace


def write_page(
    folder: Path, summary: Mapping[str, Any], traces: Sequence[Trace], done: Sequence[Done], console: Console
) -> None:
    """Write summary.json and report.html to `folder`, in place of what it held; `console` recorded the terminal."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    chapters = {}
    for trace in traces:
        facts = summary["traces"][trace.name]
        replays = {
            each.task.policy: each.replay
            for each in done
            if each.task.trace.name == trace.name and each.replay and each.task.policy and each.task.headroom == 1
        }
        ordered = {policy: replays[policy] for policy in facts["policies"]}
        chapters[trace.name] = Chapter(
            [
                Picture(
                    f"Cost and throttling on {trace.name}",
                    "A point for each policy: shard-hours over the optimum's against the share of records throttled.",
                    "The nearer to the lower left the better; nothing is to the left of 1.",
                    draw_trade(facts["policies"]),
                ),
                Picture(
                    f"Shards on {trace.name}",
                    "For each policy the shards over the demand in the first two weeks, and what was rejected.",
                    "What lies between the line and the grey is paid for and not used; orange was rejected.",
                    draw_shards(trace, ordered),
                ),
            ],
            [Sheet("In figures", HEADINGS, rows(facts))],
        )
    write_report(folder / "report.html", console, chapters, "Kinesis policies on replayed traffic")
