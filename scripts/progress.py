"""Say what a long step waits for: live on a terminal, one line a step elsewhere, nothing when quiet."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status


class Step:
    """A step that is running; `say` replaces what is shown beside its elapsed time."""

    def __init__(self, title: str, status: Status | None) -> None:
        self.title = title
        self.started = time.monotonic()
        self._status = status

    def say(self, detail: str) -> None:
        if self._status:
            elapsed = time.monotonic() - self.started
            self._status.update(f"{self.title}  {elapsed:.0f} s  [dim]{detail}[/dim]")


class Progress:
    """Where steps are reported. `console.record` keeps what was shown for a report, `doing` is the step under way."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self.console = console
        self.doing = ""
        self.quiet = console.quiet = quiet

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show `title` while the block runs; afterwards one line with the seconds it took."""
        self.doing = title
        live = not self.quiet and self.console.is_interactive
        status = self.console.status(title) if live else None
        step = Step(title, status)
        if status:
            with status:
                yield step
        else:
            yield step
        self.doing = ""
        self.line(f"{title}  [dim]{time.monotonic() - step.started:.1f} s[/dim]")

    def line(self, text: str) -> None:
        self.console.print(f"  {text}", highlight=False)
