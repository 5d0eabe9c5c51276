"""Several roots at once, each in a local cloud of its own; what each has to say is shown whole, in the roots' order."""

import io
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from local_run import Runtime, start_cloud
from localcloud.client import LocalCloud, LocalCloudError
from progress import Progress
from root_run import run_root

LOOK_SECONDS = 0.5


def side_by_side(
    roots: list[str], runtime: Runtime, progress: Progress, begins: datetime | None, *, play: bool
) -> dict[str, Any]:
    """Run each root from plan to destroy; returns what was observed, by root. `begins`: when the clouds' clocks begin.

    Raises what the first root raised that failed, in their order, after what it had to say was shown; the clouds of the
    others are then ended.
    """
    own = {root: Progress(_recorder(progress.console.width)) for root in roots}
    clouds: list[LocalCloud] = []

    def run_alone(root: str) -> dict[str, Any]:
        cloud = start_cloud(runtime, own[root], time=begins)
        clouds.append(cloud)
        found = run_root(root, cloud, runtime, own[root], keep=False, play=play)
        cloud.stop()
        return found

    results: dict[str, Any] = {}
    with ThreadPoolExecutor(len(roots)) as threads:
        running = {root: threads.submit(run_alone, root) for root in roots}
        try:
            for root, future in running.items():
                _wait(future, progress, own)
                progress.console.print(Text.from_ansi(own[root].console.export_text(styles=True)))
                results[root] = future.result()
        finally:
            for cloud in clouds:
                with suppress(LocalCloudError):
                    cloud.stop()
    return results


def _recorder(width: int) -> Console:
    """A console that shows nothing and keeps what it would have shown, as a terminal would."""
    return Console(record=True, file=io.StringIO(), width=width, force_terminal=True, force_interactive=False)


def _wait(future: Future[Any], progress: Progress, own: Mapping[str, Progress]) -> None:
    """Wait, on a terminal with a line that says what each root is at."""
    if not progress.console.is_terminal:
        wait([future])
        return
    with progress.console.status("") as status:
        while not future.done():
            status.update("  ".join(f"[bold]{root}[/bold] {each.doing}" for root, each in own.items() if each.doing))
            time.sleep(LOOK_SECONDS)
