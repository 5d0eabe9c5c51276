"""What a plan would change, and a plan that was to change nothing."""

from pathlib import Path
from typing import Any

import pytest

import plan
from account import Caller
from terraform import changing

CHANGES = {
    "resource_changes": [
        {"address": "aws_sqs_queue.kept", "change": {"actions": ["no-op"]}},
        {"address": "data.aws_region.here", "change": {"actions": ["read"]}},
        {"address": "aws_sqs_queue.other", "change": {"actions": ["update"]}},
        {"address": "aws_sqs_queue.replaced", "change": {"actions": ["delete", "create"]}},
    ],
    "output_changes": {"arn": {"actions": ["update"]}, "name": {"actions": ["no-op"]}},
}


def test_what_would_change_is_named_with_its_address() -> None:
    expected = ["update aws_sqs_queue.other", "delete and create aws_sqs_queue.replaced", "update output.arn"]
    assert changing(CHANGES) == expected
    assert changing({}) == []


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ([], 0, ""),
        (["update aws_sqs_queue.other"], 2, "an apply would\n  update aws_sqs_queue.other\n"),
    ],
    ids=["as applied", "drifted"],
)
def test_drift_fails_and_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    changes: list[str],
    code: int,
    said: str,
) -> None:
    given: list[Any] = []

    class Planned:
        """A workspace whose plan is known."""

        path = tmp_path

        def init(self, _: object, backend: list[str]) -> None:
            given.append(backend)

        def plan(self, *_: object) -> list[str]:
            return changes

    monkeypatch.setattr(plan.Workspace, "create", lambda *_: Planned())
    monkeypatch.setattr(plan, "BUILD", tmp_path)
    monkeypatch.setattr(Caller, "find", lambda region: Caller("123456789012", "arn", f"sts.{region}"))
    variables = tmp_path / "my.tfvars"
    variables.write_text('region = "eu-central-1"\n')
    arguments = [
        "--root",
        "kinesis_autoscaler",
        "--vars",
        str(variables),
        "--backend",
        "key=a",
        "--backend",
        "region=b",
    ]
    assert plan.main([*arguments, "--expect-none"]) == code
    assert given == [["key=a", "region=b"]]
    assert capsys.readouterr().err.endswith(said)
    # The same plan without the expectation is a success.
    assert plan.main(arguments) == 0
    assert 'make apply ROOT=kinesis_autoscaler BACKEND="key=a region=b"' in " ".join(capsys.readouterr().out.split())
