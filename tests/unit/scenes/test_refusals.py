"""What the scene does not put up with, told by accounts that answer as they are told to."""

from pathlib import Path
from typing import Any

import pytest

from scenes import SceneError
from scenes.redshift_maintenance_sync.published import deploy_beside
from scenes.redshift_maintenance_sync.ticks import next_tick
from scenes.redshift_maintenance_sync.year import runs


class Account:
    """An account in which each day brings the invocations of `daily`."""

    def __init__(self, daily: list[dict[str, Any]]) -> None:
        self.daily = daily
        self.days = 0

    def advance(self, to: object) -> None:
        self.days += 1

    def invocations(self) -> list[dict[str, Any]]:
        return self.daily * self.days

    def client(self, service: str) -> Any:
        return self

    def get_function_configuration(self, **parameters: str) -> dict[str, str]:
        return {"CodeSha256": "of another zip"}


def invocation(status: str = "ok", function: str = "sync") -> dict[str, Any]:
    return {"function": function, "status": status, "result": status}


def test_a_day_has_one_good_run() -> None:
    account: Any = Account([invocation(function="other"), invocation()])
    assert next_tick(account, "sync") == invocation()
    assert next_tick(account, "sync") == invocation()


@pytest.mark.parametrize("daily", [[], [invocation(), invocation()], [invocation("error")], [invocation("error")] * 3])
def test_a_day_without_one_good_run_is_refused(daily: list[dict[str, Any]]) -> None:
    account: Any = Account(daily)
    with pytest.raises(SceneError, match="should run once"):
        next_tick(account, "sync")


def test_a_run_that_failed_is_not_passed_over() -> None:
    account: Any = Account([invocation(), invocation("error", "other")])
    account.advance(None)
    assert runs(account, "sync") == ["ok"]
    account.daily.append(invocation("timeout"))
    with pytest.raises(SceneError, match="1 of 2 runs of sync failed"):
        runs(account, "sync")


def test_the_published_rule_runs_on_the_very_zip(tmp_path: Path) -> None:
    payload = tmp_path / "payload.zip"
    payload.write_bytes(b"zip")
    ours: Any = Account([])
    with pytest.raises(SceneError, match="was not deployed from"):
        deploy_beside(ours, "sync", "rule", payload, ours)
