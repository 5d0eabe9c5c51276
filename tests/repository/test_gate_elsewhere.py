"""The gate in other repositories: what it fills first, what it starts, and what its exit codes mean."""

import json
from pathlib import Path
from typing import Any

import pytest

import bootstrap
import gate_elsewhere


class Environments:
    """Stand-ins for the environments, whose Pythons record how they are started and write `report`."""

    def __init__(self, directory: Path) -> None:
        self.started = directory / "started.txt"
        self.report = directory / "report.json"
        self.say()
        self.filled: list[list[str]] = []
        for name in ("dev", "policy"):
            python = directory / name / "bin" / "python"
            python.parent.mkdir(parents=True)
            copy = f'while [ $# -gt 1 ]; do shift; done; test ! -f {self.report} || cp {self.report} "$1"'
            python.write_text(
                f'#!/bin/sh\necho {name} "$@" >> {self.started}\n{copy if name == "policy" else "exit 1"}\n'
            )
            python.chmod(0o755)

    def say(self, *results: tuple[str, str], errors: tuple[str, ...] = ()) -> None:
        found = [
            {
                "rule": rule,
                "title": "Title",
                "result": result,
                "address": "aws_x.y",
                "file": str(Path("a.tf").absolute()),
            }
            for rule, result in results
        ]
        self.report.write_text(json.dumps({"results": found, "errors": errors}))

    def fill(self, argv: list[str]) -> int:
        self.filled.append(argv)
        return 0


@pytest.fixture
def environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environments:
    made = Environments(tmp_path)
    monkeypatch.setattr(bootstrap, "ENVIRONMENTS", {name: tmp_path / name for name in ("dev", "policy")})
    monkeypatch.setattr(bootstrap, "main", made.fill)
    return made


def test_plan_starts_the_gate_with_its_arguments_and_exit_code(environments: Environments) -> None:
    assert gate_elsewhere.main(["plan", "--plan", "plan.json"]) == 1
    assert environments.filled == [["--only", "dev", "--only", "policy"]]
    assert environments.started.read_text().endswith("scripts/gate.py --plan plan.json\n")


@pytest.mark.parametrize(
    ("results", "errors", "code"),
    [
        ([("SQS_001", "PASSED")], (), 0),
        ([("SQS_001", "PASSED"), ("SQS_002", "FAILED")], (), 1),
        ([("SQS_001", "PASSED")], ("checkov could not parse a.tf",), 2),
    ],
    ids=["passes", "fails", "not parsed"],
)
def test_source_says_what_fails(
    environments: Environments, capsys: pytest.CaptureFixture[str], results: Any, errors: Any, code: int
) -> None:
    environments.say(*results, errors=errors)
    assert gate_elsewhere.main(["source", "a.tf"]) == code
    assert environments.filled == [["--only", "policy"]]
    said = capsys.readouterr()
    assert said.out == ("a.tf: aws_x.y: SQS_002 Title\n" if code == 1 else "")
    assert said.err == "".join(f"error: {error}\n" for error in errors)


def test_a_directory_is_judged_once_with_what_is_below_it(environments: Environments) -> None:
    gate_elsewhere.main(["source", "infra/a.tf", "infra/b.tf", "infra/network/c.tf", "other/d.tf"])
    judged = [line.split("--directory ")[1].split()[0] for line in environments.started.read_text().splitlines()]
    assert judged == ["infra", "other"]


def test_a_tool_that_says_nothing_is_no_verdict(environments: Environments, capsys: pytest.CaptureFixture[str]) -> None:
    environments.report.unlink()
    assert gate_elsewhere.main(["source", "a.tf"]) == 2
    assert "before it judged anything" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["plan"], ["source"], ["destroy", "x"]])
def test_nothing_to_judge_is_no_verdict(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert gate_elsewhere.main(argv) == 2
    assert "gate_elsewhere.py plan --plan FILE" in capsys.readouterr().err
