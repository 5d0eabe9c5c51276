import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parents[2]


def test_a_second_run_does_nothing() -> None:
    result = subprocess.run(
        [sys.executable, "scripts/bootstrap.py", "--only", "dev"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    # Another interpreter than the one that filled .venv would have to fill it again: ask with that one.
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_an_old_python_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 4, "final", 0))
    assert bootstrap.main([]) == 1
    assert "needs Python 3.11 or newer" in capsys.readouterr().err


def test_a_changed_lock_makes_an_environment_stale(tmp_path: Path) -> None:
    requirement = tmp_path / "dev.txt"
    requirement.write_text("one==1\n")
    assert not bootstrap.is_fresh(tmp_path, requirement)
    bootstrap.mark_fresh(tmp_path, requirement)
    assert bootstrap.is_fresh(tmp_path, requirement)
    requirement.write_text("one==2\n")
    assert not bootstrap.is_fresh(tmp_path, requirement)


def test_locks_are_hashed_and_name_no_index() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert [lock.stem for lock in locks] == [
        "athena_connectors_oracle",
        "athena_connectors_snowflake",
        "athena_connectors_teradata",
        "boot",
        "dev",
        "fakesnow",
        "iam_geofence",
        "kinesis_autoscaler",
        "policy",
        "redshift_maintenance_sync",
        "runtime",
    ]
    for lock in locks:
        text = lock.read_text()
        pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
        assert "--index" not in text
