"""Lets a tool that keeps what it saw judge many plans, and be imported once."""

import multiprocessing
import os
from collections.abc import Callable, Iterable
from pathlib import Path


def each_plan(plans: Iterable[tuple[Path, Path]], work: Callable[[Path, Path], object]) -> None:
    """Call `work(plan, out)` for each pair, in a process of its own; what it prints is in <out>.log."""
    fork = multiprocessing.get_context("fork")
    for plan, out in plans:
        child = fork.Process(target=_logged, args=(work, plan, out))
        child.start()
        child.join()


def _logged(work: Callable[[Path, Path], object], plan: Path, out: Path) -> None:
    with Path(f"{out}.log").open("w") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
        work(plan, out)
