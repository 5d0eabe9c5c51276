"""The evidence names every zip, and a zip that is no longer the planned one fails the gate."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

import gate_evidence


def plan_of(**values: Any) -> dict[str, Any]:
    function = {"address": "module.a.aws_lambda_function.this", "type": "aws_lambda_function", "values": values}
    return {"planned_values": {"root_module": {"child_modules": [{"resources": [function]}]}}}


def base64_sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@pytest.mark.parametrize(
    ("on_disk", "complaints"),
    [(b"planned", 0), (b"rebuilt", 1), (None, 1)],
    ids=["the same", "another", "none"],
)
def test_a_zip_is_compared_with_the_planned_one(tmp_path: Path, on_disk: bytes | None, complaints: int) -> None:
    if on_disk is not None:
        (tmp_path / "a.zip").write_bytes(on_disk)
    found = gate_evidence.zips(plan_of(filename="a.zip", source_code_hash=base64_sha256(b"planned")), tmp_path)
    shown = "missing" if on_disk is None else base64_sha256(on_disk)
    assert [(item["filename"], item["on_disk"]) for item in found] == [("a.zip", shown)]
    said = gate_evidence.changed(found)
    assert len(said) == complaints
    assert all(text.startswith("module.a.aws_lambda_function.this is not planned with a.zip") for text in said)


def test_an_object_of_s3_is_named_and_not_looked_at(tmp_path: Path) -> None:
    values = {"s3_bucket": "artifacts", "s3_key": "a.zip", "s3_object_version": "1", "source_code_hash": "x"}
    [found] = gate_evidence.zips(plan_of(**values), tmp_path)
    assert found["s3"] == {"bucket": "artifacts", "key": "a.zip", "version": "1"}
    assert (found["planned"], found["on_disk"]) == ("x", None)
    assert gate_evidence.changed([found]) == []


def test_images_are_no_zips(tmp_path: Path) -> None:
    assert gate_evidence.zips(plan_of(image_uri="123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1"), tmp_path) == []
