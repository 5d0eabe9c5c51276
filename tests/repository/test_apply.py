"""Only what the gate passed is applied: that saved plan, with those zips."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import apply
import gate_evidence
from gate_report import Report

ROOT = "kinesis_autoscaler"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """What packaging, planning and judging leave for a root whose one function has one zip."""
    build = tmp_path / "build"
    for name in ("lambda", "plans", "gate"):
        (build / name).mkdir(parents=True)
    (tmp_path / "terraform" / ROOT).mkdir(parents=True)
    (build / "lambda" / "payload.zip").write_bytes(b"zip")
    values = {
        "filename": "../../build/lambda/payload.zip",
        "source_code_hash": base64.b64encode(hashlib.sha256(b"zip").digest()).decode(),
    }
    function = {"address": "aws_lambda_function.this", "mode": "managed", "type": "aws_lambda_function"}
    plan = {"planned_values": {"root_module": {"resources": [{**function, "values": values}]}}}
    (build / "plans" / f"{ROOT}.json").write_text(json.dumps(plan))
    (build / "plans" / f"{ROOT}.tfplan").write_bytes(b"plan")
    judge(build, rules=1, ran=1)
    return build


def judge(build: Path, **counts: int) -> None:
    """Leave the evidence that the gate leaves."""
    plan = build / "plans" / f"{ROOT}.json"
    record = gate_evidence.record(Report(ROOT, str(plan), **counts), plan, build / "policies", NOW)
    (build / "gate" / f"{ROOT}.evidence.json").write_text(json.dumps(record))


def test_what_the_gate_passed_is_what_is_applied(build: Path) -> None:
    assert apply.judged(ROOT, build) == json.loads((build / "plans" / f"{ROOT}.json").read_text())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("not judged", f"run `make gate ROOT={ROOT}` first"),
        ("failed", "does not pass"),
        ("no verdict", "does not pass"),
        ("another plan", f"{ROOT}.tfplan is not the plan that the gate passed"),
        ("another JSON", f"{ROOT}.json is not the plan that the gate passed"),
        ("no plan", f"{ROOT}.tfplan is not the plan that the gate passed"),
        ("JSON alone was judged", f"{ROOT}.tfplan is not the plan that the gate passed"),
        ("another zip", "run `make package`, then plan again"),
        ("no zip", "run `make package`, then plan again"),
    ],
)
def test_anything_else_is_refused(build: Path, change: str, said: str) -> None:
    saved, zipped = build / "plans" / f"{ROOT}.tfplan", build / "lambda" / "payload.zip"
    match change:
        case "not judged":
            (build / "gate" / f"{ROOT}.evidence.json").unlink()
        case "failed":
            record = json.loads((build / "gate" / f"{ROOT}.evidence.json").read_text())
            (build / "gate" / f"{ROOT}.evidence.json").write_text(json.dumps({**record, "verdict": "fail"}))
        case "no verdict":
            judge(build, rules=2, ran=1)
        case "another plan":
            saved.write_bytes(b"other")
        case "another JSON":
            saved.with_suffix(".json").write_text("{}")
        case "no plan":
            saved.unlink()
        case "JSON alone was judged":
            saved.unlink()
            judge(build, rules=1, ran=1)
            saved.write_bytes(b"plan")
        case "another zip":
            zipped.write_bytes(b"other")
        case "no zip":
            zipped.unlink()
    with pytest.raises(apply.RefusedError, match=said):
        apply.judged(ROOT, build)


def test_a_refusal_reaches_no_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(apply, "BUILD", tmp_path)
    assert apply.main(["--root", ROOT]) == 1
    assert "first." in capsys.readouterr().err
