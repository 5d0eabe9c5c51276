"""Several roots at once: what each says stays together and in order, and one that fails ends the others."""

import io
import threading
from datetime import datetime
from typing import Any

import pytest
from rich.console import Console

import side_by_side
from localcloud.client import LocalCloud
from progress import Progress
from root_run import DemoError


class Cloud:
    def __init__(self) -> None:
        self.stopped = threading.Event()

    def stop(self) -> None:
        self.stopped.set()


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> list[Cloud]:
    started: list[Cloud] = []

    def start(runtime: Any, progress: Progress, *, time: datetime | None) -> Cloud:
        started.append(Cloud())
        return started[-1]

    monkeypatch.setattr(side_by_side, "start_cloud", start)
    return started


@pytest.fixture
def progress() -> Progress:
    return Progress(Console(record=True, file=io.StringIO(), width=80))


def run(roots: list[str], progress: Progress) -> dict[str, Any]:
    return side_by_side.side_by_side(roots, None, progress, None, play=True)  # type: ignore[arg-type]


def test_each_root_has_a_cloud_of_its_own_and_speaks_without_interruption(
    monkeypatch: pytest.MonkeyPatch, clouds: list[Cloud], progress: Progress
) -> None:
    met = threading.Barrier(2, timeout=10)

    def run_root(root: str, cloud: LocalCloud, runtime: Any, own: Progress, *, keep: bool, play: bool) -> Any:
        own.line(f"{root} begins")
        met.wait()  # both are under way
        own.line(f"{root} ends")
        return {"root": root, "keep": keep}

    monkeypatch.setattr(side_by_side, "run_root", run_root)
    assert run(["a", "b"], progress) == {"a": {"root": "a", "keep": False}, "b": {"root": "b", "keep": False}}
    said = [line.strip() for line in progress.console.export_text().splitlines() if line.strip()]
    assert said == ["a begins", "a ends", "b begins", "b ends"]
    assert len(clouds) == 2
    assert all(cloud.stopped.is_set() for cloud in clouds)


def test_one_that_fails_is_shown_and_ends_the_clouds_of_the_others(
    monkeypatch: pytest.MonkeyPatch, clouds: list[Cloud], progress: Progress
) -> None:
    def run_root(root: str, cloud: Any, runtime: Any, own: Progress, *, keep: bool, play: bool) -> Any:
        own.line(f"{root} begins")
        if root == "a":
            raise DemoError("a: the second plan would change 1 things")
        assert cloud.stopped.wait(10), "nobody ended this cloud"
        raise DemoError("b: its cloud is gone")

    monkeypatch.setattr(side_by_side, "run_root", run_root)
    with pytest.raises(DemoError, match="the second plan"):
        run(["a", "b"], progress)
    assert "a begins" in progress.console.export_text()
